"""The verdict on an action: net value against its cost, and the failed checks that forbid one.

The rule, in order. A failed check: ``not proven``. The whole interval above the cost: ``pays``; below it: ``loses``,
provided that (a) the evidence stands when it is adjusted for the number of actions in the report, and (b) where
assignment was chosen, a hidden confounder no stronger than the strongest observed feature could not explain it. All
else: ``not proven``.

What was decided is a code with its figures; :mod:`.words` makes sentences of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...core.errors import ModelError
from ...core.messages import Message
from ..effects.inference import EffectEstimate
from ..effects.surrogate import SurrogateCheck
from .multiplicity import FALSE_DISCOVERIES, chance_above, chance_below
from .negative_control import RandomTreatment
from .overlap import Overlap
from .sensitivity import Sensitivity
from .stability import Stability

__all__ = ["Among", "Check", "Reason", "Ruling", "Verdict", "failed_checks", "judge"]


class Ruling(StrEnum):
    """What may be said of an action against its cost."""

    PAYS = "pays"
    LOSES = "loses"
    NOT_PROVEN = "not proven"


class Check(StrEnum):
    """Checks that an estimate can fail."""

    OVERLAP = "overlap"
    PLACEBO = "placebo"
    SURROGATE = "surrogate"
    RANDOM_TREATMENT = "random_treatment"
    STABILITY = "stability"
    NEGATIVE_CONTROL = "negative_control"
    NEGATIVE_CONTROL_ELSEWHERE = "negative_control_elsewhere"


class Reason(StrEnum):
    """Why a ruling was given where no check failed; the last two stand beside another and say what it rests on."""

    INCLUDES_COST = "includes_cost"
    CHANCE_ABOVE = "chance_above"
    CHANCE_BELOW = "chance_below"
    HIDDEN_CAUSE = "hidden_cause"
    ABOVE_COST = "above_cost"
    BELOW_COST = "below_cost"
    UNSEEN = "unseen"
    UNSEEN_NO_MEASURE = "unseen_no_measure"


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
        Why: failed checks (:class:`Check`), or else one :class:`Reason`, with their figures. Where assignment was
        chosen, ``pays`` and ``loses`` have a second: what no check can see.

    Examples
    --------
    >>> from servicelift.models.effects.inference import EffectEstimate
    >>> effect = EffectEstimate(12.0, 1.5, 9.0, 15.0, "treated", 800, 400, 800.0, 380.0, 0.0, 12.5, 1.6)
    >>> verdict = judge(effect, 6.0, failed=())
    >>> verdict.roi_percent, verdict.effect_shown
    (100.0, True)
    """

    verdict: Ruling
    effect_shown: bool
    roi_percent: float | None
    roi_percent_low: float | None
    roi_percent_high: float | None
    reasons: tuple[Message, ...]


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
) -> tuple[Message, ...]:
    """Return the failed checks with their figures; None: not enough data for that check, which is no failure.

    Under randomisation a placebo outside 0 is bad luck one time in twenty, not selection, and fails nothing; who
    was chosen does not matter there either.

    Parameters
    ----------
    overlap, surrogate, placebo, stability, random_treatment, chosen_untreated
        Results of the checks.
    randomised
        Whether the controls were held out at random.
    effect
        The effect, against whose error ``stability`` is held.
    refuted_elsewhere
        Other actions of the report whose held-out customers show that choice looks at more than the features do.

    Examples
    --------
    >>> from servicelift.models.refutation.overlap import Overlap
    >>> few = Overlap(trimmed_share=0.0, sparse_share=0.1, effective_controls=12.0, largest_weight=0.3)
    >>> [check.code for check in failed_checks(overlap=few, surrogate=None, placebo=None, randomised=True)]
    ['overlap']
    """
    failed = []
    if not overlap.holds():
        failed.append(
            Message.of(Check.OVERLAP, controls=overlap.effective_controls, trimmed_share=overlap.trimmed_share)
        )
    if placebo is not None and placebo.shown and not randomised:
        failed.append(Message.of(Check.PLACEBO))
    if surrogate is not None and surrogate.excludes_zero:
        failed.append(Message.of(Check.SURROGATE))
    if random_treatment is not None and not random_treatment.holds:
        failed.append(Message.of(Check.RANDOM_TREATMENT, share=random_treatment.share_of_effects))
    if stability is not None and effect is not None and not stability.holds(effect):
        failed.append(Message.of(Check.STABILITY))
    if randomised:
        return tuple(failed)
    if chosen_untreated is not None and chosen_untreated.shown:
        failed.append(Message.of(Check.NEGATIVE_CONTROL))
    elif chosen_untreated is None and refuted_elsewhere:
        failed.append(Message.of(Check.NEGATIVE_CONTROL_ELSEWHERE, actions=tuple(refuted_elsewhere)))
    return tuple(failed)


