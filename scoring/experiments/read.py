"""An experiment read afterwards: planned against observed, from the same plan file and the estimate of the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError, DataError
from ...core.files import complete_folder
from ...core.locale import Locale
from ...core.messages import capitalised
from ...core.output_lock import locked_file
from ...core.progress import Say, silent
from ...core.records import TrialData
from ...core.short_repr import ShortRepr
from ...core.time import instant
from ...features.tables.tables import Opener, Tables, open_tables
from ...features.trials.decisions import RANDOMISED, decisions, designs
from ...features.trials.follow_up import trial_data
from ...models.actions.effect import AverageOutcome, average_outcome, settings_of
from ...models.effects.inference import EffectEstimate
from ...models.targeting.power import Terms
from ...tracking import Tracker
from .looks import look_reached, widened
from .plan_file import PlanFile, read_plan
from .words import PLAN, READING

__all__ = ["ExperimentReading", "read_experiment"]


@dataclass(frozen=True)
class ExperimentReading(ShortRepr):
    """Planned against observed.

    Parameters
    ----------
    table
        One row a figure: ``figure``, ``planned``, ``observed``.
    conclusion
        What the experiment shows, in a sentence.
    out
        The Markdown page beside the plan.
    locale
        How its lines are written.
    """

    table: pd.DataFrame
    conclusion: str
    out: Path
    locale: Locale = field(default_factory=Locale)

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        rows = [
            READING.say(self.locale, "line", figure=figure, planned=planned, observed=observed)
            for figure, planned, observed in self.table.to_numpy()
        ]
        return [*rows, self.conclusion, READING.say(self.locale, "file", page=str(self.out))]


def read_experiment(config: Config, path: Path, say: Say = silent, opened: Opener | None = None) -> ExperimentReading:
    """Compare a plan with what its decisions brought, and write ``<plan>.reading.md`` beside it.

    Only matured decisions count, and only those with a recorded propensity in both arms: an experiment is read by
    its design. The effect is the one of `servicelift roi`, whose page holds the checks.

    ``opened`` gives the tables of a configuration where they are open already.

    Raises
    ------
    ConfigError
        The file is no plan, or of another business.
    DataError
        Nothing was held out, or no decision has matured yet.
    """
    made, locale = read_plan(path), config.locale
    if made.business != config.business:
        raise ConfigError(f"'{path}' plans for business '{made.business}', the configuration is of '{config.business}'")
    out = path.with_suffix(".reading.md")
    with locked_file(out):
        say("tables: open and check")
        tables = (opened or open_tables)(config)
        clv = Tracker.of(config).load(config.model_name("clv")).model
        say("plan: read the decisions")
        trial = _trial(tables, made)
        say("plan: effect")
        estimate = average_outcome(trial, clv, settings_of(config, made.action))
        table, conclusion = _compared(made, trial, estimate, locale)
        with complete_folder(out.parent) as folder:
            (folder / out.name).write_text(_page(made, table, conclusion, locale), encoding="utf-8")
        return ExperimentReading(table, conclusion, out, locale)


def _trial(tables: Tables, made: PlanFile) -> TrialData:
    """Return the matured decisions of the plan's period."""
    if RANDOMISED not in designs(tables, made.action):
        raise DataError(
            f"action '{made.action}': expected decisions of both arms with their propensity, found none; load the list"
            " and its holdout into actions, and set assignment: random or mixed"
        )
    config, zone = tables.config, tables.config.timezone
    since, end = instant(made.starts_on, zone), tables.data_until
    until = end if made.enrolled_on is None else min(instant(made.enrolled_on, zone), end)
    days = pd.Timedelta(days=config.incremental.follow_up_days)
    if since + days > end:
        so_far = 0
        if since < end:
            so_far = len(decisions(tables, made.action, since, until, config.seed, RANDOMISED).units)
        ends_on = config.locale.day(since + days)
        raise DataError(
            f"the plan starts on {made.starts_on} and its first follow-up ends on {ends_on}, the data on"
            f" {config.locale.day(end)}: {so_far:,} decisions so far and none to read; read it later"
        )
    return trial_data(tables, made.action, since=since, until=until, design=RANDOMISED, seed=config.seed)


