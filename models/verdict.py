"""The verdict on an action: net value against its cost, and the doubts that forbid one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.errors import ModelError
from .diagnostics import Overlap
from .inference import EffectEstimate
from .surrogate import SurrogateCheck

__all__ = ["Verdict", "doubts_of", "judge"]


@dataclass(frozen=True)
class Verdict:
    """What may be said of an action.

    Parameters
    ----------
    verdict
        ``pays`` if the low end of the interval exceeds the cost, ``loses`` if the high end is below it, otherwise, or
        where a check fails, ``not proven``.
    effect_shown
        Whether the interval excludes 0 and every check holds; an effect may be shown and yet not pay.
    roi_percent, roi_percent_low, roi_percent_high
        (gain - cost) / cost x 100; None where nothing was spent.
    reasons
        Why, one clause each.
    sentence
        The verdict and its reasons in one plain sentence.
    """

    verdict: Literal["pays", "loses", "not proven"]
    effect_shown: bool
    roi_percent: float | None
    roi_percent_low: float | None
    roi_percent_high: float | None
    reasons: tuple[str, ...]
    sentence: str


def doubts_of(
    *,
    overlap: Overlap,
    surrogate: SurrogateCheck | None,
    placebo: EffectEstimate | None,
    randomised: bool,
) -> tuple[str, ...]:
    """Return the failed checks, each as a clause; None: not enough data for that check, which is no failure.

    Under randomisation a placebo outside 0 is bad luck one time in twenty, not selection, and raises no doubt.
    """
    doubts = []
    if not overlap.holds():
        doubts.append(
            f"hardly anybody like the treated was left alone ({overlap.effective_controls:.0f} effective controls,"
            f" {overlap.trimmed_share:.0%} of the treated without a counterpart)"
        )
    if placebo is not None and placebo.shown and not randomised:
        doubts.append("treated and controls differed already before the decision (placebo)")
    if surrogate is not None and surrogate.excludes_zero:
        doubts.append("on older decisions the value predicted beyond the follow-up was wrong (surrogate check)")
    return tuple(doubts)


def judge(effect: EffectEstimate, unit_cost: float, *, doubts: Sequence[str], currency: str) -> Verdict:
    """Judge an effect on the treated against what one treated customer cost.

    Parameters
    ----------
    effect
        Incremental CLV a treated customer, the action's own cost not subtracted.
    unit_cost
        Cost a treated customer, initiative included, 0 or more.
    doubts
        Failed checks, as of :func:`doubts_of`; any of them makes the verdict ``not proven``.
    currency
        The money's name, for the sentence.

    Raises
    ------
    ModelError
        The cost is negative or missing, or the interval is.
    """
    if not unit_cost >= 0:
        raise ModelError(f"unit_cost: expected 0 or more, got {unit_cost}")
    if not effect.low <= effect.estimate <= effect.high:
        raise ModelError(f"expected an interval around {effect.estimate}, got {effect.low} to {effect.high}")
    verdict: Literal["pays", "loses", "not proven"] = "not proven"
    reasons = tuple(doubts)
    interval = f"{effect.low:,.2f} to {effect.high:,.2f} {currency}"
    if not doubts and effect.low > unit_cost:
        verdict, reasons = "pays", (f"even the low end of {interval} is above the cost of {unit_cost:,.2f}",)
    elif not doubts and effect.high < unit_cost:
        verdict, reasons = "loses", (f"even the high end of {interval} is below the cost of {unit_cost:,.2f}",)
    elif not doubts:
        reasons = (f"the interval from {interval} includes the cost of {unit_cost:,.2f}",)
    returns = [
        (gain - unit_cost) / unit_cost * 100 if unit_cost > 0 else None
        for gain in (effect.estimate, effect.low, effect.high)
    ]
    sentence = f"{verdict.capitalize()}: {'; '.join(reasons)}."
    return Verdict(verdict, effect.shown and not doubts, returns[0], returns[1], returns[2], reasons, sentence)
