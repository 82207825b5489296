"""Features in plain words, in English and French, for people who read reasons and not columns.

Each declaration has a :class:`Phrase` under its name: a topic, and for each language the words for an ordinary value,
for 0, for nothing to tell and for a value below 0. In the words stand

- ``{n}`` the number, ``{value}`` a text or code, ``{money}``, ``{age}`` (days), ``{hours}``, ``{seconds}`` and
  ``{percent}`` the number in those units, ``[one|many]`` a word by the number;
- ``{every}`` how often, of a number of months: every 3 months, every week;
- ``{days}`` the window, ``{within}`` the same where only some columns of a declaration have one;
- ``{item}`` the action, metric, channel, reason or column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from babel.dates import get_month_names

from ...core.locale import Language
from ...core.time import DAYS_PER_MONTH, DAYS_PER_YEAR
from ..catalogue.declare import FeatureInfo
from ..expressions import Value
from .around import AROUND_PHRASES
from .offers import OFFER_PHRASES
from .phrase import Phrase, Words
from .service import SERVICE_PHRASES
from .subscription import SUBSCRIPTION_PHRASES

__all__ = ["PHRASES", "TOGETHER", "Together", "counts", "is_quiet", "say", "title", "topic"]

PHRASES: Mapping[str, Phrase] = {**SUBSCRIPTION_PHRASES, **SERVICE_PHRASES, **OFFER_PHRASES, **AROUND_PHRASES}
"""The phrase of each declaration, by its name."""

_CHOICE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\]")
_SLOT = re.compile(r"\{(?:n|value|money|age|every|hours|seconds|percent)\}")
_CODES: dict[str, dict[Language, str]] = {
    "iban": {"en": "direct debit", "fr": "prélèvement"},
    "card": {"en": "card", "fr": "carte"},
    "cheque": {"en": "cheque", "fr": "chèque"},
    "wallet": {"en": "e-wallet", "fr": "portefeuille électronique"},
    "other": {"en": "other means", "fr": "un autre moyen"},
}
"""Codes of the contract that are not words by themselves."""

_UNITS: dict[Language, dict[str, tuple[str, str]]] = {
    "en": {
        "year": ("year", "years"),
        "month": ("month", "months"),
        "week": ("week", "weeks"),
        "day": ("day", "days"),
        "hour": ("hour", "hours"),
        "minute": ("minute", "minutes"),
    },
    "fr": {
        "year": ("an", "ans"),
        "month": ("mois", "mois"),
        "week": ("semaine", "semaines"),
        "day": ("jour", "jours"),
        "hour": ("heure", "heures"),
        "minute": ("minute", "minutes"),
    },
}
_LESS: dict[Language, str] = {"en": "less than a {}", "fr": "moins d'un {}"}
_LESS_FEMININE = "moins d'une {}"
_BLANK = "…"
_THIN_SPACE = "\u00a0"


@dataclass(frozen=True)
class Together:
    """What topics say together where ``main`` is a reason and ``holds`` is true of a customer's features ``needs``.

    The phrase then stands for all topics that it ``covers``. ``dated`` are the words with the month in which it was,
    ``since`` days before the instant that the features were looked at from.
    """

    main: str
    covers: tuple[str, ...]
    needs: tuple[str, ...]
    holds: Callable[[Mapping[str, Any]], bool]
    words: Mapping[Language, str]
    dated: Mapping[Language, str] = field(default_factory=dict)
    since: str = ""

    def said(self, row: Mapping[str, Any], language: Language, as_of: pd.Timestamp | None = None) -> str:
        """Return the words; with the instant that the features were looked at from, the month is named.

        Parameters
        ----------
        row
            Features of a customer.
        language
            Of the words.
        as_of
            That instant in the business's zone; None: not named.
        """
        if as_of is None or language not in self.dated:
            return self.words[language]
        at = as_of - pd.Timedelta(days=float(row[self.since]))
        return self.dated[language].format(month=get_month_names("wide", locale=language)[at.month])


TOGETHER = (
    Together(
        "failed payments",
        ("failed payments", "method"),
        ("method", "days_since_failed_payment"),
        lambda row: row["method"] == "card" and row["days_since_failed_payment"] <= 31,
        {"en": "pays by card that failed last month", "fr": "paie par carte, refusée le mois dernier"},
        {"en": "pays by card, failed in {month}", "fr": "paie par carte, refusée en {month}"},
        "days_since_failed_payment",
    ),
    Together(
        "failed payments",
        ("failed payments", "method"),
        ("method", "days_since_failed_payment"),
        lambda row: row["method"] == "iban" and row["days_since_failed_payment"] <= 31,
        {"en": "direct debit that was refused last month", "fr": "prélèvement rejeté le mois dernier"},
        {"en": "direct debit, refused in {month}", "fr": "prélèvement rejeté en {month}"},
        "days_since_failed_payment",
    ),
)
"""Features that say more together than apart."""


def topic(info: FeatureInfo) -> str:
    """Return what a feature is about: features of one topic are told once."""
    return PHRASES[info.declared].topic.replace("{item}", info.item or "")


def is_quiet(info: FeatureInfo) -> bool:
    """Return whether a feature lets the others of its topic speak first."""
    return PHRASES[info.declared].quiet


def counts(info: FeatureInfo) -> bool:
    """Return whether 0 is what a feature says where nothing happened; such features are never missing."""
    return not PHRASES[info.declared].en.none


def say(info: FeatureInfo, value: Value, *, language: Language, currency: str, names: Mapping[str, str]) -> str:
    """Return a feature's value in words, such as ``2 unresolved contacts in 90 days``.

    Parameters
    ----------
    info
        The feature.
    value
        Its value for a customer; None or NaN where there is nothing to tell.
    language
        ``en`` or ``fr``.
    currency
        Name of the money, such as EUR.
    names
        What the business calls its actions, columns, products and codes, where that is another word.
    """
    words = PHRASES[info.declared].words(language)
    item = _item(info.item or "", names)
    if value is None or value != value:
        return (words.none or words.zero).format(item=item, days=info.window_days)
    if isinstance(value, str):
        known = info.unit == "code" and value in _CODES and value not in names
        shown = _CODES[value][language] if known else _item(value, names)
        return words.some.format(value=shown, item=item, days=info.window_days)
    number = float(value)
    template = _template(words, number)
    size = abs(number)
    chosen = _CHOICE.sub(lambda found: found[1 if _singular(size, language) else 2], template)
    return chosen.format(
        n=_number(size, language),
        value=f"{number:g}",
        money=f"{_number(size, language, decimals=2)} {currency}",
        age=_duration(size, language),
        every=_every(size, language),
        hours=_duration(size / 24, language),
        seconds=_duration(size / 86_400, language),
        percent=f"{100 * size:.0f}%" if language == "en" else f"{100 * size:.0f}{_THIN_SPACE}%",
        item=item,
        days=info.window_days,
        within=_within(info.window_days, language),
    )


def title(info: FeatureInfo, *, language: Language, names: Mapping[str, str]) -> str:
    """Return what a feature tells, such as ``… unresolved contacts in 90 days``: its words without a value.

    Parameters
    ----------
    info
        The feature.
    language, names
        As for :func:`say`.
    """
    many = _CHOICE.sub(lambda found: found[2], PHRASES[info.declared].words(language).some)
    plain = _SLOT.sub(_BLANK, many)
    within = _within(info.window_days, language)
    return plain.format(item=_item(info.item or "", names), days=info.window_days, within=within)


def _within(days: int | None, language: Language) -> str:
    if days is None:
        return ""
    return f" in {days} days" if language == "en" else f" en {days} jours"


def _template(words: Words, number: float) -> str:
    if number == 0 and words.zero:
        return words.zero
    return words.minus if number < 0 and words.minus else words.some


def _item(item: str, names: Mapping[str, str]) -> str:
    """Return a name as people write it: the business's own, metrics in capitals, spaces for underscores."""
    if item in names:
        return names[item]
    return item.upper() if item in ("csat", "nps", "ces") else item.replace("_", " ")


