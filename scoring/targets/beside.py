"""What a list says beside itself: segments, days, what changed since the last one, and how customers moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.messages import Message
from ...core.short_repr import ShortRepr
from ..scores.score import SCORES
from .days import contact_days
from .last import Delta, delta, read_last
from .recheck import Rechecked
from .scored import run_facts, stored
from .segments import cuts_of, movement, segments_of

__all__ = ["Beside", "Wish", "beside"]


@dataclass(frozen=True)
class Wish:
    """What is asked of a list.

    Parameters
    ----------
    budget, capacity
        Most to spend, and most customers; None: no limit.
    today
        Its day, naive UTC; None: the latest day known.
    anyway
        Whether it is made whatever its policy was worth.
    last, before
        The list before this one, and a folder of earlier scores, to compare with; None: with nothing.
    """

    budget: float
    capacity: int | None = None
    today: pd.Timestamp | None = None
    anyway: bool = False
    last: Path | None = None
    before: Path | None = None


@dataclass(frozen=True)
class Beside(ShortRepr):
    """The list with further columns for people and exports, what programs are told, and what a user reads."""

    listed: pd.DataFrame
    facts: dict[str, Any]
    messages: tuple[Message, ...] = field(default_factory=tuple)


def beside(
    config: Config, scores: Path, listed: pd.DataFrame, pairs: pd.DataFrame, checked: Rechecked, wish: Wish
) -> Beside:
    """Return what stands beside a list.

    Parameters
    ----------
    config, scores
        The business, and the folder of its scores.
    listed
        The list for machines, those left alone too; it gets ``segment``, ``day`` and ``new``.
    pairs, checked
        What the scores found eligible, and what became of it on the day.
    wish
        What to compare with.

    Raises
    ------
    ConfigError
        The last list or the earlier scores are not there, or are of another business.
    """
    cuts = cuts_of(config, scores)
    contacted = (listed["arm"] == "treated").to_numpy(dtype=bool)
    contact = listed[contacted].reset_index(drop=True)
    first = checked.today.tz_localize("UTC").tz_convert(config.timezone)
    segment = segments_of(listed["clv"], listed["churn_probability"], cuts)
    days = contact_days(contact["action"], first, config.incremental, config.targets)
    day = days.set_axis(listed.index[contacted]).reindex(listed.index)
    whole = listed.assign(segment=segment, day=day, new=None)
    sizes = {str(name): int(n) for name, n in segment[contacted].value_counts().sort_index().items()}
    facts: dict[str, Any] = {"segments": {"cuts": cuts.facts(), "contacted": sizes}, "delta": None, "movement": None}
    messages: list[Message] = []
    if wish.last is not None:
        change = _since(wish.last, listed, contacted, pairs, checked)
        whole["new"] = whole["customer_id"].isin(list(change.new)).astype(object).where(contacted, None)
        facts["delta"] = change.facts()
        messages.append(change.message())
    if wish.before is not None:
        facts["movement"] = _moved(config, scores, wish.before)
    return Beside(whole, facts, tuple(messages))


def _since(last: Path, listed: pd.DataFrame, contacted: Any, pairs: pd.DataFrame, checked: Rechecked) -> Delta:
    held = listed.loc[~contacted, "customer_id"]
    return delta(read_last(last), listed.loc[contacted, ["customer_id", "action"]], held, pairs, checked)


def _moved(config: Config, scores: Path, before: Path) -> dict[str, Any]:
    """Return how customers moved between segments since earlier scores, cut as today's are."""
    file = stored(before, SCORES)
    if not file.is_file():
        raise ConfigError(f"expected '{SCORES}' in '{before}', found none; give --before a folder of earlier scores")
    facts = run_facts(before)
    if facts.get("business", config.business) != config.business:
        raise ConfigError(f"'{before}' holds scores of business '{facts['business']}', expected '{config.business}'")
    columns = ["customer_id", "churn_probability", "clv"]
    earlier, now = (pd.read_parquet(one, columns=columns, partitioning=None) for one in (file, stored(scores, SCORES)))
    return {"since": facts.get("as_of"), "moved": movement(earlier, now, cuts_of(config, scores))}
