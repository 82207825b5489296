"""What is watched travels as measures: a figure beside what was expected and what was before, and when it rings.

Codes travel, sentences are made at the edge: groups, measures and notes are words of :mod:`.words`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ...core.config.monitoring import MonitorConfig, Watched
from ...core.short_repr import ShortRepr
from ...models.evaluation.run_length import detect, level_of, run_length

__all__ = ["COLUMNS", "Level", "Looks", "Measure", "Watch", "judged"]

_NAN = float("nan")

COLUMNS = (
    "group",
    "measure",
    "subject",
    "value",
    "low",
    "high",
    "reference",
    "expected",
    "alarm",
    "n",
    "days",
    "note",
    "rule",
    "evidence",
    "limit",
)
"""Columns of monitor.parquet."""


@dataclass(frozen=True)
class Level:
    """A night's p-value; it rings below its level if the difference is also ``large`` enough to matter."""

    chance: float
    large: bool = True


@dataclass(frozen=True)
class Looks(ShortRepr):
    """What accumulates over looks, and rings on for a while after a look that rang.

    Parameters
    ----------
    days
        Days that passed before each look, (looks,).
    evidence
        Log e-values of each look, (looks, alternatives).
    since
        Days from the last look to tonight.
    hold
        Days for which it rings on: it starts again from nothing after a look that rang, and takes its time.
    """

    days: tuple[float, ...]
    evidence: tuple[Floats, ...]
    since: float = 0.0
    hold: float = 0.0


@dataclass(frozen=True)
class Measure(ShortRepr):
    """One figure of a night.

    Parameters
    ----------
    group, measure, subject
        What is watched, by what, and of which table, column, score or action.
    value
        The figure.
    low, high
        Its 95% interval; of counts and shares of tables: where the past says that it would lie.
    reference
        The same figure for the period before.
    expected
        What it was expected to be.
    n
        Rows or customers behind it.
    days
        Days that it looks back, or the lead of an outcome.
    note
        A code of what to know about it; "" for nothing.
    rule
        By what it may ring; None: it is only told.
    """

    group: Watched
    measure: str
    subject: str
    value: float
    low: float = _NAN
    high: float = _NAN
    reference: float = _NAN
    expected: float = _NAN
    n: int = 0
    days: float = _NAN
    note: str = ""
    rule: Level | Looks | None = None


@dataclass(frozen=True)
class Watch(ShortRepr):
    """All measures of a night, judged.

    Parameters
    ----------
    rows
        One row a measure, :data:`COLUMNS`.
    run_lengths
        By group: days that each measure that may ring runs on average, at least, until it rings for nothing.
    false_alarms_a_year
        Most that are to be expected while nothing changes, over all of them.
    spacing
        Days between nights, by which levels of a night are set.
    """

    rows: pd.DataFrame
    run_lengths: dict[str, float]
    false_alarms_a_year: float
    spacing: float

    @property
    def alarms(self) -> pd.DataFrame:
        """The rows that ring."""
        return self.rows[self.rows["alarm"].to_numpy(dtype=bool)]


def judged(measures: Iterable[Measure], config: MonitorConfig, spacing: float) -> Watch:
    """Return the measures with what rings, the false alarms a year shared by groups and, within them, by measures.

    Parameters
    ----------
    measures
        Of one night; groups that the config does not watch are left out.
    config
        How many false alarms, and which groups.
    spacing
        Days from the night before to this one.
    """
    watched = [one for one in measures if one.group in config.measures]
    share = config.false_alarms_a_year / len(config.measures)
    lengths: dict[str, float] = {}
    for group in config.measures:
        detectors = sum(one.group == group and one.rule is not None for one in watched)
        if detectors:
            lengths[group] = run_length(share, detectors)
    rows = [_row(one, lengths.get(one.group, _NAN), spacing) for one in watched]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("group", "measure", "subject", "note", "rule"):
        frame[name] = frame[name].astype("str")
    frame = frame.astype({"alarm": bool, "n": "int64"})
    return Watch(frame, lengths, share * len(lengths), spacing)


def _row(one: Measure, length: float, spacing: float) -> dict[str, object]:
    alarm, rule, evidence, limit = False, "", _NAN, _NAN
    if isinstance(one.rule, Level):
        rule, evidence, limit = "level", one.rule.chance, level_of(length, spacing)
        alarm = one.rule.large and evidence < limit
    elif isinstance(one.rule, Looks):
        rule, limit = "accumulated", length
        alarm, evidence = _accumulated(one.rule, length)
    own = {name: getattr(one, name) for name in COLUMNS if hasattr(one, name)}
    return own | {"alarm": alarm, "rule": rule, "evidence": evidence, "limit": limit}


def _accumulated(looks: Looks, length: float) -> tuple[bool, float]:
    """Return whether a look rang that still counts, with its evidence; else that of the last look."""
    found = detect(list(looks.evidence), looks.days, length)
    ages = looks.since + np.append(np.cumsum(np.array(looks.days)[:0:-1])[::-1], 0.0)
    counting = [
        level for level, rang, age in zip(found.evidence, found.rang, ages, strict=False) if rang and age <= looks.hold
    ]
    if counting:
        return True, counting[-1]
    return False, found.evidence[-1] if found.evidence else 0.0
