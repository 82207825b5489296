"""Trials: who was treated, who was not, and from which instant on both are followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
import pandas as pd

from ...core.contract_state import LAPSED, RUNNING
from ...core.errors import ConfigError
from ...core.records import StudyDesign
from ...core.short_repr import ShortRepr
from ...core.time import local_months
from ..expressions import Value
from ..outcomes.action_cost import cost_of_decisions
from ..tables.tables import Tables
from ..timeline.look_ahead import is_treated
from ..timeline.spine import is_contractual
from .arms import exposed_within
from .controls import draw_controls, first_of_month
from .eligibility import action_config, eligible, present
from .propensities import Propensities, is_observed, with_propensities

__all__ = [
    "OBSERVATIONAL",
    "RANDOMISED",
    "Decisions",
    "decisions",
    "designs",
    "eligible",
    "finished_units",
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
    elsewhere
        Of the treated ones left out, those whose customer was in the other state: lapsed where the action is for
        running customers, running where it is for lapsed ones.
    missing_controls
        Controls that the config asks for and the eligible customers could not give.
    propensities
        What the propensities are worth: recorded ones, or the share of treated observed within strata.
    """

    units: pd.DataFrame
    ineligible_treated: int
    ineligible_controls: int = 0
    elsewhere: int = 0
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
    control before its own treatment. Controls of an action for lapsed customers are sampled as the treated are spread
    over the time since their end: few of the long gone are like those who have just left.
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
    left_out = recorded[~fits]
    units = recorded[fits]
    missing = 0
    state = action_config(tables, action).state
    if design == OBSERVATIONAL:
        drawn, missing = draw_controls(
            tables,
            f"{seed}/{action}",
            units,
            first_of_month(_treatments(tables, action), tables.config.timezone),
            lambda rows: eligible(tables, rows, action).to_numpy(),
            state=state,
        )
        units = pd.concat([units, drawn], ignore_index=True)
    return Decisions(
        finished_units(tables, units, action, design, _treatments(tables, action)),
        ineligible_treated=int((left_out["treated"] == 1).sum()),
        ineligible_controls=int((left_out["treated"] == 0).sum()),
        elsewhere=_elsewhere(tables, left_out[left_out["treated"] == 1], state),
        missing_controls=missing,
        propensities=worth,
    )


def _elsewhere(tables: Tables, left_out: pd.DataFrame, state: str) -> int:
    """Return how many of the decisions left out are on customers in the other state; 0 without contracts."""
    if left_out.empty or not is_contractual(tables):
        return 0
    return int(present(tables, left_out[["customer_id", "as_of"]], LAPSED if state == RUNNING else RUNNING).sum())


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


def _treatments(tables: Tables, action: str) -> pd.DataFrame:
    """Return every treatment by ``action``: customer_id and at."""
    rows = tables["actions"]
    return tables.execute(rows.filter(is_treated(rows), rows.action == action).select("customer_id", at="decided_at"))


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
