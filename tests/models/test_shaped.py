"""Individual effects that start from the value at risk: shapes by hand, paths found, better than one number for all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.aipw import AverageEffect
from servicelift.models.individual import IndividualEffect
from servicelift.models.shaped import RiskShape, ShapedEffect, path_shares

CAUSES = ["at_risk_voluntary", "at_risk_involuntary"]


def a_trial(n=2000, seed=0, by=(1.0, 0.0), effect=6.0, noise=15.0):
    """A randomised trial whose action saves a share of what each cause takes; ``by`` says how much goes by which."""
    rng = np.random.default_rng(seed)
    z = rng.exponential(20, (n, 2)) * [1.0, 0.5]
    X = pd.DataFrame({"tenure": rng.random(n), CAUSES[0]: z[:, 0], CAUSES[1]: z[:, 1]})
    t = (rng.random(n) < 0.6).astype(int)
    saved = effect * np.asarray(by) * z / z.mean(axis=0)
    lost = pd.DataFrame(z + 2 * rng.normal(size=(n, 2)) - t[:, None] * saved, columns=CAUSES)
    tau = saved.sum(axis=1)
    y = 50 - z.sum(axis=1) + t * tau + noise * rng.normal(size=n)
    return X, t, y, lost, tau


def test_a_shape_by_hand():
    X = pd.DataFrame({"a": [1.0, 3.0, 8.0], "b": [2.0, 2.0, 0.0]})
    shape = RiskShape.of({"a": 0.75, "b": 0.25}, X, np.array([1.0, 1.0, 0.0]))
    assert shape.means == {"a": 2.0, "b": 2.0}
    np.testing.assert_allclose(shape.spread(X), [0.75 / 2 + 0.25, 0.75 * 1.5 + 0.25, 0.75 * 4])
    assert np.average(shape.spread(X), weights=[1, 1, 0]) == pytest.approx(1)


def test_without_anything_at_risk_everybody_gets_the_average():
    X = pd.DataFrame({"a": [0.0, 0.0], "b": [1.0, 3.0]})
    np.testing.assert_allclose(RiskShape.of({}, X, np.ones(2)).spread(X), 1)
    np.testing.assert_allclose(RiskShape.of({"a": 0.5, "b": 0.5}, X, np.ones(2)).spread(X), [0.5, 1.5])


@pytest.mark.parametrize("by", [(1.0, 0.0), (0.0, 1.0)])
def test_the_path_is_found(by):
    X, t, y, lost, _ = a_trial(by=by)
    fitted = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=np.arange(len(X)), propensity=np.full(len(X), 0.6))
    shares = path_shares(fitted, lost)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[CAUSES[int(by[1])]] > 0.9


def test_where_no_path_is_shown_shares_follow_what_is_at_stake():
    X, t, y, lost, _ = a_trial(effect=0.0)
    spread = lost.assign(at_risk_voluntary=10 * np.random.default_rng(1).normal(size=len(lost)))
    fitted = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=np.arange(len(X)), propensity=np.full(len(X), 0.6))
    shares = path_shares(fitted, spread)
    assert shares["at_risk_voluntary"] > 0.5


def test_predictions_average_to_the_effect_on_the_treated_and_beat_one_number_for_all():
    """With noise three times the effect, differences cannot be learnt; they can be known beforehand."""
    X, t, y, lost, tau = a_trial()
    more = {"groups": np.arange(len(X)), "propensity": np.full(len(X), 0.6)}
    shaped = ShapedEffect(repeats=1, seed=0).fit(X, t, y, lost=lost, **more)
    plain = IndividualEffect(repeats=1, seed=0).fit(X[["tenure"]], t, y, **more)
    found = shaped.predict(X)
    assert found[t == 1].mean() == pytest.approx(shaped.ate_)
    assert np.corrcoef(found, tau)[0, 1] > 0.9
    assert np.mean((found - tau) ** 2) < 0.3 * np.mean((plain.predict(X) - tau) ** 2)
    low, high = shaped.predict_interval(X)
    assert (low <= found).all()
    assert (found <= high).all()


def test_differences_beyond_the_shape_are_learnt_where_they_are_proven_and_not_from_noise():
    X, t, y, lost, _ = a_trial(noise=3.0)
    more = {"groups": np.arange(len(X)), "propensity": np.full(len(X), 0.6), "lost": lost}
    beyond = ShapedEffect(repeats=1, seed=0).fit(X, t, y + t * np.where(X["tenure"] > 0.5, 8.0, 0.0), **more)
    assert beyond.trust_ > 0.8
    assert np.corrcoef(beyond.predict(X) - beyond.ate_ * beyond.shape_.spread(X), X["tenure"] > 0.5)[0, 1] > 0.5
    noise = [ShapedEffect(repeats=1, seed=s).fit(*_noisy(s), **_said(s)).trust_ for s in range(4)]
    assert np.mean(noise) < 0.5


def _noisy(seed):
    X, t, y, _, _ = a_trial(n=800, seed=seed, noise=40.0)
    return X, t, y


def _said(seed):
    X, _, _, lost, _ = a_trial(n=800, seed=seed, noise=40.0)
    return {"groups": np.arange(len(X)), "propensity": np.full(len(X), 0.6), "lost": lost}


def test_without_contracts_it_is_the_plain_individual_effect_but_for_trust():
    X, t, y, lost, _ = a_trial(n=600)
    more = {"groups": np.arange(len(X)), "propensity": np.full(len(X), 0.6)}
    shaped = ShapedEffect(repeats=1, seed=0).fit(X, t, y, lost=lost[[]], **more)
    plain = IndividualEffect(repeats=1, seed=0).fit(X, t, y, **more)
    assert shaped.shape_.shares == {}
    assert shaped.ate_ == pytest.approx(plain.ate_)
    assert shaped.rest_.raw_slope_ == pytest.approx(plain.raw_slope_, rel=0.05, abs=0.05)


def test_input_errors():
    X, t, y, lost, _ = a_trial(n=200)
    with pytest.raises(ModelError, match="at_risk_voluntary"):
        ShapedEffect(seed=0).fit(X[["tenure"]], t, y, groups=np.arange(200), lost=lost)
    fitted = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=np.arange(200))
    with pytest.raises(ModelError, match="200 units"):
        path_shares(fitted, lost.iloc[:10])
