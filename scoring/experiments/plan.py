"""An experiment before it is paid for: how many customers it takes, how long, and what it is expected to bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from ...core.action_cost import ActionCost
from ...core.arrays import Floats
from ...core.config.business import Config
from ...core.contract_state import LAPSED
from ...core.errors import ConfigError, DataError
from ...core.files import complete_folder
from ...core.hashing import uniform_hash
from ...core.locale import Locale
from ...core.output_lock import locked_file
from ...core.progress import Say, silent
from ...core.time import instant, local_day
from ...features.catalogue.catalogue import build_features
from ...features.outcomes.action_cost import costs_of_actions
from ...features.outcomes.clv_inputs import clv_inputs
from ...features.outcomes.realised_value import realised_value
from ...features.tables.tables import Opener, Tables, open_tables
from ...features.timeline.spine import customer_spine, is_contractual, lapsed_spine, running_spine
from ...features.trials.eligibility import action_config, eligible
from ...models.effects.surrogate import surrogate_outcome
from ...models.portfolio import ClvModel
from ...models.targeting.power import WIDER, Terms, intraclass_correlation, left_after_adjusting
from ...tracking import Tracker
from .looks import MonthlyLooks, in_errors, monthly_looks, planned_looks
from .plan_file import PlanFile
from .plan_page import plan_lines, plan_page
from .words import PLAN

__all__ = ["WIDER", "PlanOutcome", "Wish", "plan"]

_MOST_ROWS = 6_000
"""Customers that the spread is measured on: its error is then below one per cent."""

_MONTHS = 6
_LONGEST = 120
_USUAL_ICC = 0.02
"""Taken where no decision names its agent."""


@dataclass(frozen=True)
class Wish:
    """What is asked of an experiment.

    Parameters
    ----------
    action
        One of the config's actions.
    effect
        Effect worth detecting, for one customer over the horizon, in money.
    when, then
        When agents do this, our customers will do that; "" says it by the action's name.
    cost
        Cost of a contact; None: what offers cost so far, see :mod:`servicelift.core.action_cost`.
    holdout
        Share held out; None: the config's.
    power, level
        Chance of showing the effect, and of showing one that is not there.
    per_month
        Most contacts a month; None: the config's capacity of the action, or as many as can get it.
    prove
        ``effect``: that it is not 0; ``pays``: that it exceeds the cost.
    starts_on
        First day; None: where the data end.
    look
        ``end``: once, when the last follow-up is over; ``monthly``: each month, and ended early where a look shows it.
    wider
        Factor on the standard error for the error of the CLV model, 1 or more.
    """

    action: str
    effect: float
    when: str = ""
    then: str = ""
    cost: float | None = None
    holdout: float | None = None
    power: float = 0.8
    level: float = 0.05
    per_month: int | None = None
    prove: Literal["effect", "pays"] = "effect"
    starts_on: pd.Timestamp | None = None
    wider: float = WIDER
    look: Literal["end", "monthly"] = "end"


@dataclass(frozen=True)
class PlanOutcome:
    """The plan, where it lies, and how its lines are written."""

    plan: PlanFile
    out: Path
    locale: Locale = field(default_factory=Locale)

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        files = PLAN.say(self.locale, "files", plan=str(self.out), page=str(self.out.with_suffix(".md")))
        return [*plan_lines(self.plan, self.locale), files]


def plan(config: Config, wish: Wish, out: Path, say: Say = silent, opened: Opener | None = None) -> PlanOutcome:
    """Write the plan of an experiment: ``out`` (JSON) for reading it later, and a Markdown page beside it.

    The spread of the outcome is the business's own: realised value and the champion's expectation beyond, of customers
    who could get the action a follow-up ago. So is the volume: who could get it at the last month starts.

    ``opened`` gives the tables of a configuration where they are open already.

    Raises
    ------
    ConfigError
        ``out`` does not end in .json, the action is unknown, or a wish is out of its range.
    DataError
        Nobody could get the action.
    ModelError
        There is no CLV champion, or a share is out of its range.
    """
    if out.suffix != ".json":
        raise ConfigError(f"expected a file ending in .json for the plan, got '{out}'")
    with locked_file(out):
        say("tables: open and check")
        tables = (opened or open_tables)(config)
        action_config(tables, wish.action)
        clv: ClvModel = Tracker.of(config).load(config.model_name("clv")).model
        say("plan: spread of the outcome")
        spread = _spread(tables, clv, wish.action)
        say("plan: who can get it")
        volume = _volume(tables, wish.action)
        made = _planned(tables, wish, spread, volume)
        with complete_folder(out.parent) as folder:
            (folder / out.name).write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
            (folder / out.with_suffix(".md").name).write_text(plan_page(made, config.locale), encoding="utf-8")
        return PlanOutcome(made, out, config.locale)


@dataclass(frozen=True)
class _Spread:
    """Standard deviation of the outcome, whole and after adjusting; customers measured; agents and correlation."""

    whole: float
    left: float
    customers: int
    agents: int | None
    icc: float


@dataclass(frozen=True)
class _Volume:
    """Customers who can get the action now, and how many more come each month."""

    now: int
    monthly: float

    def months_for(self, customers: float, per_month: float) -> int | None:
        """Return after how many months so many have been decided upon, at most ``per_month`` in each; None: never."""
        waiting, done = float(self.now), 0.0
        for month in range(1, _LONGEST + 1):
            taken = min(waiting, per_month)
            done, waiting = done + taken, waiting - taken + self.monthly
            if done >= customers:
                return month
        return None

    def within(self, months: int, per_month: float) -> float:
        """Return how many can be decided upon within so many months."""
        waiting, done = float(self.now), 0.0
        for _ in range(months):
            taken = min(waiting, per_month)
            done, waiting = done + taken, waiting - taken + self.monthly
        return done


def _everybody(tables: Tables, action: str, moments: list[pd.Timestamp]) -> pd.DataFrame:
    """Return who is in the action's state at each instant, eligible or not."""
    if not is_contractual(tables):
        return customer_spine(tables, moments)
    return (lapsed_spine if action_config(tables, action).state == LAPSED else running_spine)(tables, moments)


