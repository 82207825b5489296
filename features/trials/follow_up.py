"""The matured decisions of an action, with all that an effect is estimated from."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ...core.contract_state import LAPSED
from ...core.errors import DataError
from ...core.hashing import uniform_hash
from ...core.records import StudyDesign, TrialData
from ...core.refusals import other_state, refusal, within
from ...core.time import DAYS_PER_MONTH, local_day
from ..catalogue.catalogue import build_features
from ..expressions import Rows
from ..outcomes.clv_inputs import clv_inputs
from ..outcomes.losses import losses_of
from ..outcomes.realised_value import realised_value
from ..tables.tables import Tables
from ..timeline.look_ahead import ROW, discount_factor, is_treated, spine_table
from .arms import arm_counts
from .decisions import decisions
from .eligibility import action_config

__all__ = ["PERIOD", "follow", "later_actions", "sampled", "trial_data"]

PERIOD = "period"
"""Covariate of a trial: months since the first period, because conditions change with time."""


def trial_data(
    tables: Tables,
    action: str,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    design: str,
    seed: int,
    beyond_days: int = 180,
    decomposition: bool = True,
    most: int | None = None,
) -> TrialData:
    """Return the decisions on ``action`` in [since, until) whose follow-up is over.

    Parameters
    ----------
    tables
        The business's tables.
    action
        One of the config's actions.
    since, until
        Period of the decisions, naive UTC; the end is left out.
    design
        ``randomised`` (held-out controls) or ``observational`` (controls by sequential trials).
    seed
        Seed of the drawn controls.
    beyond_days
        Length of the window after the follow-up on which the surrogate is checked.
    decomposition
        Whether to bring what the account of an effect needs: the course, months and full horizon of its decisions.
    most
        About how many decisions are kept at most, those of whole customers; the same ones under every design. None:
        all of them.

    Raises
    ------
    DataError
        No treated or no control decision is left.
    """
    drawn = decisions(tables, action, since, until, seed, design)
    units = drawn.units
    if most is not None:
        units = sampled(units, most, f"{seed}/{action}/sample").reset_index(drop=True)
    try:
        trial = follow(
            tables,
            action,
            design,
            units,
            units["as_of"],
            beyond_days=beyond_days,
            ineligible=drawn.ineligible_treated,
            elsewhere=drawn.elsewhere,
            lapsed=action_config(tables, action).state == LAPSED,
            decomposition=decomposition,
        )
    except DataError as error:
        span = " to ".join(str(local_day(moment, tables.config.timezone)) for moment in (since, until))
        raise within(error, f"action '{action}' ({design}), decisions from {span}") from error
    counts = arm_counts(tables, action, trial.units, drawn.propensities)
    return replace(trial, arms=counts, left_out=len(drawn.units) - len(units))


def sampled(units: pd.DataFrame, most: int, salt: str) -> pd.DataFrame:
    """Return the rows of a sample of customers that keeps some ``most`` of them, by a hash that ``salt`` varies."""
    if len(units) <= most:
        return units
    return units[uniform_hash(units["customer_id"], salt) < most / len(units)]


def follow(
    tables: Tables,
    name: str,
    design: str,
    units: pd.DataFrame,
    known_before: pd.Series,
    *,
    beyond_days: int = 180,
    ineligible: int = 0,
    elsewhere: int = 0,
    lapsed: bool = False,
    decomposition: bool = True,
    extra: pd.DataFrame | None = None,
) -> TrialData:
    """Return the units of a trial whose follow-up is over, with all that an effect is estimated from.

    Parameters
    ----------
    tables, beyond_days, decomposition
        As for :func:`trial_data`.
    name, design, ineligible
        The action or contrast, its design, and how many treated units were left out before.
    units
        Columns as of :class:`Decisions`, n rows.
    elsewhere, lapsed
        As of :class:`~servicelift.core.records.TrialData`.
    known_before
        Instant of each unit (n,), at or before its ``as_of``, strictly before which its features must have been known.
    extra
        Further covariates, n rows.

    Raises
    ------
    DataError
        No treated or no control unit is left.
    """
    follow_up = pd.Timedelta(days=tables.config.incremental.follow_up_days)
    ripe = units["as_of"] + follow_up <= tables.data_until
    immature = int(units.loc[~ripe, "treated"].sum())
    end = local_day(tables.data_until, tables.config.timezone)
    if elsewhere and not (ripe & (units["treated"] == 1)).any():
        raise other_state(name, left=0, elsewhere=elsewhere, lapsed=lapsed)
    _check_arms(units["treated"], ripe, ineligible, follow_up.days, end)
    units = units[ripe].reset_index(drop=True)
    spine = units[["customer_id", "as_of"]]
    look = spine.assign(as_of=known_before[ripe].to_numpy())
    state = spine.assign(as_of=spine["as_of"] + follow_up)
    # Both instants of every decision in one pass: compiling the catalogue costs more than its rows.
    known = build_features(tables, pd.concat([look, state], ignore_index=True))
    covariates = None if extra is None else extra[ripe].reset_index(drop=True)
    state_features = known.iloc[len(spine) :].reset_index(drop=True)
    trial = TrialData(
        action=name,
        design=StudyDesign(design),
        units=units,
        features=_covariates(known.iloc[: len(spine)], units[PERIOD], covariates),
        realised=realised_value(tables, spine, state["as_of"]),
        state=clv_inputs(tables, state, state_features),
        later=later_actions(tables, spine, state["as_of"]),
        before=_before(tables, look, follow_up),
        beyond=_realised_over(tables, state, beyond_days),
        beyond_days=beyond_days,
        follow_up_days=follow_up.days,
        immature=immature,
        ineligible=ineligible,
        elsewhere=elsewhere,
        lapsed=lapsed,
    )
    return _with_account(tables, trial) if decomposition else trial


def _with_account(tables: Tables, trial: TrialData) -> TrialData:
    """Return the trial with course, months and full horizon of its decisions."""
    spine = trial.units[["customer_id", "as_of"]]
    until = spine["as_of"] + pd.Timedelta(days=trial.follow_up_days)
    return replace(
        trial,
        losses=losses_of(tables, spine, until, trial.state.contract, trial.realised),
        monthly=_monthly(tables, spine, trial.follow_up_days),
        full=_realised_over(tables, spine, tables.config.value.horizon_months * DAYS_PER_MONTH),
    )


def _check_arms(treated: pd.Series, ripe: pd.Series, ineligible: int, days: int, end: dt.date) -> None:
    """Stop where an arm is empty, and say why: none at all, none eligible, or none whose follow-up is over."""
    for arm, one in ((1, "treated"), (0, "control")):
        of_arm = treated == arm
        if (of_arm & ripe).any():
            continue
        if of_arm.any():
            raise refusal(DataError, "immature", arm=one, days=days, end=end, n=int(of_arm.sum()))
        if arm and ineligible:
            raise refusal(DataError, "ineligible", n=ineligible)
        raise refusal(DataError, f"no_{one}")


def _covariates(known: pd.DataFrame, period: pd.Series, further: pd.DataFrame | None) -> pd.DataFrame:
    """Return features with months since the first period, and further columns where there are any."""
    months = pd.PeriodIndex(period, freq="M")
    features = known.copy()
    features[PERIOD] = (months.year * 12 + months.month).to_numpy(dtype=float)
    features[PERIOD] -= features[PERIOD].min()
    return features if further is None else pd.concat([features, further], axis=1)


def _before(tables: Tables, look: pd.DataFrame, follow_up: pd.Timedelta) -> Floats:
    """Return realised value over the follow-up's length that ends just before each look, (n,)."""
    instant_before = look["as_of"] - pd.Timedelta(1, "us")
    before = realised_value(tables, look.assign(as_of=instant_before - follow_up), instant_before)
    return before["value"].to_numpy()


