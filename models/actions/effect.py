"""From the matured decisions of an action and a CLV model to what the action caused.

The outcome of a decision at s is its realised value over (s, s + F] plus d(F) times the value expected from
its state at s + F over the remaining H - F months: the surrogate index (Athey, Chetty, Imbens & Kang 2019).
Each bootstrap draw reweights customers in the CLV model's refit and in the score alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core.arrays import Floats
from ...core.config.business import Config
from ...core.money import Horizon
from ...core.records import TrialData
from ...core.refusals import other_state
from ...core.short_repr import ShortRepr
from ...core.time import DAYS_PER_MONTH
from ..effects.average import AverageEffect
from ..effects.bootstrap import BootstrapEffect, bootstrap_weights, bootstrapped, draws_suffice
from ..effects.crossfit import FEWEST
from ..effects.inference import EffectEstimate
from ..effects.rectified import Rectification
from ..effects.surrogate import SurrogateCheck, surrogate_outcome
from ..fitting.encoding import SharedRows
from ..portfolio import ClvModel, PortfolioCLV
from ..refutation.negative_control import RandomTreatment, random_treatment
from ..refutation.overlap import Balance, Overlap, balance, comparable, placebo
from ..refutation.sensitivity import Sensitivity, sensitivity
from ..refutation.stability import Stability, stability
from .decomposition import Decomposition, PathCut, decompose
from .mature import mature_check

__all__ = [
    "ActionEffect",
    "AverageOutcome",
    "EffectSettings",
    "average_outcome",
    "estimate_action",
    "outcomes_of",
    "settings_of",
]


@dataclass(frozen=True)
class EffectSettings:
    """How effects are estimated; see :class:`IncrementalConfig`."""

    folds: int
    cross_fits: int
    annual_discount_rate: float
    seed: int
    cluster: str = "customer"
    enough: float = 0.1


def settings_of(config: Config, action: str) -> EffectSettings:
    """Return the settings that a configuration gives for an action or a contrast."""
    known = config.incremental.contrasts | config.incremental.actions
    return EffectSettings(
        folds=config.incremental.folds,
        cross_fits=config.incremental.cross_fits,
        annual_discount_rate=config.value.annual_discount_rate,
        seed=config.seed,
        cluster=known[action].cluster,
        enough=config.incremental.monte_carlo_error,
    )


@dataclass(frozen=True)
class AverageOutcome(ShortRepr):
    """The average effect of an action on the treated, without the checks.

    Parameters
    ----------
    effect
        Its interval comes from the customer bootstrap that refits the CLV model with the score. Of a CLV model without
        bootstrap models it takes the outcome as given, and is too narrow.
    fitted
        The cross-fitted estimator behind it, for scores and other outcomes.
    outcome
        Surrogate outcome of each decision, (n,).
    draws
        The effect in each bootstrap draw that was needed, (draws,): effects of one CLV model share the draws of the
        customers, from the first on.
    draws_error
        Monte Carlo error of the standard error, as a share of it; NaN without draws.
    """

    effect: EffectEstimate
    fitted: AverageEffect
    outcome: Floats
    draws: Floats = field(default_factory=lambda: np.empty(0), kw_only=True)
    draws_error: float = field(default=np.nan, kw_only=True)


@dataclass(frozen=True)
class ActionEffect(AverageOutcome):
    """What an action caused for a treated customer, with the checks that could refute it.

    Parameters
    ----------
    surrogate_check
        Effect on (realised - predicted) value in the window after the follow-up; None where too few decisions
        are old enough.
    placebo
        Effect on value before the decision. It has to include 0.
    late_hazard
        The effect with hazards beyond the observed leads 20% higher and 20% lower; None without contracts, which
        alone have such hazards.
    overlap, balance
        Whether both arms can be compared, and how alike weighting makes them.
    stability
        How far the estimate moves over seeds and folds.
    random_treatment
        How often treatments drawn at random among the controls look like effects; None where controls are few.
    sensitivity
        How strong a hidden confounder would have to be. It bears on chosen assignment only.
    bootstrap_outcomes
        Outcome of each decision by each of the CLV model's bootstrap models that was needed, each (n,).
    decomposition
        The effect by path, by time and in customers kept; None where the trial has no course.
    rectification
        What the surrogate check added to the effect, beside those of other actions; None where nothing was added yet.
    """

    surrogate_check: SurrogateCheck | None
    placebo: EffectEstimate
    late_hazard: tuple[float, float] | None
    overlap: Overlap
    balance: Balance
    stability: Stability
    random_treatment: RandomTreatment | None
    sensitivity: Sensitivity
    bootstrap_outcomes: tuple[Floats, ...]
    decomposition: Decomposition | None
    rectification: Rectification | None = field(default=None, kw_only=True)

    @property
    def uncorrected(self) -> EffectEstimate:
        """The effect as the surrogate alone gives it."""
        return self.effect if self.rectification is None else self.rectification.before


@dataclass(frozen=True)
class _Forecast(ShortRepr):
    """What a CLV model expects of each decision: its outcome, its value in the window that checks it, and its paths."""

    outcome: Floats
    beyond: Floats
    by_path: dict[str, Floats]


@dataclass(frozen=True)
class _Fit(ShortRepr):
    """A fitted effect with the forecasts of the final model, and of its bootstrap models with weights and effects."""

    fitted: AverageEffect
    final: _Forecast
    bootstrap_models: list[_Forecast]
    weights: list[Floats]
    values: list[float]
    seed: int

    def bootstrapped(self) -> BootstrapEffect:
        """Return the effect with its draws and their interval; of the influence function where there are none."""
        if not self.bootstrap_models:
            plain = self.fitted.summary()
            return BootstrapEffect(plain, plain.low, plain.high, np.empty(0), 0.0)
        return bootstrapped(self.fitted, self.values, seed=self.seed, weights=self.weights)


def average_outcome(trial: TrialData, clv: ClvModel, settings: EffectSettings) -> AverageOutcome:
    """Estimate the effect of an action on those who were treated, without the checks.

    Raises
    ------
    ModelError
        Too few treated or control decisions, or none that overlap.
    DataError
        Too few treated ones, and others on customers in the other state.
    """
    fit = _fit(trial, clv, settings)
    bootstrap = fit.bootstrapped()
    return AverageOutcome(
        bootstrap.effect, fit.fitted, fit.final.outcome, draws=bootstrap.values, draws_error=bootstrap.monte_carlo
    )


def outcomes_of(
    trial: TrialData, clv: ClvModel, settings: EffectSettings, *, draws: int
) -> tuple[Floats, tuple[Floats, ...]]:
    """Return the surrogate outcome of each decision, (n,), by the CLV model and by so many of its bootstrap models."""
    horizon = clv.horizon(trial.follow_up_days, settings.annual_discount_rate)
    shared = SharedRows(trial.state.features)
    made = [_forecast(trial, model, horizon, shared).outcome for model in (clv.final, *clv.bootstrap[:draws])]
    return made[0], tuple(made[1:])


def estimate_action(
    trial: TrialData, clv: ClvModel, settings: EffectSettings, *, decomposition: bool = True, late: bool = True
) -> ActionEffect:
    """Estimate the effect of an action on those who were treated, with the checks.

    ``decomposition`` also tells its paths, its realised part and its months, which takes as long again; without
    ``late`` the effect under other late hazards, which refutes nothing, is left out.

    Raises
    ------
    ModelError
        As for :func:`average_outcome`, and where hardly anybody like the treated was left alone.
    """
    horizon = clv.horizon(trial.follow_up_days, settings.annual_discount_rate)
    fit = _fit(trial, clv, settings, PathCut.of(trial, clv, horizon) if decomposition else None)
    arms = comparable(fit.fitted)
    bootstrap = fit.bootstrapped()
    return ActionEffect(
        effect=bootstrap.effect,
        fitted=fit.fitted,
        outcome=fit.final.outcome,
        draws=bootstrap.values,
        draws_error=bootstrap.monte_carlo,
        surrogate_check=mature_check(
            trial,
            fit.fitted,
            horizon,
            fit.final.beyond,
            bootstrap_models=[
                (bootstrap_model.beyond, weight)
                for bootstrap_model, weight in zip(fit.bootstrap_models, fit.weights, strict=True)
            ],
            seed=fit.seed,
        ),
        placebo=placebo(fit.fitted, trial.before, quick=True),
        late_hazard=_late_hazard(trial, clv, horizon, fit.fitted) if late else None,
        overlap=arms,
        balance=balance(fit.fitted.design_, fit.fitted),
        stability=stability(fit.fitted),
        random_treatment=random_treatment(fit.fitted, seed=settings.seed),
        sensitivity=sensitivity(fit.fitted.design_, fit.fitted, bootstrap.effect),
        bootstrap_outcomes=tuple(bootstrap_model.outcome for bootstrap_model in fit.bootstrap_models),
        decomposition=decompose(
            trial,
            clv,
            fit.fitted,
            horizon=horizon,
            by_path=fit.final.by_path,
            draws=[
                (bootstrap_model.outcome, bootstrap_model.by_path, weight)
                for bootstrap_model, weight in zip(fit.bootstrap_models, fit.weights, strict=True)
            ],
        )
        if decomposition
        else None,
    )


def _late_hazard(
    trial: TrialData, clv: ClvModel, horizon: Horizon, fitted: AverageEffect
) -> tuple[float, float] | None:
    """Return the effect with late hazards a fifth higher and lower; None where nobody has a contract."""
    if trial.state.contract is None:
        return None
    shared = SharedRows(trial.state.features)
    higher, lower = (
        fitted.estimate(_forecast(trial, clv.final, horizon, shared, factor).outcome) for factor in (1.2, 0.8)
    )
    return higher, lower


def _fit(trial: TrialData, clv: ClvModel, settings: EffectSettings, cut: PathCut | None = None) -> _Fit:
    horizon = clv.horizon(trial.follow_up_days, settings.annual_discount_rate)
    treated = int(trial.treated.sum())
    if trial.elsewhere and treated * (settings.folds - 1) < FEWEST * settings.folds:
        raise other_state(trial.action, left=treated, elsewhere=trial.elsewhere, lapsed=trial.lapsed)
    shared = SharedRows(trial.state.features)
    final = _forecast(trial, clv.final, horizon, shared, cut=cut)
    units = trial.units
    fitted = AverageEffect(
        folds=settings.folds, repeats=settings.cross_fits, enough=settings.enough, seed=settings.seed
    ).fit(
        trial.features,
        trial.treated,
        final.outcome,
        groups=units["customer_id"],
        clusters=units["agent_id"] if settings.cluster == "agent" else None,
        propensity=units["propensity"] if trial.design == "randomised" else None,
    )
    fit = _Fit(fitted, final, [], [], [], clv.seed)
    fixed: list[float] = []
    for draw, model in enumerate(clv.bootstrap):
        weight = bootstrap_weights(fitted.groups_, draw=draw, seed=clv.seed, clusters=fitted.clusters_)
        forecast = _forecast(trial, model, horizon, shared, cut=cut)
        fit.bootstrap_models.append(forecast)
        fit.weights.append(weight)
        fit.values.append(fitted.estimate(forecast.outcome, weight))
        fixed.append(fitted.estimate(None, weight))
        if draws_suffice(fitted, fit.values, fixed, enough=settings.enough):
            break
    return fit


def _forecast(
    trial: TrialData,
    model: PortfolioCLV,
    horizon: Horizon,
    shared: SharedRows,
    late_hazard: float = 1.0,
    cut: PathCut | None = None,
) -> _Forecast:
    months = (horizon.remaining_months, trial.beyond_days / DAYS_PER_MONTH)
    walked = None if cut is None else cut.walked(model, months, shared)
    known: dict[str, Any] = {"shared": shared} if walked is None else {"paths": walked}
    future, beyond = model.predict_horizons(trial.state, months=months, late_hazard=late_hazard, **known).T
    outcome = surrogate_outcome(trial.realised["value"], future, horizon.discount_at_follow_up)
    return _Forecast(outcome, beyond, {} if cut is None else cut.cut(model, outcome, walked))