def _spread(tables: Tables, clv: ClvModel, action: str) -> _Spread:
    """Return how the outcome of those who could get the action a follow-up ago spreads."""
    moment = tables.data_until - pd.Timedelta(days=tables.config.incremental.follow_up_days)
    spine = _everybody(tables, action, [moment])
    spine = spine[eligible(tables, spine, action).to_numpy()] if len(spine) else spine
    if spine.empty:
        day = local_day(moment, tables.config.timezone)
        raise DataError(
            f"action '{action}': expected customers who could get it on {day}, found none; check its rule"
            " under eligible:, and that the tables reach back far enough"
        )
    order = np.argsort(uniform_hash(spine["customer_id"], "plan/spread"), kind="stable")[:_MOST_ROWS]
    spine = spine.iloc[np.sort(order)].reset_index(drop=True)
    outcome, features = _outcome(tables, clv, spine)
    left = left_after_adjusting(features, outcome, seed=tables.config.seed)
    whole, after = float(outcome.std(ddof=1)), float(left.std(ddof=1))
    if action_config(tables, action).cluster != "agent":
        return _Spread(whole, min(after, whole), len(spine), None, 0.0)
    agents, icc = _agents(tables, clv, action, moment)
    return _Spread(whole, min(after, whole), len(spine), agents, icc)


def _outcome(tables: Tables, clv: ClvModel, spine: pd.DataFrame) -> tuple[Floats, pd.DataFrame]:
    """Return the surrogate outcome of each row, and the features at its instant."""
    config = tables.config
    days = config.incremental.follow_up_days
    state = spine.assign(as_of=spine["as_of"] + pd.Timedelta(days=days))
    known = build_features(tables, pd.concat([spine, state], ignore_index=True))
    features, later = known.iloc[: len(spine)], known.iloc[len(spine) :].reset_index(drop=True)
    realised = realised_value(tables, spine, state["as_of"])["value"]
    horizon = clv.horizon(days, config.value.annual_discount_rate)
    future = clv.final.predict(clv_inputs(tables, state, later), horizon_months=horizon.remaining_months)
    return surrogate_outcome(realised, future, horizon.discount_at_follow_up), features


