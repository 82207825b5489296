"""The registered models: one frame in, one frame out."""

import numpy as np
import pandas as pd
import pytest
from servicelift.models.effects.value_at_risk import ValueAtRiskEffect
from servicelift.models.fitting.encoding import FrameEncoding
from servicelift.models.registered import ActionModel, IncrementalModel

COLUMNS = ("method", "payments", "at_risk")


def features(n, seed, methods):
    rng = np.random.default_rng(seed)
    numbers = {"payments": rng.poisson(3, n).astype(float), "at_risk": rng.uniform(0, 50, n)}
    return pd.DataFrame({"method": rng.choice(methods, n), **numbers})


def action(methods, seed):
    X = features(400, seed, methods)
    treated = np.arange(400) % 2
    value = 4 * treated * X["payments"] + np.random.default_rng(seed).normal(0, 1, 400)
    parts = pd.DataFrame({"at_risk": -X["at_risk"] * (1 - 0.3 * treated)})
    effect = ValueAtRiskEffect(folds=2, repeats=1, seed=0)
    effect.fit(X, treated, value, groups=np.arange(400), parts=parts, propensity=np.full(400, 0.5))
    return ActionModel(effect, 2.0, np.nan, "randomised")


@pytest.fixture(scope="module")
def model():
    same = ["iban", "card"]
    actions = {"call": action(same, 0), "letter": action([*same, "cheque"], 1), "offer": action(same, 2)}
    return IncrementalModel(actions, actions, COLUMNS)


@pytest.fixture
def tonight():
    frame = features(500, 3, ["iban", "card", "cheque", "new"])
    frame.loc[::7, "payments"] = np.nan
    return frame


def test_each_action_says_what_its_own_model_says(model, tonight):
    said = model.predict_frame(tonight)
    for name, of_action in model.final.items():
        alone = np.column_stack(of_action.individual.predict_with_interval(tonight))
        np.testing.assert_array_equal(said.filter(like=f"{name}.").to_numpy(), alone)
    assert said["call.incremental_clv"].std() > 0


def test_only_who_is_asked_for_is_valued(model, tonight):
    asked = {"call": np.arange(500) % 3 == 0, "letter": np.zeros(500, dtype=bool), "offer": np.ones(500, dtype=bool)}
    said, whole = model.predict_frame(tonight, asked), model.predict_frame(tonight)
    for name, rows in asked.items():
        columns = [column for column in whole if column.startswith(name)]
        np.testing.assert_allclose(said.loc[rows, columns], whole.loc[rows, columns], rtol=1e-12)
        assert said.loc[~rows, columns].isna().all(axis=None)


def test_equal_encodings_read_the_customers_once(model, tonight, monkeypatch):
    reads = []
    plain = FrameEncoding.matrix
    monkeypatch.setattr(FrameEncoding, "matrix", lambda self, frame: reads.append(len(frame)) or plain(self, frame))
    model.predict_frame(tonight)
    assert reads == [500, 500], "two actions learnt of the same levels, the third of one more"
