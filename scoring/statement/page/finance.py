"""The facts that finance asks for, as a table of the page."""

from __future__ import annotations

import pandas as pd

from ....core.contract_state import LAPSED
from ....core.locale import Locale
from ...pages.cells import Cell, Table, number_cell
from ..costs import ITEMS
from .wording import has_contracts, percent
from .words import MONEY, PAGE

__all__ = ["finance_table"]


def finance_table(row: pd.Series, locale: Locale, *, horizon_months: int, follow_up_days: int) -> Table:
    """Return cost, return, payback and customers kept of one action.

    Parameters
    ----------
    row
        A headline row of the statement.
    locale
        How figures are written.
    horizon_months, follow_up_days
        Of the statement.
    """

    def say(code: str, **figures: object) -> str:
        return MONEY.say(locale, code, **figures)

    month, unknown = row["payback_month"], say("unknown")
    lines = {
        say("cost"): _cost(row, locale),
        say("return"): _around(locale, *(percent(locale, row[f"roi_percent{end}"]) for end in ("", "_low", "_high"))),
        say("paid_back"): say("in_month", month=month) if pd.notna(month) else say("not_within", months=horizon_months),
        **(_kept(row, locale, follow_up_days) if has_contracts(row) else {}),
        say("acquired"): locale.number(row["cost_per_customer_acquired"], 2)
        if pd.notna(row["cost_per_customer_acquired"])
        else unknown,
        say("referral"): say("referral_value", range=_total(row, "referral", locale, 1))
        if pd.notna(row["referral"])
        else unknown,
        say("full", months=horizon_months): _full(row, locale),
    }
    return Table(
        PAGE.say(locale, "money", money=locale.currency_name),
        (Cell(PAGE.say(locale, "figure")), number_cell(PAGE.say(locale, "value"))),
        tuple((Cell(name), number_cell(text)) for name, text in lines.items()),
    )


def _kept(row: pd.Series, locale: Locale, follow_up_days: int) -> dict[str, str]:
    """Return how many customers were kept or came back, and what each of them cost: of contracts alone."""
    what = "won_back" if row.get("state") == LAPSED else "retained"
    known = pd.notna(row[f"customers_{what}"])
    return {
        MONEY.say(locale, what, days=follow_up_days): _total(row, f"customers_{what}", locale, 1)
        if known
        else MONEY.say(locale, "unknown"),
        MONEY.say(locale, f"per_{what}"): _per_customer(row, what, locale),
    }


def _cost(row: pd.Series, locale: Locale) -> str:
    """Return the cost and its parts."""
    own = [(MONEY.say(locale, "own"), row["cost_actions"])]
    items = [*own, *((PAGE.say(locale, item), row[f"cost_{item}"]) for item in ITEMS)]
    parts = ", ".join(MONEY.say(locale, "part", item=item, money=money) for item, money in items if money > 0)
    return MONEY.say(locale, "cost_parts", cost=locale.number(row["cost"]), parts=parts or MONEY.say(locale, "nothing"))


def _around(locale: Locale, mid: str, low: str, high: str) -> str:
    return MONEY.say(locale, "around", mid=mid, low=low, high=high)


def _total(row: pd.Series, name: str, locale: Locale, digits: int = 0) -> str:
    """Return a total with its interval."""
    return _around(locale, *(locale.number(row[f"{name}{end}"], digits) for end in ("", "_low", "_high")))


def _per_customer(row: pd.Series, what: str, locale: Locale) -> str:
    per = f"cost_per_customer_{what}"
    if pd.isna(row[per]):
        return MONEY.say(locale, f"nobody_{what}")
    if pd.notna(row[f"{per}_high"]):
        return _total(row, per, locale, 2)
    mid, low = (locale.number(row[f"{per}{end}"], 2) for end in ("", "_low"))
    return MONEY.say(locale, "open_end_won_back" if what == "won_back" else "open_end", mid=mid, low=low)


def _full(row: pd.Series, locale: Locale) -> str:
    old_enough = int(row["n_full_realised"])
    if pd.isna(row["full_realised_incremental_clv"]):
        return MONEY.say(locale, "full_unknown", n=old_enough)
    return MONEY.say(locale, "full_value", range=_total(row, "full_realised_incremental_clv", locale), n=old_enough)
