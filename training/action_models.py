"""What is learnt of one action from its decisions: the average effect, the effect on each customer, and who judges it.

Actions are learnt apart from each other, each in a process of its own where there are several: what they share is the
CLV model and the settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..core.action_cost import ActionCost
from ..core.arrays import Bools, Floats, Objects
from ..core.config.business import Config
from ..core.contract_state import LAPSED, RUNNING
from ..core.errors import ServiceliftError
from ..core.records import ClvInputs, StudyDesign, TrialData
from ..core.short_repr import ShortRepr
from ..models.actions.effect import AverageOutcome, EffectSettings, average_outcome, settings_of
from ..models.actions.mechanisms import PATHS, path_values, stay_of
from ..models.effects.stepped import SteppedEffect
from ..models.portfolio import AT_RISK, ClvModel, PortfolioCLV, at_risk
from ..models.registered import ActionModel
from .action_doubts import Checked, checked_effect

__all__ = ["ActionDecisions", "ActionJob", "Held", "LearntAction", "hold_action", "learn_action"]

_HELD_OUT_SHARE = 0.2


@dataclass(frozen=True)
class ActionJob(ShortRepr):
    """What all actions share.

    Parameters
    ----------
    config, clv
        Of the business.
    columns
        Columns that an incremental model learns from.
    """

    config: Config
    clv: ClvModel
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ActionDecisions(ShortRepr):
    """The decisions of an action under its headline design, and what an offer costs.

    ``trial`` is None where the tables hold no decisions to learn from; ``lacking`` says why. ``drawn`` are customers
    like any other, where those chosen and held out are to tell what the choice looked at.
    """

    action: str
    trial: TrialData | None
    cost: ActionCost | None = None
    lacking: str = ""
    drawn: TrialData | None = None


@dataclass(frozen=True)
class Held(ShortRepr):
    """Held-out decisions of one action with their doubly robust scores, judging every model alike; n rows each.

    ``units`` has customer_id and as_of; ``weight`` is e(1 - e), the population in which both arms overlap.
    """

    units: pd.DataFrame
    features: pd.DataFrame
    scores: Floats
    weight: Floats

    @property
    def customers(self) -> Objects:
        """Customer of each decision."""
        return self.units["customer_id"].to_numpy(dtype=object)


@dataclass(frozen=True)
class LearntAction(ShortRepr):
    """What was learnt of an action.

    Parameters
    ----------
    final, evaluation
        Models on all decisions and on the early ones; None where there is too little to learn from.
    held
        The late decisions, which judge the evaluation model; None where there is none.
    figures
        What is logged of the average effect and of its paths.
    example
        Features at the decisions.
    lacking
        Why there is no final, or no evaluation model.
    checked
        What the checks said of the average effect; None where there is no model.
    left_out
        Decisions that a sample left out.
    """

    final: ActionModel | None
    evaluation: ActionModel | None = None
    held: Held | None = None
    figures: dict[str, float] = field(default_factory=dict)
    example: pd.DataFrame = field(default_factory=pd.DataFrame)
    lacking: str = ""
    checked: Checked | None = None
    left_out: int = 0


@dataclass(frozen=True)
class _Risk(ShortRepr):
    """What the customers of n decisions stand to lose, by one CLV model.

    Parameters
    ----------
    features
        Features at the decision with the value at risk, see :data:`AT_RISK`.
    parts
        The part of the outcome that each cause of loss took.
    """

    features: pd.DataFrame
    parts: pd.DataFrame


@dataclass(frozen=True)
class _Average(ShortRepr):
    """The decisions of an action, its average effect, and the value at risk by the final and the evaluation model."""

    trial: TrialData
    effect: AverageOutcome
    final: _Risk
    evaluation: _Risk


def learn_action(job: ActionJob, decisions: ActionDecisions) -> LearntAction:
    """Return the models of an action and the decisions that judge them; too few of them are told, not raised."""
    if decisions.trial is None or decisions.cost is None:
        return LearntAction(None, lacking=decisions.lacking)
    try:
        effect, checked = checked_effect(decisions.trial, decisions.drawn, job.clv, _settings(job, decisions.trial))
        learnt = _average(job, decisions.trial, effect)
    except ServiceliftError as error:
        return LearntAction(None, lacking=str(error))
    individual = _individual(job, learnt, None)
    final = _action_model(decisions.cost, learnt.trial, individual)
    early, late = _cut(learnt.trial)
    all_decisions = LearntAction(
        final,
        figures=_figures(learnt.effect) | _shape(individual),
        example=learnt.final.features[list(job.columns)],
        checked=checked,
        left_out=learnt.trial.left_out,
    )
    try:
        evaluation = _action_model(decisions.cost, learnt.trial, _individual(job, learnt, early))
    except ServiceliftError as error:
        return replace(all_decisions, lacking=str(error))
    return replace(all_decisions, evaluation=evaluation, held=_hold(job, learnt, late))


def hold_action(job: ActionJob, decisions: ActionDecisions) -> LearntAction:
    """Return the late decisions of an action, and no models."""
    if decisions.trial is None:
        return LearntAction(None, lacking=decisions.lacking)
    try:
        effect = average_outcome(decisions.trial, job.clv, _settings(job, decisions.trial))
        learnt = _average(job, decisions.trial, effect)
    except ServiceliftError as error:
        return LearntAction(None, lacking=str(error))
    return LearntAction(None, held=_hold(job, learnt, _cut(learnt.trial)[1]))


def _settings(job: ActionJob, trial: TrialData) -> EffectSettings:
    return settings_of(job.config, trial.action)


def _average(job: ActionJob, trial: TrialData, effect: AverageOutcome) -> _Average:
    """Return the average effect of an action on its decisions with their value at risk."""
    clv, config = job.clv, job.config
    stay = stay_of(clv.final.contractual, trial, clv.horizon_months)
    horizon = clv.horizon(trial.follow_up_days, config.value.annual_discount_rate)

    def risk(model: PortfolioCLV) -> _Risk:
        if model.contractual is None or trial.losses is None:
            return _Risk(trial.features, pd.DataFrame(index=trial.features.index))
        known = ClvInputs(trial.features, trial.losses.contract, {})
        parts = path_values(
            model.contractual,
            trial,
            effect.outcome,
            stay,
            factor=horizon.discount_at_follow_up,
            follow_up_months=horizon.follow_up_months,
            remaining_months=horizon.remaining_months,
        )[:, [PATHS.index(f"retention_{cause}") for cause in ("voluntary", "involuntary")]]
        return _Risk(
            pd.concat([trial.features, at_risk(model, known, horizon_months=clv.horizon_months)], axis=1),
            pd.DataFrame(parts, columns=list(AT_RISK), index=trial.features.index),
        )

    return _Average(trial, effect, risk(clv.final), risk(clv.evaluation))


def _figures(effect: AverageOutcome) -> dict[str, float]:
    e = effect.effect
    return {
        "effect": e.estimate,
        "effect_low": e.low,
        "effect_high": e.high,
        "naive": e.naive,
        "n_treated": e.n_treated,
        "n_control": e.n_control,
    }


def _shape(individual: SteppedEffect) -> dict[str, float]:
    """Return the paths of the effect, how far differences by them are believed, and how far effects differ by steps."""
    figures = {"share": individual.share_, "spread": individual.spread_}
    for path in individual.paths_:
        name = (path.column or "rest").removeprefix("at_risk_")
        figures |= {f"by_{name}": path.estimate, f"by_{name}_std_error": path.std_error}
        figures |= {f"by_{name}_believed": path.shrunken}
    return figures


def _individual(job: ActionJob, learnt: _Average, rows: Bools | None) -> SteppedEffect:
    """Fit the individual effects on all decisions, or on ``rows`` for their evaluation model."""
    trial = learnt.trial
    kept = np.ones(len(trial.treated), dtype=bool) if rows is None else rows
    risk = learnt.final if rows is None else learnt.evaluation
    return SteppedEffect(seed=job.config.seed).fit(
        risk.features.loc[kept, list(job.columns)],
        trial.treated[kept],
        learnt.effect.outcome[kept],
        groups=trial.units["customer_id"].to_numpy()[kept],
        parts=risk.parts[kept],
        propensity=trial.units["propensity"].to_numpy()[kept] if trial.design == StudyDesign.RANDOMISED else None,
        fitted=learnt.effect.fitted if rows is None else None,
        average=learnt.effect.effect if rows is None else None,
    )


def _action_model(cost: ActionCost, trial: TrialData, individual: SteppedEffect) -> ActionModel:
    acceptance = np.nan if cost.acceptance is None else cost.acceptance
    state = LAPSED if trial.lapsed else RUNNING
    return ActionModel(individual, cost.unit, acceptance, str(trial.design), cost, state=state)


def _cut(trial: TrialData) -> tuple[Bools, Bools]:
    """Return masks of early and held-out decisions; early follow-ups end before the held-out ones begin."""
    moments = trial.units["as_of"]
    start = moments.quantile(1 - _HELD_OUT_SHARE)
    early = moments + pd.Timedelta(days=trial.follow_up_days) <= start
    return np.asarray(early, dtype=bool), np.asarray(moments >= start, dtype=bool)


def _hold(job: ActionJob, learnt: _Average, late: Bools) -> Held:
    fitted = learnt.effect.fitted
    e = fitted.propensity_
    return Held(
        learnt.trial.units.loc[late, ["customer_id", "as_of"]].reset_index(drop=True),
        learnt.evaluation.features.loc[late, list(job.columns)].reset_index(drop=True),
        fitted.scores()[late],
        (e * (1 - e))[late],
    )
