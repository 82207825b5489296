"""From an effect and its cost to one verdict and the sentence that explains it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .effect import ActionEffect

__all__ = ["Statement", "state"]

_FEWEST_EFFECTIVE_CONTROLS = 50.0
_MOST_TRIMMED = 0.2


@dataclass(frozen=True)
class Statement:
    """The verdict on an action and the doubts behind it; money for one treated customer.

    ``verdict`` is ``pays`` if the effect's interval lies above the cost, ``loses`` if below, otherwise, or
    where a check fails, ``not proven``. ``effect_shown`` says whether the interval excludes 0.
    """

    verdict: str
    effect_shown: bool
    roi_percent: float
    roi_percent_low: float
    roi_percent_high: float
    sentence: str
    doubts: tuple[str, ...]


def state(found: ActionEffect, *, action: str, design: str, unit_cost: float, currency: str, months: int) -> Statement:
    """Judge an effect against the cost of one treated customer.

    Parameters
    ----------
    found
        The effect with its checks.
    action, design, currency, months
        Words for the sentence: what was offered, how it was assigned, the money's name, the horizon.
    unit_cost
        What one treated customer cost, initiative included.
    """
    effect = found.effect
    doubts = _doubts(found, design)
    verdict = "not proven"
    if not doubts and effect.low > unit_cost:
        verdict = "pays"
    elif not doubts and effect.high < unit_cost:
        verdict = "loses"
    returns = (np.array([effect.estimate, effect.low, effect.high]) - unit_cost) / unit_cost * 100
    if unit_cost <= 0:
        returns = np.full(3, np.nan)
    shown = effect.shown and not doubts
    return Statement(
        verdict,
        shown,
        *(float(r) for r in returns),
        _sentence(found, action, design, unit_cost, currency, months, verdict, doubts),
        doubts,
    )


def _doubts(found: ActionEffect, design: str) -> tuple[str, ...]:
    effect = found.effect
    doubts = []
    if effect.effective_controls < _FEWEST_EFFECTIVE_CONTROLS:
        doubts.append(
            f"hardly anybody like the treated was left alone ({effect.effective_controls:.0f} effective controls)"
        )
    if effect.trimmed_share > _MOST_TRIMMED:
        doubts.append(f"{effect.trimmed_share:.0%} of the treated have no counterpart among the controls")
    if design == "observational" and found.placebo.excludes_zero:
        doubts.append("treated and controls differed already before the decision (placebo)")
    if found.surrogate_check.excludes_zero:
        doubts.append("on older decisions the value predicted after the follow-up was wrong (surrogate check)")
    return tuple(doubts)


def _sentence(
    found: ActionEffect,
    action: str,
    design: str,
    unit_cost: float,
    currency: str,
    months: int,
    verdict: str,
    doubts: tuple[str, ...],
) -> str:
    effect = found.effect
    name = action.replace("_", " ")
    basis = (
        "compared with customers held out at random"
        if design == "randomised"
        else "compared with similar customers who were not chosen (observational)"
    )
    figures = (
        f"Being offered {name} changed a customer's value over {months} months by {effect.estimate:,.2f} {currency}"
        f" (95% interval {effect.low:,.2f} to {effect.high:,.2f}), {basis}, and cost {unit_cost:,.2f}."
    )
    endings = {
        "pays": "Even the low end of the interval is above the cost: it pays.",
        "loses": "Even the high end of the interval is below the cost: it loses money.",
        "not proven": f"Not proven: {'; '.join(doubts) or 'the interval includes the cost'}.",
    }
    naive = f"The plain difference between treated and untreated is {effect.naive:,.2f}; it is no effect."
    return f"{figures} {endings[verdict]} {naive}"
