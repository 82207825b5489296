"""The surrogate outcome, and the check that binds it to what really happened later.

Most of an effect on customer value lies beyond the follow-up F. The surrogate index (Athey, Chetty, Imbens & Kang
2025, "The surrogate index") puts a prediction from the state at s + F in its place. It is right only if that state
holds everything the action leaves behind. On decisions old enough the later value is known, and the action must have
no effect on realised minus predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...core.arrays import Floats
from ...core.errors import ModelError
from .average import AverageEffect
from .bootstrap import bootstrapped
from .inference import EffectEstimate

__all__ = ["SurrogateCheck", "surrogate_check", "surrogate_outcome"]


def surrogate_outcome(realised: ArrayLike, future: ArrayLike, discount_factor: ArrayLike) -> Floats:
    """Return realised value over (s, s + F] plus d(F) times the expected value over (s + F, s + H], (n,).

    Parameters
    ----------
    realised
        Value over the follow-up, discounted to the decision, (n,).
    future
        Expected remaining value given the state at s + F, discounted to s + F, (n,); of customers who are gone
        too, whose expectation is that of lapsed ones.
    discount_factor
        d(F): a number in (0, 1], or (n,).

    Raises
    ------
    ModelError
        Lengths differ, a value is not finite, or a discount factor is outside (0, 1].

    Examples
    --------
    >>> surrogate_outcome(realised=[12.0, -4.0], future=[80.0, 20.0], discount_factor=0.95)
    array([88., 15.])
    """
    v, f, d = (np.asarray(a, dtype=float) for a in (realised, future, discount_factor))
    if v.shape != f.shape or d.shape not in ((), v.shape):
        raise ModelError(f"expected one value a decision, got shapes {v.shape}, {f.shape} and {d.shape}")
    if not (np.isfinite(v).all() and np.isfinite(f).all()):
        raise ModelError("expected finite realised and predicted values for every decision")
    if not ((d > 0) & (d <= 1)).all():
        raise ModelError("discount_factor: expected numbers in (0, 1]")
    return np.asarray(v + d * f)


@dataclass(frozen=True)
class SurrogateCheck:
    """Effect on (realised - predicted) value beyond the follow-up, on decisions old enough.

    Parameters
    ----------
    effect
        It has to include 0.
    n_treated, n_control
        Decisions old enough.
    detectable
        Size of an error that the check would find 4 times out of 5: a check that could not fail says little.
    discount
        d(F): what money at s + F, in which the check speaks, is worth at the decision, in (0, 1].
    beyond
        Value expected of the treated after the window, over that expected in it.
    seen, foreseen
        On the same decisions, the effect on value until the window's end: as it came, and with the window predicted;
        None where nobody asked.

    Examples
    --------
    >>> from servicelift.models.effects.inference import EffectEstimate
    >>> effect = EffectEstimate(0.4, 0.5, -0.6, 1.4, "treated", 400, 800, 400.0, 512.3, 0.0, 0.9, 0.4)
    >>> SurrogateCheck(effect, n_treated=400, n_control=800, detectable=1.4).excludes_zero
    False
    """

    effect: EffectEstimate
    n_treated: int
    n_control: int
    detectable: float
    discount: float = 1.0
    beyond: float = 0.0
    seen: EffectEstimate | None = None
    foreseen: EffectEstimate | None = None

    @property
    def excludes_zero(self) -> bool:
        """Whether the surrogate is refuted."""
        return self.effect.shown


def surrogate_check(
    effect: AverageEffect,
    realised_beyond: ArrayLike,
    predicted_beyond: ArrayLike,
    *,
    least: int = 100,
    bootstrap_models: Sequence[tuple[ArrayLike, ArrayLike]] = (),
    seed: int = 0,
) -> SurrogateCheck | None:
    """Return the check, or None where fewer than ``least`` decisions of an arm are old enough.

    Parameters
    ----------
    effect
        Fitted on the n decisions; folds and propensities are kept.
    realised_beyond
        Value in a window after the follow-up, (n,); NaN where not yet observed.
    predicted_beyond
        What was predicted for that window from the state at s + F, (n,).
    bootstrap_models, seed
        Prediction (n,) and weights (n,) of bootstrap draw 0, 1, ... of ``seed``: the interval then holds the
        error of the model that predicts. Without them it takes the predictions as given.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X, treated = pd.DataFrame({"x": rng.normal(size=600)}), rng.integers(0, 2, 600)
    >>> later = 20 + 2 * treated + rng.normal(size=600)
    >>> effect = AverageEffect(repeats=1, seed=0).fit(X, treated, later, groups=np.arange(600))
    >>> surrogate_check(effect, later, 20 + 2.0 * treated).excludes_zero
    False
    >>> surrogate_check(effect, later, np.full(600, 21.0)).excludes_zero
    True
    """
    realised = np.asarray(realised_beyond, dtype=float)
    seen = np.isfinite(realised)
    arms = [int(np.sum(seen & (effect.treated_ == arm))) for arm in (0, 1)]
    if min(arms) < least:
        return None

    def residual(predicted: ArrayLike) -> Floats:
        return np.where(seen, realised - np.asarray(predicted, dtype=float), 0.0)

    checked = effect.with_outcome(
        residual(predicted_beyond), effect.sample_weight_ * seen, quick=bool(bootstrap_models)
    )
    if bootstrap_models:
        weights = [checked.sample_weight_ * np.asarray(w, dtype=float) for _, w in bootstrap_models]
        pairs = zip(bootstrap_models, weights, strict=True)
        values = [checked.estimate(residual(predicted), weight) for (predicted, _), weight in pairs]
        beyond = bootstrapped(checked, values, seed=seed, weights=weights).effect
    else:
        beyond = checked.summary()
    # 1.96 + 0.84: two-sided 5% error, 80% power.
    return SurrogateCheck(beyond, arms[1], arms[0], 2.80 * beyond.std_error)
