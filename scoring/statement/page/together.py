"""All actions together: from the dashboard's figure to the true one, what came in beside what is still predicted, and
what it costs to keep a customer beside what it costs to win one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ....core.contract_state import LAPSED
from ....core.locale import Locale
from ....core.records import StudyDesign
from ....models.effects.doubt import Evidence
from ...pages.cells import Cell, Table, number_cell
from ...pages.drawings import BarPicture
from .bars import bridge_bars
from .month_line import MonthLine, month_line
from .together_words import TOGETHER
from .wording import has_contracts, interval, title, verdict_cell

__all__ = ["WholeBridge", "keeping_table", "realised_table", "whole_bridge", "whole_months"]

_STEPS = tuple(
    f"bridge_{name}" for name in ("selection", "regression_to_mean", "unseen", "forecast", "double_counting")
)
_ENDS = ("naive_incremental_clv", "incremental_clv", "programme_incremental_clv")


@dataclass(frozen=True)
class WholeBridge:
    """The bridge of several actions added up: a sentence, its bars, and which actions it leaves out ("" none)."""

    sentence: str
    drawn: BarPicture
    left_out: str


def whole_bridge(headline: pd.DataFrame, locale: Locale) -> WholeBridge | None:
    """Return the bridge from what a dashboard would say to what is true, in total; None where no step is known.

    Parameters
    ----------
    headline
        Rows that speak for their action; those of which a step is not known, or that a check refused, are left out.
    locale
        How it is written.
    """
    needed = [*_ENDS[:2], *_STEPS[:4]]
    known = np.isfinite(headline[needed].to_numpy(dtype=float)).all(axis=1) & _counted(headline)
    rows, others = headline[known], headline[~known]
    if rows.empty:
        return None
    summed = {column: float(rows[column].sum(skipna=False)) for column in (*_ENDS, *_STEPS)}
    drawn_by_chance = bool((rows["design"] == StudyDesign.RANDOMISED).any())
    design = StudyDesign.RANDOMISED if drawn_by_chance else StudyDesign.OBSERVATIONAL
    drawn = bridge_bars(pd.Series(summed | {"n_treated": 1, "design": design}), locale, digits=0)
    if drawn is None:
        return None
    sentence = TOGETHER.say(
        locale, "bridge", naive=summed["naive_incremental_clv"], gain=summed["incremental_clv"], n=len(rows)
    )
    names = [title(row, locale) for _, row in others.iterrows()]
    return WholeBridge(sentence, drawn, TOGETHER.say(locale, "bridge_without", names=names) if names else "")


def whole_months(headline: pd.DataFrame, months: pd.DataFrame, locale: Locale) -> MonthLine | None:
    """Return when the value of all actions comes, those left out that a check refused; None of fewer than two."""
    rows = headline[_counted(headline)]
    if len(rows) < 2 or months.empty:
        return None
    keys = {(row["action"], _or_empty(row["initiative"])) for _, row in rows.iterrows()}
    pairs = zip(months["action"], months["initiative"].map(_or_empty), strict=True)
    own = months[[pair in keys for pair in pairs] & (months["kind"] == "action").to_numpy()]
    grouped = own.groupby("month", as_index=False).agg(
        cumulated_incremental_clv=("cumulated_incremental_clv", "sum"),
        realised=("realised", "all"),
        cost=("cost", "sum"),
        rows=("cost", "size"),
    )
    complete = grouped["rows"] == len(rows)
    return month_line(grouped, locale) if complete.all() else None


def realised_table(headline: pd.DataFrame, locale: Locale) -> Table:
    """Return what came in of each gain and what is still predicted; ``headline`` speaks for the actions."""

    def money(row: pd.Series, name: str) -> Cell:
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        return number_cell(locale.number(row[name]), interval(locale, low, high) if pd.notna(low) else "")

    head = (
        Cell(TOGETHER.say(locale, "action")),
        *(number_cell(TOGETHER.say(locale, code)) for code in ("gain", "came_in", "expected", "share")),
    )
    body = tuple(
        (
            Cell(title(row, locale)),
            money(row, "incremental_clv"),
            money(row, "realised_incremental_clv"),
            money(row, "predicted_incremental_clv"),
            number_cell(_share(row, locale)),
        )
        for _, row in headline.iterrows()
    )
    return Table(TOGETHER.say(locale, "realised_caption", money=locale.currency_name), head, body)


def keeping_table(headline: pd.DataFrame, locale: Locale) -> Table | None:
    """Return the cost of a customer really kept beside that of winning one; None without contracts.

    Where a figure is not known, its cell says why.
    """
    rows = [row for _, row in headline.iterrows() if has_contracts(row)]
    if not rows:
        return None
    head = (
        Cell(TOGETHER.say(locale, "action")),
        *(number_cell(TOGETHER.say(locale, code)) for code in ("per_kept", "per_won", "times")),
        Cell(TOGETHER.say(locale, "verdict")),
    )
    body = tuple(
        (
            Cell(title(row, locale)),
            _kept(row, locale),
            _won(row, locale),
            number_cell(_times(row, locale)),
            verdict_cell(row["verdict"], locale),
        )
        for row in rows
    )
    return Table(TOGETHER.say(locale, "keeping_caption", money=locale.currency_name), head, body)


def _counted(headline: pd.DataFrame) -> np.ndarray:
    return (headline["evidence"] != Evidence.REFUSED).to_numpy(dtype=bool)


def _or_empty(name: object) -> str:
    return "" if pd.isna(name) else str(name)  # type: ignore[call-overload]


def _share(row: pd.Series, locale: Locale) -> str:
    """Return which share of a gain came in; "" of a gain that is none, or parts of two signs."""
    gain, came, expected = (row[f"{name}incremental_clv"] for name in ("", "realised_", "predicted_"))
    return locale.percent(came / gain) if gain > 0 and came >= 0 and expected >= 0 else ""


def _per(row: pd.Series) -> str:
    return "cost_per_customer_won_back" if row.get("state") == LAPSED else "cost_per_customer_retained"


def _kept(row: pd.Series, locale: Locale) -> Cell:
    per = _per(row)
    mid, low, high = (row[f"{per}{end}"] for end in ("", "_low", "_high"))
    if pd.isna(mid):
        counted = pd.notna(row[per.replace("cost_per_customer", "customers")])
        return number_cell("–", TOGETHER.say(locale, "nobody_kept" if counted else "kept_unknown"))
    if pd.isna(high):
        return number_cell(locale.number(mid, 2), TOGETHER.say(locale, "open_end", low=low))
    return number_cell(locale.number(mid, 2), interval(locale, low, high, 2))


def _won(row: pd.Series, locale: Locale) -> Cell:
    cost = row["cost_per_customer_acquired"]
    if pd.isna(cost):
        return number_cell("–", TOGETHER.say(locale, "won_unknown"))
    return replace(number_cell(locale.number(cost, 2)))


def _times(row: pd.Series, locale: Locale) -> str:
    kept, won = row[_per(row)], row["cost_per_customer_acquired"]
    return locale.number(kept / won, 1) if pd.notna(kept) and won > 0 else "–"
