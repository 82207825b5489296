"""Costs of decisions from the table of actions, against a loop; only matured treated decisions set the rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.outcomes.action_cost import cost_of_decisions, costs_of_actions
from servicelift.features.tables.tables import Tables, tables_from_frames

UNTIL = dt.date(2024, 7, 1)
FOLLOW_UP = 90


def opened(actions: dict[str, dict[str, Any]], *, drop: tuple[str, ...] = (), seed: int = 0) -> Tables:
    """Two hundred decisions on three actions, every second cost missing, to the very end of the data."""
    rng = np.random.default_rng(seed)
    n = 200
    days = pd.to_timedelta(rng.integers(0, 360, n), unit="D")
    frame = pd.DataFrame(
        {
            "action_id": range(n),
            "customer_id": "c",
            "action": rng.choice(["call", "offer", "letter"], n),
            "decided_at": pd.Timestamp("2023-07-01") + days,
            "arm": rng.choice(["treated", "control"], n),
            "cost": np.where(rng.random(n) < 0.5, rng.integers(1, 9, n).astype(float), np.nan),
            "accepted": pd.array(rng.choice([True, False, None], n), dtype="boolean"),
        }
    ).drop(columns=list(drop))
    config = Config.model_validate(
        {
            "tables": {"customers": "-", "payments": "-"},
            "data_until": UNTIL,
            "incremental": {"follow_up_days": FOLLOW_UP, "actions": actions},
        }
    )
    people = pd.DataFrame({"customer_id": ["c"], "signed_up_at": [pd.Timestamp("2023-01-01")]})
    payments = pd.DataFrame(
        {"payment_id": [1], "customer_id": ["c"], "paid_at": [pd.Timestamp("2023-02-01")], "amount": [1.0]}
    ).assign(method="card")
    return tables_from_frames({"customers": people, "payments": payments, "actions": frame}, config)


def each(tables: Tables) -> pd.DataFrame:
    rows = tables["actions"]
    return tables.execute(rows.mutate(charged=cost_of_decisions(tables, rows)))


CONFIGURED = {"offer": {"cost": 6.0, "cost_if_accepted": 12.0}, "call": {}}


@pytest.mark.parametrize("drop", [(), ("cost",), ("accepted",), ("cost", "accepted")])
def test_the_unit_cost_is_the_mean_of_what_matured_treated_decisions_are_charged(drop: tuple[str, ...]) -> None:
    tables = opened(CONFIGURED, drop=drop)
    rows, rules = each(tables), costs_of_actions(tables)
    ripe = rows[(rows["arm"] == "treated") & (rows["decided_at"] <= pd.Timestamp(UNTIL) - pd.Timedelta(days=FOLLOW_UP))]
    assert 0 < len(ripe) < (rows["arm"] == "treated").sum()
    for action, group in ripe.groupby("action"):
        assert rules[str(action)].unit == pytest.approx(group["charged"].mean())
        assert rules[str(action)].decisions == len(group)
        assert rules[str(action)].recorded == (0 if "cost" in drop else group["cost"].notna().sum())


def test_a_recorded_cost_is_kept_and_a_gap_is_filled_as_the_rule_says() -> None:
    tables = opened(CONFIGURED)
    rows, rules = each(tables), costs_of_actions(tables)
    own = rows["cost"].astype(float)
    assert (rows["charged"][own.notna()] == own[own.notna()]).all()
    gaps = rows[own.isna()]
    offers = gaps[gaps["action"] == "offer"]
    assert (offers["charged"] == 6.0 + 12.0 * offers["accepted"].fillna(False).astype(float)).all()
    for action in ("call", "letter"):
        filled = gaps.loc[gaps["action"] == action, "charged"]
        assert filled.to_numpy() == pytest.approx(rules[action].unit)
        assert filled.gt(0).all()


def test_an_explicit_zero_is_a_statement_and_a_default_is_none() -> None:
    silent = costs_of_actions(opened({"call": {}}))["call"]
    free = costs_of_actions(opened({"call": {"cost": 0.0}}))["call"]
    assert silent.filled > 0
    assert free.filled == 0
    assert free.unit < silent.unit


def test_no_table_of_actions_leaves_the_config() -> None:
    tables = opened({"call": {"cost": 2.0, "cost_if_accepted": 1.0}})
    bare = tables_from_frames({name: tables.execute(tables[name]) for name in ("customers", "payments")}, tables.config)
    found = costs_of_actions(bare)["call"]
    assert (found.unit, found.source, found.decisions) == (3.0, "configured", 0)
