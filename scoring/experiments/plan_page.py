"""A plan in words: its lines and its Markdown page, in the language of the configuration."""

from __future__ import annotations

from ...core.locale import Locale
from .plan_file import PlanFile
from .words import PLAN

__all__ = ["plan_lines", "plan_page"]


def plan_lines(plan: PlanFile, locale: Locale) -> list[str]:
    """Return the plan in words, one statement a line."""
    lines = [
        PLAN.say(locale, "hypothesis", action=plan.action, when=plan.when, then=plan.then),
        PLAN.say(
            locale,
            plan.prove,
            effect=plan.effect,
            cost=plan.cost,
            horizon=plan.horizon_months,
            power=plan.power,
            level=plan.level,
        ),
        PLAN.say(locale, "spread", whole=plan.spread, left=plan.spread_left, n=plan.measured_on, wider=plan.wider),
    ]
    if plan.agents is not None:
        lines.append(PLAN.say(locale, "agents", agents=plan.agents, icc=plan.icc))
    return [
        *lines,
        *_size(plan, locale),
        *_looks(plan, locale),
        PLAN.say(locale, "year", effect=plan.detectable_in_a_year),
    ]


def _size(plan: PlanFile, locale: Locale) -> list[str]:
    """Return what it takes and what it is expected to bring."""
    if plan.customers is None:
        return [PLAN.say(locale, "impossible", agents=plan.agents)]
    size = PLAN.say(
        locale, "size", customers=plan.customers, treated=plan.treated, control=plan.control, holdout=plan.holdout
    )
    volume = {"now": plan.eligible_now, "monthly": plan.eligible_monthly}
    if plan.months is None:
        return [size, PLAN.say(locale, "too_long", **volume)]
    returns = {"mid": plan.return_percent, "low": plan.return_low, "high": plan.return_high}
    return [
        size,
        PLAN.say(
            locale,
            "duration",
            months=plan.months,
            start=plan.starts_on,
            days=plan.follow_up_days,
            result=plan.result_on,
            **volume,
        ),
        PLAN.say(
            locale,
            "return",
            spent=plan.spent,
            unit=_unit_cost(plan, locale),
            gain=plan.gain,
            **{end: value / 100 for end, value in returns.items()},
        ),
    ]


def _looks(plan: PlanFile, locale: Locale) -> list[str]:
    """Return when the experiment is read, and what ends it early; nothing with one look."""
    if not plan.looks or plan.inflation is None:
        return []
    head = PLAN.say(
        locale,
        "looks",
        n=len(plan.looks),
        more=plan.inflation - 1,
        expected=plan.expected_months,
        without=plan.expected_months_without,
    )
    code = "look_effect" if plan.prove == "effect" else "look_pays"
    each = [
        PLAN.say(
            locale, code, k=k, on=look.on, customers=look.customers, share=look.information, z=look.boundary,
            effect=look.effect,
        )
        for k, look in enumerate(plan.looks, start=1)
    ]  # fmt: skip
    return [head, *each]


def _unit_cost(plan: PlanFile, locale: Locale) -> str:
    if plan.cost_rule is None:
        return PLAN.say(locale, "given_cost", cost=plan.cost)
    return plan.cost_rule.words(locale)


def plan_page(plan: PlanFile, locale: Locale) -> str:
    """Return the plan as Markdown."""
    title = PLAN.say(locale, "title", action=plan.action, business=plan.business)
    quote = PLAN.say(locale, "quote", when=plan.when, then=plan.then)
    items = "\n".join(f"- {line}" for line in plan_lines(plan, locale)[1:])
    return f"# {title}\n\n> {quote}\n\n{items}\n\n{PLAN.say(locale, 'how')}\n"
