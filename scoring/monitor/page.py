"""The page of a night: one self-contained HTML file, drawn by a Jinja2 template in the style of the statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...core.locale import Locale
from ...core.short_repr import ShortRepr
from ...features.tables.tables import Tables
from ..pages.cells import Cell, Table
from ..pages.drawings import ticks
from ..pages.writer import page_template, sayer
from .figures import feature_titles, name_of, written
from .measures import Watch
from .nights import Nights
from .words import GROUPS, HOW_TO_READ, NOTES, PAGE

__all__ = ["Mark", "NightPicture", "PageFacts", "monitor_page"]

_MOST = 12
"""Rows of a long group that the page shows; all are in the file."""

_LONG = ("inputs", "drift", "indicators")
"""Groups with a measure a column or feature."""

_TINY = 0.001
_WHOLE = 10
_MOST_EVIDENCE = 1_000_000
"""What is shown of evidence that multiplies from night to night; the file has all of it."""

_DULL = 0.1
"""P-value above which nobody needs to read it."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 980.0, 16.0, 180.0


@dataclass(frozen=True)
class PageFacts:
    """What stands on the page beside the measures."""

    business: str
    at: pd.Timestamp
    data_until: pd.Timestamp
    nights: int
    first: pd.Timestamp | None
    follow_up_days: int
    warnings: tuple[str, ...] = ()
    locale: Locale = field(default_factory=Locale)
    titles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Tables, nights: Nights, warnings: tuple[str, ...]) -> PageFacts:
        """Return the facts of a night."""
        config = tables.config
        first = nights.all[0].as_of if nights.all else None
        days = config.incremental.follow_up_days
        known = len(nights.all)
        titles = feature_titles(config)
        return cls(config.business, nights.at, tables.data_until, known, first, days, warnings, config.locale, titles)


@dataclass(frozen=True)
class Mark:
    """A night in the picture: where it stands, where its interval ends, and whether it is ripe."""

    x: float
    y: float
    low: float
    high: float
    ripe: bool
    text: str


@dataclass(frozen=True)
class NightPicture(ShortRepr):
    """Calibration by night: marks, the line of 1, and the axes with their texts."""

    marks: tuple[Mark, ...]
    one: float
    levels: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class _Section(ShortRepr):
    title: str
    table: Table
    more: str


def monitor_page(watch: Watch, by_night: pd.DataFrame, facts: PageFacts) -> str:
    """Return the page of a night.

    Parameters
    ----------
    watch
        The measures, judged.
    by_night
        Calibration of past nights; may be empty.
    facts
        What stands beside them.
    """
    locale = facts.locale
    return page_template(__package__ or "", "monitor.html.j2").render(
        facts=facts,
        locale=locale,
        rate=watch.false_alarms_a_year,
        page=sayer(PAGE, locale),
        how=sayer(HOW_TO_READ, locale),
        alarms=[name_of(locale, row, facts.titles) for _, row in watch.alarms.iterrows()],
        sections=[
            _section(str(group), rows, facts) for group, rows in watch.rows.groupby("group", sort=False) if len(rows)
        ],
        picture=night_picture(by_night, locale) if len(by_night) else None,
        groups=set(watch.rows["group"]),
    )


