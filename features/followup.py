"""The matured decisions of an action, with all that an effect is estimated from."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.errors import DataError
from ..core.exchange import TrialData
from .ahead import ROW, is_treated, spine_table, years
from .catalogue import build_features
from .inputs import clv_inputs
from .outcomes import realised_value
from .sources import Tables
from .trials import decisions

__all__ = ["PERIOD", "later_actions", "trial_data"]

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

    Raises
    ------
    DataError
        No treated or no control decision is left.
    """
    drawn = decisions(tables, action, since, until, seed, design)
    follow_up = pd.Timedelta(days=tables.config.incremental.follow_up_days)
    ripe = drawn.units["as_of"] + follow_up <= tables.data_until
    units = drawn.units[ripe].reset_index(drop=True)
    arms = units["treated"].value_counts()
    if len(arms) < 2:
        raise DataError(
            f"action '{action}' ({design}): expected treated and control decisions between {since:%Y-%m-%d} and "
            f"{until:%Y-%m-%d} with {follow_up.days} days of follow-up before {tables.data_until:%Y-%m-%d}, got "
            f"{int(arms.get(1, 0))} treated and {int(arms.get(0, 0))} controls; choose an earlier period"
        )
    spine = units[["customer_id", "as_of"]]
    state = spine.assign(as_of=spine["as_of"] + follow_up)
    # Both instants of every decision in one pass: compiling the catalogue costs more than its rows.
    known = build_features(tables, pd.concat([spine, state], ignore_index=True))
    features = known.iloc[: len(spine)].copy()
    state_features = known.iloc[len(spine) :].reset_index(drop=True)
    months = pd.PeriodIndex(units["period"], freq="M")
    features[PERIOD] = (months.year * 12 + months.month).to_numpy(dtype=float)
    features[PERIOD] -= features[PERIOD].min()
    instant_before = spine["as_of"] - pd.Timedelta(1, "us")
    before = realised_value(tables, spine.assign(as_of=instant_before - follow_up), instant_before)
    return TrialData(
        action=action,
        design=design,
        units=units,
        features=features,
        realised=realised_value(tables, spine, state["as_of"]),
        state=clv_inputs(tables, state, state_features),
        later=later_actions(tables, spine, state["as_of"]),
        before=before["value"].to_numpy(),
        beyond=_beyond(tables, state, beyond_days),
        beyond_days=beyond_days,
        follow_up_days=follow_up.days,
        immature=int(drawn.units.loc[~ripe, "treated"].sum()),
        ineligible=drawn.ineligible_treated,
    )


def _beyond(tables: Tables, state: pd.DataFrame, days: int) -> NDArray[np.float64]:
    """Return realised value over the ``days`` after each state, NaN where the data end before."""
    ends = state["as_of"] + pd.Timedelta(days=days)
    over = ends <= tables.data_until
    value = np.full(len(state), np.nan)
    if over.any():
        value[over.to_numpy()] = realised_value(tables, state[over], ends[over])["value"]
    return value


def later_actions(tables: Tables, spine: pd.DataFrame, until: pd.Series) -> pd.DataFrame:
    """Return the discounted count of treated decisions in (as_of, until], one column an action.

    Columns are the config's actions in order; index as ``spine``.
    """
    names = list(tables.config.incremental.actions)
    if not tables.has("actions") or not len(spine):
        return pd.DataFrame(0.0, index=spine.index, columns=names)
    rows: Any = spine_table(tables, spine, until=until)
    acts = tables["actions"]
    acts = acts.filter(is_treated(acts)).select(acting="customer_id", at="decided_at", action="action")
    met = rows.inner_join(acts, [rows.customer_id == acts.acting, acts.at > rows.as_of, acts.at <= rows.until])
    rate = tables.config.value.annual_discount_rate
    factor = (1.0 + rate) ** (-years(met["at"], met["as_of"])) if rate else ibis.literal(1.0)
    summed = met.group_by(ROW).aggregate(
        **{f"n{i}": factor.cast("decimal(30, 8)").sum(where=met["action"] == n) for i, n in enumerate(names)}
    )
    found = tables.execute(summed).set_index(ROW).reindex(range(len(spine)))
    return found.astype("float64").fillna(0.0).set_axis(names, axis=1).set_axis(spine.index)
