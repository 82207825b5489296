"""Everything that is fitted for a statement: effects, negative controls, lasting differences and the programme."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...core.errors import ModelError, ServiceliftError
from ...core.parallel import in_parallel
from ...core.progress import Say, silent
from ...core.records import RowKind, StudyDesign, TrialData
from ...core.refusals import reason_of
from ...core.short_repr import ShortRepr
from ...features.catalogue.catalogue import lasting_names
from ...features.tables.tables import Tables
from ...features.trials.contrasts import contrast_study
from ...features.trials.decisions import designs
from ...features.trials.follow_up import PERIOD, follow_each
from ...features.trials.study import Study, action_study, drawn_or_why
from ...models.actions.bridge import lasting_effect
from ...models.actions.correction import corrected
from ...models.actions.effect import ActionEffect, settings_of
from ...models.actions.programme import ProgrammeEffect
from ...models.effects.inference import EffectEstimate
from ...models.portfolio import ClvModel
from ...models.refutation.negative_control import chosen_untreated
from .pending import LeftOut, Pending, estimate_one
from .programme import programme_of

__all__ = [
    "Estimated",
    "Estimates",
    "completed",
    "fit_statement",
    "negative_controls",
    "observational_of",
    "rectified",
]


@dataclass(frozen=True)
class Estimated(ShortRepr):
    """One action x initiative x design, or one contrast, estimated; ``kind`` says which.

    Parameters
    ----------
    kind
        Whether somebody decided, or it happened: each is a family of its own.
    initiative
        Initiative, None without.
    headline
        Whether this design is the one that speaks for the action; never of a contrast.
    trial
        The decisions.
    effect
        The effect with its checks.
    """

    kind: RowKind
    initiative: str | None
    headline: bool
    trial: TrialData
    effect: ActionEffect

    @property
    def key(self) -> tuple[str, str | None]:
        """Action and initiative: rows of both designs share it."""
        return self.trial.action, self.initiative

    @property
    def randomised(self) -> bool:
        """Whether chance decided who was treated."""
        return self.trial.design == StudyDesign.RANDOMISED


@dataclass(frozen=True)
class Estimates:
    """All that was fitted for a statement.

    Parameters
    ----------
    estimated
        Every estimate, in the order of the statement's rows.
    negative_controls
        For each of them what being chosen and held out seems to do; None where it cannot be seen.
    lasting
        For each of them the difference after adjusting for what lasts alone, for one treated customer; NaN where it
        is not asked for.
    programme
        The effect of one decision with no later action, by action.
    left_out
        What could not be estimated.
    """

    estimated: tuple[Estimated, ...]
    negative_controls: tuple[EffectEstimate | None, ...]
    lasting: tuple[float, ...]
    programme: Mapping[str, ProgrammeEffect]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class _Asked(ShortRepr):
    """A trial to be followed, or why it could not be drawn, and what its rows will be."""

    kind: RowKind
    name: str
    design: StudyDesign | None
    headline: bool
    study: Study | ServiceliftError


def fit_statement(
    tables: Tables, clv: ClvModel, since: pd.Timestamp, until: pd.Timestamp, say: Say = silent
) -> Estimates:
    """Estimate every action and contrast of the config on the decisions in [since, until).

    Raises
    ------
    ModelError
        Actions follow each other so closely that their effects cannot be told apart.
    """
    planned = _planned(tables, since, until, say)
    pending = [one for one in planned if isinstance(one, Pending)]
    threads = tables.config.engine.threads
    made = iter(in_parallel(estimate_one, clv, pending, threads=threads, begin=lambda place: say(pending[place].stage)))
    estimated: list[Estimated] = []
    left_out: list[LeftOut] = []
    for one in planned:
        result = next(made) if isinstance(one, Pending) else one
        if isinstance(result, LeftOut):
            left_out.append(result)
        elif isinstance(one, Pending):
            estimated.append(Estimated(one.kind, one.initiative, one.headline, one.trial, result))
    say("effects: checks on several of them together")
    return completed(tables, clv, estimated, left_out)


def completed(
    tables: Tables, clv: ClvModel, estimated: Sequence[Estimated], left_out: Sequence[LeftOut] = ()
) -> Estimates:
    """Return the estimates with what is fitted on several of them together."""
    config = tables.config
    mixed = [name for name, action in config.incremental.actions.items() if action.assignment == "mixed"]
    estimated = rectified(estimated)
    return Estimates(
        tuple(estimated),
        tuple(negative_controls(estimated, mixed, clv.seed)),
        tuple(_lasting(tables, one, estimated) for one in estimated),
        programme_of(estimated, clv, annual_discount_rate=config.value.annual_discount_rate),
        tuple(left_out),
    )


def rectified(estimated: Sequence[Estimated]) -> list[Estimated]:
    """Return the estimates corrected by what mature decisions show of their forecasts, in their order.

    How wrong forecasts are is learnt from all rows whose controls were held out, and apart from them from all others:
    there the comparison of mature decisions may be biased by the choice.
    """
    found = list(estimated)
    for randomised in (True, False):
        places = [place for place, one in enumerate(estimated) if one.randomised == randomised]
        alike = [estimated[place] for place in places]
        effects = corrected([one.effect for one in alike], [one.trial for one in alike])
        for place, one, effect in zip(places, alike, effects, strict=True):
            found[place] = replace(one, effect=effect)
    return found


def negative_controls(estimated: Sequence[Estimated], mixed: Collection[str], seed: int) -> list[EffectEstimate | None]:
    """Return for each observational estimate what being chosen and held out seems to do, where it can be seen.

    Parameters
    ----------
    estimated
        All estimates of the report.
    mixed
        Actions whose customers are chosen before some are held out at random: only there do the held-out tell what
        the choice looked at.
    seed
        Seed of the CLV model's bootstrap weights.
    """
    held = {one.key: one for one in estimated if one.randomised and one.trial.action in mixed}
    controls: list[EffectEstimate | None] = []
    for one in estimated:
        randomised = held.get(one.key)
        control = None
        if randomised is not None and not one.randomised:
            try:
                control = chosen_untreated(randomised.trial, randomised.effect, one.trial, one.effect, seed=seed)
            except ModelError:
                control = None  # too few were held out for a check, which is no failure
        controls.append(control)
    return controls


def observational_of(one: Estimated, estimated: Sequence[Estimated]) -> Estimated | None:
    """Return the observational estimate of the same action and initiative, if there is one."""
    return next((e for e in estimated if e.key == one.key and not e.randomised), None)


def _lasting(tables: Tables, one: Estimated, estimated: Sequence[Estimated]) -> float:
    """Return the difference after adjusting for what lasts alone; of headlines and contrasts only."""
    observed = observational_of(one, estimated)
    if observed is None or not (one.headline or one.kind == RowKind.CONTRAST):
        return np.nan
    config = tables.config
    names = [*lasting_names(tables), PERIOD]
    folds = config.incremental.folds
    return lasting_effect(observed.trial, observed.effect.outcome, names, folds=folds, seed=config.seed)


def _planned(tables: Tables, since: pd.Timestamp, until: pd.Timestamp, say: Say) -> list[Pending | LeftOut]:
    """Return what is to be estimated in the order of the statement's rows, and what cannot be."""
    asked: list[_Asked] = []
    if tables.config.incremental.actions and tables.has("actions"):
        asked += _actions(tables, since, until, say)
    asked += _contrasts(tables, since, until, say)
    say("decisions: what became of them")
    planned: list[Pending | LeftOut] = []
    for one, found in zip(asked, follow_each(tables, [one.study for one in asked]), strict=True):
        if isinstance(found, ServiceliftError):
            planned.append(LeftOut(one.name, one.design, reason_of(found)))
            continue
        settings = settings_of(tables.config, one.name)
        parts = _by_initiative(found) if one.kind == RowKind.ACTION else [(None, found)]
        planned += [Pending(one.kind, name, one.headline, trial, settings) for name, trial in parts]
    return planned


