"""The tables of the page at a glance: actions, initiatives and all together, contrasts."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ....core.locale import Locale
from ....models.effects.doubt import Evidence
from ...pages.cells import Cell, Table, number_cell
from ..costs import ITEMS
from ..totals import ALL
from .wording import chance_in_words, interval, percent, title, verdict_cell
from .words import PAGE

__all__ = ["contrasts_table", "cuts_table", "left_out_line", "overview_table", "totals_table"]


def _heads(locale: Locale, *codes: str) -> tuple[Cell, ...]:
    return tuple(number_cell(PAGE.say(locale, code)) for code in codes)


def _money(row: pd.Series, name: str, locale: Locale, digits: int = 0) -> Cell:
    """Return an amount with its interval below."""
    return number_cell(
        locale.number(row[name], digits), interval(locale, row[f"{name}_low"], row[f"{name}_high"], digits)
    )


def _returned(row: pd.Series, locale: Locale) -> Cell:
    """Return the return with its interval below."""
    low, high = (percent(locale, row[f"roi_percent_{end}"]) for end in ("low", "high"))
    return number_cell(percent(locale, row["roi_percent"]), PAGE.say(locale, "to", low=low, high=high))


def overview_table(rows: pd.DataFrame, locale: Locale) -> Table:
    """Return verdict, cost, gain and return of each action; ``rows`` are the headline rows."""
    head = (
        Cell(PAGE.say(locale, "action")),
        Cell(PAGE.say(locale, "verdict")),
        *_heads(locale, "treated", "cost", "gain", "return", "paid_back", "naive"),
        Cell(PAGE.say(locale, "assignment")),
    )
    body = tuple(
        (
            Cell(title(row, locale)),
            replace(verdict_cell(row["verdict"], locale), below=_chance(row, locale)),
            number_cell(locale.number(row["n_treated"])),
            number_cell(locale.number(row["cost"])),
            _money(row, "incremental_clv", locale),
            _returned(row, locale),
            number_cell(
                PAGE.say(locale, "in_month", month=row["payback_month"])
                if pd.notna(row["payback_month"])
                else PAGE.say(locale, "no")
            ),
            number_cell(locale.number(row["naive_incremental_clv"])),
            Cell(PAGE.say(locale, row["design"])),
        )
        for _, row in rows.iterrows()
    )
    return Table(PAGE.say(locale, "overview", money=locale.currency_name), head, body)


def _chance(row: pd.Series, locale: Locale) -> str:
    """Return the chance that an action pays, and whether a check took something off its effect."""
    code = "chance_refused" if row["evidence"] == Evidence.REFUSED else "chance"
    return PAGE.say(locale, code, chance=chance_in_words(row["chance_pays"], locale))


def left_out_line(rows: pd.DataFrame, locale: Locale) -> str:
    """Return what the totals leave out because a check refused it; "" where nothing was. ``rows`` are headlines."""
    refused = rows[rows["evidence"] == Evidence.REFUSED]
    if refused.empty:
        return ""
    parts = [
        PAGE.say(locale, "left_out_part", name=title(row, locale), cost=row["cost"], gain=row["incremental_clv"])
        for _, row in refused.iterrows()
    ]
    return PAGE.say(locale, "left_out_of_totals", parts=parts)


def totals_table(totals: pd.DataFrame, locale: Locale) -> Table:
    """Return what each initiative and all together cost, item by item, and earned."""
    items = [item for item in ITEMS if (totals[f"cost_{item}"] > 0).any()]
    head = (
        Cell(PAGE.say(locale, "initiative")),
        *_heads(locale, "actions_cost", *items, "cost", "gain", "realised", "return", "single_count"),
    )
    body = tuple(
        (
            Cell(_initiative(row["initiative"], locale)),
            number_cell(locale.number(row["cost_actions"])),
            *(number_cell(locale.number(row[f"cost_{item}"])) for item in items),
            number_cell(locale.number(row["cost"])),
            _money(row, "incremental_clv", locale),
            number_cell(locale.number(row["realised_incremental_clv"])),
            _returned(row, locale),
            number_cell(percent(locale, row["programme_roi_percent"])),
        )
        for _, row in totals.iterrows()
    )
    return Table(PAGE.say(locale, "totals", money=locale.currency_name), head, body)


def _initiative(name: str | None, locale: Locale) -> str:
    if pd.isna(name):
        return PAGE.say(locale, "without_initiative")
    return PAGE.say(locale, "all") if name == ALL else locale.named(name)


def cuts_table(cuts: pd.DataFrame, locale: Locale) -> Table:
    """Return what one more customer at the cut of an action's lists brings; ``cuts`` are those that were estimated."""
    head = (
        Cell(PAGE.say(locale, "action")),
        Cell(PAGE.say(locale, "verdict")),
        *_heads(locale, "at_cut", "one_costs", "above_below", "moved"),
    )
    body = tuple(
        (
            Cell(locale.named(str(row["action"]))),
            replace(
                verdict_cell(row["verdict"], locale),
                below=PAGE.say(locale, "bunched") if row["bunched"] else "",
            ),
            _money(row, "effect_at_cut", locale, 2),
            number_cell(locale.number(row["cost_per_treated"], 2)),
            number_cell(PAGE.say(locale, "pair", right=row["n_right"], left=row["n_left"])),
            number_cell(locale.percent(row["share_moved"])),
        )
        for _, row in cuts.iterrows()
    )
    return Table(PAGE.say(locale, "cuts", money=locale.currency_name), head, body)


def contrasts_table(rows: pd.DataFrame, locale: Locale) -> Table:
    """Return what happened to customers without being decided, for one customer to whom it happened."""
    head = (
        Cell(PAGE.say(locale, "contrast")),
        Cell(PAGE.say(locale, "effect")),
        *_heads(locale, "happened_to", "compared_with", "change", "naive_difference"),
    )
    body = tuple(
        (
            Cell(title(row, locale)),
            verdict_cell(row["verdict"], locale, row["effect_per_treated"]),
            number_cell(locale.number(row["n_treated"])),
            number_cell(locale.number(row["n_control"])),
            _money(row, "effect_per_treated", locale, 2),
            number_cell(locale.number(row["naive_incremental_clv"] / row["n_treated"], 2)),
        )
        for _, row in rows.iterrows()
    )
    return Table(PAGE.say(locale, "contrasts", money=locale.currency_name), head, body)
