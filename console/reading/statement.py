"""The statement that `roi` wrote, the initiatives it speaks of, and past ones for the trend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.errors import DataError
from ...core.locale import Locale
from ...core.records import RowKind
from ...core.short_repr import ShortRepr
from ...scoring.statement.page.facts import FACTS, facts_from

__all__ = ["PastEffect", "Period", "Statement", "period_of", "read_statement", "trends"]

_NEEDED = ("kind", "action", "initiative", "headline", "verdict", "cost", "incremental_clv", "n_treated")

_LAST_INSTANT = pd.Timedelta(1, "us")

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Statement(ShortRepr):
    """A statement: one row an action and initiative (the headline), contrasts, sums by initiative.

    Parameters
    ----------
    actions, contrasts
        Rows of ``roi.parquet``.
    totals
        Rows of ``roi_totals.parquet`` by initiative; "all" is everything, "" what has none.
    page
        Its HTML page; None where it has none.
    period
        Decisions that it is about; None where its files do not say it.
    """

    actions: Sequence[Figures]
    contrasts: Sequence[Figures]
    totals: Mapping[str, Figures] = field(default_factory=dict)
    page: Path | None = None
    period: Period | None = None

    def by_initiative(self) -> dict[str, list[Figures]]:
        """Return the actions of each initiative in the order of the statement; "" last."""
        found: dict[str, list[Figures]] = {}
        for row in self.actions:
            found.setdefault(name_of(row), []).append(row)
        return {name: found[name] for name in sorted(found, key=lambda each: each == "")}


Period = tuple[pd.Timestamp, pd.Timestamp]
"""Decisions that a statement is about: the first instant, and the last, as naive UTC instants."""


@dataclass(frozen=True)
class PastEffect:
    """What one statement said of an action: effect on a customer with its interval, and the verdict.

    ``statement`` is the name of its folder; ``period`` is None where its files do not say it.
    """

    statement: str
    period: Period | None
    effect: float
    low: float
    high: float
    verdict: str


def name_of(row: Figures) -> str:
    """Return the initiative of a row; "" without one."""
    return "" if pd.isna(row["initiative"]) else str(row["initiative"])


def read_statement(folder: Path) -> Statement:
    """Read the folder that `roi` wrote.

    Raises
    ------
    DataError
        It holds no statement.
    """
    rows = _rows(folder)
    totals = {}
    if (folder / "roi_totals.parquet").is_file():
        sums = pd.read_parquet(folder / "roi_totals.parquet", partitioning=None)
        totals = {name_of(row): row for row in _records(sums)}
    page = folder / "roi.html"
    return Statement(
        [row for row in rows if row["kind"] == RowKind.ACTION and row["headline"]],
        [row for row in rows if row["kind"] == RowKind.CONTRAST],
        totals,
        page if page.is_file() else None,
        period_of(folder),
    )


def period_of(folder: Path) -> Period | None:
    """Return which decisions a statement is about, as its facts say it; None where it has none.

    Raises
    ------
    ConfigError
        The file of its facts is another one.
    """
    if not (folder / FACTS).is_file():
        return None
    facts = facts_from(folder / FACTS, Locale())
    return facts.since, facts.until - _LAST_INSTANT


def trends(folders: Sequence[Path]) -> dict[tuple[str, str], list[PastEffect]]:
    """Return what each statement said, by action and initiative, by the end of their periods.

    Those whose period nobody knows come first, in the order of the folders.

    Raises
    ------
    DataError
        A folder holds no statement.
    ConfigError
        The facts of a statement are another file.
    """
    found: dict[tuple[str, str], list[PastEffect]] = {}
    periods = {folder: period_of(folder) for folder in folders}
    for folder in sorted(folders, key=lambda each: _place_in_time(periods[each])):
        for row in _rows(folder):
            if row["kind"] == RowKind.ACTION and row["headline"]:
                mid, low, high = (float(row.get(f"effect_per_treated{end}", math.nan)) for end in ("", "_low", "_high"))
                said = PastEffect(folder.name, periods[folder], mid, low, high, str(row["verdict"]))
                found.setdefault((str(row["action"]), name_of(row)), []).append(said)
    return found


def _place_in_time(period: Period | None) -> tuple[int, pd.Timestamp, pd.Timestamp]:
    return (0, pd.Timestamp.min, pd.Timestamp.min) if period is None else (1, period[1], period[0])


def _rows(folder: Path) -> list[dict[str, Any]]:
    frame = pd.read_parquet(folder / "roi.parquet", partitioning=None)
    missing = [name for name in _NEEDED if name not in frame]
    if missing:
        raise DataError(
            f"'{folder}' holds no statement: expected a column '{missing[0]}' in roi.parquet, found none; run"
            " `servicelift roi` again"
        )
    return _records(frame)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