def judge(
    effect: EffectEstimate,
    unit_cost: float,
    *,
    failed: Sequence[Message],
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
    failed
        Failed checks, as of :func:`failed_checks`; any of them makes the verdict ``not proven``.
    among
        Evidence adjusted for the number of actions; by default the action is the only one.
    hidden
        Sensitivity to a hidden confounder where assignment was chosen; None under randomisation.

    Raises
    ------
    ModelError
        The cost is negative or missing, or the interval is.

    Examples
    --------
    >>> from servicelift.models.effects.inference import EffectEstimate
    >>> effect = EffectEstimate(12.0, 1.5, 9.0, 15.0, "treated", 800, 400, 800.0, 380.0, 0.0, 12.5, 1.6)
    >>> judge(effect, 5.0, failed=()).verdict.value, judge(effect, 11.0, failed=()).verdict.value
    ('pays', 'not proven')
    """
    if not unit_cost >= 0:
        raise ModelError(f"unit_cost: expected 0 or more, got {unit_cost}")
    if not effect.low <= effect.estimate <= effect.high:
        raise ModelError(f"expected an interval around {effect.estimate}, got {effect.low} to {effect.high}")
    among = among or Among(1, chance_above(effect, unit_cost), chance_below(effect, unit_cost))
    verdict, reasons = _ruled(effect, unit_cost, tuple(failed), among, hidden)
    shown = effect.shown and not failed and not (hidden is not None and hidden.explains(0.0))
    returns = [
        (gain - unit_cost) / unit_cost * 100 if unit_cost > 0 else None
        for gain in (effect.estimate, effect.low, effect.high)
    ]
    return Verdict(verdict, shown, returns[0], returns[1], returns[2], reasons)


def _ruled(
    effect: EffectEstimate, cost: float, failed: tuple[Message, ...], among: Among, hidden: Sensitivity | None
) -> tuple[Ruling, tuple[Message, ...]]:
    """Return the ruling and its reasons by the rule of this module."""
    if failed:
        return Ruling.NOT_PROVEN, failed
    interval = {"low": effect.low, "high": effect.high, "cost": cost}
    if effect.low <= cost <= effect.high:
        return Ruling.NOT_PROVEN, (Message.of(Reason.INCLUDES_COST, **interval),)
    above = effect.low > cost
    p = among.pays if above else among.loses
    if p > FALSE_DISCOVERIES:
        chance = Reason.CHANCE_ABOVE if above else Reason.CHANCE_BELOW
        figures = {"judged": among.actions, "p": p, "limit": FALSE_DISCOVERIES}
        return Ruling.NOT_PROVEN, (Message.of(chance, **interval, **figures),)
    if hidden is not None and hidden.strongest is not None and hidden.explains(cost):
        feature, bias = hidden.strongest.features[0], hidden.bias
        return Ruling.NOT_PROVEN, (Message.of(Reason.HIDDEN_CAUSE, **interval, feature=feature, bias=bias),)
    unseen = () if hidden is None else (_unseen(hidden, max(effect.low - cost, cost - effect.high)),)
    if above:
        return Ruling.PAYS, (Message.of(Reason.ABOVE_COST, **interval), *unseen)
    return Ruling.LOSES, (Message.of(Reason.BELOW_COST, **interval), *unseen)


def _unseen(hidden: Sensitivity, gap: float) -> Message:
    """Return what a verdict on chosen assignment rests on: observed features measure a hidden cause, none finds it."""
    if hidden.strongest is None or hidden.bias <= 0:
        return Message.of(Reason.UNSEEN_NO_MEASURE)
    return Message.of(Reason.UNSEEN, feature=hidden.strongest.features[0], times=gap / hidden.bias)
