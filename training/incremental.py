"""The incremental job: for each action, the effect on the treated and on each customer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.errors import DataError, ServiceliftError
from ..core.exchange import TrialData
from ..core.progress import Say
from ..features.catalogue import feature_names
from ..features.followup import trial_data
from ..features.sources import Tables
from ..features.trials import designs
from ..models.effect import AverageOutcome, average_outcome, settings_of
from ..models.individual import IndividualEffect
from ..models.portfolio import ClvModel
from ..models.served import ActionModel, IncrementalModel
from ..tracking import Run, Tracker, typical_row
from .judge import Judged, Jury, promote
from .plots import cost_curve_plot, effect_rank_plot
from .policies import Held, policy_report, usual_lists
from .snapshots import snapshot_instants

__all__ = ["incremental_jury", "train_incremental"]

_HELD_OUT_SHARE = 0.2


def train_incremental(tables: Tables, tracker: Tracker, run: Run, say: Say) -> Judged:
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
    columns = tuple(feature_names(tables))
    point: dict[str, ActionModel] = {}
    judged: dict[str, ActionModel] = {}
    held: dict[str, Held] = {}
    notes: list[str] = []
    for action in config.incremental.actions:
        try:
            say(f"incremental: {action} ({designs(tables, action)[0]})")
            trial, effect = _learn(tables, clv, action, first)
        except ServiceliftError as error:
            notes.append(f"{action}: left out: {error}")
            continue
        point[action] = _action_model(tables, action, trial, effect, columns, None)
        run.metrics(_figures(effect), prefix=f"{action}_")
        early, late = _cut(trial)
        held_out = _hold(trial, effect, late, columns)
        try:
            judged[action] = _action_model(tables, action, trial, effect, columns, early)
            held[action] = held_out
        except ServiceliftError as error:
            notes.append(f"{action}: not judged on later decisions: {error}")
    if not point:
        raise DataError(f"no action can be learnt from: {'; '.join(notes)}")
    model = IncrementalModel(point=point, judged=judged, columns=columns)
    run.figure(effect_rank_plot(_curves(model, held), config.currency), "effect_by_rank")
    say("incremental: value of policies on held-out decisions")
    notes += _value_policies(tables, tracker, run, clv, model, held)
    jury = _jury(held, config.seed)
    say("incremental: register")
    return promote(
        tracker,
        config.model_name("incremental"),
        model,
        typical_row(_example(held, trial, columns)),
        run=run,
        jury=jury,
        beside={"without any effect": jury.loss(jury.floor)},
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


def incremental_jury(tables: Tables, tracker: Tracker, say: Say) -> Jury:
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
    columns = tuple(feature_names(tables))
    first, held, notes = snapshot_instants(tables)[0], dict[str, Held](), list[str]()
    for action in config.incremental.actions:
        try:
            say(f"incremental: {action}")
            trial, effect = _learn(tables, clv, action, first)
        except ServiceliftError as error:
            notes.append(f"{action}: {error}")
            continue
        held[action] = _hold(trial, effect, _cut(trial)[1], columns)
    if not held:
        raise DataError(f"no action can be judged: {'; '.join(notes)}")
    return _jury(held, config.seed)


def _learn(tables: Tables, clv: ClvModel, action: str, first: pd.Timestamp) -> tuple[TrialData, AverageOutcome]:
    """Return the decisions of an action under its headline design, and its average effect."""
    config = tables.config
    design = designs(tables, action)[0]
    trial = trial_data(tables, action, since=first, until=tables.data_until, design=design, seed=config.seed)
    return trial, average_outcome(trial, clv, settings_of(config, action))


def _example(held: dict[str, Held], trial: TrialData, columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.concat([h.features for h in held.values()]) if held else trial.features[list(columns)]


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


def _action_model(
    tables: Tables,
    action: str,
    trial: TrialData,
    effect: AverageOutcome,
    columns: tuple[str, ...],
    rows: NDArray[np.bool_] | None,
) -> ActionModel:
    """Fit the individual effects on ``rows`` of a trial (all, if None)."""
    config = tables.config.incremental.actions[action]
    kept = np.ones(len(trial.treated), dtype=bool) if rows is None else rows
    individual = IndividualEffect(seed=tables.config.seed).fit(
        trial.features.loc[kept, list(columns)],
        trial.treated[kept],
        effect.outcome[kept],
        groups=trial.units["customer_id"].to_numpy()[kept],
        propensity=trial.units["propensity"].to_numpy()[kept] if trial.design == "randomised" else None,
        nuisances=effect.fitted.nuisances_ if rows is None else None,
        average=effect.effect if rows is None else None,
    )
    treated = trial.units[trial.treated == 1]
    accepted = float(treated["accepted"].astype(float).mean()) if treated["accepted"].notna().any() else np.nan
    expected = config.cost + config.cost_if_accepted * (0.0 if np.isnan(accepted) else accepted)
    return ActionModel(individual, expected, accepted, trial.design)


def _cut(trial: TrialData) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return masks of early and held-out decisions; early follow-ups end before the held-out ones begin."""
    moments = trial.units["as_of"]
    start = moments.quantile(1 - _HELD_OUT_SHARE)
    early = moments + pd.Timedelta(days=trial.follow_up_days) <= start
    return np.asarray(early, dtype=bool), np.asarray(moments >= start, dtype=bool)


def _hold(trial: TrialData, effect: AverageOutcome, late: NDArray[np.bool_], columns: tuple[str, ...]) -> Held:
    e = effect.fitted.propensity_
    return Held(
        trial.units.loc[late, ["customer_id", "as_of"]].reset_index(drop=True),
        trial.features.loc[late, list(columns)].reset_index(drop=True),
        effect.fitted.scores()[late],
        (e * (1 - e))[late],
    )


def _jury(held: dict[str, Held], seed: int) -> Jury:
    """Return the held-out decisions of all actions as judges.

    The loss is the overlap-weighted squared distance of predicted effects from doubly robust scores: its expectation
    is least at the true effects; an action that a model does not know counts as no effect.
    """
    empty = np.empty(0)
    return Jury(
        measure="squared error of held-out effects",
        losses_of=lambda model: _losses(model.judged.get, held),
        customers=np.concatenate([empty.astype(object), *(part.customers for part in held.values())]),
        floor=_losses(dict[str, ActionModel]().get, held),
        floor_name="no effect at all",
        seed=seed,
        weight=np.concatenate([empty, *(part.weight for part in held.values())]),
    )


def _losses(model_of: Callable[[str], ActionModel | None], held: dict[str, Held]) -> NDArray[np.float64]:
    losses = [np.empty(0)]
    for action, part in held.items():
        model = model_of(action)
        predicted = 0.0 if model is None else model.individual.predict(part.features)
        losses.append((part.scores - predicted) ** 2)
    return np.concatenate(losses)


def _curves(
    model: IncrementalModel, held: dict[str, Held]
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return for each action the mean score of the best-ranked share, for shares from 5% on."""
    curves = {}
    for action, part in held.items():
        order = np.argsort(-model.judged[action].individual.predict(part.features), kind="stable")
        running = np.cumsum((part.weight * part.scores)[order]) / np.cumsum(part.weight[order])
        share = np.arange(1, len(order) + 1) / len(order)
        curves[action] = (share[share >= 0.05], running[share >= 0.05])
    return curves