def _singular(size: float, language: Language) -> bool:
    """Return whether a noun is in the singular: in English at 1, in French below 2."""
    return size == 1 if language == "en" else size < 2


def _number(size: float, language: Language, decimals: int = 1) -> str:
    """Return a number with the language's separators, without needless decimals."""
    text = f"{size:,.0f}" if size == round(size) else f"{size:,.{decimals}f}"
    text = text.removesuffix(".0")
    return text if language == "en" else text.translate({ord(","): _THIN_SPACE, ord("."): ","})


def _every(months: float, language: Language) -> str:
    """Return how often something recurs, in months if they are whole, else in weeks or days."""
    days = round(months * DAYS_PER_MONTH)
    if months == round(months):
        unit, count = "month", round(months)
    else:
        unit, count = ("week", days // 7) if days % 7 == 0 else ("day", days)
    one, many = _UNITS[language][unit]
    if language == "en":
        return f"every {one}" if count == 1 else f"every {count} {many}"
    each = "toutes les" if unit == "week" else "tous les"
    return f"{each} {many}" if count == 1 else f"{each} {count} {many}"


def _duration(days: float, language: Language) -> str:
    """Return a length of time in the unit that people would use, rounded down; below a minute ``less than``."""
    years, months = ("year", DAYS_PER_YEAR, 2), ("month", DAYS_PER_MONTH, 2)
    steps = (years, months, ("day", 1.0, 2), ("hour", 1 / 24, 1), ("minute", 1 / 1440, 1))
    for unit, length, least in steps:
        count = int(days / length + 1e-9)
        if count >= least:
            return f"{count} {_UNITS[language][unit][0 if _singular(count, language) else 1]}"
    less = _LESS_FEMININE if language == "fr" else _LESS[language]
    return less.format(_UNITS[language]["minute"][0])
