"""An effect in the terms of finance: by path, realised so far and still predicted, customers kept, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...core.arrays import Floats
from ...core.money import Horizon
from ...core.records import TrialData
from ...core.short_repr import ShortRepr
from ..effects.average import AverageEffect
from ..effects.inference import EffectEstimate
from ..portfolio import ClvModel, PortfolioCLV
from .by_month import effect_by_month
from .mechanisms import PATHS, Stay, estimate_parts, path_values, stay_of

__all__ = ["Decomposition", "decompose"]


_LEAST_FULL = 50


@dataclass(frozen=True)
class Decomposition(ShortRepr):
    """What stands behind the effect on a treated customer; money a treated customer.

    Parameters
    ----------
    paths
        The effect by path (:data:`PATHS`); the estimates add up to the effect.
    realised, predicted
        The effect on what was realised over (s, s + F], and on what is still predicted; they add up to the effect.
    full_realised, n_full
        The effect on value realised over the whole horizon, on the treated decisions old enough; None, with their
        number, where either arm has fewer than 50.
    referral
        Customers brought within the follow-up because of the action; None where nobody writes that down.
    retained
        Chance to run at s + F because of the action; None without contracts.
    by_month
        Cumulated effect at the end of month 0, 1, ... H, (H + 1,).
    """

    paths: Mapping[str, EffectEstimate]
    realised: EffectEstimate
    predicted: EffectEstimate
    full_realised: EffectEstimate | None
    n_full: int
    referral: EffectEstimate | None
    retained: EffectEstimate | None
    by_month: Floats


def decompose(
    trial: TrialData,
    clv: ClvModel,
    effect: AverageEffect,
    *,
    annual_discount_rate: float,
    bootstrap_models: Sequence[tuple[Floats, Floats]],
) -> Decomposition | None:
    """Return the decomposition of an effect, or None where the trial has no course.

    Parameters
    ----------
    trial
        Its n decisions.
    clv
        The model that predicted, with its bootstrap models.
    effect
        Fitted on the decisions and their surrogate outcome.
    annual_discount_rate
        As in the outcome.
    bootstrap_models
        For each bootstrap model of ``clv`` that was needed, from the first on, the outcome it gives (n,), and the
        weights of its draw (n,).
    """
    if trial.losses is None:
        return None
    horizon = clv.horizon(trial.follow_up_days, annual_discount_rate)
    stay = stay_of(clv.final.contractual, trial, clv.horizon_months)

    def paths(model: PortfolioCLV, outcome: Floats) -> dict[str, Floats]:
        return _by_path(trial, horizon, model, outcome, stay)

    realised = trial.realised["value"].to_numpy(dtype=float)

    def times(outcome: Floats) -> dict[str, Floats]:
        return {"realised": realised, "predicted": outcome - realised}

    drawn = list(zip(clv.bootstrap[: len(bootstrap_models)], bootstrap_models, strict=True))
    by_path = estimate_parts(
        effect,
        paths(clv.final, effect.outcome_),
        draws=[(paths(model, outcome), weight) for model, (outcome, weight) in drawn],
        seed=clv.seed,
    )
    by_time = estimate_parts(
        effect,
        times(effect.outcome_),
        draws=[(times(outcome), weight) for outcome, weight in bootstrap_models],
        seed=clv.seed,
    )
    full, n_full = _full(trial, effect)
    return Decomposition(
        paths={name: by_path[name] for name in PATHS},
        realised=by_time["realised"],
        predicted=by_time["predicted"],
        full_realised=full,
        n_full=n_full,
        referral=_side(effect, trial.losses.referrals),
        retained=_side(effect, _running(trial)),
        by_month=effect_by_month(effect, _cumulated(trial, clv, horizon)),
    )


def _by_path(
    trial: TrialData, horizon: Horizon, model: PortfolioCLV, outcome: Floats, stay: Stay | None
) -> dict[str, Floats]:
    """Return the outcome (n,) that ``model`` gave, cut into its paths."""
    values = path_values(
        model.contractual,
        trial,
        outcome,
        stay,
        factor=horizon.discount_at_follow_up,
        follow_up_months=horizon.follow_up_months,
        remaining_months=horizon.remaining_months,
    )
    return dict(zip(PATHS, values.T, strict=True))


def _side(effect: AverageEffect, outcome: Floats | None) -> EffectEstimate | None:
    return None if outcome is None else effect.with_outcome(outcome, quick=True).summary()


def _running(trial: TrialData) -> Floats | None:
    """Return 1 for who runs at s + F, else 0, (n,)."""
    contract = trial.state.contract
    return None if contract is None else contract.running.astype(float)


def _full(trial: TrialData, effect: AverageEffect) -> tuple[EffectEstimate | None, int]:
    """Return the effect on fully realised value, and the number of treated decisions old enough."""
    if trial.full is None:
        return None, 0
    seen = np.isfinite(trial.full)
    arms = [int(np.sum(seen & (effect.treated_ == arm))) for arm in (0, 1)]
    if min(arms) < _LEAST_FULL:
        return None, arms[1]
    value = np.where(seen, trial.full, 0.0)
    return effect.with_outcome(value, effect.sample_weight_ * seen, quick=True).summary(), arms[1]


def _cumulated(trial: TrialData, clv: ClvModel, horizon: Horizon) -> Floats:
    """Return the outcome cumulated to the end of month 1..H, (n, H): realised in the follow-up, expected after it."""
    follow_up = horizon.follow_up_months
    months = np.arange(1, clv.horizon_months + 1)
    seen = trial.monthly.shape[1] if trial.monthly is not None else 0
    ahead = tuple(float(m) for m in months[seen:] - follow_up if m > 0)
    future = clv.final.predict_horizons(trial.state, months=ahead)
    realised = trial.realised["value"].to_numpy(dtype=float)[:, None]
    start = trial.monthly if trial.monthly is not None else np.empty((len(realised), 0))
    return np.hstack([start, realised + horizon.discount_at_follow_up * future])
