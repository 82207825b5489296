"""The incremental job: for each action, the effect on the treated and on each customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from ..core.action_cost import ActionCost
from ..core.arrays import Floats
from ..core.config.business import Config
from ..core.errors import DataError, ServiceliftError
from ..core.parallel import Lazy, in_parallel
from ..core.progress import Say
from ..core.time import local_day
from ..features.catalogue.catalogue import feature_names
from ..features.outcomes.action_cost import costs_of_actions
from ..features.tables.tables import Tables
from ..features.trials.decisions import OBSERVATIONAL, designs
from ..features.trials.follow_up import follow_each
from ..features.trials.study import Study, action_study, drawn_or_why
from ..models.portfolio import AT_RISK, ClvModel
from ..models.refutation.negative_control import FEWEST_CHOSEN
from ..models.registered import ActionModel, IncrementalModel
from ..tracking import Run, Tracker, typical_row
from .action_doubts import believed_beside, doubts, refusal_notes, with_beliefs
from .action_models import ActionDecisions, ActionJob, Held, LearntAction, hold_action, learn_action
from .card.plots import cost_curve_plot, effect_rank_plot
from .card.portrait import portray
from .card.words import CARD_WORDS
from .judged import HeldOut, JudgedModel
from .policy_report import policy_report, usual_lists
from .promotion import promote
from .snapshots import snapshot_instants

__all__ = ["incremental_held_out", "left_out", "train_incremental"]

_ROWS_A_DECISION = 5
"""Rows of ``models.max_rows`` that a decision counts for: it brings its outcomes, losses and what would have been."""


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
    job = _job(tables, tracker)
    notes: list[str] = []
    learnt = _of_actions(tables, job, learn_action, say)
    for action, part in learnt.items():
        if part.final is None:
            notes.append(f"{action}: left out: {part.lacking}")
            continue
        run.metrics(part.figures, prefix=f"{action}_")
        if part.left_out:
            notes.append(left_out(config, action, part.left_out))
        if part.evaluation is None:
            notes.append(f"{action}: not judged on later decisions: {part.lacking}")
    doubted = believed_beside(
        doubts({action: part.checked for action, part in learnt.items() if part.checked is not None}),
        {action: part.final.individual.shrunken_ for action, part in learnt.items() if part.final is not None},
    )
    notes += refusal_notes(doubted)
    final = {
        action: replace(part.final, doubt=doubted.get(action))
        for action, part in learnt.items()
        if part.final is not None
    }
    early = {action: part.evaluation for action, part in learnt.items() if part.evaluation is not None}
    evaluation = with_beliefs(early)
    held = {action: part.held for action, part in learnt.items() if part.held is not None}
    if not final:
        raise DataError(f"no action can be learnt from: {'; '.join(notes)}")
    model = IncrementalModel(final=final, evaluation=evaluation, columns=job.columns)
    run.figure(effect_rank_plot(_curves(model, held), config.currency, run.locale), "effect_by_rank")
    say("incremental: value of policies on held-out decisions")
    notes += _value_policies(tables, tracker, run, job.clv, model, held)
    held_out = _held_out(held, config.seed)
    _for_the_card(config, final, learnt, held, run)
    say("incremental: what the model looks at")
    outputs = [f"{action}.incremental_clv" for action in final]
    portray(run, model.predict_frame, _example(held, learnt), outputs, unit=config.currency, seed=config.seed)
    say("incremental: register")
    return promote(
        tracker,
        config.model_name("incremental"),
        model,
        typical_row(_example(held, learnt)),
        run=run,
        held_out=held_out,
        beside={"without any effect": held_out.loss(held_out.naive)},
        notes=tuple(notes),
    )


def left_out(config: Config, action: str, decisions: int) -> str:
    """Return a line on the decisions of an action that were not learnt from."""
    most = config.models.max_rows
    return (
        f"{action}: {decisions:,} of its decisions left out, whole customers at a time: an action is learnt from about"
        f" {most // _ROWS_A_DECISION:,}, for each counts for {_ROWS_A_DECISION} rows of models.max_rows; raise that"
        " to learn from more"
    )


def _for_the_card(
    config: Config,
    final: Mapping[str, ActionModel],
    learnt: Mapping[str, LearntAction],
    held: Mapping[str, Held],
    run: Run,
) -> None:
    """Note what the model was learnt from and judged on, by period and counts, an action a line."""
    say = partial(CARD_WORDS.say, run.locale)
    for action, model in final.items():
        evidence = say(model.evidence.value)
        text = say("decisions", n=len(learnt[action].example), assignment=say(model.assignment), evidence=evidence)
        if action in held:
            units = held[action].units
            days = [local_day(at, config.timezone) for at in (units["as_of"].min(), units["as_of"].max())]
            text = say("decisions_judged", text=text, n=len(units), first=days[0], last=days[1])
        run.facts[say("decisions_on", action=action)] = text
    run.facts[say("follow_up")] = say("follow_up_days", n=config.incremental.follow_up_days)


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
        run.figure(cost_curve_plot(report.curve, config.currency, run.locale), "cost_curve")
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
    learnt = _of_actions(tables, _job(tables, tracker), hold_action, say)
    held = {action: part.held for action, part in learnt.items() if part.held is not None}
    notes = [f"{action}: {part.lacking}" for action, part in learnt.items() if part.held is None]
    if not held:
        raise DataError(f"no action can be judged: {'; '.join(notes)}")
    return _held_out(held, tables.config.seed)


def _columns(tables: Tables, clv: ClvModel) -> tuple[str, ...]:
    """Return the columns that an incremental model learns from."""
    return (*feature_names(tables), *(AT_RISK if clv.final.contractual is not None else ()))


def _job(tables: Tables, tracker: Tracker) -> ActionJob:
    """Return what all actions share. Raises ModelError where there is no CLV champion."""
    clv: ClvModel = tracker.load(tables.config.model_name("clv")).model
    return ActionJob(tables.config, clv, _columns(tables, clv))


def _of_actions(
    tables: Tables,
    job: ActionJob,
    work: Callable[[ActionJob, ActionDecisions], LearntAction],
    say: Say,
) -> dict[str, LearntAction]:
    """Return what ``work`` makes of each action's decisions, on ``engine.threads`` processes.

    Decisions are read from the tables several actions at once, as processes become free: memory holds what
    :func:`follow_each` follows together.
    """
    actions = list(tables.config.incremental.actions)
    costs, first = costs_of_actions(tables), snapshot_instants(tables)[0]
    chosen = work is learn_action and any(designs(tables, action)[0] == OBSERVATIONAL for action in actions)
    read = _decisions(tables, costs, first, tell_choice=chosen)
    learnt = in_parallel(
        work,
        job,
        Lazy(len(actions), lambda _: next(read)),
        threads=tables.config.engine.threads,
        begin=lambda place: say(f"incremental: {actions[place]} ({designs(tables, actions[place])[0]})"),
    )
    return dict(zip(actions, learnt, strict=True))


def _decisions(
    tables: Tables, costs: Mapping[str, ActionCost], first: pd.Timestamp, *, tell_choice: bool
) -> Iterator[ActionDecisions]:
    """Yield the decisions of each action under its headline design, or why there are none.

    ``tell_choice``: some action's effect rests on choice, so where customers were chosen and then held out, others like
    them are drawn as well.
    """
    config = tables.config
    asked = {}
    for action, terms in config.incremental.actions.items():
        headline, *others = designs(tables, action)
        asked[action] = [headline, *(others[:1] if tell_choice and terms.assignment == "mixed" else [])]
    study = partial(
        action_study, tables, since=first, until=tables.data_until, seed=config.seed,
        most=config.models.max_rows // _ROWS_A_DECISION,
    )  # fmt: skip
    trials = follow_each(tables, _studied(study, asked))
    for action, of_action in asked.items():
        trial, *drawn = [next(trials) for _ in of_action]
        if isinstance(trial, ServiceliftError):
            yield ActionDecisions(action, None, lacking=str(trial))
            continue
        # Where nobody like them can be drawn, the choice cannot be checked, which is no failure.
        alike = next((one for one in drawn if not isinstance(one, ServiceliftError)), None)
        yield ActionDecisions(action, trial, costs[action], drawn=alike)


def _studied(study: Callable[..., Study], asked: Mapping[str, Sequence[str]]) -> Iterator[Study | ServiceliftError]:
    """Yield each action's decisions by its headline design, and others like them where a check can use these."""
    for action, (headline, *others) in asked.items():
        found = drawn_or_why(study, action, design=headline)
        yield found
        few = isinstance(found, ServiceliftError) or int((found.units["treated"] == 0).sum()) < FEWEST_CHOSEN
        for design in others:
            yield (
                DataError(f"expected {FEWEST_CHOSEN} customers held out")
                if few
                else drawn_or_why(study, action, design=design)
            )


def _example(held: Mapping[str, Held], learnt: Mapping[str, LearntAction]) -> pd.DataFrame:
    if held:
        return pd.concat([part.features for part in held.values()])
    return next(part.example for part in reversed([*learnt.values()]) if part.final is not None)


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
        predicted = 0.0 if model is None else model.predict(part.features)
        losses.append((part.scores - predicted) ** 2)
    return np.concatenate(losses)


def _curves(model: IncrementalModel, held: dict[str, Held]) -> dict[str, tuple[Floats, Floats]]:
    """Return for each action the mean score of the best-ranked share, for shares from 5% on."""
    curves = {}
    for action, part in held.items():
        order = np.argsort(-model.evaluation[action].predict(part.features), kind="stable")
        running = np.cumsum((part.weight * part.scores)[order]) / np.cumsum(part.weight[order])
        share = np.arange(1, len(order) + 1) / len(order)
        curves[action] = (share[share >= 0.05], running[share >= 0.05])
    return curves