def _compared(made: PlanFile, trial: TrialData, estimate: AverageOutcome, locale: Locale) -> tuple[pd.DataFrame, str]:
    """Return the figures planned beside those observed, and what they show."""
    effect = estimate.effect
    treated = int(trial.treated.sum())
    control = len(trial.treated) - treated
    spent = trial.units.loc[trial.treated == 1, "cost"].astype(float)
    cost = float(spent.mean())
    # The spread behind the interval, clusters and the CLV model included: what a next plan should take.
    spread = effect.std_error / np.sqrt(1 / treated + 1 / control)
    terms = Terms(max(spread, 1e-9), control / (treated + control), made.power, made.level)
    least = abs(made.effect if made.prove == "effect" else made.effect - made.cost)
    matured = READING.say(locale, "matured", n=treated, immature=trial.immature)
    ends = {"mid": effect.estimate, "low": effect.low, "high": effect.high}
    money, number = locale.money, locale.number
    rows = {
        "contacted": (number(made.treated), matured),
        "held_out": (number(made.control), number(control)),
        "share": (locale.percent(made.holdout, 1), locale.percent(control / (treated + control), 1)),
        "spread": (money(made.spread_left * made.wider), money(spread)),
        "cost": (money(made.cost), money(cost)),
        "effect": (money(made.effect), READING.say(locale, "money_around", **ends)),
        **_boundary(made, effect, treated + control, locale),
        "detectable": (money(least), money(terms.detectable(treated + control))),
        "return": (locale.percent(made.return_percent / 100), _returns(ends, cost, locale)),
    }
    table = pd.DataFrame(
        [(READING.say(locale, figure), *values) for figure, values in rows.items()],
        columns=["figure", "planned", "observed"],
    )
    codes = _conclusions(made, _ends(made, effect, treated + control), ends, cost, treated)
    first = made.looks[0].customers if made.looks else 0
    conclusion = locale.clauses(
        [READING.say(locale, code, short=made.treated - treated, first=first) for code in codes]
    )
    return table, conclusion


def _ends(made: PlanFile, effect: EffectEstimate, read: int) -> tuple[float, float] | None:
    """Return the interval that may speak at this reading: the plan's own at its look; None before the first."""
    if not made.looks:
        return effect.low, effect.high
    look = look_reached(made, read)
    return None if look is None else widened(effect, made.looks[look].boundary)


def _boundary(made: PlanFile, effect: EffectEstimate, read: int, locale: Locale) -> dict[str, tuple[str, str]]:
    """Return the row on the look that is reached; nothing of a plan with one look, or before the first."""
    look, ends = look_reached(made, read), _ends(made, effect, read)
    if look is None or ends is None:
        return {}
    z, n = made.looks[look].boundary, len(made.looks)
    planned = READING.say(locale, "boundary_planned", k=look + 1, n=n, z=z)
    return {"boundary": (planned, READING.say(locale, "boundary_observed", low=ends[0], high=ends[1]))}


def _returns(ends: Mapping[str, float], cost: float, locale: Locale) -> str:
    if not cost > 0:
        return READING.say(locale, "no_cost")
    return READING.say(locale, "return_around", **{end: (value - cost) / cost for end, value in ends.items()})


def _conclusions(
    made: PlanFile, said: tuple[float, float] | None, ends: Mapping[str, float], cost: float, treated: int
) -> list[str]:
    """Return the codes of what the experiment shows about the hypothesis, and of whether it is complete.

    ``said`` is the interval that may speak at this reading, ``ends`` that of one reading.
    """
    early = ["early"] if made.treated > treated else []
    if said is None:
        return ["before_looks", *early]
    low, high = said
    if low > cost:
        shown = "pays"
    elif high < cost:
        shown = "loses"
    elif low > 0 or high < 0:
        shown = "shown"
    else:
        shown = "nothing"
    return [shown, "within" if ends["low"] <= made.effect <= ends["high"] else "outside", *early]


def _page(made: PlanFile, table: pd.DataFrame, conclusion: str, locale: Locale) -> str:
    """Return the reading as Markdown."""

    def say(code: str) -> str:
        return READING.say(locale, code)

    title = READING.say(locale, "title", action=made.action, business=made.business)
    quote = PLAN.say(locale, "quote", when=made.when, then=made.then)
    rows = "\n".join(f"| {figure} | {planned} | {observed} |" for figure, planned, observed in table.to_numpy())
    head = f"| {say('figure')} | {say('planned')} | {say('observed')} |\n|---|---|---|"
    return f"# {title}\n\n> {quote}\n\n{capitalised(conclusion)}.\n\n{head}\n{rows}\n\n{say('note')}\n"
