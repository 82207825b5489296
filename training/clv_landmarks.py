"""Landmarks of the CLV job: what was known of customers at past instants, and what came after."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..core.contract_state import ContractState
from ..core.hashing import uniform_hash
from ..core.progress import Say, silent
from ..core.records import ClvInputs
from ..core.time import DAYS_PER_MONTH
from ..features.catalogue.catalogue import explain_all, feature_names
from ..features.catalogue.groups.purchases import purchases_in_seasons
from ..features.outcomes.clv_inputs import clv_inputs, noncontractual_lines, separate_kinds
from ..features.outcomes.landmarks import contract_state, landmark_money, lead_outcomes, reactivation_outcomes
from ..features.tables.tables import Tables
from ..features.timeline.spine import customer_spine, is_contractual
from ..features.timeline.waiting import waiting, waiting_line
from ..models.subscriptions.hazard import LandmarkHazard
from ..models.subscriptions.value import ContractualCLV
from .clv_fit import Landmarks
from .snapshots import snapshot_instants

__all__ = ["contractual", "holdout_days", "landmarks", "learnt_by_seasons"]

_LEADS_PER_LANDMARK = 6
_EVERY = 3
_SAMPLE = 1_000
_ACTION_STEPS = ("decided", "offered")
"""Who accepts chose to: the clock of acceptance tells loyal from others, and under its penalty part of the difference
between offered and held-out customers would stay with it."""
_EVENTS = (
    "days_since_contact",
    "days_since_complaint",
    "days_since_unresolved_contact",
    "days_since_failed_payment",
    "days_since_method_switch",
)


def holdout_days(tables: Tables) -> int:
    """Return the length of the window on which CLV is judged: the follow-up of the config."""
    return tables.config.incremental.follow_up_days


def landmarks(tables: Tables, say: Say = silent) -> Landmarks:
    """Collect landmarks every third snapshot, and for each line its customers at the end of the data.

    Customers who wait, in trial or paused, are no landmarks: ``say`` is told how many.

    Raises
    ------
    DataError
        No snapshot lies within the data.
    """
    config = tables.config
    lines = noncontractual_lines(tables)
    last = customer_spine(tables, [tables.data_until])
    summaries = clv_inputs(tables, last, features=pd.DataFrame(index=last.index)).summaries if lines else {}
    line_customers = dict.fromkeys(lines, last["customer_id"])
    if not is_contractual(tables):
        columns = tuple(ClvInputs(pd.DataFrame(index=last.index), None, summaries).to_frame().columns)
        return Landmarks(last["customer_id"], None, columns, line_customers, _in_seasons(tables, last, summaries))
    instants = [i for i in snapshot_instants(tables) if i + pd.Timedelta(days=DAYS_PER_MONTH) <= tables.data_until]
    instants = instants[::-1][::_EVERY][::-1] or instants
    spine = customer_spine(tables, instants)
    spine = _sampled(spine, config.models.max_rows // _LEADS_PER_LANDMARK, config.seed)
    why = waiting(tables, spine)
    if waiting_line(why):
        say(f"CLV: customers at landmarks {waiting_line(why)}")
        spine = spine[(why == "").to_numpy()].reset_index(drop=True)
    months = config.value.horizon_months
    ends = spine["as_of"] + pd.Timedelta(days=holdout_days(tables))
    ends = ends.where(ends <= tables.data_until, tables.data_until)
    money = landmark_money(tables, spine, ends, exclude_kinds=separate_kinds(tables))
    inputs = clv_inputs(tables, spine)
    contract = ContractState.of(contract_state(tables, spine)) if inputs.contract is None else inputs.contract
    workspace = contractual(tables).prepare(
        inputs.features,
        contract,
        lead_outcomes(tables, spine, months),
        reactivation_outcomes(tables, spine, months),
        money,
    )
    columns = tuple(inputs.to_frame().columns)
    latest = np.flatnonzero(contract.running & (spine["as_of"] == spine["as_of"].max()).to_numpy())
    sample = inputs.take(latest[:_SAMPLE])
    learnt = _in_seasons(tables, last, summaries)
    return Landmarks(spine["customer_id"], workspace, columns, line_customers, learnt, sample)


def learnt_by_seasons(tables: Tables, customers: pd.DataFrame, line: str) -> pd.DataFrame:
    """Return the purchase summary of a line at one instant, with what its seasons are learnt by."""
    summaries = clv_inputs(tables, customers, features=pd.DataFrame(index=customers.index)).summaries
    return _in_seasons(tables, customers, {line: summaries[line]})[line]


def _in_seasons(
    tables: Tables, customers: pd.DataFrame, summaries: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return purchase summaries with what was bought in the seasons of their lines, by which these are learnt."""
    lines = tables.config.lines
    return {
        name: summary.join(purchases_in_seasons(tables, customers, name)) if lines[name].seasons else summary
        for name, summary in summaries.items()
    }


def _sampled(spine: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Keep about ``most`` landmarks, by a hash of customer and instant.

    Fewer landmarks of every customer say more than all landmarks of a few: those of one customer see the same loss.
    """
    if len(spine) <= most:
        return spine
    names = spine["customer_id"].astype("str") + spine["as_of"].dt.strftime(" %Y-%m-%dT%H:%M:%S")
    return spine[uniform_hash(names, f"landmark/{seed}") < most / len(spine)].reset_index(drop=True)


def _clocks(tables: Tables) -> tuple[str, ...]:
    """Return the features that count days since what actions answer to, and since each action's own steps.

    Held-out decisions are decided and not offered, so that the hazard tells the action from who was chosen for it;
    those whom nobody chose after a complaint need the complaint's own clock, or the chosen would look worse than they
    are.
    """
    known = set(feature_names(tables))
    steps = (f"days_since_{a}_{step}" for a in tables.config.incremental.actions for step in _ACTION_STEPS)
    return tuple(name for name in (*_EVENTS, *steps) if name in known)


def _of_actions(tables: Tables) -> tuple[str, ...]:
    """Return the features of past service actions."""
    known = explain_all(tables.config)
    return tuple(name for name in feature_names(tables) if known[name].group == "actions")


def contractual(tables: Tables) -> ContractualCLV:
    """Return the contractual part as the config asks for it, not fitted."""
    config = tables.config
    return ContractualCLV(
        margin_rate=config.value.margin_rate,
        annual_discount_rate=config.value.annual_discount_rate,
        grace_months=config.churn.grace_days / DAYS_PER_MONTH,
        hazard=LandmarkHazard(event_ages=_clocks(tables), hidden=_of_actions(tables), seed=config.seed),
        seed=config.seed,
    )
