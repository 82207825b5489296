"""How the figures of a night are written for people: days, counts, shares, ratios, money."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ...core.config.business import Config
from ...core.locale import Locale
from ...features.catalogue.catalogue import explain_all
from ...features.indicators.words import title_of
from ...features.phrases.say import title
from ..indicators.written import written as in_unit
from .words import MEASURES, NOTES

__all__ = ["feature_titles", "name_of", "written"]

_DIGITS = {
    "silence_days": 0,
    "rows_week": 0,
    "rows_day": 0,
    "rows_month": 0,
    "psi": 3,
    "psi_months": 3,
    "jensen_shannon": 3,
    "expected_auc": 3,
    "expected_log_loss": 3,
    "expected_brier": 3,
    "calibration": 2,
    "calibration_so_far": 2,
    "calibration_early": 2,
    "auc": 3,
    "log_loss": 3,
    "value": 2,
}
_SHARES = ("missing_share", "new_level_share", "expected_rate", "held_share", "held_contacted", "list_contacted")
_MONEY = ("uplift",)
_INDICATOR = "indicator_"
_OF_ACTION = "incremental_clv."
_LEADS = ("calibration", "value", "auc", "log_loss", "uplift")


def written(locale: Locale, measure: str, value: float) -> str:
    """Return a figure of a measure as people write it."""
    if measure.startswith(_INDICATOR):
        return in_unit(locale, measure.removeprefix(_INDICATOR), value)
    if measure in _SHARES:
        return locale.percent(value, 1)
    if measure in _MONEY:
        return locale.money(value)
    return locale.number(value, _DIGITS[measure])


def feature_titles(config: Config) -> dict[str, str]:
    """Return what each feature tells, in the language of the business, by its name."""
    found = explain_all(config).items()
    return {name: title(info, language=config.language, names=config.names) for name, info in found}


def name_of(locale: Locale, row: pd.Series, titles: Mapping[str, str]) -> str:
    """Return what a row measures, and of what; ``titles`` are those of the features, see :func:`feature_titles`."""
    if row["group"] == "indicators":
        return title_of(str(row["subject"]), locale)
    label, subject = MEASURES.say(locale, row["measure"]), str(row["subject"])
    if row["measure"] in ("calibration_so_far", "calibration_early"):
        return f"{label}, {NOTES.say(locale, 'chain', number=subject)}"
    if row["measure"] in _LEADS:
        label = f"{label}, {NOTES.say(locale, 'after', days=int(row['days']))}"
    if row["group"] in ("accuracy", "outcomes"):
        return label
    return NOTES.say(locale, "of", subject=_subject(locale, str(row["group"]), subject, titles), label=label)


def _subject(locale: Locale, group: str, subject: str, titles: Mapping[str, str]) -> str:
    """Return a feature, a score, a column or an action as people write it."""
    if subject in NOTES:
        return NOTES.say(locale, subject)
    if group != "drift":
        return locale.named(subject)
    if subject.startswith(_OF_ACTION):
        return NOTES.say(locale, "action_value", action=locale.named(subject.removeprefix(_OF_ACTION)))
    return titles.get(subject, locale.named(subject))
