"""The logistic baseline: scikit-learn's contract and the mixed frame."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from servicelift.core.errors import DataError
from servicelift.models.churn.baseline import LogisticBaseline, best_penalty
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_info, threadpool_limits


@parametrize_with_checks([LogisticBaseline()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(0)
    n = 20_000
    frame = pd.DataFrame(
        {
            "days": rng.normal(500, 100, n),
            "method": rng.choice(["iban", "card", None], n),
            "csat": np.where(rng.random(n) < 0.4, np.nan, rng.normal(size=n)),
        }
    )
    truth = expit(-1 + (frame["days"] - 500) / 100 + (frame["method"] == "card") + frame["csat"].isna())
    return frame, (rng.random(n) < truth).astype(int), truth.to_numpy()


def test_the_true_logit_is_found(world):
    frame, y, truth = world
    model = LogisticBaseline().fit(frame, y)
    assert np.abs(model.predict_proba(frame)[:, 1] - truth).mean() < 0.01


def test_unknown_levels_are_like_missing_ones(world):
    frame, y, _ = world
    model = LogisticBaseline().fit(frame, y)
    odd = frame.head(5).assign(method="crypto")
    assert model.predict_proba(odd) == pytest.approx(model.predict_proba(odd.assign(method=None)))


def test_only_the_most_frequent_levels_get_a_column():
    rng = np.random.default_rng(1)
    town = np.append(np.repeat([f"big{i}" for i in range(3)], 300), [f"t{i}" for i in range(400)])
    model = LogisticBaseline(max_levels=3).fit(pd.DataFrame({"town": town}), rng.random(1300) < 0.3)
    assert model.model_.coef_.shape == (1, 3)


def test_a_column_without_any_value_is_harmless(world):
    frame, y, _ = world
    model = LogisticBaseline().fit(frame.assign(empty=np.nan), y)
    assert np.isfinite(model.predict_proba(frame.assign(empty=3.0))).all()


def test_pickle(world):
    frame, y, _ = world
    model = LogisticBaseline().fit(frame, y)
    assert (pickle.loads(pickle.dumps(model)).predict_proba(frame) == model.predict_proba(frame)).all()


def test_nobody_leaving_is_said(world):
    with pytest.raises(DataError, match="no churner to learn from"):
        LogisticBaseline().fit(world[0], np.zeros(len(world[0])))


def test_the_regressions_hold_linear_algebra_to_one_thread(world, monkeypatch):
    X, y = world[0], world[1]
    seen = {"fit": set(), "predict_proba": set()}

    def watched(name):
        inner = getattr(LogisticRegression, name)

        def asked(self, *args, **kwargs):
            seen[name] |= {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
            return inner(self, *args, **kwargs)

        return asked

    for name in seen:
        monkeypatch.setattr(LogisticRegression, name, watched(name))
    with threadpool_limits(2, user_api="blas"):
        LogisticBaseline().fit(X, y).predict_proba(X)
        best_penalty((X, y), (X, y), (0.1, 1.0))
        after = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    assert seen == {"fit": {1}, "predict_proba": {1}}
    assert set(after) == {2}
