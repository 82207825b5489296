"""Who may be contacted on the day of the list, on the tables as they are now, whatever was so when scores were made.

Scores look from their own instant; a list is acted upon later. Whoever has withdrawn consent, has left, got an action
within the cool-down, has an open complaint, does not meet the action's condition any more, or is on the business's own
list of those to leave in peace, comes on no list: neither to contact nor into the holdout, so that both stay alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.config.business import Config
from ...core.errors import ConfigError, DataError, did_you_mean
from ...core.messages import Message
from ...core.short_repr import ShortRepr
from ...core.time import instant, local_day
from ...features.expressions import Rows
from ...features.sources.flat import read_flat, words_of
from ...features.tables.tables import Tables
from ...features.timeline.known import KNOWN_AT, known_rows
from ...features.timeline.look_ahead import ROW, asked
from ...features.trials.eligibility import eligible_for_each, in_cool_down, present, reachable

__all__ = ["LeftOut", "Rechecked", "day_of_list", "recheck", "suppressed"]


class LeftOut(StrEnum):
    """Why a customer of the scores comes on no list today; the first that holds is told."""

    SUPPRESSED = "suppressed"
    CONSENT = "consent"
    GONE = "gone"
    RECENT = "recent"
    COMPLAINT = "complaint"
    CONDITION = "condition"


@dataclass(frozen=True)
class Rechecked(ShortRepr):
    """What became of the pairs of customer and action.

    Parameters
    ----------
    kept
        Which pairs may still be chosen, (n,).
    why
        Why others may not: a code of :class:`LeftOut`, "" where they may, (n,).
    today
        The instant looked from, naive UTC.
    customers
        How many customers lost a pair, by the first cause that holds.
    unseen_days
        Days between the end of the tables and today, of which nothing is known.
    """

    kept: Bools
    why: pd.Series
    today: pd.Timestamp
    customers: Mapping[str, int] = field(default_factory=dict)
    unseen_days: int = 0

    def messages(self) -> tuple[Message, ...]:
        """Return what a user has to know: who was left out and why, and what nobody could see."""
        total = sum(self.customers.values())
        head = Message.of("left_out" if total else "none_left_out", day=self.today, n=total)
        causes = (Message.of(f"left_{code}", n=n) for code, n in self.customers.items())
        unseen = [Message.of("unseen", n=self.unseen_days)] if self.unseen_days > 0 else []
        return (head, *causes, *unseen)


def day_of_list(config: Config, tables: Tables, as_of: pd.Timestamp, today: pd.Timestamp | None) -> pd.Timestamp:
    """Return the instant of the list, naive UTC.

    Parameters
    ----------
    config, tables
        The business.
    as_of
        The instant of the scores, with a zone or in UTC.
    today
        What was asked for; None: where the tables end, or the scores were made.

    Raises
    ------
    ConfigError
        It lies before the scores, or so long after them that they are no basis for a list.
    """
    scored = instant(as_of)
    at = max(scored, tables.data_until) if today is None else today
    zone, most = config.timezone, config.targets.scores_days
    if at < scored:
        raise ConfigError(
            f"expected a day of the list no earlier than its scores ({local_day(scored, zone)}), got"
            f" {local_day(at, zone)}; give --today a later day, or score again"
        )
    age = (at - scored) / pd.Timedelta(days=1)
    if age > most:
        raise ConfigError(
            f"the scores look from {local_day(scored, zone)}, {age:.0f} days before the day of the list"
            f" ({local_day(at, zone)}), and targets: scores_days: allows {most}; score again, or give --today"
            f" {local_day(scored, zone)} for a list as of then"
        )
    return at


def recheck(tables: Tables, pairs: pd.DataFrame, today: pd.Timestamp) -> Rechecked:
    """Return which pairs of customer and action may be chosen on the day of the list.

    Parameters
    ----------
    tables
        The business's tables as they are now.
    pairs
        customer_id and action of n pairs that ``score`` found eligible.
    today
        The instant of the list, naive UTC.
    """
    config = tables.config
    codes, customers = pd.factorize(pairs["customer_id"])
    spine = pd.DataFrame({"customer_id": customers, "as_of": today})
    actions = [str(name) for name in pairs["action"].unique()]
    known = config.incremental.actions
    states = {name: known[name].state for name in actions if name in known}
    there = {state: present(tables, spine, state) for state in set(states.values())}
    fits = eligible_for_each(tables, spine, [name for name in actions if name in known])
    complaint = _open_complaint(tables, spine)
    of_all: list[tuple[LeftOut, Bools]] = [
        (LeftOut.SUPPRESSED, suppressed(tables, pd.Series(customers))),
        (LeftOut.CONSENT, ~reachable(tables, spine)),
    ]
    recent = in_cool_down(tables, spine)
    why = np.full(len(pairs), "", dtype=object)
    for name in actions:
        terms = known.get(name)
        rows = (pairs["action"] == name).to_numpy(dtype=bool)
        whose = codes[rows]
        found = list(of_all)
        if terms is not None:
            found.append((LeftOut.GONE, ~there[terms.state]))
        found.append((LeftOut.RECENT, recent))
        if terms is None or not terms.despite_open_complaint:
            found.append((LeftOut.COMPLAINT, complaint))
        if terms is not None:
            found.append((LeftOut.CONDITION, ~fits[name].to_numpy(dtype=bool)))
        why[rows] = _first(found, whose)
    reasons = pd.Series(why, index=pairs.index, dtype=object)
    unseen = max(int((today - tables.data_until) / pd.Timedelta(days=1)), 0)
    return Rechecked((reasons == "").to_numpy(dtype=bool), reasons, today, _counted(codes, why), unseen)


def suppressed(tables: Tables, customers: pd.Series) -> Bools:
    """Return which customers the business wants left in peace, (n,).

    Parameters
    ----------
    tables
        Whose ``targets: suppress`` names the file.
    customers
        Of the pairs, (n,).

    Raises
    ------
    ConfigError
        The file has no such column.
    DataError
        There is no such file, or nobody on it is a customer: a list that protects nobody is a mistake.
    """
    wish, config = tables.config.targets.suppress, tables.config
    if wish.table is None:
        return np.zeros(len(customers), dtype=bool)
    path = Path(config.resolve(wish.table))
    found = read_flat(path, rows=False)
    if wish.key not in found.columns:
        raise ConfigError(
            f"targets.suppress.key: '{path.name}' has no column '{wish.key}'{did_you_mean(wish.key, found.columns)}"
        )
    keys = set(words_of(found[wish.key].dropna()))
    everybody = words_of(tables.execute(tables["customers"].select("customer_id"))["customer_id"].astype(object))
    if keys and not everybody.isin(keys).any():
        raise DataError(
            f"targets.suppress.table: none of the {len(keys):,} keys in '{path.name}' is a customer; check that"
            f" '{wish.key}' holds customer_id as the tables write it"
        )
    return words_of(customers.astype(object)).isin(keys).to_numpy(dtype=bool)


def _open_complaint(tables: Tables, spine: pd.DataFrame) -> Bools:
    """Return who has a complaint that was opened and not closed before the instant, (n,)."""
    if not (tables.has("contacts", "is_complaint") and tables.has("contacts", "closed_at")):
        return np.zeros(len(spine), dtype=bool)
    found = asked(tables, spine, "open complaint", partial(_complaints, tables))
    return np.asarray(found["open"].notna())


def _complaints(tables: Tables, rows: Rows) -> Rows:
    """Return the rows with open complaints, and how many."""
    contacts = known_rows(tables, "contacts")
    contacts = contacts.filter(contacts.is_complaint).select(KNOWN_AT, "closed_at", who="customer_id")
    met = rows.inner_join(
        contacts,
        [
            rows.customer_id == contacts.who,
            contacts[KNOWN_AT] < rows.as_of,
            ~(contacts.closed_at < rows.as_of).fill_null(False),
        ],
    )
    return met.group_by(ROW).aggregate(open=met.count())


def _first(found: list[tuple[LeftOut, Bools]], whose: Any) -> Any:
    """Return the first cause that holds for each pair, "" where none does."""
    why = np.full(len(whose), "", dtype=object)
    for cause, holds in reversed(found):
        why[holds[whose]] = cause.value
    return why


def _counted(codes: Any, why: Any) -> dict[str, int]:
    """Return how many customers lost a pair, by the first cause that holds of any of their pairs."""
    rank = {cause.value: place for place, cause in enumerate(LeftOut)}
    lost = pd.DataFrame({"who": codes, "rank": [rank.get(cause, len(rank)) for cause in why]})
    first = lost[lost["rank"] < len(rank)].groupby("who")["rank"].min().value_counts()
    return {
        cause.value: int(first[place]) for cause, place in zip(LeftOut, range(len(rank)), strict=True) if place in first
    }
