"""The verdict on an action: net value against its cost, and the doubts that forbid one.

The rule, in order. A failed check: ``not proven``. The whole interval above the cost: ``pays``; below it: ``loses``,
provided that (a) the evidence stands when it is adjusted for the number of actions in the report, and (b) where
assignment was chosen, a hidden confounder no stronger than the strongest observed feature could not explain it. All
else: ``not proven``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...core.errors import ModelError
from ..effects.inference import EffectEstimate
from ..effects.surrogate import SurrogateCheck
from .multiplicity import FALSE_DISCOVERIES, chance_above, chance_below
from .negative_control import RandomTreatment
from .overlap import Overlap
from .sensitivity import Sensitivity
from .stability import Stability

__all__ = ["Among", "Verdict", "failed_checks", "judge"]


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


@dataclass(frozen=True)
class Among:
    """How an action stands among all actions judged in one report (:mod:`.multiplicity`).

    Parameters
    ----------
    actions
        How many are judged together.
    pays, loses
        One-sided p-values of the verdict, adjusted for their number (of contrasts, two-sided ones); above 5% it is
        not given.
    """

    actions: int
    pays: float
    loses: float


def failed_checks(
    *,
    overlap: Overlap,
    surrogate: SurrogateCheck | None,
    placebo: EffectEstimate | None,
    randomised: bool,
    effect: EffectEstimate | None = None,
    stability: Stability | None = None,
    random_treatment: RandomTreatment | None = None,
    chosen_untreated: EffectEstimate | None = None,
    refuted_elsewhere: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the failed checks, each as a clause; None: not enough data for that check, which is no failure.

    Under randomisation a placebo outside 0 is bad luck one time in twenty, not selection, and raises no doubt; who
    was chosen does not matter there either.

    Parameters
    ----------
    overlap, surrogate, placebo, stability, random_treatment, chosen_untreated
        What the checks found.
    randomised
        Whether the controls were held out at random.
    effect
        The effect, against whose error ``stability`` is held.
    refuted_elsewhere
        Other actions of the report whose held-out customers show that choice looks at more than the features do.
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
    if random_treatment is not None and not random_treatment.holds:
        doubts.append(
            f"of treatments drawn at random among the controls {random_treatment.found_share:.0%} look like effects,"
            " where 5% should (random treatment)"
        )
    if stability is not None and effect is not None and not stability.holds(effect):
        doubts.append("the estimate moves with the seed or rests on a fold of the customers (stability)")
    if randomised:
        return tuple(doubts)
    if chosen_untreated is not None and chosen_untreated.shown:
        doubts.append(
            "customers who were chosen but held out differ from others like them, so the choice looks at more than"
            " the tables show (negative control)"
        )
    elif chosen_untreated is None and refuted_elsewhere:
        doubts.append(
            f"where it can be checked ({', '.join(n.replace('_', ' ') for n in refuted_elsewhere)}) the choice looks at"
            " more than the tables show (negative control)"
        )
    return tuple(doubts)


def judge(
    effect: EffectEstimate,
    unit_cost: float,
    *,
    doubts: Sequence[str],
    currency: str,
    among: Among | None = None,
    hidden: Sensitivity | None = None,
) -> Verdict:
    """Judge an effect on the treated against what one treated customer cost.

    Parameters
    ----------
    effect
        Incremental CLV a treated customer, the action's own cost not subtracted.
    unit_cost
        Cost a treated customer, initiative included, 0 or more.
    doubts
        Failed checks, as of :func:`failed_checks`; any of them makes the verdict ``not proven``.
    currency
        The money's name, for the sentence.
    among
        Evidence adjusted for the number of actions; by default the action is the only one.
    hidden
        Sensitivity to a hidden confounder where assignment was chosen; None under randomisation.

    Raises
    ------
    ModelError
        The cost is negative or missing, or the interval is.
    """
    if not unit_cost >= 0:
        raise ModelError(f"unit_cost: expected 0 or more, got {unit_cost}")
    if not effect.low <= effect.estimate <= effect.high:
        raise ModelError(f"expected an interval around {effect.estimate}, got {effect.low} to {effect.high}")
    among = among or Among(1, chance_above(effect, unit_cost), chance_below(effect, unit_cost))
    verdict, reasons = _ruled(effect, unit_cost, tuple(doubts), currency, among, hidden)
    shown = effect.shown and not doubts and not (hidden is not None and hidden.explains(0.0))
    returns = [
        (gain - unit_cost) / unit_cost * 100 if unit_cost > 0 else None
        for gain in (effect.estimate, effect.low, effect.high)
    ]
    sentence = f"{verdict.capitalize()}: {'; '.join(reasons)}."
    return Verdict(verdict, shown, returns[0], returns[1], returns[2], reasons, sentence)


def _ruled(
    effect: EffectEstimate,
    cost: float,
    doubts: tuple[str, ...],
    currency: str,
    among: Among,
    hidden: Sensitivity | None,
) -> tuple[Literal["pays", "loses", "not proven"], tuple[str, ...]]:
    """Return the verdict and its reasons by the rule of this module."""
    if doubts:
        return "not proven", doubts
    interval = f"{effect.low:,.2f} to {effect.high:,.2f} {currency}"
    if effect.low <= cost <= effect.high:
        return "not proven", (f"the interval from {interval} includes the cost of {cost:,.2f}",)
    above = effect.low > cost
    adjusted = among.pays if above else among.loses
    if adjusted > FALSE_DISCOVERIES:
        side = "above" if above else "below"
        return "not proven", (
            f"the interval from {interval} lies {side} the cost of {cost:,.2f}, but with {among.actions} actions judged"
            f" together one such result can be chance (adjusted p {adjusted:.3f}, above {FALSE_DISCOVERIES})",
        )
    if hidden is not None and hidden.strongest is not None and hidden.explains(cost):
        return "not proven", (
            f"the choice was not random, and a hidden cause no stronger than {hidden.strongest.features[0]}, the"
            f" strongest feature observed, could bias the effect by {hidden.bias:,.2f}: enough to reach the cost of"
            f" {cost:,.2f} from {interval}",
        )
    end, side = ("low", "above") if above else ("high", "below")
    reason = f"even the {end} end of {interval} is {side} the cost of {cost:,.2f}"
    return ("pays" if above else "loses"), (reason,)
