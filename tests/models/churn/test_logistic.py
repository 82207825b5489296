"""The logistic churn model: causes that add up, contributions that are log-odds, the truth of drawn data."""

import pickle

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.models.churn.baseline import LogisticBaseline
from servicelift.models.churn.logistic import LogisticChurn


@pytest.fixture(scope="module")
def world():
    """Odds of leaving that are linear in tenure and method; cards leave involuntarily."""
    rng = np.random.default_rng(0)
    n = 6_000
    tenure = np.where(rng.random(n) < 0.1, np.nan, rng.normal(0, 1, n))
    method = rng.choice(["iban", "card", "cheque"], n)
    first = np.exp(-1.5 - 0.8 * np.nan_to_num(tenure))
    second = np.exp(-2.5 + 1.2 * (method == "card"))
    total = 1 + first + second
    u = rng.random(n) * total
    cause = np.where(u < first, 1, np.where(u < first + second, 2, 0))
    truth = np.column_stack([1 / total, first / total, second / total])
    return pd.DataFrame({"tenure": tenure, "method": method}), cause, truth


def test_it_finds_the_probabilities_that_the_data_were_drawn_with(world):
    X, cause, truth = world
    causes = LogisticChurn().fit(X, cause).predict_causes(X)
    assert causes.sum(axis=1) == pytest.approx(1)
    assert np.abs(causes - truth).mean() < 0.015


def test_with_one_cause_contributions_add_up_to_the_log_odds(world):
    X, cause, _ = world
    model = LogisticChurn().fit(X, (cause > 0).astype(int))
    p = model.predict_proba(X)[:, 1]
    assert model.contributions(X).sum(axis=1).to_numpy() == pytest.approx(np.log(p / (1 - p)), abs=1e-4)


def test_contributions_are_the_slope_of_the_log_of_the_total_odds(world):
    """A small step of a feature moves the log of the odds by its slopes, weighted as its contributions are."""
    X, cause, _ = world
    model = LogisticChurn().fit(X, cause)
    rows = X[X["tenure"].notna()].head(50)
    moved = rows.assign(tenure=rows["tenure"] + 1e-2)

    def odds(frame):
        stay = model.predict_proba(frame)[:, 0]
        return np.log((1 - stay) / stay)

    shares = model.predict_proba(rows)[:, 1:] / (1 - model.predict_proba(rows)[:, [0]])
    slope, _ = model._against_staying()
    by_hand = (shares @ slope)[:, 0] * 1e-2 / model.scaling_.spread[0]
    assert odds(moved) - odds(rows) == pytest.approx(by_hand, rel=0.05, abs=2e-5)
    assert model.contributions(rows).columns.tolist() == ["tenure", "method", "base"]


def test_two_classes_are_those_of_the_baseline(world):
    X, cause, _ = world
    left = (cause > 0).astype(int)
    ours, base = LogisticChurn(C=0.1).fit(X, left), LogisticBaseline(C=0.1).fit(X, left)
    assert (ours.predict_proba(X) == base.predict_proba(X)).all()
    assert (ours.predict_causes(X)[:, 2] == 0).all()


def test_it_survives_a_pickle_and_refuses_other_labels(world):
    X, cause, _ = world
    model = LogisticChurn().fit(X, cause)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_causes(X) == model.predict_causes(X)).all()
    with pytest.raises(DataError, match="expected labels 0, 1, 2"):
        LogisticChurn().fit(X, cause + 4).predict_causes(X)
