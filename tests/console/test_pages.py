"""Customer, indicators, experiments and models: what they show of what is there, and of whom they say nothing."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest
from servicelift.console.app import Console
from servicelift.console.pages.experiments import stage_of
from servicelift.console.pages.indicators import figure
from servicelift.console.reading.customers import is_held_out, over_time, scores
from servicelift.console.reading.history import history
from servicelift.console.reading.indicators import read_indicators
from servicelift.console.reading.plans import KnownPlan
from servicelift.console.reading.registry import ModelVersion
from servicelift.console.words.customer import CUSTOMER
from servicelift.core.errors import DataError
from servicelift.core.locale import Locale
from servicelift.scoring.experiments.plan_file import PlanFile

from .conftest import HELD, HOSTILE, Browser, indicator_rows, made_up, scored

PLAN = {
    "business": "press", "action": "iban_switch", "currency": "EUR", "horizon_months": 36, "follow_up_days": 180,
    "when": "agents <call>", "then": "stay", "effect": 10.0, "cost": 2.0, "prove": "effect", "holdout": 0.1,
    "power": 0.8, "level": 0.05, "assigned": "customer", "agents": None, "icc": 0.0, "spread": 50.0,
    "spread_left": 40.0, "wider": 1.4, "measured_on": 900, "eligible_now": 500, "eligible_monthly": 20.0,
    "customers": 800, "treated": 720, "control": 80, "months": 2, "detectable_in_a_year": 8.0,
    "starts_on": "2024-05-01", "enrolled_on": "2024-07-01", "result_on": "2024-12-28", "gain": 7200.0, "spent": 1440.0,
    "return_percent": 400.0, "return_low": 10.0, "return_high": 790.0,
}  # fmt: skip


def test_a_customer_is_found_with_scores_reasons_actions_and_history(browser):
    browser.console.desk.tables.opened("2024-07-01T00:00:00+00:00", wait=True)
    text = browser.get("/customer?id=C1").text
    for shown in (
        "25.0%",
        "€120",
        "€20 to €300",
        "pays &lt;i&gt;late&lt;/i&gt;",
        "rank 1",
        "-€5.00 to €45.00",
        "measured",
    ):
        assert shown in text
    assert "€10.00 · card · failed" in text
    assert "Not there yet" in text, "no nights"
    french = browser.get("/customer?id=C1&lang=fr").text
    assert "10,00\u00a0€ · carte · échoué" in french
    assert "10 janvier 2023" in french


def test_of_a_held_out_customer_no_action_is_shown(browser):
    text = browser.get(f"/customer?id={HELD}").text
    assert "Left alone at random" in text
    assert "Retention offer" not in text
    assert 'action="/decide' not in text
    assert "€15.00" not in text


def test_search_helps_and_shows_texts_as_texts(browser):
    near = browser.get("/customer?id=c")
    assert near.status == 404
    assert 'href="/customer?id=C1"' in near.text
    assert browser.get("/customer?id=%22%3E%3Cscript%3Ealert(2)").text.count("<script") == 1
    assert HOSTILE not in browser.get("/customer?id=%3Cscript%3Ealert(1)%3C/script%3E").text


def test_notes_are_kept_and_shown_as_texts(browser):
    form = {"token": browser.token(), "action_id": "a-20240701-C1", "decision": "note", "note": "<b>on Monday</b>"}
    assert browser.post("/decide", form).status == 303
    assert "&lt;b&gt;on Monday&lt;/b&gt;" in browser.get("/customer?id=C1").text


def test_scores_over_time_come_from_the_nights(desk_folder):
    config = made_up(desk_folder)
    for day, risk in (("2024-05-31", 0.1), ("2024-06-29", 0.7), ("2024-06-30", 0.3)):
        folder = desk_folder / "night" / f"as_of={day}" / "scores"
        folder.mkdir(parents=True)
        scored(["C1", "C2"]).assign(churn_probability=risk).to_parquet(folder / "part-00000.parquet", index=False)
        facts = {"as_of": f"{day}T00:00:00+00:00", "business": "press"}
        (folder.parent / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    console = Console(config)
    desk, places = console.desk, console.desk.places()
    found = over_time(desk.engine, places, "C1")
    assert [(row["day"], row["churn_probability"]) for row in found] == [("2024-05-31", 0.1), ("2024-06-30", 0.3)]
    assert over_time(desk.engine, places, "nobody") == []
    assert scores(desk.engine, places, "C1")["churn_probability"] == 0.3
    assert not is_held_out(desk.engine, places, "C1")
    assert "May 31, 2024" in Browser(console).get("/customer?id=C1").text


def test_history_holds_only_what_was_known_then(browser):
    desk = browser.console.desk
    tables = desk.tables.opened(wait=True)
    events = history(desk.tables, tables, "C2", pd.Timestamp("2024-07-01"), CUSTOMER, Locale("en"))
    assert [(event.kind, event.text, event.bad) for event in events] == [("payments", "€12.50 · direct debit", False)]
    assert history(desk.tables, tables, "C2", pd.Timestamp("2023-02-01"), CUSTOMER, Locale("en")) == []


def test_indicators_by_month_and_group(desk_folder, browser):
    folder = desk_folder / "indicators"
    folder.mkdir()
    indicator_rows().to_parquet(folder / "indicators.parquet")
    text = browser.get("/indicators?month=2024-05-01").text
    assert "4.0 to 4.4" in text
    assert "31%" in text
    assert "window not over" in browser.get("/indicators").text
    assert "3,4\u00a0%" in browser.get("/indicators?lang=fr&group=channel/phone").text
    assert browser.get("/indicators?month=nonsense&group=%3Cscript%3E").status == 200
    indicator_rows().drop(columns="unit").to_parquet(folder / "indicators.parquet")
    with pytest.raises(DataError, match=r"expected a column 'unit'"):
        read_indicators(browser.console.desk.engine, folder)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.5, "share", "50.0%"), (3.14159, "points", "3.1"), (412.4, "seconds", "412 s"), (2, "money", "€2.00")],
)
def test_a_figure_has_its_unit(value, unit, said):
    assert figure(value, unit, Locale("en")) == said


@pytest.mark.parametrize(
    ("today", "reading", "stage"),
    [("2024-04-30", (), "planned"), ("2024-05-01", (), "running"), ("2024-12-28", (), "due"),
     ("2024-12-28", (["a", "b", "c"],), "read"), ("2024-12-27", (["a", "b", "c"],), "running")],
)  # fmt: skip
def test_an_experiment_has_its_stage(tmp_path, today, reading, stage):
    known = KnownPlan(tmp_path / "p.json", PlanFile.model_validate(PLAN), reading)
    assert stage_of(known, dt.date.fromisoformat(today)) == stage


def test_experiments_are_shown_by_stage_and_those_of_others_are_not(desk_folder, browser):
    folder = desk_folder / "experiments"
    (folder / "mails").mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps(PLAN), encoding="utf-8")
    (folder / "b.json").write_text(json.dumps({**PLAN, "business": "shop", "when": "others"}), encoding="utf-8")
    (folder / "c.json").write_text("{}", encoding="utf-8")
    facts = {"experiment": "mails", "customers": 90, "arms": [{}, {}], "believed": False, "advice": "refused"}
    (folder / "mails" / "experiment.json").write_text(json.dumps(facts), encoding="utf-8")
    effect = {"outcome": "visit", "arm": "mail", "estimate": 0.05, "low": 0.01, "high": 0.09, "shown": True}
    pd.DataFrame([effect]).to_parquet(folder / "mails" / "effects.parquet")
    text = browser.get("/experiments").text
    assert "When agents &lt;call&gt;, our customers will stay." in text
    assert "others" not in text
    assert "25% of the time has passed" in text
    assert "do not believe these figures" in text
    assert "effet démontré" in browser.get("/experiments?lang=fr").text


def test_models_are_those_of_the_registry(browser, monkeypatch):
    metrics = {"logistic_auc": 0.66, "last_rate_auc": 0.5, "logistic_n": 2001.0}
    tags = {"grade": "C", "churn_model": "logistic"}
    at = dt.datetime(2024, 6, 30, tzinfo=dt.UTC)
    versions = [
        ModelVersion("churn", 2, False, True, at, "challenger: <b>not better</b>", {}, {}),
        ModelVersion("churn", 1, True, False, at, "champion: first model", tags, metrics),
    ]
    monkeypatch.setattr(browser.console.desk.registry, "versions", lambda: versions)
    text = browser.get("/models").text
    for shown in ("Grade C", "version 1, of June 30, 2024", "0.660", "0.500 without a model", "challenger", "2,001"):
        assert shown in text
    assert "<b>not" not in text