def _agents(tables: Tables, clv: ClvModel, action: str, moment: pd.Timestamp) -> tuple[int, float]:
    """Return how many agents decide on the action, and the correlation of outcomes within an agent.

    Raises
    ------
    DataError
        Agents are what is assigned, and no table names them.
    """
    if tables.has("actions", "agent_id"):
        rows = tables["actions"]
        rows = rows.filter(rows.action == action, rows.decided_at <= moment.to_pydatetime())
        decided = tables.execute(
            rows.select("customer_id", "agent_id", as_of="decided_at").order_by("as_of", "customer_id")
        ).dropna(subset=["agent_id"])
        decided = decided.tail(_MOST_ROWS // 2).drop_duplicates(["customer_id", "as_of"]).reset_index(drop=True)
        several = decided["agent_id"].value_counts().max() if len(decided) else 0
        if several >= 2 and len(decided) >= 50:
            outcome, features = _outcome(tables, clv, decided[["customer_id", "as_of"]])
            left = left_after_adjusting(features, outcome, seed=tables.config.seed)
            return decided["agent_id"].nunique(), intraclass_correlation(left, decided["agent_id"])
    if not tables.has("agents"):
        raise DataError(
            f"action '{action}' is assigned by agent: expected agents in actions.agent_id or a table agents, found"
            " neither; bring one, or set cluster: customer"
        )
    return len(tables.execute(tables["agents"].select("agent_id"))), _USUAL_ICC


def _volume(tables: Tables, action: str) -> _Volume:
    """Return who can get the action at the last month start, and how many for the first time each month before."""
    zone = tables.config.timezone
    month = pd.Timestamp(local_day(tables.data_until, zone)).replace(day=1)
    moments = [instant((month - pd.DateOffset(months=back)).date(), zone) for back in range(_MONTHS, -1, -1)]
    last = moments[-1]
    spine = _everybody(tables, action, moments)
    fits = spine[eligible(tables, spine, action).to_numpy()]
    if fits.empty:
        raise DataError(f"action '{action}': nobody could get it in the last {_MONTHS} months; check its rule")
    first = fits.groupby("customer_id")["as_of"].min()
    new = [int((first == moment).sum()) for moment in moments[2:]]
    return _Volume(int((fits["as_of"] == last).sum()), float(np.mean(new)))


def _cost(tables: Tables, wish: Wish) -> tuple[float, ActionCost | None]:
    """Return the cost of a contact and where it comes from; None: it was given by hand."""
    if wish.cost is not None:
        return wish.cost, None
    rule = costs_of_actions(tables)[wish.action]
    return rule.unit, rule


def _to_show(wish: Wish, cost: float) -> float:
    """Return the distance that the experiment has to show: from no effect, or from the cost."""
    if not (cost > 0 and np.isfinite(wish.effect)):
        raise ConfigError(
            f"expected a cost of a contact above 0 and a finite effect, got {cost:,.2f} and {wish.effect}; give --cost,"
            f" cost under incremental: actions: {wish.action}:, or actions.cost in the tables"
        )
    if wish.prove == "pays" and wish.effect <= cost:
        raise ConfigError(
            f"expected an effect above the cost of {cost:,.2f} to show that it pays, got {wish.effect:,.2f}; an action"
            " whose hoped-for effect does not cover its cost needs no experiment"
        )
    return wish.effect if wish.prove == "effect" else wish.effect - cost


def _customers(
    wish: Wish, terms: Terms, to_show: float, within: Callable[[int], float]
) -> tuple[int | None, MonthlyLooks | None]:
    """Return how many customers it takes, and the looks where it is read every month."""
    if wish.look == "monthly":
        return monthly_looks(terms, to_show, within, _LONGEST)
    return terms.customers_for(to_show), None


def _planned(tables: Tables, wish: Wish, spread: _Spread, volume: _Volume) -> PlanFile:
    """Return the plan from what was measured."""
    config, of = tables.config, action_config(tables, wish.action)
    cost, rule = _cost(tables, wish)
    holdout = config.incremental.holdout.share if wish.holdout is None else wish.holdout
    terms = Terms(spread.left * wish.wider, holdout, wish.power, wish.level, spread.agents, spread.icc)
    most = wish.per_month if wish.per_month is not None else of.capacity
    per_month = np.inf if most is None else most / (1 - holdout)
    customers, each = _customers(wish, terms, _to_show(wish, cost), lambda m: volume.within(m, per_month))
    months = None if customers is None else volume.months_for(customers, per_month)
    start = pd.Timestamp(config.locale.day(wish.starts_on or tables.data_until))
    ends = None if months is None else start + pd.DateOffset(months=months)
    result = None if ends is None else ends + pd.Timedelta(days=config.incremental.follow_up_days)
    held = 0 if customers is None else round(customers * holdout)
    treated = 0 if customers is None else customers - held
    # An interval of the planned level around the assumed effect, in returns.
    last = terms.quantile(1 - wish.level / 2) if each is None else in_errors(each.looks.boundaries[-1], terms)
    half = 0.0 if customers is None else last * terms.std_error(customers)
    low, middle, high = (
        (effect - cost) / cost * 100 for effect in (wish.effect - half, wish.effect, wish.effect + half)
    )
    return PlanFile(
        business=config.business,
        action=wish.action,
        currency=config.currency,
        horizon_months=config.value.horizon_months,
        follow_up_days=config.incremental.follow_up_days,
        when=wish.when or PLAN.say(config.locale, "default_when", action=wish.action),
        then=wish.then or PLAN.say(config.locale, "default_then", effect=wish.effect),
        effect=wish.effect,
        cost=cost,
        cost_rule=rule,
        prove=wish.prove,
        holdout=holdout,
        power=wish.power,
        level=wish.level,
        assigned=of.cluster,
        agents=spread.agents,
        icc=spread.icc,
        spread=spread.whole,
        spread_left=spread.left,
        wider=wish.wider,
        measured_on=spread.customers,
        eligible_now=volume.now,
        eligible_monthly=volume.monthly,
        customers=customers,
        treated=treated,
        control=held,
        months=months,
        detectable_in_a_year=terms.detectable(max(volume.within(12, per_month), 1.0)),
        starts_on=start.date(),
        enrolled_on=None if ends is None else ends.date(),
        result_on=None if result is None else result.date(),
        **({} if each is None else planned_looks(each, start, config.incremental.follow_up_days)),
        gain=wish.effect * treated,
        spent=cost * treated,
        return_percent=middle,
        return_low=low,
        return_high=high,
    )
