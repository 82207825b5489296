"""The plan of an experiment: its duration by hand, its file read back, and what a reading says."""

from __future__ import annotations

import datetime as dt

import pytest
from servicelift.core.errors import ConfigError
from servicelift.scoring.experiments.plan import _Volume
from servicelift.scoring.experiments.plan_file import PlanFile, read_plan
from servicelift.scoring.experiments.read import _said


def a_plan(**changes):
    fields = {
        "business": "press", "action": "iban_switch", "currency": "EUR", "horizon_months": 36, "follow_up_days": 180,
        "when": "agents propose direct debit", "then": "stay longer", "effect": 8.0, "cost": 2.0, "prove": "effect",
        "holdout": 0.1, "power": 0.8, "level": 0.05, "assigned": "customer", "agents": None, "icc": 0.0,
        "spread": 60.0, "spread_left": 40.0, "wider": 1.4, "measured_on": 900, "eligible_now": 500,
        "eligible_monthly": 40.0, "customers": 700, "treated": 630, "control": 70, "months": 6,
        "detectable_in_a_year": 6.5, "starts_on": dt.date(2024, 7, 1), "enrolled_on": dt.date(2025, 1, 1),
        "result_on": dt.date(2025, 6, 30), "gain": 5040.0, "spent": 1260.0, "return_percent": 300.0,
        "return_low": 20.0, "return_high": 580.0,
    }  # fmt: skip
    return PlanFile(**{**fields, **changes})


def test_duration_by_hand():
    """500 wait and 40 come each month: 700 are decided upon when 540 + 160 have come, in the sixth month."""
    volume = _Volume(500, 40.0)
    assert volume.months_for(700, float("inf")) == 6
    assert volume.within(6, float("inf")) == 700
    assert volume.months_for(500, 100) == 5
    assert volume.months_for(10**6, float("inf")) is None


def test_a_plan_is_read_back_as_it_was_written(tmp_path):
    plan, path = a_plan(), tmp_path / "plan.json"
    path.write_text(plan.model_dump_json(), encoding="utf-8")
    assert read_plan(path) == plan


def test_the_words_of_a_plan():
    said = " ".join(a_plan().lines())
    assert "iban switch: when agents propose direct debit, our customers will stay longer" in said
    assert "700 customers, 630 contacted and 70 held out (10%)" in said
    assert "6 months of decisions from 2024-07-01" in said
    assert "return 300%, and a result as expected would read 20% to 580%" in said
    assert "take more agents" in " ".join(a_plan(customers=None, agents=8, months=None).lines())
    assert "more than ten years" in " ".join(a_plan(months=None).lines())
    assert a_plan().page().startswith("# Plan: iban switch (press)")


@pytest.mark.parametrize(
    ("text", "said"), [("{}", "expected it, found none"), ("no json", "is no plan"), ('{"x": 1}', "is no plan")]
)
def test_a_file_that_is_no_plan_is_one_line(tmp_path, text, said):
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_plan(path)
    with pytest.raises(ConfigError, match="found no file"):
        read_plan(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (3.0, 9.0, "exceeds its cost; the effect hoped for lies within"),
        (1.0, 9.0, "not that it differs from its cost"),
        (-3.0, 9.0, "no proof that there is none"),
        (-3.0, 1.0, "does not cover its cost; the effect hoped for lies outside"),
    ],
)
def test_what_a_reading_says(low, high, said):
    assert said in _said(a_plan(), low, high, 2.0, 630)
    assert "130 contacts of the plan have not matured" in _said(a_plan(), low, high, 2.0, 500)
