"""An experiment read afterwards: planned against observed, from the same plan file and the estimate of the house."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError, DataError
from ...core.files import complete_folder, try_file
from ...core.progress import Say, silent
from ...core.records import TrialData
from ...core.short_repr import ShortRepr
from ...features.tables.tables import Tables, open_tables
from ...features.trials.decisions import RANDOMISED, decisions, designs
from ...features.trials.follow_up import trial_data
from ...models.actions.effect import AverageOutcome, average_outcome, settings_of
from ...models.targeting.power import Terms
from ...tracking import Tracker
from .plan_file import PlanFile, read_plan

__all__ = ["ExperimentReading", "read_experiment"]


@dataclass(frozen=True)
class ExperimentReading(ShortRepr):
    """Planned against observed.

    Parameters
    ----------
    table
        One row a figure: ``figure``, ``planned``, ``observed``.
    said
        What the experiment shows, in a sentence.
    out
        The Markdown page beside the plan.
    """

    table: pd.DataFrame
    said: str
    out: Path

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        rows = [f"{row.figure}: planned {row.planned}, observed {row.observed}" for row in self.table.itertuples()]
        return [*rows, self.said, f"reading: {self.out}"]


def read_experiment(config: Config, path: Path, say: Say = silent) -> ExperimentReading:
    """Compare a plan with what its decisions brought, and write ``<plan>.reading.md`` beside it.

    Only matured decisions count, and only those with a recorded propensity in both arms: an experiment is read by
    its design. The effect is the one of `servicelift roi`, whose page holds the checks.

    Raises
    ------
    ConfigError
        The file is no plan, or of another business.
    DataError
        Nothing was held out, or no decision has matured yet.
    """
    made = read_plan(path)
    if made.business != config.business:
        raise ConfigError(f"'{path}' plans for business '{made.business}', the configuration is of '{config.business}'")
    out = path.with_suffix(".reading.md")
    try_file(out)
    say("tables: open and check")
    tables = open_tables(config)
    clv = Tracker.of(config).load(config.model_name("clv")).model
    say("plan: read the decisions")
    trial = _trial(tables, made)
    say("plan: effect")
    found = average_outcome(trial, clv, settings_of(config, made.action))
    table, said = _compared(made, trial, found)
    with complete_folder(out.parent) as folder:
        (folder / out.name).write_text(_page(made, table, said), encoding="utf-8")
    return ExperimentReading(table, said, out)


def _trial(tables: Tables, made: PlanFile) -> TrialData:
    """Return the matured decisions of the plan's period."""
    if RANDOMISED not in designs(tables, made.action):
        raise DataError(
            f"action '{made.action}': expected decisions of both arms with their propensity, found none; load the list"
            " and its holdout into actions, and set assignment: random or mixed"
        )
    until = tables.data_until if made.enrolled_on is None else pd.Timestamp(made.enrolled_on)
    until, seed = min(until, tables.data_until), tables.config.seed
    days = pd.Timedelta(days=tables.config.incremental.follow_up_days)
    if made.since + days > tables.data_until:
        so_far = 0
        if made.since < tables.data_until:
            so_far = len(decisions(tables, made.action, made.since, until, seed, RANDOMISED).units)
        raise DataError(
            f"the plan starts on {made.starts_on} and its first follow-up ends on {made.since + days:%Y-%m-%d}, the"
            f" data on {tables.data_until:%Y-%m-%d}: {so_far:,} decisions so far and none to read; read it later"
        )
    return trial_data(tables, made.action, since=made.since, until=until, design=RANDOMISED, seed=seed)


def _compared(made: PlanFile, trial: TrialData, found: AverageOutcome) -> tuple[pd.DataFrame, str]:
    effect, money = found.effect, made.currency
    treated = int(trial.treated.sum())
    control = len(trial.treated) - treated
    spent = trial.units.loc[trial.treated == 1, "cost"].astype(float)
    cost = float(spent.mean())
    # The spread behind the interval, clusters and the CLV model included: what a next plan should take.
    spread = effect.std_error / np.sqrt(1 / treated + 1 / control)
    terms = Terms(max(spread, 1e-9), control / (treated + control), made.power, made.level)
    rows = [
        ("customers contacted", f"{made.treated:,}", f"{treated:,} matured, {trial.immature:,} not yet"),
        ("customers held out", f"{made.control:,}", f"{control:,}"),
        ("share held out", f"{made.holdout:.1%}", f"{control / (treated + control):.1%}"),
        ("spread behind the interval", f"{made.spread_left * made.wider:,.2f} {money}", f"{spread:,.2f} {money}"),
        ("cost of a contact", f"{made.cost:,.2f} {money}", f"{cost:,.2f} {money}"),
        ("effect", f"{made.effect:,.2f} {money}", _between(effect.estimate, effect.low, effect.high, money)),
        (
            "smallest effect that shows",
            f"{abs(made.effect if made.prove == 'effect' else made.effect - made.cost):,.2f} {money}",
            f"{terms.detectable(treated + control):,.2f} {money}",
        ),
        ("return", f"{made.return_percent:,.0f}%", _returns(effect.estimate, effect.low, effect.high, cost)),
    ]
    table = pd.DataFrame(rows, columns=["figure", "planned", "observed"])
    return table, _said(made, effect.low, effect.high, cost, treated)


def _between(middle: float, low: float, high: float, money: str) -> str:
    return f"{middle:,.2f} {money} ({low:,.2f} to {high:,.2f})"


def _returns(middle: float, low: float, high: float, cost: float) -> str:
    if not cost > 0:
        return "no cost recorded"
    middle, low, high = ((value - cost) / cost * 100 for value in (middle, low, high))
    return f"{middle:,.0f}% ({low:,.0f}% to {high:,.0f}%)"


def _said(made: PlanFile, low: float, high: float, cost: float, treated: int) -> str:
    """Return what the experiment shows about the hypothesis, and whether it is complete."""
    if low > cost:
        shown = "the effect is shown, and it exceeds its cost"
    elif high < cost:
        shown = "whatever the effect is, it does not cover its cost"
    elif low > 0 or high < 0:
        shown = "an effect is shown, but not that it differs from its cost"
    else:
        shown = "no effect is shown: this is no proof that there is none"
    short = made.treated - treated
    rest = f"; {short:,} contacts of the plan have not matured, so this reading is early" if short > 0 else ""
    hoped = "within" if low <= made.effect <= high else "outside"
    return f"{shown}; the effect hoped for lies {hoped} the interval{rest}"


def _page(made: PlanFile, table: pd.DataFrame, said: str) -> str:
    rows = "\n".join(f"| {row.figure} | {row.planned} | {row.observed} |" for row in table.itertuples())
    return (
        f"# ExperimentReading: {made.action.replace('_', ' ')} ({made.business})\n\n"
        f"> When {made.when}, our customers will {made.then}.\n\n{said[0].upper()}{said[1:]}.\n\n"
        f"| figure | planned | observed |\n|---|---|---|\n{rows}\n\n"
        "Effects are for one customer, with 95% intervals that hold the error of the CLV model. The checks stand on the"
        " page\nof `servicelift roi`.\n"
    )
