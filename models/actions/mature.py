"""What mature decisions say of the surrogate behind an action's effect: the check, and the effect as it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...core.arrays import Floats
from ...core.money import Horizon
from ...core.records import TrialData
from ...core.time import DAYS_PER_MONTH
from ..effects.average import AverageEffect
from ..effects.surrogate import SurrogateCheck, surrogate_check

__all__ = ["mature_check"]


def mature_check(
    trial: TrialData,
    fitted: AverageEffect,
    horizon: Horizon,
    beyond: Floats,
    *,
    bootstrap_models: Sequence[tuple[Floats, Floats]],
    seed: int,
) -> SurrogateCheck | None:
    """Return the surrogate check of an action; None where too few decisions are old enough.

    Parameters
    ----------
    trial
        The n decisions.
    fitted
        The effect on their surrogate outcome.
    horizon
        H and F.
    beyond
        Value predicted for the window after the follow-up, discounted to s + F, (n,).
    bootstrap_models, seed
        As of :func:`~servicelift.models.effects.surrogate.surrogate_check`.
    """
    check = surrogate_check(fitted, trial.beyond, beyond, bootstrap_models=bootstrap_models, seed=seed)
    if check is None:
        return None
    discount, old = horizon.discount_at_follow_up, np.isfinite(trial.beyond)
    realised = trial.realised["value"].to_numpy(dtype=float)
    seen, foreseen = (
        fitted.with_outcome(
            np.where(old, realised + discount * window, 0.0), fitted.sample_weight_ * old, quick=True
        ).summary()
        for window in (trial.beyond, beyond)
    )
    future = (fitted.outcome_ - realised) / discount
    ratio = _beyond_over_window(future, beyond, fitted, horizon, trial.beyond_days / DAYS_PER_MONTH)
    return replace(check, discount=discount, beyond=ratio, seen=seen, foreseen=foreseen)


def _beyond_over_window(
    future: Floats, window: Floats, fitted: AverageEffect, horizon: Horizon, window_months: float
) -> float:
    """Return the value expected of the treated after the window over that in it; of their months where it is none."""
    treated = fitted.sample_weight_ * (fitted.treated_ == 1) * fitted.kept()
    inside, whole = float(treated @ window), float(treated @ future)
    if inside > 0:
        return max(0.0, whole / inside - 1)
    return max(0.0, horizon.remaining_months / window_months - 1)
