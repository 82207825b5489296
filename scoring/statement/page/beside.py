"""What actions bring beside money: word of mouth, service that was not needed, each with its interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ....core.locale import Locale
from ....core.short_repr import ShortRepr
from ...pages.cells import Cell, Table, number_cell
from ..engagement import Engagement
from .beside_words import BESIDE
from .wording import interval, title

__all__ = ["Beside", "beside_money", "engagement_sentence"]

_CONTACTS = "side_contacts"


@dataclass(frozen=True)
class Beside(ShortRepr):
    """The table and what has to be known beside it; ``notes`` say what its columns do not prove."""

    table: Table | None
    notes: tuple[str, ...]


def beside_money(headline: pd.DataFrame, follow_up_days: int, engagement: str, locale: Locale) -> Beside:
    """Return what each action brought beside money.

    Parameters
    ----------
    headline
        Rows that speak for their action; columns that a statement of an earlier version lacks count as not known.
    follow_up_days
        Of the statement.
    engagement
        What is said of the agents' engagement.
    locale
        How it is written.
    """
    known = {code: cell for code, cell in _COLUMNS.items() if _known(headline, code)}
    lacking = [f"lacks_{code}" for code in _COLUMNS if code not in known]
    say = BESIDE.say
    notes = [
        *([say(locale, "how")] if known else []),
        *([say(locale, "answers")] if "side_promoters" in known else []),
        *([say(locale, "avoided")] if "contacts_avoided" in known else []),
        *([say(locale, "lacks", names=lacking)] if lacking else []),
        *([engagement] if engagement else []),
    ]
    if not known:
        return Beside(None, tuple(notes))
    money = locale.currency_name
    heads = (say(locale, code, **({"money": money} if code == "path_cost_to_serve" else {})) for code in known)
    head = (Cell(say(locale, "action")), *(number_cell(text) for text in heads))
    rows = tuple(
        (Cell(title(row, locale)), *(cell(row, locale) for cell in known.values())) for _, row in headline.iterrows()
    )
    return Beside(Table(say(locale, "caption", days=follow_up_days), head, rows), tuple(notes))


def _count(name: str, digits: int, sign: float = 1.0) -> Callable[[pd.Series, Locale], Cell]:
    """Return what writes a column with its interval; turned round for what is avoided."""

    def cell(row: pd.Series, locale: Locale) -> Cell:
        if pd.isna(row[name]) or row[f"{name}_low"] == row[f"{name}_high"]:
            return number_cell("–", BESIDE.say(locale, "no_case"))
        mid, *ends = (sign * float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
        return number_cell(locale.signed(mid, digits), interval(locale, min(ends), max(ends), digits))

    return cell


_COLUMNS: dict[str, Callable[[pd.Series, Locale], Cell]] = {
    "referral": _count("referral", 1),
    "side_promoters": _count("side_promoters", 1),
    "side_reviews_raised": _count("side_reviews_raised", 1),
    "contacts_avoided": _count(_CONTACTS, 1, -1.0),
    "side_self_service": _count("side_self_service", 1),
    "path_cost_to_serve": _count("path_cost_to_serve", 0),
}


def _known(headline: pd.DataFrame, code: str) -> bool:
    name = _CONTACTS if code == "contacts_avoided" else code
    return name in headline and bool(headline[name].notna().any())


def engagement_sentence(found: Engagement | None, locale: Locale) -> str:
    """Return what is said of the agents' engagement: never that anything caused it."""
    if found is None:
        return BESIDE.say(locale, "engagement_lacks")
    before = "" if pd.isna(found.before) else BESIDE.say(locale, "before", mean=found.before)
    if pd.isna(found.low):
        return BESIDE.say(locale, "engagement_alone", mean=found.mean, before=before)
    return BESIDE.say(
        locale, "engagement", mean=found.mean, low=found.low, high=found.high, teams=found.teams, before=before
    )
