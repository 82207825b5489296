"""The incremental job: for each action, the effect on the treated and on each customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.arrays import Bools, Floats
from ..core.errors import DataError, ServiceliftError
from ..core.progress import Say
from ..core.records import ClvInputs, StudyDesign, TrialData
from ..core.short_repr import ShortRepr
from ..features.catalogue.catalogue import feature_names
from ..features.outcomes.action_cost import costs_of_actions
from ..features.tables.tables import Tables
from ..features.trials.decisions import designs
from ..features.trials.follow_up import trial_data
from ..models.actions.effect import AverageOutcome, average_outcome, settings_of
from ..models.actions.mechanisms import PATHS, path_values, stay_of
from ..models.effects.value_at_risk import ValueAtRiskEffect
from ..models.portfolio import AT_RISK, ClvModel, PortfolioCLV, at_risk
from ..models.registered import ActionModel, IncrementalModel
from ..tracking import Run, Tracker, typical_row
from .judged import HeldOut, JudgedModel
from .plots import cost_curve_plot, effect_rank_plot
from .policy_report import Held, policy_report, usual_lists
from .promotion import promote
from .snapshots import snapshot_instants

__all__ = ["incremental_held_out", "train_incremental"]

_HELD_OUT_SHARE = 0.2


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
class _Learnt(ShortRepr):
    """The decisions of an action, its average effect, and the value at risk by the final and the evaluation model."""

    trial: TrialData
    effect: AverageOutcome
    final: _Risk
    evaluation: _Risk


def train_incremental(tables: Tables, tracker: Tracker, run: Run, say: Say) -> JudgedModel:
    """Fit, judge, log and register the incremental CLV model; it needs a CLV champion.

    Raises
    ------
    DataError
        The config or the tables hold no action with matured treated and control decisions.
    ModelError
        There is no CLV champion.
    """
    config = tables.config
    if not config.incremental.actions or not tables.has("actions"):
        lacking = "an actions table" if config.incremental.actions else "actions under incremental: actions:"
        raise DataError(f"expected {lacking} to learn effects from, found none; bring it to train this model")
    clv: ClvModel = tracker.load(config.model_name("clv")).model
    first = snapshot_instants(tables)[0]
    columns = _columns(tables, clv)
    final: dict[str, ActionModel] = {}
    evaluation: dict[str, ActionModel] = {}
    held: dict[str, Held] = {}
    notes: list[str] = []
    for action in config.incremental.actions:
        try:
            say(f"incremental: {action} ({designs(tables, action)[0]})")
            learnt = _learn(tables, clv, action, first)
        except ServiceliftError as error:
            notes.append(f"{action}: left out: {error}")
            continue
        final[action] = _action_model(tables, action, learnt, columns, None)
        run.metrics(_figures(learnt.effect) | _shape(final[action]), prefix=f"{action}_")
        early, late = _cut(learnt.trial)
        part = _hold(learnt, late, columns)
        try:
            evaluation[action] = _action_model(tables, action, learnt, columns, early)
            held[action] = part
        except ServiceliftError as error:
            notes.append(f"{action}: not judged on later decisions: {error}")
    if not final:
        raise DataError(f"no action can be learnt from: {'; '.join(notes)}")
    model = IncrementalModel(final=final, evaluation=evaluation, columns=columns)
    run.figure(effect_rank_plot(_curves(model, held), config.currency), "effect_by_rank")
    say("incremental: value of policies on held-out decisions")
    notes += _value_policies(tables, tracker, run, clv, model, held)
    held_out = _held_out(held, config.seed)
    say("incremental: register")
    return promote(
        tracker,
        config.model_name("incremental"),
        model,
        typical_row(_example(held, learnt, columns)),
        run=run,
        held_out=held_out,
        beside={"without any effect": held_out.loss(held_out.naive)},
        notes=tuple(notes),
    )


def _value_policies(
    tables: Tables, tracker: Tracker, run: Run, clv: ClvModel, model: IncrementalModel, held: dict[str, Held]
) -> list[str]:
    """Log what the policy is worth on held-out decisions beside the usual lists, and return what is said of it."""
    config = tables.config
    lists = usual_lists(tables, tracker, clv, held)
    report = policy_report(model, held, lists, seed=config.seed, currency=config.currency)
    if not report.curve.empty:
        run.table(report.curve, "tables/policy_value.csv")
        run.table(report.rates, "tables/rate.csv")
        run.figure(cost_curve_plot(report.curve, config.currency), "cost_curve")
    return list(report.lines)


def incremental_held_out(tables: Tables, tracker: Tracker, say: Say) -> HeldOut:
    """Return the held-out decisions of every action that can be learnt from as judges of any incremental model.

    Raises
    ------
    DataError
        No action can be judged.
    ModelError
        There is no CLV champion.
    """
    config = tables.config
    clv: ClvModel = tracker.load(config.model_name("clv")).model
    columns = _columns(tables, clv)
    first, held, notes = snapshot_instants(tables)[0], dict[str, Held](), list[str]()
    for action in config.incremental.actions:
        try:
            say(f"incremental: {action}")
            learnt = _learn(tables, clv, action, first)
        except ServiceliftError as error:
            notes.append(f"{action}: {error}")
            continue
        held[action] = _hold(learnt, _cut(learnt.trial)[1], columns)
    if not held:
        raise DataError(f"no action can be judged: {'; '.join(notes)}")
    return _held_out(held, config.seed)


def _columns(tables: Tables, clv: ClvModel) -> tuple[str, ...]:
    """Return the columns that an incremental model learns from."""
    return (*feature_names(tables), *(AT_RISK if clv.final.contractual is not None else ()))


def _learn(tables: Tables, clv: ClvModel, action: str, first: pd.Timestamp) -> _Learnt:
    """Return the decisions of an action under its headline design, its average effect, and the value at risk."""
    config = tables.config
    design = designs(tables, action)[0]
    trial = trial_data(tables, action, since=first, until=tables.data_until, design=design, seed=config.seed)
    effect = average_outcome(trial, clv, settings_of(config, action))
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

    return _Learnt(trial, effect, risk(clv.final), risk(clv.evaluation))


def _example(held: dict[str, Held], learnt: _Learnt, columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.concat([h.features for h in held.values()]) if held else learnt.final.features[list(columns)]


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


def _shape(model: ActionModel) -> dict[str, float]:
    """Return the paths of the effect, and how far they and further differences between customers are believed."""
    individual = model.individual
    found = {"slope": individual.further_.slope_, "trust": individual.shrinkage_}
    for path in individual.paths_:
        name = (path.column or "rest").removeprefix("at_risk_")
        found |= {f"by_{name}": path.estimate, f"by_{name}_std_error": path.std_error}
        found |= {f"by_{name}_believed": path.shrunken}
    return found


def _action_model(
    tables: Tables, action: str, learnt: _Learnt, columns: tuple[str, ...], rows: Bools | None
) -> ActionModel:
    """Fit the individual effects on all decisions, or their evaluation model on ``rows``."""
    trial = learnt.trial
    kept = np.ones(len(trial.treated), dtype=bool) if rows is None else rows
    risk = learnt.final if rows is None else learnt.evaluation
    individual = ValueAtRiskEffect(seed=tables.config.seed).fit(
        risk.features.loc[kept, list(columns)],
        trial.treated[kept],
        learnt.effect.outcome[kept],
        groups=trial.units["customer_id"].to_numpy()[kept],
        parts=risk.parts[kept],
        propensity=trial.units["propensity"].to_numpy()[kept] if trial.design == StudyDesign.RANDOMISED else None,
        fitted=learnt.effect.fitted if rows is None else None,
        average=learnt.effect.effect if rows is None else None,
    )
    rule = costs_of_actions(tables)[action]
    acceptance = np.nan if rule.acceptance is None else rule.acceptance
    return ActionModel(individual, rule.unit, acceptance, str(trial.design), rule)


def _cut(trial: TrialData) -> tuple[Bools, Bools]:
    """Return masks of early and held-out decisions; early follow-ups end before the held-out ones begin."""
    moments = trial.units["as_of"]
    start = moments.quantile(1 - _HELD_OUT_SHARE)
    early = moments + pd.Timedelta(days=trial.follow_up_days) <= start
    return np.asarray(early, dtype=bool), np.asarray(moments >= start, dtype=bool)


def _hold(learnt: _Learnt, late: Bools, columns: tuple[str, ...]) -> Held:
    fitted = learnt.effect.fitted
    e = fitted.propensity_
    return Held(
        learnt.trial.units.loc[late, ["customer_id", "as_of"]].reset_index(drop=True),
        learnt.evaluation.features.loc[late, list(columns)].reset_index(drop=True),
        fitted.scores()[late],
        (e * (1 - e))[late],
    )


def _held_out(held: dict[str, Held], seed: int) -> HeldOut:
    """Return the held-out decisions of all actions as judges.

    The loss is the overlap-weighted squared distance of predicted effects from doubly robust scores: its expectation
    is least at the true effects; an action that a model does not know counts as no effect.
    """
    empty = np.empty(0)
    return HeldOut(
        measure="squared error of held-out effects",
        losses_of=lambda model: _losses(model.evaluation.get, held),
        customers=np.concatenate([empty.astype(object), *(part.customers for part in held.values())]),
        naive=_losses(dict[str, ActionModel]().get, held),
        naive_name="no effect at all",
        naive_beyond_noise=True,
        seed=seed,
        weight=np.concatenate([empty, *(part.weight for part in held.values())]),
    )


def _losses(model_of: Callable[[str], ActionModel | None], held: dict[str, Held]) -> Floats:
    losses = [np.empty(0)]
    for action, part in held.items():
        model = model_of(action)
        predicted = 0.0 if model is None else model.individual.predict(part.features)
        losses.append((part.scores - predicted) ** 2)
    return np.concatenate(losses)


def _curves(model: IncrementalModel, held: dict[str, Held]) -> dict[str, tuple[Floats, Floats]]:
    """Return for each action the mean score of the best-ranked share, for shares from 5% on."""
    curves = {}
    for action, part in held.items():
        order = np.argsort(-model.evaluation[action].individual.predict(part.features), kind="stable")
        running = np.cumsum((part.weight * part.scores)[order]) / np.cumsum(part.weight[order])
        share = np.arange(1, len(order) + 1) / len(order)
        curves[action] = (share[share >= 0.05], running[share >= 0.05])
    return curves