def _actions(tables: Tables, since: pd.Timestamp, until: pd.Timestamp, say: Say) -> list[_Asked]:
    asked = []
    for action in tables.config.incremental.actions:
        try:
            allowed = [StudyDesign(design) for design in designs(tables, action)]
        except ServiceliftError as error:
            asked.append(_Asked(RowKind.ACTION, action, None, False, error))
            continue
        for design in allowed:
            say(f"decisions: {action} ({design})")
            headline = design == allowed[0]
            study = drawn_or_why(
                action_study, tables, action, since=since, until=until, design=design, seed=tables.config.seed,
                decomposition=headline,
            )  # fmt: skip
            asked.append(_Asked(RowKind.ACTION, action, design, headline, study))
    return asked


def _contrasts(tables: Tables, since: pd.Timestamp, until: pd.Timestamp, say: Say) -> list[_Asked]:
    asked = []
    for name in tables.config.incremental.contrasts:
        say(f"decisions: {name}")
        study = drawn_or_why(contrast_study, tables, name, since=since, until=until, seed=tables.config.seed)
        asked.append(_Asked(RowKind.CONTRAST, name, None, False, study))
    return asked


def _by_initiative(trial: TrialData) -> list[tuple[str | None, TrialData]]:
    """Return the trial of each initiative; controls without one serve every initiative of the action."""
    of = trial.units["initiative"]
    treated = of[trial.treated == 1]
    names = [None if pd.isna(name) else str(name) for name in treated.unique()]
    if len(names) == 1:
        return [(names[0], trial)]
    parts = []
    for name in names:
        own = of.isna() if name is None else of.astype(str) == name
        parts.append((name, trial.take((own | ((trial.treated == 0) & of.isna())).to_numpy())))
    return parts