def night_picture(by_night: pd.DataFrame, locale: Locale) -> NightPicture | None:
    """Return the picture of calibration by night; None without a night that can be told."""
    rows = by_night[by_night["ratio"].notna()].reset_index(drop=True)
    if rows.empty:
        return None
    at = pd.to_datetime(rows["as_of"], utc=True).dt.tz_localize(None)
    top = min(max(float(rows["high"].max()), 1.3), 3.0)
    span = max((at.iloc[-1] - at.iloc[0]) / pd.Timedelta(days=1), 1.0)

    def across(moment: pd.Timestamp) -> float:
        return _LEFT + 20 + (_RIGHT - _LEFT - 40) * ((moment - at.iloc[0]) / pd.Timedelta(days=1)) / span

    def up(value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * min(value, top) / top

    ripe = rows["lead_days"] == rows["lead_days"].max()
    figures = (rows[name].astype(float) for name in ("ratio", "low", "high"))
    marks = tuple(
        Mark(across(moment), up(ratio), up(low), up(high), bool(full), locale.date(moment))
        for moment, ratio, low, high, full in zip(at, *figures, ripe, strict=True)
    )
    levels = tuple((up(value), locale.short(value)) for value in ticks(0.0, top))
    few = sorted({0, len(at) - 1, *np.linspace(0, len(at) - 1, min(len(at), 5)).round().astype(int).tolist()})
    days = tuple((across(at.iloc[i]), str(locale.day(at.iloc[i]))) for i in few)
    return NightPicture(marks, up(1.0), levels, days)


def _section(group: str, rows: pd.DataFrame, facts: PageFacts) -> _Section:
    shown, locale = _noteworthy(rows), facts.locale
    head = (
        Cell(PAGE.say(locale, "figure")),
        Cell(PAGE.say(locale, "tonight"), number=True),
        Cell(PAGE.say(locale, "expected"), number=True),
        Cell(PAGE.say(locale, "verdict")),
    )
    left = len(rows) - len(shown)
    title = GROUPS.say(locale, group)
    table = Table(title, head, tuple(_line(row, facts) for _, row in shown.iterrows()))
    return _Section(title, table, PAGE.say(locale, "more", n=left) if left else "")


def _noteworthy(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows to show: all but of a long group, of it those that ring and those nearest to it, in order."""
    if len(rows) <= _MOST or rows["group"].iloc[0] not in _LONG:
        return rows
    near = np.where(rows["rule"] == "level", rows["evidence"] / rows["limit"], rows["limit"] / rows["evidence"])
    order = pd.DataFrame({"calm": ~rows["alarm"], "far": near, "value": -rows["value"]}, index=rows.index)
    always = rows["subject"].isin(["churn_probability", "clv"]) & (rows["measure"] == "psi")
    best = order.sort_values(["calm", "far", "value"], na_position="last").index[: max(_MOST, int(rows["alarm"].sum()))]
    return rows[rows.index.isin(best) | always]


def _line(row: pd.Series, facts: PageFacts) -> tuple[Cell, ...]:
    say, locale = PAGE.say, facts.locale
    column = str(row["subject"]) if row["group"] == "drift" and row["subject"] in facts.titles else ""

    def write(name: str) -> str:
        return written(locale, row["measure"], row[name])

    between = say(locale, "to", low=write("low"), high=write("high")) if pd.notna(row["high"] + row["low"]) else ""
    before = say(locale, "before", value=write("reference")) if pd.notna(row["reference"]) else ""
    return (
        Cell(name_of(locale, row, facts.titles), column),
        Cell(write("value"), between, number=True),
        Cell(write("expected"), before, number=True),
        _state(row, locale),
    )


def _state(row: pd.Series, locale: Locale) -> Cell:
    note = NOTES.say(locale, row["note"]) if row["note"] else ""
    if not row["rule"]:
        return Cell(note or PAGE.say(locale, "told"))
    if row["rule"] == "level" and row["evidence"] > _DULL and not row["alarm"]:
        below = ""
    elif row["rule"] == "level":
        tiny = row["evidence"] < _TINY
        p = locale.number(max(row["evidence"], _TINY), 3 if row["evidence"] < 0.01 else 2)
        below = PAGE.say(locale, "tiny" if tiny else "chance", p=p)
    else:
        digits = 0 if row["evidence"] >= _WHOLE else 1
        most = row["evidence"] > _MOST_EVIDENCE
        shown = f"> {locale.number(_MOST_EVIDENCE)}" if most else locale.number(row["evidence"], digits)
        figures = {"value": shown, "limit": locale.number(row["limit"])}
        below = PAGE.say(locale, "evidence", **figures)
    parts = [each for each in (below, note) if each]
    code, colour = ("alarm", "v loses") if row["alarm"] else ("calm", "v pays")
    return Cell(PAGE.say(locale, code), locale.clauses(parts), colour=colour)
