"""The rule: who gets what by hand, its value against the truth, and advice only where it is shown."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.randomised.arm_effects import Together
from servicelift.models.randomised.rule import Advice, choose_arm, rule_value
from servicelift.models.randomised.sequential import Sequential


def turns_of(effect):
    return Sequential(effect, effect, effect, np.zeros(len(effect), dtype=np.intp))


def joint(low, high):
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    return Together(low, high, low, low, high, low)


def test_nobody_gets_an_arm_that_is_not_predicted_to_pay():
    assert choose_arm(np.array([[0.0, -1.0], [2.0, 3.0], [np.nextafter(0, 1), -5.0]])).tolist() == [0, 2, 1]


def test_values_are_means_of_scores_less_costs():
    effect = np.array([[3.0, 0.0], [0.0, 5.0], [0.0, 0.0], [3.0, 0.0]])
    scores = np.array([[4.0, 1.0], [1.0, 6.0], [9.0, 9.0], [2.0, 0.0]])
    found = rule_value([(turns_of(effect), scores)], 2.0, np.array([1.0, 2.0]), joint([0, 0], [1, 1])).table
    values = found.set_index(["rule", "arm"])["value"]
    assert values["personal", 0] == pytest.approx((7 + 10 + 0 + 3) / 4)
    assert values["one_arm", 1] == pytest.approx((7 + 1 + 17 + 3) / 4)
    assert values["one_arm", 2] == pytest.approx((0 + 10 + 16 - 2) / 4)
    assert values["nobody", 0] == 0
    personal = found.iloc[0]
    assert (personal["treated_share"], personal["cost"]) == (0.75, pytest.approx((1 + 2 + 0 + 1) / 4))
    assert found["lead"].tolist() == pytest.approx([0, 5 - 7, 5 - 6, 5])


def world(n=4_000, seed=0):
    rng = np.random.default_rng(seed)
    gain = rng.normal(1.0, 3.0, n)
    return gain[:, None], (gain + rng.normal(size=n))[:, None]


def test_the_personal_rule_is_advised_where_its_lead_is_shown_and_holds_the_truth():
    effect, scores = world()
    found = rule_value([(turns_of(effect), scores)], 1.0, np.array([0.5]), joint([0.4], [0.6]))
    truth = float(np.maximum(effect[:, 0] - 0.5, 0).mean())
    assert found.advice is Advice.PERSONAL
    assert found.table["low"][0] < truth < found.table["high"][0]


def test_a_rule_that_knows_nothing_is_not_advised():
    effect, scores = world()
    blind = np.random.default_rng(9).permutation(effect)
    assert rule_value([(turns_of(blind), scores)], 1.0, np.zeros(1), joint([0.9], [1.1])).advice is Advice.ONE_ARM
    assert rule_value([(turns_of(blind), scores)], 1.0, np.zeros(1), joint([-0.1], [1.1])).advice is Advice.NOBODY


def test_of_several_arms_that_pay_the_best_is_advised():
    effect, scores = np.ones((100, 2)), np.random.default_rng(0).normal(size=(100, 2))
    found = rule_value([(turns_of(effect), scores)], 1.0, np.zeros(2), joint([0.1, 0.2], [0.5, 0.9]))
    assert (found.advice, found.arm) == (Advice.ONE_ARM, 2)
