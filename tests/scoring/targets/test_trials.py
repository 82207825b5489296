"""Refused effects on a list: a trial with half held out within its part of the budget, or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.hashing import uniform_hash
from servicelift.scoring.targets.targets import targets

N, WHO = 700, "C{:04d}"


def business(language="en", explore=0.1, **actions):
    known = {"call": {"cost": 4.0}, "letter": {"cost": 1.0}}
    return Config(
        tables={"customers": "customers.csv", "payments": "payments.csv"},
        data_until="2024-07-01",
        language=language,
        incremental={
            "actions": {name: {**one, **actions.get(name, {})} for name, one in known.items()},
            "holdout": {"share": 0.1, "salt": "a"},
            "explore_share": explore,
        },
    )


def doubt(corrected, error, spread=40.0):
    return {
        "evidence": "refused",
        "failed": ["placebo"],
        "corrected": corrected,
        "corrected_std_error": error,
        "spread": spread,
    }


@pytest.fixture(autouse=True)
def tables(tmp_path, monkeypatch):
    """Tables in which everybody may be contacted."""
    monkeypatch.chdir(tmp_path)
    who = [WHO.format(i) for i in range(N)] + [f"L{i:02d}" for i in range(20)]
    people = pd.DataFrame({"customer_id": who, "signed_up_at": "2020-01-01"})
    people.to_csv("customers.csv", index=False)
    Path("payments.csv").write_text("payment_id,customer_id,paid_at,amount,method\n", encoding="utf-8")


@pytest.fixture
def scores(tmp_path):
    """A call whose effect was refused looks far better than the letter that passed."""
    as_of, who = pd.Timestamp("2024-06-01"), [f"C{i:04d}" for i in range(N)]
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"customer_id": who, "as_of": as_of, "churn_probability": rng.random(N), "clv": 100.0, "reason_1": "because"}
    ).assign(reason_2=None, reason_3=None, churn_model_version=1)
    folder = tmp_path / "scores"
    folder.mkdir()
    frame.to_parquet(folder / "scores.parquet")
    parts = []
    for name, cost, effect, evidence in (("call", 4.0, 20.0, "refused"), ("letter", 1.0, 3.0, "randomised")):
        value = effect + rng.normal(size=N)
        ends = {"incremental_clv_low": value - 4, "incremental_clv_high": value + 4}
        part = pd.DataFrame({"customer_id": who, "as_of": as_of, "action": name, "cost": cost, **ends})
        parts.append(part.assign(incremental_clv=value, net_value=value - cost, evidence=evidence))
    pd.concat(parts).to_parquet(folder / "action_values.parquet")
    write(folder, call=doubt(6.0, 6.0))
    return folder


def write(folder, **doubts):
    (folder / "run.json").write_text(json.dumps({"action_doubts": doubts}), encoding="utf-8")


def listed(config, scores, tmp_path, budget=1_000.0, capacity=None):
    outcome = targets(config, scores, budget=budget, capacity=capacity, out=tmp_path / "targets.csv")
    return outcome, pd.concat([pd.read_csv(tmp_path / "targets.csv"), pd.read_csv(tmp_path / "targets.holdout.csv")])


@pytest.mark.parametrize("explore", [0.05, 0.1, 0.3])
def test_a_refused_action_is_tried_within_its_part_and_half_is_held_out(scores, tmp_path, explore):
    outcome, both = listed(business(explore=explore), scores, tmp_path)
    call = both[both["action"] == "call"]
    assert call["trial"].all()
    assert not both.loc[both["action"] == "letter", "trial"].any()
    spent = call.loc[call["arm"] == "treated", "cost"].sum()
    assert 0 < spent <= explore * 1_000
    assert (call["propensity"] == 0.5).all()
    assert (call["arm"] == "control").mean() == pytest.approx(0.5, abs=1.6 / len(call) ** 0.5)
    assert both["customer_id"].is_unique
    assert both.loc[both["arm"] == "treated", "cost"].sum() <= 1_000
    (told,) = outcome.refused
    assert (told.customers, told.held_out, told.spent) == (len(call), (call["arm"] == "control").sum(), spent)
    assert 0 < told.chance < 1
    assert outcome.net_value == pytest.approx(both[(both["arm"] == "treated") & ~both["trial"]]["net_value"].sum())


def test_the_lasting_holdout_is_never_treated_by_a_trial(scores, tmp_path):
    _, both = listed(business(explore=0.5), scores, tmp_path, budget=2_000)
    call = both[both["action"] == "call"]
    lasting = np.asarray(uniform_hash(call["customer_id"], "holdout/a") < 0.1)
    assert lasting.any()
    assert (call.loc[lasting, "arm"] == "control").all()


@pytest.mark.parametrize(
    ("explore", "doubts"), [(0.0, {"call": doubt(6, 6)}), (0.1, {"call": doubt(-9, 3)}), (0.1, {})]
)
def test_nothing_is_tried_without_a_part_a_chance_or_a_belief(scores, tmp_path, explore, doubts):
    write(scores, **doubts)
    outcome, both = listed(business(explore=explore), scores, tmp_path)
    assert set(both["action"]) == {"letter"}
    assert len(both) > 600
    assert "nothing is spent on it and nothing tried" in " ".join(outcome.lines())


def test_the_config_allows_it_by_name_with_a_reason_that_is_printed(scores, tmp_path):
    config = business(call={"spend_although_refused": "the board wants it"})
    outcome, both = listed(config, scores, tmp_path)
    assert both["action"].value_counts()["call"] > 200
    assert not both["trial"].any()
    assert (both.loc[both["action"] == "call", "evidence"] == "refused").all()
    assert any("placebo before the decision" in s and "the board wants it" in s for s in outcome.lines())
    with pytest.raises(ValueError, match="spend_although_refused"):
        business(call={"spend_although_refused": "  "})


def test_a_trial_keeps_to_what_the_list_leaves_of_capacities(scores, tmp_path):
    _, both = listed(business(call={"capacity": 12}), scores, tmp_path)
    assert (both["action"] == "call").sum() == 12
    _, both = listed(business(), scores, tmp_path, capacity=300)
    assert len(both) <= 300


def test_what_is_said_of_a_trial_in_both_languages(scores, tmp_path):
    outcome, _ = listed(business(), scores, tmp_path)
    (line,) = [line for line in outcome.lines() if line.startswith("call")]
    assert "failed a check (placebo before the decision), so it is tried and not spent on" in line
    assert "chance that this alone shows whether it pays" in line
    french, _ = listed(business("fr"), scores, tmp_path)
    assert any("mise à l'essai" in line for line in french.lines())
    write(scores, call=doubt(6.0, 6.0, spread=None))
    assert "chance that" not in " ".join(listed(business(), scores, tmp_path)[0].lines())
