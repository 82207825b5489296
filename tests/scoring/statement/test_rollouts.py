"""A rollout in the statement: a known effect is found, its cost is held against it, and doubt is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.locale import Locale
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.models.refutation.verdict import Ruling
from servicelift.scoring.statement.contrasts import ContrastRuling
from servicelift.scoring.statement.page.rollouts_table import rollouts_table
from servicelift.scoring.statement.rollout_words import (
    rollout_ruling,
    rollouts_in_english,
    rollouts_in_short,
    rollouts_left_out,
)
from servicelift.scoring.statement.rollouts import ROLLOUT_COLUMNS, effects_of_rollouts

SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2024-01-01")
DEPOTS, EACH, MONTHS = 24, 8, pd.date_range("2022-01-01", "2023-12-01", freq="MS")
STARTS = {f"D{depot}": f"2023-0{3 + 2 * (depot % 3)}-01" for depot in range(16)}


def tables(effect: float = 3.0, drift: float = 0.0, spent: float | None = 400.0, **rollout: Any) -> Tables:
    """Subscribers of 24 depots who pay each month; from its start a depot's customers pay ``effect`` more.

    ``drift`` is what they pay more each month long before: those to be reached move otherwise.
    """
    rng = np.random.default_rng(5)
    people = pd.DataFrame({"customer_id": range(DEPOTS * EACH), "signed_up_at": pd.Timestamp("2021-01-01")})
    people["depot"] = [f"D{who // EACH}" for who in people["customer_id"]]
    grid = people.merge(pd.DataFrame({"month": MONTHS}), how="cross")
    start = pd.to_datetime(grid["depot"].map(STARTS))
    of_depot = pd.Series(rng.normal(20, 3, DEPOTS), index=[f"D{n}" for n in range(DEPOTS)])
    season = pd.Series(rng.normal(0, 1, len(MONTHS)), index=MONTHS)
    amount = grid["depot"].map(of_depot) + grid["month"].map(season) + rng.normal(0, 1.5, len(grid))
    amount += effect * (grid["month"] >= start) + drift * start.notna() * grid["month"].rank(method="dense")
    paid = pd.DataFrame(
        {
            "payment_id": range(len(grid)),
            "customer_id": grid["customer_id"],
            "paid_at": grid["month"] + pd.Timedelta(days=9),
            "amount": amount.round(2),
            "method": "iban",
        }
    )
    frames = {"customers": people, "payments": paid}
    if spent is not None:
        begin = pd.Timestamp("2023-01-01")
        about = {
            "initiative": "help",
            "name": "Help",
            "when": "a",
            "then": "b",
            "started_on": begin,
            "ended_on": pd.NaT,
        }
        frames["initiatives"] = pd.DataFrame([about | {"ended_on": pd.Timestamp("2024-12-31")}])
        cost = {"initiative": "help", "item": "salaries", "amount": spent, "incurred_on": begin}
        frames["initiative_costs"] = pd.DataFrame([cost])
    wish = {"by": "depot", "starts": STARTS, "initiative": "help"} | rollout
    config = {
        "tables": dict.fromkeys(frames, "-"),
        "static": ["depot"],
        "data_until": "2024-01-01",
        "value": {"margin_rate": 1.0, "cost_per_contact": 0},
        "incremental": {"rollouts": {"new_desk": wish}},
    }
    return tables_from_frames(frames, Config.model_validate(config))


def test_a_known_effect_is_found_and_held_against_its_cost() -> None:
    ((_, row),) = effects_of_rollouts(tables(), SINCE, UNTIL).iterrows()
    assert list(row.index) == list(ROLLOUT_COLUMNS)
    months = sum(EACH * (13 - int(day[5:7])) for day in STARTS.values())
    assert row["reached_customer_months"] == months
    assert (row["n_units"], row["n_units_reached"], row["n_customers"]) == (DEPOTS, 16, DEPOTS * EACH)
    assert row["value_a_month_low"] < 3.0 < row["value_a_month_high"]
    assert row["incremental_value"] == pytest.approx(months * row["value_a_month"])
    assert row["cost"] == 400.0
    assert row["roi_percent"] == pytest.approx(100 * (row["incremental_value"] - 400) / 400)
    assert row["moved_alike"]
    assert row["verdict"] == Ruling.PAYS


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [({"effect": 0.0}, Ruling.LOSES), ({"spent": 3_120.0}, Ruling.NOT_PROVEN), ({"drift": 0.5}, Ruling.NOT_PROVEN)],
)
def test_the_verdict_is_the_intervals_against_the_cost_unless_units_moved_otherwise(
    changes: dict[str, float], verdict: Ruling
) -> None:
    ((_, row),) = effects_of_rollouts(tables(**changes), SINCE, UNTIL).iterrows()
    assert row["verdict"] == verdict
    assert row["moved_alike"] == ("drift" not in changes)


def test_without_costs_it_is_said_whether_there_is_an_effect() -> None:
    ((_, row),) = effects_of_rollouts(tables(spent=None, initiative=None), SINCE, UNTIL).iterrows()
    assert pd.isna(row["verdict"])
    assert pd.isna(row["roi_percent"])
    assert rollout_ruling(row) == ContrastRuling.SHOWN


def test_lines_and_table_say_it_in_both_languages() -> None:
    rows = effects_of_rollouts(tables(drift=0.5), SINCE, UNTIL)
    (line,) = rollouts_in_short(rows, Locale("en", names={"new_desk": "the new desk"}))
    assert line.startswith("the new desk, as it reached 16 of 24 by depot: not proven. €")
    assert line.endswith("so the comparison proves nothing.")
    (line,) = rollouts_in_short(rows, Locale("fr"))
    plain = line.replace("\u00a0", " ")
    assert plain.startswith("new desk, qui a atteint 16 des 24 valeurs de « depot » : non prouvé. 5")
    assert len(rollouts_table(rows, Locale("fr")).rows[0]) == len(rollouts_table(rows, Locale("fr")).head) == 7


def test_what_cannot_be_told_says_why() -> None:
    rows = effects_of_rollouts(tables(starts={"D1": "2025-01-01"}), SINCE, UNTIL)
    why = {"new desk (rollout)": "expected a start from 2023-01-01 until before 2024-01-01, got none"}
    assert rollouts_left_out(rows, Locale("en")) == why
    assert rollouts_in_english(rows, Locale("en")) == {"new desk (rollout)"}
    assert rollouts_in_short(rows, Locale("en")) == [f"new desk (rollout): not estimated: {why['new desk (rollout)']}"]
