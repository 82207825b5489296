"""What changed since the last list: who is new on it, who stays, and who is not on it any more and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.errors import ConfigError
from ...core.messages import Message
from ...core.short_repr import ShortRepr
from .recheck import Rechecked

__all__ = ["DELTA", "Delta", "delta", "read_last"]

DELTA = "delta"
"""Code of what a user reads about it."""

NOT_ELIGIBLE, NOT_CHOSEN, HELD = "not_eligible", "not_chosen", "held_out"
"""Why a customer of the last list is not on this one, beside the causes of the day: eligible for nothing by the scores,
others are worth more, or left alone."""


@dataclass(frozen=True)
class Delta(ShortRepr):
    """The difference of two lists of customers to contact.

    Parameters
    ----------
    new
        Customers who were not on the last list, as they stand on this one.
    kept, changed
        How many stay with the same action, and with another.
    left
        How many are on it no more, by why.
    """

    new: frozenset[object]
    kept: int
    changed: int
    left: dict[str, int] = field(default_factory=dict)

    def message(self) -> Message:
        """Return what a user reads about it."""
        figures = {"new": len(self.new), "kept": self.kept, "changed": self.changed, "left": sum(self.left.values())}
        return Message.of(DELTA, **figures)

    def facts(self) -> dict[str, object]:
        """Return it as plain values for a file."""
        return {"new": len(self.new), "kept": self.kept, "changed": self.changed, "left": self.left}


def read_last(file: Path) -> pd.DataFrame:
    """Return customer and action of an earlier list, identifiers as texts.

    Raises
    ------
    ConfigError
        There is no such file, or it is no list that ``targets`` wrote.
    """
    if not file.is_file():
        raise ConfigError(f"expected the last list at '{file}', found none; give --last a FILE.csv that targets wrote")
    try:
        return pd.read_csv(file, usecols=["customer_id", "action"], dtype=str)
    except ValueError:
        raise ConfigError(
            f"expected columns customer_id and action in '{file}'; give --last a FILE.csv that targets wrote, not the"
            " one for people"
        ) from None


def delta(last: pd.DataFrame, contact: pd.DataFrame, held: pd.Series, pairs: pd.DataFrame, checked: Rechecked) -> Delta:
    """Return what changed since the last list.

    Parameters
    ----------
    last
        customer_id and action of the last list, see :func:`read_last`.
    contact
        customer_id and action of this one.
    held
        Customers whom this one leaves alone.
    pairs, checked
        What the scores found eligible, and what became of it on the day.
    """
    before = last.drop_duplicates("customer_id").set_index("customer_id")["action"]
    now = contact.assign(customer_id=contact["customer_id"].astype(str)).set_index("customer_id")["action"]
    stay = now.index.intersection(before.index)
    same = int((now[stay] == before[stay]).sum())
    gone = before.index.difference(now.index)
    names = pairs["customer_id"].astype(str)
    theirs = np.flatnonzero(names.isin(gone).to_numpy())  # of the pairs of everybody
    names, why, kept = names.iloc[theirs], checked.why.iloc[theirs], checked.kept[theirs]
    cause = why[why != ""]
    by_day = pd.Series(cause.to_numpy(), index=names[cause.index]).groupby(level=0).first()
    alone, able = set(held.astype(str)), set(names[kept])
    reasons = [
        HELD if who in alone else NOT_CHOSEN if who in able else str(by_day.get(who, NOT_ELIGIBLE)) for who in gone
    ]
    counts = pd.Series(reasons, dtype=object).value_counts()
    fresh = frozenset(contact["customer_id"][~contact["customer_id"].astype(str).isin(before.index)])
    return Delta(fresh, same, len(stay) - same, {str(code): int(n) for code, n in counts.sort_index().items()})
