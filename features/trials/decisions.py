"""Trials: who was treated, who was not, and from which instant on both are followed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.contract import RECORDED_AT
from ...core.errors import ConfigError
from ...core.hashing import uniform_hash
from ...core.records import StudyDesign
from ...core.short_repr import ShortRepr
from ...core.time import local_months
from ..expressions import Value
from ..outcomes.action_cost import cost_of_decisions
from ..tables.tables import Tables
from ..timeline.known import KNOWN_AT, known_rows
from ..timeline.look_ahead import is_treated
from ..timeline.spine import is_contractual
from .arms import exposed_within
from .eligibility import action_config, eligible
from .propensities import Propensities, is_observed, with_propensities

__all__ = [
    "OBSERVATIONAL",
    "RANDOMISED",
    "Decisions",
    "decisions",
    "designs",
    "draw_controls",
    "eligible",
    "finished_units",
    "first_of_month",
]

RANDOMISED = StudyDesign.RANDOMISED
OBSERVATIONAL = StudyDesign.OBSERVATIONAL

_COLUMNS = (
    "unit",
    "customer_id",
    "as_of",
    "action",
    "design",
    "treated",
    "propensity",
    "period",
    "agent_id",
    "initiative",
    "cost",
    "cost_recorded",
    "accepted",
    "action_id",
    "treated_later",
)

_DEFAULTS: dict[str, Any] = {
    "treated": 0,
    "propensity": np.nan,
    "agent_id": None,
    "initiative": None,
    "cost": 0.0,
    "cost_recorded": False,
    "accepted": pd.NA,
    "action_id": None,
}

_MAY_BE_MISSING = ("action_id", "agent_id", "initiative")
"""Identifiers that a drawn control has none of; integers stay integers beside the missing ones."""


@dataclass(frozen=True)
class Decisions(ShortRepr):
    """The units of a trial on one action: treated and controls, each with its own time zero.

    Parameters
    ----------
    units
        One row a decision, ordered by as_of: ``unit`` (0, 1, ...), ``customer_id``, ``as_of`` (instant of
        the decision, or the instant drawn), ``action``, ``design``, ``treated`` (0 or 1), ``propensity``
        (recorded; NaN on drawn controls), ``period`` (YYYY-MM in the config's timezone), ``agent_id``,
        ``initiative``, ``cost`` (the action's own; 0 for controls), ``cost_recorded`` (whether the table says
        it), ``accepted`` (boolean, missing where unknown), ``action_id`` (missing on drawn controls) and
        ``treated_later`` (a control treated by the same action within the follow-up).
    ineligible_treated, ineligible_controls
        Recorded decisions left out because the eligibility rule did not hold at the decision.
    missing_controls
        Controls that the config asks for and the eligible customers could not give.
    propensities
        What the propensities are worth: recorded ones, or the share of treated observed within strata.
    """

    units: pd.DataFrame
    ineligible_treated: int
    ineligible_controls: int = 0
    missing_controls: int = 0
    propensities: Propensities = field(default_factory=Propensities)

    @property
    def observed_propensity(self) -> bool:
        """Whether the propensity is the share of treated observed within strata, for want of a recorded one."""
        return bool(self.propensities.strata)

    @property
    def treated_later_share(self) -> float:
        """Share of the controls that were treated by the same action within the follow-up; NaN without any."""
        return float(self.units.loc[self.units["treated"] == 0, "treated_later"].mean())


def designs(tables: Tables, action: str) -> tuple[str, ...]:
    """Return the designs that the data and the config allow for ``action``; the first makes the headline.

    ``randomised`` needs an assignment that is random or mixed, and recorded rows of both arms whose
    propensity lies strictly between 0 and 1. Where the table has no propensity, or on one arm only, ``random`` alone
    is enough: the share observed within the strata of the draw then stands for it.

    Raises
    ------
    ConfigError
        The config has no such action.
    """
    assignment = action_config(tables, action).assignment
    recorded = tables.has("actions", "propensity") and not is_observed(tables, action)
    if assignment == "chosen" or not (recorded or (assignment == "random" and tables.has("actions"))):
        return (OBSERVATIONAL,)
    rows = tables["actions"]
    rows = rows.filter(rows.action == action)
    if recorded:
        rows = rows.filter(rows.propensity > 0, rows.propensity < 1)
    arms = tables.execute(rows.select("arm").distinct())["arm"]
    return (RANDOMISED, OBSERVATIONAL) if len(arms) == 2 else (OBSERVATIONAL,)


def decisions(
    tables: Tables, action: str, since: pd.Timestamp, until: pd.Timestamp, seed: int, design: str
) -> Decisions:
    """Return the decisions on ``action`` in [since, until) under one design.

    Parameters
    ----------
    tables
        The business's tables.
    action
        One of the config's actions.
    since, until
        Period of the decisions, naive UTC; the end is left out.
    seed
        Seed of the drawn controls: each customer's draw depends on it, the action, the month and the
        customer's identifier alone.
    design
        ``randomised``: the recorded rows of both arms whose propensity lies strictly between 0 and 1, at
        their own instants; without a usable column propensity it is the share of treated within the strata of the
        draw.
        ``observational``: all treated rows, and controls by sequential trials.

    Raises
    ------
    ConfigError
        The action is unknown, or the design is not one of :func:`designs`.

    Notes
    -----
    Sequential trials (Hernan & Robins 2016; Danaei et al. 2013), one each calendar month: a control draws its
    instant from the instants of the month's treated, must be eligible at that instant, and not yet treated by
    the action in that month. Whether it is treated later plays no part. ``controls_per_treated`` controls
    are sampled for each treated decision of the month; a customer can serve in several months, and be a
    control before its own treatment.
    """
    allowed = designs(tables, action)
    if design not in allowed:
        raise ConfigError(
            f"design: expected {' or '.join(allowed)} for action '{action}', got '{design}'; randomised needs"
            " assignment random or mixed and held-out controls with their propensity"
        )
    recorded = _recorded(tables, action, since, until)
    recorded, worth = with_propensities(tables, action, recorded, draw=design == RANDOMISED)
    recorded = _of_design(recorded, design)
    fits = eligible(tables, recorded[["customer_id", "as_of"]], action).to_numpy()
    left_out = recorded.loc[~fits, "treated"]
    units = recorded[fits]
    missing = 0
    if design == OBSERVATIONAL:
        drawn, missing = draw_controls(
            tables,
            f"{seed}/{action}",
            units,
            first_of_month(_treatments(tables, action), tables.config.timezone),
            lambda rows: eligible(tables, rows, action).to_numpy(),
        )
        units = pd.concat([units, drawn], ignore_index=True)
    return Decisions(
        finished_units(tables, units, action, design, _treatments(tables, action)),
        ineligible_treated=int((left_out == 1).sum()),
        ineligible_controls=int((left_out == 0).sum()),
        missing_controls=missing,
        propensities=worth,
    )


def _of_design(recorded: pd.DataFrame, design: str) -> pd.DataFrame:
    """Return the recorded decisions that a design starts from: of both arms, or the treated ones."""
    if design == RANDOMISED:
        return recorded[(recorded["propensity"] > 0) & (recorded["propensity"] < 1)]
    return recorded[recorded["treated"] == 1]


def _recorded(tables: Tables, action: str, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Return the recorded decisions of both arms in [since, until), with columns that may be missing filled."""
    rows = tables["actions"]
    rows = rows.filter(rows.action == action, rows.decided_at >= _at(since), rows.decided_at < _at(until))
    treated = is_treated(rows)
    optional: dict[str, Any] = {
        "propensity": ibis.null("float64"),
        "agent_id": ibis.null("string"),
        "initiative": ibis.null("string"),
        "accepted": ibis.null("boolean"),
    }
    found = {name: rows[name] if tables.has("actions", name) else empty for name, empty in optional.items()}
    chosen = rows.select(
        "customer_id",
        "action_id",
        as_of=rows.decided_at,
        treated=treated.cast("int64"),
        cost=ibis.ifelse(treated, cost_of_decisions(tables, rows), 0.0),
        cost_recorded=(treated & rows.cost.notnull()) if tables.has("actions", "cost") else ibis.literal(False),
        **found,
    )
    frame = tables.execute(chosen.order_by("as_of", "customer_id", "action_id"))
    for name in _MAY_BE_MISSING:
        if chosen[name].type().is_integer():
            frame[name] = frame[name].astype("Int64")
    return frame.assign(
        period=local_months(frame["as_of"], tables.config.timezone),
        propensity=frame["propensity"].astype("float64"),
        accepted=frame["accepted"].astype("boolean"),
    )


def _at(moment: pd.Timestamp) -> Value:
    return ibis.literal(pd.Timestamp(moment).to_pydatetime()).cast("timestamp(6)")


@dataclass
class _Pool(ShortRepr):
    """Candidates of one month in random order, and how many of them are still wanted."""

    candidates: pd.DataFrame
    wanted: int
    taken: int = 0


def draw_controls(
    tables: Tables,
    salt: str,
    treated: pd.DataFrame,
    exposed: pd.DataFrame,
    fits: Callable[[pd.DataFrame], Bools],
) -> tuple[pd.DataFrame, int]:
    """Return drawn controls (customer_id, as_of, period) and how many could not be found.

    Candidates are looked at in random order, a growing batch at a time over all months, until each month has
    its number: what is found does not depend on the batches.

    Parameters
    ----------
    tables
        The business's tables.
    salt
        What each customer's draw depends on, beside the month and the customer's identifier.
    treated
        Treated units: as_of and period.
    exposed
        Every treatment that there was, of whom and when: customer_id, period and first, the first of the month.
    fits
        Takes rows with customer_id and as_of, and tells which could be treated then.
    """
    rate = tables.config.incremental.controls_per_treated
    pools: dict[str, _Pool] = {}
    spans = _spans(tables)
    for period, group in treated.groupby("period", sort=True):
        wanted = int(np.ceil(rate * len(group)))
        pools[str(period)] = _Pool(_candidates(spans, f"{salt}/{period}", group, str(period)), wanted)
    treated_later: list[pd.DataFrame] = []
    share = 1.5
    while batch := [_next_batch(pool, share) for pool in pools.values() if _unfinished(pool)]:
        rows = pd.concat(batch, ignore_index=True)
        before = rows.merge(exposed, on=["customer_id", "period"], how="left")["first"]
        rows = rows[~(before <= rows["as_of"]).to_numpy()]
        rows = rows[fits(rows)]
        for period, group in rows.groupby("period", sort=False):
            taken = group.head(pools[str(period)].wanted)
            pools[str(period)].wanted -= len(taken)
            treated_later.append(taken)
        share *= 2
    missing = sum(pool.wanted for pool in pools.values())
    return (pd.concat(treated_later, ignore_index=True) if treated_later else treated.iloc[:0]), missing


def _unfinished(pool: _Pool) -> bool:
    return pool.wanted > 0 and pool.taken < len(pool.candidates)


def _next_batch(pool: _Pool, share: float) -> pd.DataFrame:
    start, pool.taken = pool.taken, pool.taken + int(share * pool.wanted) + 50
    return pool.candidates.iloc[start : pool.taken]


def _candidates(spans: pd.DataFrame, salt: str, treated: pd.DataFrame, period: str) -> pd.DataFrame:
    """Return who may serve as a control of one month, each at its drawn instant, in random order."""
    instants = np.sort(treated["as_of"].to_numpy())
    there = (spans["known"] < instants[-1]) & ~(spans["ended"] < instants[0])
    customers = spans.loc[there, "customer_id"].drop_duplicates()
    draw = uniform_hash(customers, f"trial/instant/{salt}")
    order = np.argsort(uniform_hash(customers, f"trial/order/{salt}"), kind="stable")
    at = instants[(draw * len(instants)).astype(np.intp)]
    return pd.DataFrame({"customer_id": customers.to_numpy()[order], "as_of": at[order], "period": period})


def _spans(tables: Tables) -> pd.DataFrame:
    """Return from when until when customers may be running: customer_id, known, ended (missing: to this day).

    Without contracts a customer is there from sign-up on. Ordered by customer.
    """
    name = "subscriptions" if is_contractual(tables) else "customers"
    rows = known_rows(tables, name)
    ended: Value = ibis.null("timestamp(6)")
    if name == "subscriptions" and "ended_at" in rows.columns:
        seen = ibis.coalesce(rows[RECORDED_AT], rows.ended_at) if RECORDED_AT in rows.columns else rows.ended_at
        ended = ibis.ifelse(rows.ended_at.isnull(), ended, ibis.greatest(rows.ended_at, seen))
    return tables.execute(rows.select("customer_id", known=rows[KNOWN_AT], ended=ended).order_by("customer_id"))


def _treatments(tables: Tables, action: str) -> pd.DataFrame:
    """Return every treatment by ``action``: customer_id and at."""
    rows = tables["actions"]
    return tables.execute(rows.filter(is_treated(rows), rows.action == action).select("customer_id", at="decided_at"))


def first_of_month(exposures: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return the first exposure of each customer and month: customer_id, period, first."""
    frame = exposures.assign(period=local_months(exposures["at"], timezone))
    return frame.groupby(["customer_id", "period"], as_index=False).agg(first=("at", "min"))


def finished_units(
    tables: Tables, units: pd.DataFrame, name: str, design: str, exposures: pd.DataFrame
) -> pd.DataFrame:
    """Return the units with every column of :class:`Decisions`, in order of as_of, customer and arm.

    Other columns are kept behind them. ``exposures`` are all that there were, customer_id and at: they tell which
    controls are treated later.
    """
    filled = {column: units.get(column, default) for column, default in _DEFAULTS.items()}
    units = units.assign(**filled)
    units = units.assign(
        treated=units["treated"].fillna(0).astype("int64"),
        cost=units["cost"].fillna(0.0).astype("float64"),
        cost_recorded=units["cost_recorded"].fillna(False).astype("bool"),
        action=name,
        design=design,
    )
    units = units.sort_values(["as_of", "customer_id", "treated"], kind="stable", ignore_index=True)
    units["unit"] = np.arange(len(units))
    days = tables.config.incremental.follow_up_days
    units["treated_later"] = exposed_within(units, exposures, days) & (units["treated"] == 0).to_numpy()
    return units[[*_COLUMNS, *(column for column in units.columns if column not in _COLUMNS)]]
