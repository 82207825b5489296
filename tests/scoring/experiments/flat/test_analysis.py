"""What an experiment of known truth shows, and what it does not show where the split is broken."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.progress import silent
from servicelift.models.randomised.rule import Advice
from servicelift.scoring.experiments.flat.analysis import analyse
from servicelift.scoring.experiments.flat.assigned import assigned


@pytest.fixture(scope="module")
def found(offers, config):
    return analyse(assigned(offers, config()), config(), silent)


def test_the_true_effects_lie_inside_and_only_the_true_one_is_shown(found):
    effects = found.effects.set_index(["outcome", "arm"])
    assert effects.loc[("spend", "call"), "low"] < 1 < effects.loc[("spend", "call"), "high"]
    shown = effects.index[effects["shown"]].tolist()
    assert shown == [("spend", "call")]
    assert (effects["low_together"] < effects["low"]).all()
    assert (effects["p_together"] >= effects["p_value"]).all()


def test_evidence_of_differences_is_for_the_arm_that_has_them(found):
    evidence = found.differences.set_index(["outcome", "arm", "target"])["evidence"]
    assert evidence[("spend", "call", "autoc")]
    assert evidence.sum() == 2  # its AUTOC and its QINI


def test_the_personal_rule_is_advised_and_reaches_those_who_gain(found, offers):
    assert found.believed
    assert found.rule.advice is Advice.PERSONAL
    chosen = found.choices["arm"].to_numpy()
    assert found.choices["customer_id"].tolist() == offers["customer_id"].tolist()
    gains = offers["tenure"].to_numpy() > 0.3
    assert np.mean(chosen[gains] == "call") > 0.95
    value = found.rule.table.iloc[0]
    best = np.where(offers["tenure"] > 0, 4 - 0.5, 0.0).mean()
    assert value["low"] - 0.3 < best < value["high"] + 0.3  # of all customers, judged on three fifths of them


def test_customers_lost_in_one_arm_are_named_first(offers, config):
    lost = (offers["group"] == "call") & (offers["tenure"] < -0.5)
    keys = config(outcomes={"back": "yes_no"})
    found = analyse(assigned(offers[~lost].reset_index(drop=True), keys), keys, silent)
    assert not found.believed
    assert [message.code for message in found.cautions][:2] == ["split", "unbalanced"]


def test_missing_values_that_come_with_an_arm_are_told_from_others(offers, config):
    keys = config(outcomes={"spend": "money"}, covariates=[])
    gone = offers.copy()
    gone.loc[(gone["group"] == "call") & (gone["spend"] < 9), "spend"] = np.nan
    gone["spend"] = gone["spend"].mask(gone.index % 50 == 0)
    codes = [message.code for message in analyse(assigned(gone, keys), keys, silent).cautions]
    assert "missing_apart" in codes
    assert "plain" in codes
    even = offers.assign(spend=offers["spend"].mask(offers.index % 50 == 0))
    codes = [message.code for message in analyse(assigned(even, keys), keys, silent).cautions]
    assert "missing" in codes


def test_rare_answers_and_heavy_tails_are_said(offers, config):
    rng = np.random.default_rng(0)
    bought = np.where(rng.random(len(offers)) < 0.02, rng.lognormal(4, 1, len(offers)), 0.0)
    frame = offers.assign(spend=bought, back=np.where(rng.random(len(offers)) < 0.01, "yes", "no"))
    keys = config(covariates=[])
    found = analyse(assigned(frame, keys), keys, silent)
    assert {"rare", "heavy"} <= {message.code for message in found.cautions}
    money = found.effects[found.effects["outcome"] == "spend"]
    assert (money["capped_high"] - money["capped_low"] < money["high"] - money["low"]).all()


def test_too_few_to_rank_are_not_asked(offers, config):
    keys = config()
    found = analyse(assigned(offers.head(300), keys), keys, silent)
    assert found.differences.empty
    assert found.rule is None
    assert "few_to_rank" in {message.code for message in found.cautions}
