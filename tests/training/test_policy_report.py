"""The report on policies: shares of one budget over all actions, the usual lists beside, and honest words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.models.effects.value_at_risk import EffectParts
from servicelift.models.registered import ActionModel, IncrementalModel
from servicelift.training.action_models import Held
from servicelift.training.card.plots import cost_curve_plot
from servicelift.training.policy_report import CLV, OURS, RANDOM, RISK, policy_report


class Known:
    """A model that knows the effect, or the feature it is asked to return."""

    def __init__(self, column):
        self.column = column

    def predict_in_parts(self, X, shared=None):
        effect = X[self.column].to_numpy()
        return EffectParts(effect, effect, effect, np.zeros(len(X)))


def held_out(n, seed, mean):
    rng = np.random.default_rng(seed)
    effect = rng.normal(mean, 4, n)
    features = pd.DataFrame({"effect": effect, "noise": rng.normal(mean, 4, n)})
    units = pd.DataFrame({"customer_id": rng.integers(0, n // 2, n), "as_of": pd.Timestamp("2024-01-01")})
    return Held(units, features, effect + 5 * rng.normal(size=n), np.full(n, 0.2))


def report(column, actions=("offer", "call")):
    held = {"offer": held_out(1500, 0, 4.0), "call": held_out(800, 1, 1.0), "letter": held_out(10, 2, 0.0)}
    models = {name: ActionModel(Known(column), 2.0, np.nan, "randomised") for name in actions}
    rng = np.random.default_rng(3)
    lists = {name: [rng.random(len(h.scores)) for h in held.values()] for name in (RISK, CLV)}
    model = IncrementalModel(final=models, evaluation=models, columns=("effect",))
    return policy_report(model, held, lists, seed=0, currency="EUR")


@pytest.fixture(scope="module")
def good():
    return report("effect")


def test_the_policy_that_knows_is_ahead_of_every_usual_list(good):
    table = good.curve.set_index(["policy", "budget_share"])
    assert set(good.curve["policy"]) == {OURS, RISK, CLV, RANDOM, "everybody", "nobody"}
    for share in (0.1, 0.25, 0.5):
        assert table.loc[(OURS, share), "low"] > 0
        assert (table.loc[[(name, share) for name in (RISK, CLV, RANDOM)], "lead_low"] > 0).all()
    assert table.loc[("everybody", 1.0), "value"] == table.loc[(RANDOM, 1.0), "value"]
    assert table.loc[("nobody", 1.0), "value"] == 0
    assert table.loc[("nobody", 1.0), "lead"] == table.loc[(OURS, 1.0), "value"]
    assert table.loc[(OURS, 1.0), "treated_share"] < 0.9


def test_its_rankings_are_shown_to_help_and_those_of_noise_are_not(good):
    own = good.rates[good.rates["rule"] == OURS]
    assert own["shown"].all()
    assert set(own["action"]) == {"offer", "call"}
    assert (good.rates.groupby("action").size() == 6).all()
    noise = report("noise")
    assert not noise.rates.loc[noise.rates["rule"] == OURS, "shown"].any()
    assert "no evidence that its ranking helps" in " ".join(noise.lines)


def test_what_is_said(good):
    said = "\n".join(good.lines)
    assert "2,300 held-out decisions on 2 actions" in said
    assert "with 25% of what treating everybody costs" in said
    assert "highest churn risk" in said
    assert "offer: AUTOC" in said
    assert "its ranking finds who gains more" in said


def test_a_model_without_judged_twins_says_so_and_the_curve_can_be_drawn(good):
    assert report("effect", actions=()).lines == ("no action has held-out decisions to value a policy on",)
    figure = cost_curve_plot(good.curve, "EUR")
    assert len(figure.axes[0].get_lines()) == 5
