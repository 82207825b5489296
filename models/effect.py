"""From the matured decisions of an action and a CLV model to what the action caused.

The outcome of a decision at s is its realised value over (s, s + F] plus d(F) times the value expected from
its state at s + F over the remaining H - F months: the surrogate index (Athey, Chetty, Imbens & Kang 2019).
Each bootstrap draw reweights customers in the CLV model's refit and in the score alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.config import Config
from ..core.exchange import TrialData
from ..core.hashing import customer_weights
from ..core.time import DAYS_PER_MONTH, discount
from .aipw import AverageEffect, EffectEstimate
from .portfolio import ClvModel, PortfolioCLV

__all__ = ["ActionEffect", "EffectSettings", "Interval", "estimate_action", "settings_of"]

Array = NDArray[np.float64]

_FEWEST_TO_CHECK = 100


@dataclass(frozen=True)
class EffectSettings:
    """How effects are estimated; see :class:`servicelift.core.config.IncrementalConfig`."""

    folds: int
    cross_fits: int
    annual_discount_rate: float
    seed: int
    cluster: str = "customer"


def settings_of(config: Config, action: str) -> EffectSettings:
    """Return the settings that a configuration gives for an action."""
    return EffectSettings(
        folds=config.incremental.folds,
        cross_fits=config.incremental.cross_fits,
        annual_discount_rate=config.value.annual_discount_rate,
        seed=config.seed,
        cluster=config.incremental.actions[action].cluster,
    )


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95% interval; NaN where it could not be formed."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies wholly on one side of 0."""
        return bool(self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class ActionEffect:
    """What an action caused for a treated customer, with the doubts about it.

    Parameters
    ----------
    effect
        Average effect on the treated; its interval comes from the customer bootstrap that refits the CLV
        model with the score.
    fitted
        The cross-fitted estimator behind it, for scores and other outcomes.
    outcome
        Surrogate outcome of each decision, (n,).
    surrogate_check
        Effect on (realised - predicted) value in the window after the follow-up; NaN where no decision is
        old enough. It has to include 0.
    placebo
        Effect on value before the decision. It has to include 0.
    late_hazard
        The effect with hazards beyond the observed leads 20% higher and 20% lower.
    imbalance
        Largest standardised mean difference of a feature between the arms, before and after weighting.
    """

    effect: EffectEstimate
    fitted: AverageEffect
    outcome: Array
    surrogate_check: Interval
    placebo: Interval
    late_hazard: tuple[float, float]
    imbalance: tuple[float, float]


@dataclass(frozen=True)
class _Forecast:
    """What a CLV model expects of each decision: its outcome, and its value in the window that checks it."""

    outcome: Array
    beyond: Array


def _forecast(trial: TrialData, model: PortfolioCLV, clv: ClvModel, rate: float, late_hazard: float = 1.0) -> _Forecast:
    months = (clv.remaining_months(trial.follow_up_days), trial.beyond_days / DAYS_PER_MONTH)
    future, beyond = model.predict_horizons(trial.state, months=months, late_hazard=late_hazard).T
    factor = discount(trial.follow_up_days, rate)
    return _Forecast(np.asarray(trial.realised["value"].to_numpy(dtype=float) + factor * future), beyond)


def estimate_action(trial: TrialData, clv: ClvModel, settings: EffectSettings) -> ActionEffect:
    """Estimate the effect of an action on those who were treated.

    Raises
    ------
    ModelError
        Too few treated or control decisions, or none that overlap.
    """
    rate = settings.annual_discount_rate
    point = _forecast(trial, clv.point, clv, rate)
    units = trial.units
    fitted = AverageEffect(folds=settings.folds, repeats=settings.cross_fits, seed=settings.seed).fit(
        trial.features,
        trial.treated,
        point.outcome,
        groups=units["customer_id"],
        clusters=units["agent_id"] if settings.cluster == "agent" else None,
        propensity=units["propensity"] if trial.design == "randomised" else None,
    )
    twins = [
        (_forecast(trial, twin, clv, rate), _weights(trial, settings, draw)) for draw, twin in enumerate(clv.draws)
    ]
    low, high = (fitted.estimate(_forecast(trial, clv.point, clv, rate, h).outcome) for h in (1.2, 0.8))
    return ActionEffect(
        effect=_summary(fitted, [fitted.estimate(twin.outcome, weight) for twin, weight in twins]),
        fitted=fitted,
        outcome=point.outcome,
        surrogate_check=_surrogate_check(trial, point, fitted, twins),
        placebo=_interval(fitted.with_outcome(trial.before).summary()),
        late_hazard=(low, high),
        imbalance=_imbalance(fitted),
    )


def _summary(fitted: AverageEffect, draws: list[float]) -> EffectEstimate:
    """Return the estimate with the interval of its bootstrap draws, normal but for their finite number."""
    return fitted.summary(std_error=float(np.std(draws, ddof=1)), dof=len(draws) - 1)


def _imbalance(fitted: AverageEffect) -> tuple[float, float]:
    """Return the largest standardised difference of means, before weighting and after, on the treated."""
    x, t = fitted.design_.matrix, fitted.treated_ == 1
    kept = fitted.kept()
    e = fitted.propensity_
    spread = np.sqrt((x[t].var(axis=0) + x[~t].var(axis=0)) / 2)
    spread[spread < 1e-9] = np.inf
    treated = x[t & kept].mean(axis=0)
    weights = (e / (1 - e))[~t & kept]
    before = np.abs(x[t].mean(axis=0) - x[~t].mean(axis=0)) / spread
    after = np.abs(treated - np.average(x[~t & kept], axis=0, weights=weights)) / spread
    return float(before.max()), float(after.max())


def _weights(trial: TrialData, settings: EffectSettings, draw: int) -> Array:
    """Return bootstrap weights of the decisions: the customers', times the agents' where those were assigned."""
    weight = customer_weights(trial.units["customer_id"], settings.seed, draw)
    if settings.cluster == "agent":
        agents = trial.units["agent_id"]
        named = agents.notna().to_numpy()
        weight[named] *= customer_weights("agent " + agents[named].astype(str), settings.seed, draw)
    return weight


def _surrogate_check(
    trial: TrialData, point: _Forecast, fitted: AverageEffect, twins: list[tuple[_Forecast, Array]]
) -> Interval:
    """Return the effect on (realised - predicted) beyond the follow-up, on decisions old enough."""
    seen = np.isfinite(trial.beyond)
    arms = [int(np.sum(seen & (trial.treated == arm))) for arm in (0, 1)]
    if min(arms) < _FEWEST_TO_CHECK:
        return Interval(np.nan, np.nan, np.nan)

    def residual(forecast: _Forecast) -> Array:
        return np.where(seen, trial.beyond - forecast.beyond, 0.0)

    checked = fitted.with_outcome(residual(point), seen.astype(float))
    return _interval(_summary(checked, [checked.estimate(residual(twin), seen * weight) for twin, weight in twins]))


def _interval(estimate: EffectEstimate) -> Interval:
    return Interval(estimate.estimate, estimate.low, estimate.high)
