"""The page of experiments: planned, running, to be read, and read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...core.locale import Locale
from ...core.messages import capitalised
from ...core.short_repr import ShortRepr
from ...core.time import local_today
from ...scoring.experiments.plan_page import plan_lines
from ...scoring.experiments.words import PLAN
from ..desk import Desk
from ..page import Content, Shell, sayer
from ..reading.plans import FlatResult, KnownPlan, plans_of, results_of
from ..words.experiments import EXPERIMENTS
from ..words.shell import SHELL

__all__ = ["experiments_page", "stage_of"]

STAGES = ("running", "due", "planned", "read")


@dataclass(frozen=True)
class Shown(ShortRepr):
    """One plan as the page shows it."""

    title: str
    hypothesis: str
    period: str
    share: float | None
    lines: Sequence[str]
    reading: Sequence[Sequence[str]]
    conclusion: str
    command: str
    action: str


def experiments_page(desk: Desk, shell: Shell) -> Content:
    """Return the experiments of a business by what has become of them."""
    places, locale = desk.places(), shell.locale
    title = SHELL.say(locale, "experiments")
    plans, results = plans_of(places, desk.config), results_of(places, desk.config)
    if not plans and not results:
        return Content("missing.html.j2", title, {"missing": [desk.missing("experiments", locale)]})
    today = desk.config.data_until or local_today(desk.config.timezone)
    by_stage: dict[str, list[Shown]] = {stage: [] for stage in STAGES}
    for known in plans:
        by_stage[stage_of(known, today)].append(_shown(known, today, desk, locale))
    values = {
        "t": sayer(EXPERIMENTS, locale),
        "stages": by_stage,
        "results": [_result(each, locale) for each in results],
    }
    return Content("experiments.html.j2", title, values)


def stage_of(known: KnownPlan, today: dt.date) -> str:
    """Return whether an experiment is ``planned``, ``running``, ``due`` to be read, or ``read``.

    Parameters
    ----------
    known
        The plan.
    today
        The end of the data: what is not in them has not happened for anybody who reads them.
    """
    plan = known.plan
    if known.reading and (plan.result_on is None or plan.result_on <= today):
        return "read"
    if plan.starts_on > today:
        return "planned"
    return "due" if plan.result_on is not None and plan.result_on <= today else "running"


def _shown(known: KnownPlan, today: dt.date, desk: Desk, locale: Locale) -> Shown:
    plan, t = known.plan, sayer(EXPERIMENTS, locale)
    share, period = None, t("from", start=plan.starts_on)
    if plan.enrolled_on is not None and plan.result_on is not None:
        period = t("until", start=plan.starts_on, enrolled=plan.enrolled_on, result=plan.result_on)
        whole = (plan.result_on - plan.starts_on).days
        if plan.starts_on <= today < plan.result_on and whole:
            share = (today - plan.starts_on).days / whole
    return Shown(
        capitalised(locale.named(plan.action)),
        PLAN.say(locale, "quote", when=plan.when, then=plan.then),
        period,
        share,
        plan_lines(plan, locale)[1:],
        known.reading[1:] if known.reading else (),
        known.conclusion,
        f"servicelift plan {desk.name} --read {known.file}",
        plan.action,
    )


def _result(found: FlatResult, locale: Locale) -> dict[str, Any]:
    """Return what an experiment on a table shows."""
    t = sayer(EXPERIMENTS, locale)
    facts = found.facts
    advice = str(facts.get("advice") or "")
    rows = [
        {
            "outcome": capitalised(locale.named(str(row["outcome"]))),
            "arm": locale.named(str(row["arm"])),
            "effect": locale.short(float(row["estimate"])),
            "interval": SHELL.say(
                locale, "to", low=locale.short(float(row["low"])), high=locale.short(float(row["high"]))
            ),
            "verdict": t("effect_shown" if row["shown"] else "effect_not_shown"),
            "colour": "good" if row["shown"] else "open",
        }
        for row in found.effects.to_dict("records")
    ]
    arms = len(facts.get("arms", ()))
    code = f"advice_{advice}"
    return {
        "name": capitalised(locale.named(str(facts.get("experiment") or found.folder.name))),
        "customers": t("customers", n=int(facts.get("customers", 0)), arms=arms),
        "believed": bool(facts.get("believed", True)),
        "advice": _advice(code, facts, locale),
        "rows": rows,
    }


def _advice(code: str, facts: Any, locale: Locale) -> str:
    if code not in EXPERIMENTS:
        return ""
    figures = {"arm": str(facts.get("advised_arm"))} if code == "advice_one_arm" else {}
    return EXPERIMENTS.say(locale, code, **figures)
