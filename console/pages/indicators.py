"""The page of service indicators: value with interval, what was before, the target, and what a point is worth."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import format_date

from ...core.locale import Locale
from ...core.messages import capitalised
from ...features.indicators.words import title_of
from ...scoring.statement.words import VERDICTS
from ..charts import line
from ..desk import Desk
from ..page import Content, Shell, sayer
from ..reading.indicators import Indicators, read_indicators
from ..words.indicators import INDICATORS
from ..words.shell import SHELL
from .returns import colour_of

__all__ = ["figure", "indicators_page"]


def indicators_page(desk: Desk, shell: Shell) -> Content:
    """Return the indicators of a month and group, the latest month of everything by default."""
    places, locale = desk.places(), shell.locale
    title = SHELL.say(locale, "indicators")
    found = None if places.indicators is None else read_indicators(desk.engine, places.indicators)
    months = [] if found is None else found.months()
    if found is None or not months:
        return Content("missing.html.j2", title, {"missing": [desk.missing("indicators", locale)]})
    query = shell.links.query
    month = query.get("month", "") if query.get("month", "") in months else months[0]
    pairs = _pairs(found)
    by, group = next(((b, g) for b, g in pairs if f"{b}/{g}" == query.get("group", "")), ("", ""))
    rows = found.rows(month, by, group)
    return Content(
        "indicators.html.j2",
        title,
        {
            "t": sayer(INDICATORS, locale),
            "lead_month": _month(month, locale),
            "months": [(each, _month(each, locale)) for each in months],
            "month": month,
            "groups": [(f"{b}/{g}", _group(b, g, locale)) for b, g in pairs],
            "group": f"{by}/{group}",
            "rows": _rows(rows, found.trend(by, group, month), locale),
            "surveys": any(row["response_rate"] is not None for row in rows),
            "worth": [_worth(row, locale) for row in found.worth],
        },
    )


def figure(value: float | None, unit: str, locale: Locale) -> str:
    """Return a value of an indicator as people write it; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return locale.number(math.nan)
    if unit == "share":
        return locale.percent(value, 1)
    if unit == "money":
        return locale.money(value)
    if unit in ("seconds", "days", "per_customer"):
        return INDICATORS.say(locale, unit, value=round(value, 0 if abs(value) >= 100 else 2))
    return locale.number(value, 1 if unit == "points" else 0)


def _pairs(found: Indicators) -> list[tuple[str, str]]:
    return [(by, group) for by in found.groupings() for group in (found.groups(by) if by else [""])]


def _month(day: str, locale: Locale) -> str:
    return format_date(dt.date.fromisoformat(day), "MMMM y", locale.language)


def _group(by: str, group: str, locale: Locale) -> str:
    if not by:
        return INDICATORS.say(locale, "everything")
    kind = INDICATORS.say(locale, by) if by in INDICATORS else locale.named(by)
    name = INDICATORS.say(locale, group) if group == "(none)" else locale.named(group)
    return f"{kind}: {name}" if locale.language == "en" else f"{kind}\u00a0: {name}"


def _rows(
    rows: Sequence[Mapping[str, Any]], trend: Mapping[str, Sequence[float]], locale: Locale
) -> list[dict[str, Any]]:
    shown = []
    for row in rows:
        name, unit = title_of(str(row["indicator"]), locale), str(row["unit"])
        past = trend.get(str(row["indicator"]), [])
        low, span = (min(past), max(max(past) - min(past), 1e-12)) if past else (0.0, 1.0)
        lifted = [("", value - low) for value in past]
        figures = {key: figure(row[key], unit, locale) for key in ("value", "month_before", "year_before", "target")}
        shown.append(
            {
                **figures,
                "name": name,
                "interval": _between(row["low"], row["high"], unit, locale),
                "n": locale.number(float(row["n"] or 0)),
                "status": str(row["status"] or ""),
                "responses": "" if row["response_rate"] is None else locale.percent(float(row["response_rate"])),
                "weighted": figure(row["weighted"], unit, locale) if row["weighted"] is not None else "",
                "bounds": _between(row["bound_low"], row["bound_high"], unit, locale),
                "line": line(lifted, span),
                "label": INDICATORS.say(
                    locale,
                    "trend_label",
                    name=name,
                    n=len(past),
                    first=figure(past[0], unit, locale),
                    last=figure(past[-1], unit, locale),
                )
                if past
                else "",
            }
        )
    return shown


def _between(low: float | None, high: float | None, unit: str, locale: Locale) -> str:
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return SHELL.say(locale, "to", low=figure(low, unit, locale), high=figure(high, unit, locale))


def _worth(row: Mapping[str, Any], locale: Locale) -> dict[str, str]:
    verdict = str(row["verdict"])
    point = row["per_point"]
    proven = point is not None and math.isfinite(point)
    return {
        "name": title_of(str(row["indicator"]), locale),
        "contrast": capitalised(locale.named(str(row["contrast"]))),
        "effect": figure(row["effect"], "money", locale),
        "interval": _between(row["low"], row["high"], "money", locale),
        "verdict": VERDICTS.say(locale, verdict) if verdict in VERDICTS else verdict,
        "colour": colour_of(verdict, float(row["effect"])),
        "point": locale.money(point, 0) if proven else INDICATORS.say(locale, "not_proven"),
        "point_interval": _between(row["per_point_low"], row["per_point_high"], "money", locale) if proven else "",
    }
