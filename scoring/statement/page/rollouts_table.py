"""The table of the page for initiatives that reached units one after the other."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ....core.locale import Locale
from ...pages.cells import Cell, Table, number_cell
from ..rollout_words import ROLLOUT_WORDS, rollout_ruling
from .wording import interval, percent, verdict_cell

__all__ = ["rollouts_table"]

_HEADS = ("so_far", "spent", "return", "a_month", "reached")


def rollouts_table(rows: pd.DataFrame, locale: Locale) -> Table:
    """Return verdict, gain so far, cost and return of each rollout; ``rows`` are those that were estimated."""
    say = ROLLOUT_WORDS.say
    head = (
        Cell(say(locale, "rollout")),
        Cell(say(locale, "verdict")),
        *(number_cell(say(locale, code)) for code in _HEADS),
    )
    return Table(
        say(locale, "caption", money=locale.currency_name),
        head,
        tuple(_line(row, locale) for _, row in rows.iterrows()),
    )


def _line(row: pd.Series, locale: Locale) -> tuple[Cell, ...]:
    say = ROLLOUT_WORDS.say
    low, high = (percent(locale, row[f"roi_percent_{end}"]) for end in ("low", "high"))
    returned = number_cell(percent(locale, row["roi_percent"]))
    if pd.notna(row["roi_percent"]):
        returned = replace(returned, below=say(locale, "to", low=low, high=high))
    units = {"reached": int(row["n_units_reached"]), "units": int(row["n_units"]), "by": locale.named(str(row["by"]))}
    return (
        Cell(locale.named(str(row["rollout"]))),
        replace(verdict_cell(rollout_ruling(row), locale), below="" if row["moved_alike"] else say(locale, "bent")),
        _amount(row, "incremental_value", locale, 0),
        number_cell(locale.number(row["cost"])),
        returned,
        _amount(row, "value_a_month", locale, 2),
        number_cell(locale.number(row["n_customers_reached"]), say(locale, "units", **units)),
    )


def _amount(row: pd.Series, name: str, locale: Locale, digits: int) -> Cell:
    ends = interval(locale, row[f"{name}_low"], row[f"{name}_high"], digits)
    return number_cell(locale.number(row[name], digits), ends)
