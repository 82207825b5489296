"""The list: capacities of actions, teams and channels, ties without a favourite, and what is said of the plan."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.config.listing import TargetsConfig
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.tables.tables import open_tables
from servicelift.scoring.targets.policy import NoBetterError, PolicyValue, Standing
from servicelift.scoring.targets.targets import targets

ACTIONS = {
    "switch": {"cost": 2.0, "team": "service", "channel": "phone"},
    "call": {"cost": 4.0, "team": "service", "channel": "phone", "capacity": 30},
    "letter": {"cost": 1.0, "team": "letters", "channel": "mail"},
}

N, WHO = 400, "C{:03d}"


def business(**incremental):
    return Config(
        tables={"customers": "customers.csv", "payments": "payments.csv"},
        data_until="2024-07-01",
        incremental={"actions": ACTIONS, "holdout": {"share": 0.2, "salt": "a"}, **incremental},
    )


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
    """Scores whose reasons are all there, so that no model and no table is needed."""
    n, rng = 400, np.random.default_rng(0)
    as_of = pd.Timestamp("2024-06-01")
    who = [f"C{i:03d}" for i in range(n)]
    frame = pd.DataFrame(
        {"customer_id": who, "as_of": as_of, "churn_probability": rng.random(n), "clv": 100.0, "reason_1": "because"}
    ).assign(reason_2=None, reason_3=None, churn_model_version=1)
    costs = {name: float(action["cost"]) for name, action in ACTIONS.items()}
    parts = [
        pd.DataFrame({"customer_id": who, "as_of": as_of, "action": name, "cost": cost, "net_value": value}).assign(
            incremental_clv=value + cost,
            incremental_clv_low=value + cost - 3.0,
            incremental_clv_high=value + cost + 3.0,
            evidence="randomised",
        )
        for (name, cost), value in zip(costs.items(), (6.0, 9.0, 3.0), strict=True)
    ]
    folder = tmp_path / "scores"
    folder.mkdir()
    frame.to_parquet(folder / "scores.parquet")
    pd.concat(parts).to_parquet(folder / "action_values.parquet")
    return folder


def listed(config, scores, tmp_path, budget=1e6, capacity=None):
    outcome = targets(config, scores, budget=budget, capacity=capacity, out=tmp_path / "targets.csv")
    return outcome, pd.concat([pd.read_csv(tmp_path / "targets.csv"), pd.read_csv(tmp_path / "targets.holdout.csv")])


def test_capacities_of_action_team_channel_and_list_hold_together(scores, tmp_path):
    config = business(capacities={"team": {"service": 100}, "channel": {"mail": 50}})
    _, both = listed(config, scores, tmp_path)
    counts = both["action"].value_counts()
    assert counts.to_dict() == {"switch": 70, "letter": 50, "call": 30}
    assert both["customer_id"].is_unique
    _, fewer = listed(config, scores, tmp_path, capacity=60)
    assert fewer["action"].value_counts().to_dict() == {"call": 30, "switch": 30}


def test_a_tie_favours_nobody_and_the_salt_decides(scores, tmp_path):
    """Everyone is worth the same: the first to sign up must not be the ones who are served."""
    _, one = listed(business(), scores, tmp_path, budget=200)
    numbers = one["customer_id"].str[1:].astype(int)
    assert numbers.mean() == pytest.approx(200, abs=60)
    _, again = listed(business(), scores, tmp_path, budget=200)
    assert set(again["customer_id"]) == set(one["customer_id"])


def test_what_is_said_of_the_plan(scores, tmp_path):
    outcome, both = listed(business(), scores, tmp_path, budget=300)
    said = " ".join(outcome.lines())
    assert "the best plan there is" in said
    assert "not value earned" in said
    assert "€1 more of budget would add" in said
    assert "% of the list (wanted 20%)" in said
    assert both["cost"].sum() <= 300
    assert both["reason_1"].eq("because").all()
    whole, _ = listed(business(), scores, tmp_path)
    assert "a larger one would add nothing" in " ".join(whole.lines())


@pytest.mark.parametrize("cost", [{}, {"cost": 0.0}])
def test_a_list_that_costs_nothing_asks_unless_the_config_says_so(scores, tmp_path, cost):
    values = pd.read_parquet(scores / "action_values.parquet").assign(cost=0.0)
    values.to_parquet(scores / "action_values.parquet")
    config = business(actions=dict.fromkeys(ACTIONS, cost))
    if cost:
        assert listed(config, scores, tmp_path)[0].cost == 0
        return
    with pytest.raises(ConfigError, match=r"every cost of the list is 0 \(call\).*a budget of 500 EUR binds nothing"):
        targets(config, scores, budget=500, capacity=None, out=tmp_path / "x.csv")
    assert not list(tmp_path.glob("x*"))


def test_the_rule_behind_each_cost_is_said(scores, tmp_path):
    old = {"unit": 2.0, "source": "configured"}
    new = {**old, "source": "recorded", "decisions": 12, "recorded": 10, "acceptance": None, "filled": 2.0}
    costs = {"switch": {**new, "filled_from": "recorded", "if_accepted": 0.0}, "call": old}
    (scores / "run.json").write_text(json.dumps({"action_costs": costs}), encoding="utf-8")
    lines = listed(business(), scores, tmp_path)[0].lines()
    assert "cost of call: €2.00 an offer, configured" in lines
    assert "cost of switch: €2.00 an offer, recorded over 10 matured decisions; 2 without one take their mean" in lines


def test_every_file_for_machines_is_the_same_in_every_language_and_loads_back(scores, tmp_path):
    _, english = listed(business(), scores, tmp_path)
    french = business().model_copy(update={"language": "fr"})
    outcome, machine = listed(french, scores, tmp_path)
    pd.testing.assert_frame_equal(machine, english)
    names = ["targets.people.xlsx", "targets.people.csv", "targets.holdout.people.csv"]
    assert [file.name for file in outcome.people] == names
    assert len(actions_of(tmp_path, {"csv": "targets*.csv"})) == len(machine)  # the files for people are no tables
    for part in ("targets", "targets.holdout"):
        back = actions_of(tmp_path, f"{part}.csv")
        assert len(back) > 0
        assert back["cost"].gt(0).all()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_file_that_was_written_is_named(scores, tmp_path, language):
    export = {
        "dialer": {"columns": {"id": "customer_id"}},
        "mail": {"columns": {"id": "customer_id"}, "format": "xlsx"},
    }
    config = business().model_copy(update={"language": language, "targets": TargetsConfig(export=export)})
    there = set(tmp_path.iterdir())
    outcome, _ = listed(config, scores, tmp_path)
    written = {file.name for file in tmp_path.iterdir()} - {file.name for file in there}
    assert {"targets.list.json", "targets.dialer.csv", "targets.mail.xlsx", "targets.people.xlsx"} < written
    said = " ".join(outcome.lines()).replace(",", " ").replace(";", " ").split()
    assert {name for name in written if f"{tmp_path}/{name}" not in said} == set()
    assert all(file.is_file() for file in (outcome.facts, *outcome.programs))


def actions_of(folder, source):
    """Return the table of actions that a file of targets is read as."""
    config = Config.model_validate(
        {
            "tables": {"customers": "customers.csv", "payments": "payments.csv", "actions": source},
            "data_until": "2024-07-01",
            "folder": folder,
        }
    )
    tables = open_tables(config)
    return tables.execute(tables["actions"].order_by("action_id"))


def test_scores_without_a_churn_model_give_a_list_without_reasons(scores, tmp_path):
    frame = pd.read_parquet(scores / "scores.parquet")
    nothing = pd.array([None] * len(frame), dtype="Int64")
    frame = frame.assign(churn_probability=np.nan, reason_1=None, churn_model_version=nothing)
    frame.to_parquet(scores / "scores.parquet")
    _, both = listed(business(), scores, tmp_path)
    assert len(both) > 0
    assert both["reason_1"].isna().all()


def test_keys_of_a_list_carry_the_local_day_and_its_instants_a_zone(scores, tmp_path):
    midnight = pd.Timestamp("2024-05-31 22:00", tz="UTC")  # 1 June in Paris
    for name in ("scores.parquet", "action_values.parquet"):
        pd.read_parquet(scores / name).assign(as_of=midnight).to_parquet(scores / name)
    config = business().model_copy(update={"timezone": "Europe/Paris"})
    _, both = listed(config, scores, tmp_path)
    assert both["action_id"].str.contains("-20240601-").all()
    assert (both["decided_at"] == "2024-05-31T22:00:00Z").all()


def test_input_errors(scores, tmp_path):
    with pytest.raises(ConfigError, match=r"ending in \.csv"):
        targets(business(), scores, budget=1, capacity=None, out=tmp_path / "x.txt")
    empty = pd.read_parquet(scores / "action_values.parquet").iloc[:0]
    empty.to_parquet(scores / "action_values.parquet")
    with pytest.raises(DataError, match="no eligible pair"):
        targets(business(), scores, budget=1, capacity=None, out=tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [("team", "servise", "no action has team 'servise'; did you mean 'service'"), ("channel", "fax", "channel 'fax'")],
)
def test_a_capacity_of_nobody_is_refused(kind, name, said):
    with pytest.raises(ValueError, match=said):
        business(capacities={kind: {name: 3}})


def test_the_promise_has_an_interval_in_which_errors_go_together(scores, tmp_path):
    outcome, both = listed(business(), scores, tmp_path, budget=300)
    contacted = both[both["arm"] == "treated"]
    assert outcome.net_value == pytest.approx(contacted["net_value"].sum())
    assert outcome.net_value_high - outcome.net_value == pytest.approx(3.0 * len(contacted))
    assert f"(95% interval €{outcome.net_value_low:,.2f} to" in outcome.lines()[2]
    old = pd.read_parquet(scores / "action_values.parquet").drop(columns="evidence")
    old.to_parquet(scores / "action_values.parquet")
    again, same = listed(business(), scores, tmp_path, budget=300)
    assert again.net_value == outcome.net_value
    assert same["evidence"].isna().all()
    assert not same["trial"].any()


def test_lapsed_customers_are_listed_beside_the_others_without_scores(scores, tmp_path):
    """Who has left has neither a risk nor reasons to leave; that he comes first must not matter."""
    values = pd.read_parquet(scores / "action_values.parquet")
    gone = values[values["action"] == "call"].head(20).assign(net_value=50.0)
    gone["customer_id"] = [f"L{i:02d}" for i in range(20)]
    pd.concat([gone, values]).to_parquet(scores / "action_values.parquet")
    outcome, both = listed(business(), scores, tmp_path)
    lapsed = both["customer_id"].str.startswith("L")
    assert lapsed.sum() == 20
    assert both.loc[lapsed, ["churn_probability", "clv", "reason_1"]].isna().all(axis=None)
    assert (both.loc[~lapsed, "reason_1"] == "because").all()
    assert outcome.contacted + outcome.held_out == len(both)


def test_what_stands_beside_the_list_says_what_each_action_rests_on(scores, tmp_path):
    doubt = {"evidence": "randomised", "failed": [], "corrected": 8.0, "corrected_std_error": 2.0, "spread": None}
    (scores / "run.json").write_text(json.dumps({"action_doubts": {"switch": doubt}}), encoding="utf-8")
    outcome, both = listed(business(capacities={"team": {"service": 100}}), scores, tmp_path)
    facts = json.loads(outcome.facts.read_text(encoding="utf-8"))
    assert facts["policy"]["standing"] == "unknown"
    assert "is not known" in outcome.lines()[0]
    assert facts["contacted"] + facts["held_out"] == len(both)
    assert facts["left_out"] == {}
    switch, call = facts["actions"]["switch"], facts["actions"]["call"]
    assert switch["effect"] == 8.0
    assert switch["chance_pays"] > 0.99  # it costs 2, and is three errors above
    assert (call["effect"], call["chance_pays"], call["evidence"]) == (None, None, "randomised")
    contacted = both[both["arm"] == "treated"]
    assert sum(one["contacted"] for one in facts["actions"].values()) == len(contacted)
    assert sum(one["net_value"] for one in facts["actions"].values()) == pytest.approx(contacted["net_value"].sum())


def test_a_policy_that_is_no_better_than_nobody_leaves_no_list(scores, tmp_path, monkeypatch):
    worse = PolicyValue(Standing.NO_BETTER, -1.0, -2.0, -0.5, 0.1, -3.0)
    monkeypatch.setattr("servicelift.scoring.targets.targets.policy_value", lambda *_: worse)
    with pytest.raises(NoBetterError, match=r"nothing was written"):
        listed(business(), scores, tmp_path)
    assert not (tmp_path / "targets.csv").exists()
    made = targets(business(), scores, budget=100, capacity=None, out=tmp_path / "targets.csv", anyway=True)
    assert made.lines()[0].startswith("no better than contacting nobody")


def test_where_everybody_is_left_in_peace_the_list_is_empty_and_says_why(scores, tmp_path):
    pd.DataFrame({"customer_id": [WHO.format(i) for i in range(N)]}).to_csv(tmp_path / "stop.csv", index=False)
    config = business().model_copy(
        update={"targets": TargetsConfig.model_validate({"suppress": {"table": "stop.csv"}}), "folder": tmp_path}
    )
    outcome, both = listed(config, scores, tmp_path)
    assert both.empty
    assert (outcome.contacted, outcome.held_out) == (0, 0)
    assert json.loads(outcome.facts.read_text(encoding="utf-8"))["left_out"] == {"suppressed": N}
    assert f"{N} stand on the business's own list" in " ".join(outcome.lines())


def test_both_files_show_the_day_that_was_planned_and_none_is_off(scores, tmp_path):
    actions = {name: action | {"channel": "phone"} for name, action in ACTIONS.items()}
    config = business(capacities={"channel_per_day": {"phone": 60}}, actions=actions).model_copy(
        update={"targets": TargetsConfig.model_validate({"days_off": ["sunday", "2024-07-03"]})}
    )
    _, both = listed(config, scores, tmp_path)
    contacted, alone = both[both["arm"] == "treated"], both[both["arm"] == "control"]
    assert alone["day"].isna().all()
    days = pd.to_datetime(contacted["day"])
    assert days.notna().all()
    assert contacted.groupby("day").size().max() == 60
    assert not (days.dt.dayofweek == 6).any()
    assert (days.dt.dayofweek == 5).any(), "Saturday is named by nobody"
    assert pd.Timestamp("2024-07-03") not in set(days)
    people = pd.read_excel(tmp_path / "targets.people.xlsx")
    assert people["Contact on"].dt.strftime("%Y-%m-%d").tolist() == contacted["day"].tolist()
    assert pd.read_csv(tmp_path / "targets.people.csv", sep=None, engine="python")["Contact on"].notna().all()
