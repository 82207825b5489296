"""Trials, effects, statements and experiments through the front door."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
import servicelift as sl
from servicelift.business.evidence import _effect
from servicelift.core.progress import no_progress
from servicelift.models.effects.inference import difference_in_means

PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " "})
SINCE, UNTIL = "2022-07-01", "2024-01-01"
pytestmark = [pytest.mark.xdist_group("front_door"), pytest.mark.usefixtures("tables_read_once")]


@pytest.fixture(scope="module")
def b(trained_press):
    return sl.open(trained_press, progress=no_progress)


@pytest.fixture(scope="module")
def trial(b):
    return b.trial("retention_offer", SINCE, UNTIL)


@pytest.fixture(scope="module")
def effect(b, trial):
    return b.effect(trial)


@pytest.fixture(scope="module")
def statement(b):
    return b.roi(SINCE, UNTIL)


def test_a_trial_is_the_randomised_one_where_there_is_one(trial, b):
    assert trial.data.design == "randomised"
    assert trial.features.index.equals(trial.units.index)
    assert f"{trial.treated.sum()} treated" in trial.summary()
    assert b.trial("retention_offer", SINCE, UNTIL, design="observational").data.design == "observational"


def test_no_customer_stands_in_a_repr(trial, effect):
    for shown in (repr(trial), repr(effect), trial._repr_html_(), effect._repr_html_()):
        assert len(shown) < 1_500
        assert trial.units["customer_id"].iloc[0] not in shown


def test_an_effect_names_its_cost_and_the_naive_difference(effect, trial):
    treated = trial.treated == 1
    assert effect.cost == pytest.approx(trial.units.loc[treated, "cost"].mean())
    assert effect.naive == pytest.approx(difference_in_means(trial.treated, effect.details.outcome)[0])
    assert effect.low < effect.estimate < effect.high
    assert effect.summary().splitlines()[-1].lower().startswith(effect.verdict.verdict.value)


def test_chosen_assignment_judged_alone_says_what_it_lacks(b, effect):
    observed = b.effect(b.trial("retention_offer", SINCE, UNTIL, design="observational"))
    assert "judged alone" in observed.summary()
    assert "judged alone" not in effect.summary()


def test_a_french_business_reads_trial_and_effect_in_french(b, trial, effect):
    french = sl.Business(b.config.model_copy(update={"language": "fr"}), progress=no_progress)
    lines = [line.translate(PLAIN) for line in _effect(french.config, trial, effect.details).lines]
    assert lines[0].startswith("retention_offer (tirage au sort) : ")
    assert re.search(r" € par client traité sur 36 mois \(intervalle à 95 % : de -?[\d ]+,\d\d € à ", lines[0])
    assert re.fullmatch(r"écart brut -?[\d ]+,\d\d € : ce qu'annoncerait une .*", lines[1])
    assert not re.search(r"\b(the|of|cost|treated|months)\b", " ".join(lines))
    asked = french.trial("retention_offer", SINCE, UNTIL).summary().translate(PLAIN)
    n, controls = int(trial.treated.sum()), int((1 - trial.treated).sum())
    assert asked.startswith(
        f"retention_offer (tirage au sort), décisions du 1er juillet 2022 au 1er janvier 2024 : {n} traitées et"
        f" {controls} témoins, chacune suivie pendant 180 jours"
    )


def test_a_statement_is_frames_and_a_page(statement):
    pd.testing.assert_frame_equal(statement.rows, pd.read_parquet(statement.out / "roi.parquet"))
    assert statement.rows["headline"].sum() == 1
    assert "<html" in statement.page
    assert "retention_offer: " in statement.summary()
    assert len(statement.judged) == len(statement.rows)


def test_the_statement_and_the_effect_are_one_estimate(statement, effect):
    (row,) = statement.rows[statement.rows["headline"]].to_dict("records")
    assert row["incremental_clv"] / row["n_treated"] == pytest.approx(effect.estimate)


def test_an_experiment_is_planned_and_read(b, tmp_path):
    plan = b.plan("retention_offer", 12.0, starts=SINCE, holdout=0.28, out=tmp_path / "plan.json")
    assert plan.figures["treated"] + plan.figures["control"] == plan.figures["customers"]
    assert json.loads(plan.out.read_text(encoding="utf-8"))["holdout"] == 0.28
    assert "share held out: planned 28.0%" in b.read_experiment(plan.out).summary()


def test_unknown_actions_are_named(b):
    with pytest.raises(sl.ConfigError, match="retention_offer"):
        b.trial("retention_ofer", SINCE, UNTIL)


def test_a_plan_that_is_read_every_month_takes_some_more_customers_and_may_end_sooner(b):
    monthly = b.plan("retention_offer", effect=25.0, look="monthly").figures
    looks = monthly["looks"]
    assert 1.0 <= monthly["inflation"] < 1.1
    assert looks[-1]["customers"] == monthly["customers"]
    assert len(looks) <= monthly["months"]
    assert monthly["expected_months"] <= monthly["expected_months_without"]


def test_a_statement_says_how_often_it_was_read_and_holds_over_all_readings(statement, b):
    rows = statement.rows
    assert rows["earlier_readings"].eq(0).all()
    assert rows["earlier_readings_complete"].all()
    assert (rows["effect_per_treated_always_low"] < rows["effect_per_treated_low"]).all()
    assert (rows["effect_per_treated_always_high"] > rows["effect_per_treated_high"]).all()
    assert "over all readings</a>" in statement.page
