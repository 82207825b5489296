"""What the checks say of an effect's bias: their findings, gathered into one :class:`~..effects.doubt.Doubt`.

Each check speaks of a part of the effect. The surrogate check: by how much the value predicted beyond the follow-up was
wrong; its correction is made whether it failed or not, and where it failed the rest is taken off too. Held-out
customers who had been chosen (of this action, else of others by the mean over them), or else the placebo: what being
chosen is worth by itself. Those two measure the same thing, so the first that is there counts. What has a size and no
sign, such as an estimate that moves with the folds, widens the interval only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...core.arrays import Floats
from ...core.short_repr import ShortRepr
from ..effects.average import AverageEffect
from ..effects.doubt import Doubt, Evidence
from ..effects.inference import EffectEstimate
from ..effects.rectified import Rectification
from ..refutation.verdict import Check
from .effect import ActionEffect

__all__ = ["Findings", "doubt_of", "findings_of", "pooled_bias", "unseen_bias"]

_Z = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class Findings(ShortRepr):
    """What the checks found of one effect; money for one treated customer.

    Parameters
    ----------
    effect
        The average effect, as the surrogate alone gives it.
    randomised
        Whether chance decided who was treated.
    failed
        Codes of the checks that failed (:class:`Check`).
    placebo
        Effect on value before the decision; None where unknown.
    rectification
        What mature decisions say of the value beyond the follow-up; None where too few are old enough.
    furthest
        How far the estimate moves over seeds and folds.
    trimmed_share
        Share of the treated without a counterpart.
    false_effects
        Share of random treatments that look like effects; None where controls were too few to try.
    hidden_bias
        What a hidden cause as strong as the strongest feature could add.
    spread
        Standard deviation of what the outcome models leave of the outcome.
    """

    effect: EffectEstimate
    randomised: bool
    failed: tuple[str, ...] = ()
    placebo: EffectEstimate | None = None
    rectification: Rectification | None = None
    furthest: float = 0.0
    trimmed_share: float = 0.0
    false_effects: float | None = None
    hidden_bias: float = 0.0
    spread: float = np.nan


def findings_of(effect: ActionEffect, failed: Sequence[str], *, randomised: bool) -> Findings:
    """Return what the checks found of an effect; ``failed`` as :class:`Findings`."""
    found, still = effect.uncorrected, effect.stability
    ends = np.array([still.low, still.high, still.fold_low, still.fold_high])
    drawn = effect.random_treatment
    return Findings(
        effect=found,
        randomised=randomised,
        failed=tuple(str(code) for code in failed),
        placebo=effect.placebo,
        rectification=effect.rectification,
        furthest=float(np.max(np.abs(ends - found.estimate))),
        trimmed_share=effect.overlap.trimmed_share,
        false_effects=None if drawn is None else drawn.share_of_effects,
        hidden_bias=effect.sensitivity.bias,
        spread=_spread_left(effect.fitted),
    )


def doubt_of(found: Findings, *, own: EffectEstimate | None = None, elsewhere: Sequence[EffectEstimate] = ()) -> Doubt:
    """Return what is to be taken off an effect, and what is to be put into its interval.

    Parameters
    ----------
    found
        Of the checks.
    own, elsewhere
        What being chosen and held out seemed to do: of this action, None where it cannot be seen; of all others.
    """
    parts = [*_beyond(found), *_selection(found, own, elsewhere)]
    bias = float(sum(value for value, _ in parts))
    variance = float(sum(error**2 + value**2 for value, error in parts)) + _unsigned(found)
    if found.rectification is not None:
        bias -= found.rectification.correction
        variance += found.rectification.error**2
    if not found.randomised and not found.failed:
        controls = [one for one in (own, *elsewhere) if one is not None]
        variance += (unseen_bias(controls) if controls else found.hidden_bias / _Z) ** 2
    evidence = Evidence.RANDOMISED if found.randomised else Evidence.OBSERVATIONAL
    return Doubt(
        evidence=Evidence.REFUSED if found.failed else evidence,
        estimate=found.effect.estimate,
        std_error=found.effect.std_error,
        failed=found.failed,
        bias=bias,
        bias_std_error=float(np.sqrt(variance)),
        wider=_wider(found),
        spread=found.spread,
    )


def _beyond(found: Findings) -> list[tuple[float, float]]:
    """Return what a failed surrogate check says beyond the correction that was made, and its error."""
    known = found.rectification
    if Check.SURROGATE not in found.failed or known is None:
        return []
    left = known.check.discount * (1 - known.weight)
    return [(-left * known.check.effect.estimate, left * known.check.effect.std_error)]


def _selection(
    found: Findings, own: EffectEstimate | None, elsewhere: Sequence[EffectEstimate]
) -> list[tuple[float, float]]:
    """Return bias and error of who was chosen."""
    if Check.NEGATIVE_CONTROL in found.failed and own is not None:
        return [(own.estimate, own.std_error)]
    if Check.NEGATIVE_CONTROL_ELSEWHERE in found.failed and elsewhere:
        return [pooled_bias(elsewhere)]
    if Check.PLACEBO in found.failed and found.placebo is not None:
        return [(found.placebo.estimate, found.placebo.std_error)]
    return []


def _unsigned(found: Findings) -> float:
    """Return the variance of biases that have no sign."""
    moves = found.furthest if Check.STABILITY in found.failed else 0.0
    unlike = found.trimmed_share * found.effect.estimate if Check.OVERLAP in found.failed else 0.0
    return float(moves**2 + unlike**2)


def _wider(found: Findings) -> float:
    """Return the factor on the standard error that would have made effects of nothing as rare as they should be."""
    if Check.RANDOM_TREATMENT not in found.failed or found.false_effects is None:
        return 1.0
    return max(1.0, _Z / float(stats.norm.ppf(1 - min(found.false_effects, 0.9) / 2)))


def pooled_bias(controls: Sequence[EffectEstimate]) -> tuple[float, float]:
    """Return the mean of several negative controls, and how far that of another action may lie from it.

    A random-effects mean (DerSimonian & Laird 1986); its error holds the spread between actions.

    Examples
    --------
    >>> from servicelift.models.effects.inference import EffectEstimate
    >>> one = EffectEstimate(6.0, 1.0, 4.0, 8.0, "treated", 99, 99, 99.0, 99.0, 0.0, 0.0, 1.0)
    >>> pooled_bias([one, one])
    (6.0, 0.7071067811865476)
    """
    values, errors = _columns(controls)
    weight = errors**-2
    fixed = float(weight @ values) / float(weight.sum())
    excess = float(weight @ (values - fixed) ** 2) - (len(values) - 1)
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    between = max(0.0, excess / scale) if scale > 0 else 0.0
    weight = 1 / (errors**2 + between)
    return float(weight @ values / weight.sum()), float(np.sqrt(1 / weight.sum() + between))


def unseen_bias(controls: Sequence[EffectEstimate]) -> float:
    """Return the standard deviation of the biases behind negative controls, around 0: their squares less their errors.

    Examples
    --------
    >>> from servicelift.models.effects.inference import EffectEstimate
    >>> one = EffectEstimate(5.0, 3.0, -1.0, 11.0, "treated", 99, 99, 99.0, 99.0, 0.0, 0.0, 1.0)
    >>> unseen_bias([one])
    4.0
    """
    values, errors = _columns(controls)
    return float(np.sqrt(max(0.0, np.average(values**2 - errors**2, weights=errors**-2))))


def _columns(controls: Sequence[EffectEstimate]) -> tuple[Floats, Floats]:
    values = np.array([one.estimate for one in controls])
    return values, np.maximum([one.std_error for one in controls], 1e-12)


def _spread_left(fitted: AverageEffect) -> float:
    """Return the standard deviation of what the outcome models leave of the outcome, for planning an experiment."""
    first = fitted.nuisances_[0]
    expected = np.where(fitted.treated_ == 1, first.mu1, first.mu0)
    return float(np.std(fitted.outcome_ - expected, ddof=1))
