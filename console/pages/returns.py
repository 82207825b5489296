"""The page of returns: each initiative with its hypothesis, what it earned, the verdict, and what would settle it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ...core.locale import Locale
from ...core.messages import capitalised
from ...core.short_repr import ShortRepr
from ...models.targeting.settling_words import settling_sentence
from ...scoring.statement.contrasts import ContrastRuling
from ...scoring.statement.words import VERDICTS
from ..charts import Line, intervals
from ..desk import Desk
from ..page import Content, Shell, sayer
from ..reading.statement import Figures, PastEffect, Period, Statement, read_statement, trends
from ..words.returns import RETURNS
from ..words.shell import SHELL
from ..words.terms import RETURN_TERMS

__all__ = ["COLOURS", "Figure", "colour_of", "returns_page"]

Past = Mapping[tuple[str, str], Sequence[PastEffect]]
"""What past statements said, by action and initiative."""

COLOURS = {"pays": "good", "loses": "bad", "not proven": "open", "effect shown": "good", "effect not shown": "open"}
"""The class of a verdict: never colour alone, the word stands beside it."""


def colour_of(verdict: str, effect: float) -> str:
    """Return the class of the verdict on a contrast: an effect that is shown and takes value away is no good one."""
    return "bad" if verdict == ContrastRuling.SHOWN and effect < 0 else COLOURS.get(verdict, "open")


@dataclass(frozen=True)
class Figure:
    """One line of a table: what, its estimate, its interval, and the term that defines it; "" where none does."""

    name: str
    value: str
    interval: str = ""
    term: str = ""


@dataclass(frozen=True)
class Acted(ShortRepr):
    """One action of an initiative, as its section shows it."""

    code: str
    name: str
    verdict: str
    colour: str
    meaning: str
    design: str
    figures: Sequence[Figure]
    picture: Line | None
    picture_label: str
    settle: str
    sentence: str
    past: Sequence[Figure]
    past_picture: Line | None
    past_label: str


@dataclass(frozen=True)
class Initiative(ShortRepr):
    """An initiative with its hypothesis, its sums and its actions."""

    name: str
    hypothesis: str
    period: str
    figures: Sequence[Figure]
    actions: Sequence[Acted]


def returns_page(desk: Desk, shell: Shell) -> Content:
    """Return what each initiative earned against what it cost."""
    places, locale = desk.places(), shell.locale
    title = SHELL.say(locale, "returns")
    if places.roi is None:
        return Content("missing.html.j2", title, {"missing": [desk.missing("roi", locale)]})
    statement = read_statement(places.roi)
    named, before = desk.tables.initiatives(), trends(places.statements)
    sections = [
        _initiative(code, rows, statement, named.get(code), before, locale)
        for code, rows in statement.by_initiative().items()
    ]
    total = statement.totals.get("all")
    return Content(
        "returns.html.j2",
        title,
        {
            "t": sayer(RETURNS, locale),
            "link": RETURN_TERMS.linker(locale),
            "period": statement.period,
            "total": [] if total is None else _sums(total, locale),
            "sections": sections,
            "contrasts": [_contrast(row, locale) for row in statement.contrasts],
            "no_trend": desk.missing("statements", locale) if not places.statements else None,
            "no_hypothesis": desk.missing("hypothesis", locale).text,
        },
    )


def _initiative(
    code: str, rows: Sequence[Figures], statement: Statement, told: Figures | None, before: Past, locale: Locale
) -> Initiative:
    t = sayer(RETURNS, locale)
    hypothesis, period, name = "", "", capitalised(locale.named(code)) if code else t("alone")
    if told is not None:
        name = str(told.get("name") or name)
        if told.get("when") and told.get("then"):
            hypothesis = t("hypothesis", when=str(told["when"]), then=str(told["then"]))
        since, until = told.get("started_on"), told.get("ended_on")
        if since is not None and not pd.isna(since):
            ended = until is not None and not pd.isna(until)
            period = (
                t("period_ended", since=_day(since), until=_day(until)) if ended else t("period", since=_day(since))
            )
    total = statement.totals.get(code)
    return Initiative(
        name,
        hypothesis,
        period,
        [] if total is None or len(rows) == 1 else _sums(total, locale),
        [_acted(row, code, before, locale) for row in rows],
    )


def _acted(row: Figures, initiative: str, before: Past, locale: Locale) -> Acted:
    t = sayer(RETURNS, locale)
    code, verdict = str(row["action"]), str(row["verdict"])
    name = capitalised(locale.named(code))
    treated = max(float(row["n_treated"]), 1.0)
    effect = [float(row["incremental_clv" + end]) / treated for end in ("", "_low", "_high")]
    cost = float(row["cost"]) / treated
    past = before.get((code, initiative), [])
    names = _names(past, locale)
    return Acted(
        code,
        name,
        VERDICTS.say(locale, verdict),
        COLOURS.get(verdict, "open"),
        t(verdict) if verdict in RETURNS else "",
        t(str(row["design"])) if str(row["design"]) in RETURNS else "",
        _figures(row, effect, cost, locale),
        intervals([("", *_three(effect), cost, "")], locale),
        t("picture_label", name=name, effect=effect[0], low=effect[1], high=effect[2], cost=cost),
        settling_sentence(row, locale) if "settle" in row else "",
        str(row.get("sentence") or ""),
        [
            Figure(name, locale.money(each.effect), _between(each.low, each.high, locale))
            for name, each in zip(names, past, strict=True)
        ],
        intervals(
            [(name, each.effect, each.low, each.high, None, "") for name, each in zip(names, past, strict=True)], locale
        ),
        t("trend_label", value=past[-1].effect) if past else "",
    )  # fmt: skip


def _names(past: Sequence[PastEffect], locale: Locale) -> list[str]:
    """Return what statements are called: by their period, by their folder too where two have the same."""
    spans = [each.statement if each.period is None else _span(each.period, locale) for each in past]
    return [
        f"{span} ({each.statement})" if spans.count(span) > 1 else span for span, each in zip(spans, past, strict=True)
    ]


def _span(period: Period, locale: Locale) -> str:
    return capitalised(RETURNS.say(locale, "span", since=period[0], until=period[1]))


def _figures(row: Figures, effect: Sequence[float], cost: float, locale: Locale) -> list[Figure]:
    """Return the figures of an action: for a customer first, then in all."""
    t = sayer(RETURNS, locale)
    found = [
        Figure(t("treated"), locale.number(float(row["n_treated"])), term="treated"),
        Figure(t("effect"), locale.money(effect[0]), _between(effect[1], effect[2], locale), term="effect"),
        Figure(t("unit_cost"), locale.money(cost), term="cost"),
        *_sums(row, locale),
    ]
    naive = row.get("naive_incremental_clv")
    if naive is not None and math.isfinite(naive):
        found.append(Figure(t("naive"), locale.money(float(naive), 0), term="naive"))
    chance = row.get("chance_pays")
    if chance is not None and math.isfinite(chance):
        found.append(Figure(t("chance"), locale.percent(float(chance)), term="chance"))
    return found


def _sums(row: Figures, locale: Locale) -> list[Figure]:
    """Return what was spent and earned in all, and the return."""
    t = sayer(RETURNS, locale)
    gain, low, high = (float(row["incremental_clv" + end]) for end in ("", "_low", "_high"))
    found = [
        Figure(t("cost"), locale.money(float(row["cost"]), 0), term="cost"),
        Figure(t("gain"), locale.money(gain, 0), _between(low, high, locale, 0), term="gain"),
    ]
    realised = row.get("realised_incremental_clv")
    if realised is not None and math.isfinite(realised):
        found.append(Figure(t("realised"), locale.money(float(realised), 0), term="realised"))
    ends = [row.get("roi_percent" + end) for end in ("", "_low", "_high")]
    if all(end is not None and math.isfinite(end) for end in ends):
        mid, lo, hi = (locale.percent(float(end or 0) / 100) for end in ends)
        found.append(Figure(t("return"), mid, SHELL.say(locale, "to", low=lo, high=hi), term="returned"))
    return found


def _contrast(row: Figures, locale: Locale) -> dict[str, object]:
    effect = [row.get("effect_per_treated" + end, math.nan) for end in ("", "_low", "_high")]
    verdict = str(row["verdict"])
    return {
        "name": capitalised(locale.named(str(row["action"]))),
        "effect": locale.money(effect[0]),
        "interval": _between(effect[1], effect[2], locale),
        "verdict": VERDICTS.say(locale, verdict),
        "colour": colour_of(verdict, effect[0]),
        "sentence": str(row.get("sentence") or ""),
    }


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    return values[0], values[1], values[2]


def _between(low: float, high: float, locale: Locale, digits: int | None = None) -> str:
    return SHELL.say(locale, "to", low=locale.money(low, digits), high=locale.money(high, digits))


def _day(value: object) -> pd.Timestamp:
    return pd.Timestamp(str(value)).normalize()
