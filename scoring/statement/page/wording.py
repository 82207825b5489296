"""Intervals, names and verdicts as the page shows them."""

from __future__ import annotations

import math

import pandas as pd

from ....core.locale import Locale
from ....models.refutation.verdict import Ruling
from ...pages.cells import Cell
from ..contrasts import ContrastRuling
from ..words import VERDICTS
from .words import PAGE

__all__ = [
    "chance_in_words",
    "has_contracts",
    "interval",
    "percent",
    "title",
    "verdict_cell",
]

_COLOURS = {Ruling.PAYS: "pays", ContrastRuling.SHOWN: "pays", Ruling.LOSES: "loses"}

_NEVER_CERTAIN = 0.01
"""No chance is said to be surer than this: the model behind it may be wrong."""


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


def verdict_cell(verdict: str, locale: Locale, effect: float = math.nan) -> Cell:
    """Return a verdict in its colour; an ``effect`` that is shown and takes value away has that of a loss."""
    colour = "loses" if verdict == ContrastRuling.SHOWN and effect < 0 else _COLOURS.get(verdict, "unproven")  # type: ignore[call-overload]
    return Cell(VERDICTS.say(locale, verdict), colour=f"v {colour}")


def title(row: pd.Series, locale: Locale) -> str:
    """Return the name of a row's action, and of its initiative."""
    name = locale.named(str(row["action"]))
    return f"{name} ({locale.named(str(row['initiative']))})" if pd.notna(row["initiative"]) else name
