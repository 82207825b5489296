"""The main job through the command line, on a small built-in world: every room once, as a user starts it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.contract import CONTRACT
from servicelift.features.tables.tables import open_tables
from servicelift.models.actions.mechanisms import PATHS
from servicelift.simulation.write import simulate
from servicelift.tracking import CHAMPION, Tracker

AS_OF = "2024-07-01"
CUSTOMERS = 1_200
pytestmark = [pytest.mark.xdist_group("main_job"), pytest.mark.usefixtures("tables_read_once")]
COMMAND = Path(sys.executable).parent / "servicelift"


def settings(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def take_back(folder: Path, name: str) -> None:
    """Leave a model without champion, as training does with one that loses against its naive forecast."""
    store = mlflow.MlflowClient(f"sqlite:///{folder}/mlflow.db", f"sqlite:///{folder}/mlflow.db")
    store.delete_registered_model_alias(name, CHAMPION)


@pytest.fixture(scope="module")
def world(tmp_path_factory, command):
    """A small world, trained: one action of each design, one without effect, one contrast."""
    folder = tmp_path_factory.mktemp("press")
    simulate(folder, customers=CUSTOMERS, seed=3, truth=False)
    settings(
        folder / "press.yaml",
        {
            "  follow_up_days: 180": "  follow_up_days: 180\n  bootstrap: 10\n  cross_fits: 1\n  folds: 2",
            "snapshots: {first: 2023-01-01, every_months: 1}": "snapshots: {first: 2023-01-01, every_months: 2}",
            '    complaint_recovery:\n      {cost: 5.0, assignment: mixed, eligible: "complaints_90d > 0", '
            "despite_open_complaint: true}\n": "",
            '    skilled_callback:\n      {cost: 3.0, assignment: random, eligible: "contacts_unresolved_30d > 0",'
            " cluster: agent,\n       despite_open_complaint: true}\n": "",
            "    quick_answer:": "    # quick_answer:",
            "    solved_at_once:": "    # solved_at_once:",
            "    early_contact:": "    # early_contact:",
            "    trained_agent:": "    # trained_agent:",
            # What an offer costs stands in the table of actions alone.
            "{cost: 3.0, cost_if_accepted: 5.0, assignment": "{assignment",
        },
    )
    (folder / "train.txt").write_text(command("train", folder / "press.yaml").stdout, encoding="utf-8")
    take_back(folder, "press-incremental")
    command("score", folder / "press.yaml", "--as-of", AS_OF, "--out", folder / "before")
    command("models", folder / "press.yaml", "--promote", "incremental:1", "--reason", "a test of what follows")
    (folder / "models.txt").write_text(command("models", folder / "press.yaml").stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def scores(world, command):
    command("score", world / "press.yaml", "--as-of", AS_OF, "--out", world / "scores")
    return world / "scores"


@pytest.fixture(scope="module")
def listed(world, scores, command):
    """What `targets` prints under a budget of 600; the list is targets.csv."""
    return command(
        "targets", world / "press.yaml", "--scores", scores, "--budget", 600, "--anyway", "--out", world / "targets.csv"
    ).stdout


@pytest.fixture(scope="module")
def statement(world, command):
    done = command("roi", world / "press.yaml", "--since", "2023-01-01", "--until", AS_OF, "--out", world / "roi")
    return done, pd.read_parquet(world / "roi" / "roi.parquet")


def actions_of(statement):
    _, rows = statement
    return rows[rows["kind"] == "action"].reset_index(drop=True)


def test_train_registers_three_models_and_says_how_good_they_are(world):
    printed = (world / "train.txt").read_text(encoding="utf-8")
    for name in ("press-churn", "press-clv"):
        assert f"{name} version 1: champion" in printed
        assert Tracker.of(load_config(world / "press.yaml")).load(name, CHAMPION).version == 1
    assert "press-incremental version 1: ch" in printed
    for word in ("logistic regression", "naive rate RMSE", "without any effect", "doubly robust"):
        assert word in printed


def test_without_one_champion_the_others_score_and_the_reason_is_said(world):
    facts = json.loads((world / "before" / "run.json").read_text(encoding="utf-8"))
    assert facts["model_versions"] == {"churn": 1, "clv": 1, "incremental": None}
    assert "version 1, was not promoted" in facts["not_scored"]["incremental"]
    assert pd.read_parquet(world / "before" / "action_values.parquet").empty
    listed = (world / "models.txt").read_text(encoding="utf-8")
    assert "press-incremental version 1 champion" in listed


def test_no_customer_reaches_the_store(world):
    """Identifiers look like C0123; artefacts hold aggregates, models and invented examples only."""
    for file in (world / "mlartifacts").rglob("*"):
        if file.is_file():
            assert not any(f"C{i:04d}".encode() in file.read_bytes() for i in range(1, CUSTOMERS, 7)), file.name


def test_scores_hold_their_contract(scores):
    frame = pd.read_parquet(scores / "scores.parquet")
    parts = frame["churn_probability_voluntary"] + frame["churn_probability_involuntary"]
    np.testing.assert_allclose(parts, frame["churn_probability"])
    assert frame["customer_id"].is_unique
    assert frame["churn_probability"].dropna().between(0, 1).all()
    assert frame["churn_probability"].notna().mean() > 0.8
    assert ((frame["clv_low"] <= frame["clv"] + 1e-9) & (frame["clv"] <= frame["clv_high"] + 1e-9)).all()
    explained = frame["reason_1"].notna()
    share = explained.sum() / frame["churn_probability"].notna().sum()
    assert 0.08 < share <= 0.11
    assert frame.loc[explained, "churn_probability"].min() >= frame.loc[~explained, "churn_probability"].max() - 1e-12
    facts = json.loads((scores / "run.json").read_text(encoding="utf-8"))
    assert facts["model_versions"] == {"churn": 1, "clv": 1, "incremental": 1}


def test_recorded_costs_are_the_cost_everywhere_where_the_config_names_none(world, scores, statement, listed, command):
    """One rule: the mean of the recorded costs in score, list and plan; the sum over its own decisions in roi."""
    acts = pd.read_parquet(world / "actions.parquet")
    treated = acts[(acts["action"] == "retention_offer") & (acts["arm"] == "treated")]
    ripe = treated[treated["decided_at"] <= pd.Timestamp(AS_OF) - pd.Timedelta(days=180)]
    unit = float(ripe["cost"].astype(float).mean())
    assert unit > 1
    rule = json.loads((scores / "run.json").read_text(encoding="utf-8"))["action_costs"]["retention_offer"]
    assert (rule["source"], rule["decisions"], rule["recorded"]) == ("recorded", len(ripe), len(ripe))
    assert rule["unit"] == pytest.approx(unit)
    values = pd.read_parquet(scores / "action_values.parquet")
    charged = values.loc[values["action"] == "retention_offer", "cost"]
    np.testing.assert_allclose(charged, unit)
    said = f"€{unit:,.2f} an offer, recorded over {len(ripe):,} matured decisions"
    assert f"cost of retention offer: {said}" in listed
    wish = ("--action", "retention_offer", "--effect", 20, "--out", world / "costs.json")
    assert said in command("plan", world / "press.yaml", *wish).stdout
    assert json.loads((world / "costs.json").read_text(encoding="utf-8"))["cost"] == pytest.approx(unit)
    row = actions_of(statement).query("action == 'retention_offer' and headline").iloc[0]
    assert (row["cost_source"], row["n_cost_recorded"]) == ("recorded", row["n_treated"])
    assert row["cost_actions"] / row["n_treated"] == pytest.approx(unit, rel=0.2)
    assert f"costs of offers as recorded over {row['n_treated']:,} decisions" in statement[0].stdout


def test_action_values_are_for_eligible_customers_only(world, scores):
    values = pd.read_parquet(scores / "action_values.parquet")
    assert set(values["action"]) <= set(load_config(world / "press.yaml").incremental.actions)
    assert not values.duplicated(["customer_id", "action"]).any()
    np.testing.assert_allclose(values["net_value"], values["incremental_clv"] - values["cost"])
    assert (values["incremental_clv_low"] <= values["incremental_clv_high"]).all()
    methods = pd.read_parquet(world / "payment_methods.parquet").sort_values("valid_from")
    now = methods.groupby("customer_id")["method"].last()
    switch = values.loc[values["action"] == "iban_switch", "customer_id"]
    assert (now.reindex(switch) != "iban").all()
    reachable = pd.read_parquet(world / "customers.parquet").set_index("customer_id")["contactable"]
    assert reachable.reindex(values["customer_id"]).ne(False).all()


def test_scoring_again_in_another_process_gives_the_same_files(world, scores):
    again = [COMMAND, "score", world / "press.yaml", "--as-of", AS_OF, "--out", world / "again"]
    done = subprocess.run([*map(str, again)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("scores.parquet", "action_values.parquet"):
        pd.testing.assert_frame_equal(pd.read_parquet(scores / name), pd.read_parquet(world / "again" / name))


def test_targets_respect_the_budget_and_load_back_as_actions(world, scores, listed):
    chosen, held = pd.read_csv(world / "targets.csv"), pd.read_csv(world / "targets.holdout.csv")
    both = pd.concat([chosen, held])
    assert both["cost"].sum() <= 600
    assert both["customer_id"].is_unique
    assert (both["net_value"] > 0).all()
    assert set(chosen["arm"]) == {"treated"}
    assert set(held["arm"]) <= {"control"}
    assert both["reason_1"].notna().all()
    told = pd.read_parquet(scores / "scores.parquet").set_index("customer_id")["reason_1"].reindex(both["customer_id"])
    assert told.isna().any()
    assert (both.set_index("customer_id")["reason_1"][told.notna().to_numpy()] == told.dropna()).all()
    config = world / "with_targets.yaml"
    text = (world / "press.yaml").read_text(encoding="utf-8")
    source = "actions: {csv: 'targets*.csv'}"
    config.write_text(text.replace("actions: actions.parquet", source), encoding="utf-8")
    assert len(open_tables(load_config(config))["actions"].execute()) == len(both)


def test_the_same_customer_falls_into_the_same_arm_whatever_the_budget(world, scores, listed, command):
    fewer = world / "fewer.csv"
    command("targets", world / "press.yaml", "--scores", scores, "--budget", 300, "--anyway", "--out", fewer)
    arms = []
    for out in (world / "targets.csv", fewer):
        both = pd.concat([pd.read_csv(out), pd.read_csv(out.with_suffix(".holdout.csv"))])
        arms.append(both.set_index("customer_id")["arm"])
    common = arms[0].index.intersection(arms[1].index)
    assert len(common) > 20
    assert (arms[0][common] == arms[1][common]).all()


def test_an_experiment_is_planned_and_read_by_the_same_file(world, command):
    """The log holds the decisions of a plan that would have begun in 2023."""
    file, wish = world / "plan.json", ("--action", "retention_offer", "--effect", 20, "--holdout", 0.28)
    more = ("--per-month", 20, "--starts", "2023-01-01", "--when", "agents call back", "--out", file)
    printed = command("plan", world / "press.yaml", *wish, *more).stdout
    planned = json.loads(file.read_text(encoding="utf-8"))
    assert planned["treated"] + planned["control"] == planned["customers"]
    assert 0 < planned["spread_left"] <= planned["spread"]
    assert f"needed: {planned['customers']:,} customers" in printed
    assert "When agents call back" in file.with_suffix(".md").read_text(encoding="utf-8")
    read = command("plan", world / "press.yaml", "--read", file).stdout
    assert "share held out: planned 28.0%" in read
    assert (world / "plan.reading.md").read_text(encoding="utf-8").count("| ") > 20
    late = json.dumps({**planned, "starts_on": "2024-06-01", "enrolled_on": "2024-08-01"})
    file.write_text(late, encoding="utf-8")
    assert "read it later" in command("plan", world / "press.yaml", "--read", file, code=2).stderr


def test_the_statement_adds_up(statement):
    rows = actions_of(statement)
    assert set(rows["action"]) == {"retention_offer", "iban_switch", "courtesy_call", "resubscription_offer"}
    assert (rows.groupby("action")["headline"].sum() == 1).all()
    assert (rows.loc[rows["headline"], "design"] == "randomised").sum() == 3
    np.testing.assert_allclose(
        rows["roi_percent"], (rows["incremental_clv"] - rows["cost"]) / rows["cost"] * 100, rtol=1e-9
    )
    assert (rows["incremental_clv_low"] < rows["incremental_clv_high"]).all()
    pays = rows["verdict"] == "pays"
    assert (rows.loc[pays, "incremental_clv_low"] > rows.loc[pays, "cost"]).all()
    assert (rows["n_immature"] > 0).all()


def test_paths_times_and_bridge_add_up_to_the_effect(world, statement):
    rows = actions_of(statement)
    rows = rows[rows["headline"]]
    paths = [f"path_{name}" for name in PATHS]
    np.testing.assert_allclose(rows[paths].sum(axis=1), rows["incremental_clv"], rtol=1e-9)
    times = rows["realised_incremental_clv"] + rows["predicted_incremental_clv"]
    np.testing.assert_allclose(times, rows["incremental_clv"], rtol=1e-9)
    steps = rows[["bridge_selection", "bridge_regression_to_mean", "bridge_unseen"]].sum(axis=1)
    np.testing.assert_allclose(rows["naive_incremental_clv"] + steps, rows["incremental_clv"], rtol=1e-9)
    np.testing.assert_allclose(
        rows["incremental_clv"] + rows["bridge_double_counting"], rows["programme_incremental_clv"], rtol=1e-9
    )
    items = ["cost_actions", *(f"cost_{item}" for item in CONTRACT["initiative_costs"].column["item"].codes)]
    np.testing.assert_allclose(rows[items].sum(axis=1), rows["cost"], rtol=1e-9)
    totals = pd.read_parquet(world / "roi" / "roi_totals.parquet").set_index("initiative")
    assert totals.loc["all", "cost"] == pytest.approx(rows["cost"].sum())
    assert totals.loc["all", "incremental_clv"] == pytest.approx(rows["incremental_clv"].sum())


def test_every_column_is_explained(statement):
    _, rows = statement
    text = (Path(__file__).parents[2] / "docs" / "statement.md").read_text(encoding="utf-8")
    for name in rows:
        assert f"`{name}`" in text or f"`{name.removesuffix('_low').removesuffix('_high')}`" in text, name


def test_moving_to_iban_is_a_contrast_that_claims_no_return(statement):
    """Payments that fail for good are what it spares; the naive difference is above the effect."""
    printed, rows = statement
    (row,) = (row for _, row in rows[rows["kind"] == "contrast"].iterrows())
    assert row["action"] == "card_to_iban"
    assert row["design"] == "observational"
    assert not row["headline"]
    assert row["verdict"] in ("effect shown", "effect not shown")
    assert np.isnan(row["roi_percent"])
    assert np.isnan(row["cost"])
    assert row["path_retention_involuntary"] > 0
    assert row["naive_incremental_clv"] > row["incremental_clv"]
    assert "card_to_iban: effect" in printed.stdout


def test_an_offer_without_effect_never_pays(statement):
    _, rows = statement
    assert "pays" not in set(rows.loc[rows["action"] == "resubscription_offer", "verdict"])


def test_the_page_is_self_contained(world, statement):
    page = (world / "roi" / "roi.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page
    _, rows = statement
    text = unescape(re.sub(r"<[^>]+>", "", page))  # words of the field are links to what they mean
    for sentence in rows.loc[rows["headline"], "sentence"]:
        assert sentence in text


def test_features_are_written(world, command):
    command("features", world / "press.yaml", "--as-of", AS_OF, "--out", world / "features.parquet")
    frame = pd.read_parquet(world / "features.parquet")
    assert frame["customer_id"].is_unique
    assert {"method", "tenure_days", "complaints_90d"} <= set(frame.columns)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("score", "{yaml}", "--as-of", "2030-01-01", "--out", "{out}"), "where the data end"),
        (("score", "{yaml}", "--as-of", "someday", "--out", "{out}"), "expected a date"),
        (("roi", "{yaml}", "--since", "2024-01-01", "--until", "2023-01-01", "--out", "{out}"), "--since before"),
        (("roi", "{yaml}", "--since", "2024-06-01", "--until", "2024-07-01", "--out", "{out}"), "earlier period"),
        (("targets", "{yaml}", "--scores", "{out}", "--budget", "9", "--out", "x.csv"), "scores.parquet"),
        (("train", "nowhere.yaml"), "found none"),
        (("plan", "{yaml}"), "--effect MONEY"),
        (("plan", "{yaml}", "--action", "offer", "--effect", "5", "--out", "{out}.json"), "expected one of"),
    ],
)
def test_wrong_input_is_one_line_and_code_2(world, arguments, message, tmp_path, command):
    filled = [a.format(yaml=world / "press.yaml", out=tmp_path / "out") for a in arguments]
    done = command(*filled, code=2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_a_champion_scoring_says_train_first(world, tmp_path, command):
    path = world / "fresh.yaml"
    text = (world / "press.yaml").read_text(encoding="utf-8").replace("mlflow.db", "fresh.db")
    path.write_text(text, encoding="utf-8")
    done = command("score", path, "--as-of", AS_OF, "--out", tmp_path / "out", code=2)
    assert "servicelift train" in done.stderr
