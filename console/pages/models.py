"""The page of models: champion, grade, how it was judged, what is watched, and all versions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ...core.config.business import Config
from ...core.locale import Locale
from ...core.messages import capitalised
from ...scoring.monitor.figures import feature_titles, name_of, written
from ...scoring.monitor.words import GROUPS
from ..desk import Desk
from ..page import Content, Shell, sayer
from ..reading.nights import Watched, read_watched
from ..reading.registry import ModelVersion
from ..words.models import MODELS
from ..words.shell import SHELL
from .returns import Figure

__all__ = ["models_page"]

_SHOWN = 12
"""Measures of a group that are shown; those that ring come first."""


def models_page(desk: Desk, shell: Shell) -> Content:
    """Return the models in use, how they were judged and what is watched of them."""
    places, locale = desk.places(), shell.locale
    t = sayer(MODELS, locale)
    versions = desk.registry.versions()
    watched = read_watched(places)
    missing = []
    if not versions:
        missing.append(desk.missing("models", locale))
    if watched is None:
        missing.append(desk.missing("monitor", locale))
    kinds = dict.fromkeys(version.kind for version in versions)
    models = [_model(kind, [v for v in versions if v.kind == kind], desk, locale) for kind in kinds]
    return Content(
        "models.html.j2",
        SHELL.say(locale, "models"),
        {
            "t": t,
            "models": models,
            "watched": None if watched is None else _watched(watched, desk.config),
            "missing": missing,
        },
    )


def _model(kind: str, versions: Sequence[ModelVersion], desk: Desk, locale: Locale) -> dict[str, Any]:
    champion = next((version for version in versions if version.champion), None)
    grade = "" if champion is None else champion.tags.get("grade", "")
    return {
        "kind": kind,
        "name": MODELS.say(locale, kind),
        "champion": ""
        if champion is None
        else MODELS.say(locale, "champion", number=champion.number, at=champion.created),
        "grade": grade,
        "figures": [] if champion is None else _figures(champion, desk, locale),
        "versions": [
            {
                "number": each.number,
                "at": locale.date(each.created),
                "role": MODELS.say(locale, _role(each)),
                "decision": each.decision,
            }
            for each in versions
        ],
    }


def _role(version: ModelVersion) -> str:
    if version.champion:
        return "is_champion"
    return "is_challenger" if version.challenger else "neither"


def _figures(version: ModelVersion, desk: Desk, locale: Locale) -> list[Figure]:
    """Return how a champion was judged; what its run does not hold is left out."""
    if version.kind == "churn":
        return _churn(version, locale)
    if version.kind == "clv":
        return _value(version, locale)
    t = sayer(MODELS, locale)
    found = []
    for action in desk.config.incremental.actions:
        ends = [version.metric(f"{action}_effect{end}") for end in ("", "_low", "_high")]
        if all(end is not None for end in ends):
            mid, low, high = (locale.money(float(end or 0)) for end in ends)
            found.append(Figure(t("effect_of", action=action), mid, SHELL.say(locale, "to", low=low, high=high)))
    return found


def _churn(version: ModelVersion, locale: Locale) -> list[Figure]:
    t = sayer(MODELS, locale)
    model = version.tags.get("churn_model", "lightgbm")
    found = []
    for code, digits in (("auc", 3), ("ece", 3), ("log_loss", 3)):
        value, naive = version.metric(f"{model}_{code}"), version.metric(f"last_rate_{code}")
        if value is not None:
            beside = "" if naive is None else t("naive", value=locale.number(naive, digits))
            found.append(Figure(t(code), locale.number(value, digits), beside))
    for code, name in (("lift", "lift_10"), ("n", "n")):
        value = version.metric(f"{model}_{name}")
        if value is not None:
            found.append(Figure(t(code), locale.number(value, 1 if code == "lift" else 0)))
    return found


def _value(version: ModelVersion, locale: Locale) -> list[Figure]:
    t = sayer(MODELS, locale)
    found = []
    for code in ("mae", "bias"):
        value, naive = version.metric(f"model_{code}"), version.metric(f"naive_{code}")
        if value is not None:
            beside = "" if naive is None else t("naive", value=locale.money(naive))
            found.append(Figure(t(code), locale.money(value), beside))
    for code, name, digits in (("order", "model_spearman", 2), ("n", "model_n", 0)):
        value = version.metric(name)
        if value is not None:
            found.append(Figure(t(code), locale.number(value, digits)))
    return found


def _watched(watched: Watched, config: Config) -> dict[str, Any]:
    """Return the measures by group, those that ring first."""
    locale, titles = config.locale, feature_titles(config)
    t = sayer(MODELS, locale)
    groups = []
    for group, rows in watched.rows.groupby("group", sort=False):
        ordered = rows.assign(_rings=rows["alarm"].fillna(False).astype(bool)).sort_values(
            "_rings", ascending=False, kind="stable"
        )
        shown = ordered if ordered["_rings"].sum() > _SHOWN else ordered.head(_SHOWN)
        more = len(ordered) - len(shown)
        groups.append(
            {
                "name": GROUPS.say(locale, str(group)),
                "rows": [_measure(row, locale, titles) for _, row in shown.iterrows()],
                "more": t("more", n=more) if more else "",
            }
        )
    alarms = len(watched.alarms)
    nights = [
        {
            "night": locale.date(
                pd.Timestamp(each["as_of"], unit="ms")
                if isinstance(each["as_of"], int)
                else pd.Timestamp(str(each["as_of"]))
            ),
            "ratio": locale.number(float(each["ratio"]), 2),
            "interval": SHELL.say(
                locale,
                "to",
                low=locale.number(_float(each.get("low")), 2),
                high=locale.number(_float(each.get("high")), 2),
            ),
        }
        for each in watched.by_night
        if each.get("ratio") is not None
    ]
    return {
        "text": t("watched_at", at=watched.at, alarms=alarms, n=watched.measures),
        "groups": groups,
        "nights": nights,
    }


def _measure(row: pd.Series, locale: Locale, titles: Mapping[str, str]) -> dict[str, str]:
    name, measure = capitalised(name_of(locale, row, titles)), str(row["measure"])
    low, high = _float(row["low"]), _float(row["high"])
    known = math.isfinite(low) and math.isfinite(high)
    state = "alarm" if row["_rings"] else "calm" if pd.notna(row.get("rule")) and row.get("rule") else "told"
    between = (
        SHELL.say(locale, "to", low=written(locale, measure, low), high=written(locale, measure, high)) if known else ""
    )
    return {
        "name": name,
        "value": written(locale, measure, _float(row["value"])),
        "expected": written(locale, measure, _float(row["expected"])),
        "interval": between,
        "state": MODELS.say(locale, state),
        "colour": {"alarm": "bad", "calm": "good"}.get(state, "open"),
    }


def _float(value: Any) -> float:
    return math.nan if value is None else float(value)