def _monthly(tables: Tables, spine: pd.DataFrame, days: int) -> Floats:
    """Return realised value cumulated to the end of each whole month within ``days``, (n, months)."""
    months = int(days / DAYS_PER_MONTH)
    if months == 0:
        return np.empty((len(spine), 0))
    ends = [spine["as_of"] + pd.Timedelta(days=month * DAYS_PER_MONTH) for month in range(1, months + 1)]
    value = realised_value(tables, pd.concat([spine] * months, ignore_index=True), pd.concat(ends, ignore_index=True))
    return value["value"].to_numpy().reshape(months, len(spine)).T


def _realised_over(tables: Tables, spine: pd.DataFrame, days: float) -> Floats:
    """Return realised value over the ``days`` after each spine row, NaN where the data end before, (n,)."""
    ends = spine["as_of"] + pd.Timedelta(days=days)
    over = ends <= tables.data_until
    value = np.full(len(spine), np.nan)
    if over.any():
        value[over.to_numpy()] = realised_value(tables, spine[over], ends[over])["value"]
    return value


def later_actions(tables: Tables, spine: pd.DataFrame, until: pd.Series) -> pd.DataFrame:
    """Return the discounted count of treated decisions in (as_of, until], one column an action.

    Columns are the config's actions in order; index as ``spine``.
    """
    names = list(tables.config.incremental.actions)
    if not tables.has("actions") or not len(spine):
        return pd.DataFrame(0.0, index=spine.index, columns=names)
    rows: Rows = spine_table(tables, spine, until=until)
    acts = tables["actions"]
    acts = acts.filter(is_treated(acts)).select(acting="customer_id", at="decided_at", action="action")
    met = rows.inner_join(acts, [rows.customer_id == acts.acting, acts.at > rows.as_of, acts.at <= rows.until])
    factor = discount_factor(met["at"], met["as_of"], tables.config.value.annual_discount_rate)
    summed = met.group_by(ROW).aggregate(
        **{f"n{i}": factor.cast("decimal(30, 8)").sum(where=met["action"] == n) for i, n in enumerate(names)}
    )
    found = tables.execute(summed).set_index(ROW).reindex(range(len(spine)))
    return found.astype("float64").fillna(0.0).set_axis(names, axis=1).set_axis(spine.index)
