"""Intervals, names and verdicts as the page shows them, and the tables they stand in."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ....core.locale import Locale
from ....models.refutation.verdict import Ruling
from ..contrasts import ContrastRuling
from ..words import VERDICTS
from .words import PAGE

__all__ = [
    "Cell",
    "Table",
    "chance_in_words",
    "has_contracts",
    "interval",
    "number_cell",
    "percent",
    "title",
    "verdict_cell",
]

_COLOURS = {Ruling.PAYS: "pays", ContrastRuling.SHOWN: "pays", Ruling.LOSES: "loses"}

_NEVER_CERTAIN = 0.01
"""No chance is said to be surer than this: the model behind it may be wrong."""


@dataclass(frozen=True)
class Cell:
    """One cell: its text, what stands smaller below it, whether it is a number, and the class of its colour."""

    text: str
    below: str = ""
    number: bool = False
    colour: str = ""


@dataclass(frozen=True)
class Table:
    """A table: what it shows, the heads of its columns, and its rows; the first cell of a row names it."""

    caption: str
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def has_contracts(row: pd.Series) -> bool:
    """Return whether a row's customers have contracts: without, nobody is retained and there are no late hazards."""
    return bool(pd.notna(row["late_hazard_low"]))


def interval(locale: Locale, low: float, high: float, digits: int = 0) -> str:
    """Return an interval in words."""
    return PAGE.say(locale, "to", low=locale.number(low, digits), high=locale.number(high, digits))


def percent(locale: Locale, value: float) -> str:
    """Return a value that is in per cent already."""
    return locale.percent(value / 100 if pd.notna(value) else value)


def chance_in_words(chance: float, locale: Locale) -> str:
    """Return a chance in whole per cent; what rounds to all or nothing stays short of it."""
    if chance < _NEVER_CERTAIN or chance > 1 - _NEVER_CERTAIN:
        code, end = ("under", _NEVER_CERTAIN) if chance < 0.5 else ("over", 1 - _NEVER_CERTAIN)
        return PAGE.say(locale, code, chance=end)
    return locale.percent(chance)


def number_cell(text: str, below: str = "") -> Cell:
    """Return a cell that is set to the right."""
    return Cell(text, below, number=True)


def verdict_cell(verdict: str, locale: Locale) -> Cell:
    """Return a verdict in its colour."""
    return Cell(VERDICTS.say(locale, verdict), colour=f"v {_COLOURS.get(verdict, 'unproven')}")  # type: ignore[call-overload]


def title(row: pd.Series, locale: Locale) -> str:
    """Return the name of a row's action, and of its initiative."""
    name = locale.named(str(row["action"]))
    return f"{name} ({locale.named(str(row['initiative']))})" if pd.notna(row["initiative"]) else name
