"""Individual effects that start from the value at risk: paths by hand, paths found, better than one number for all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.individual import IndividualEffect
from servicelift.models.effects.value_at_risk import Path, ValueAtRiskEffect, paths_of, shrunken_parts

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
    return X, t, y, -lost, tau


def said(X):
    return {"groups": np.arange(len(X)), "propensity": np.full(len(X), 0.6)}


def test_a_path_by_hand():
    X = pd.DataFrame({"a": [1.0, 3.0]})
    np.testing.assert_allclose(Path("a", 2.0, 10.0, 5.0, 7.5).spread(X), [0.5, 1.5])
    np.testing.assert_allclose(Path(None, 1.0, 10.0, 5.0, 7.5).spread(X), 1)


def test_what_is_believed_by_hand():
    """The whole, 10 +- 5, is trusted by 3/4; nearly all goes by the part that is sure, and the others stay at 0."""
    found = shrunken_parts(10.0, 5.0, np.array([7.5, 0.0, 0.0]), np.array([0.01, 1e-6, 1e-6]))
    np.testing.assert_allclose(found, [7.5, 0, 0], atol=1e-4)
    assert shrunken_parts(10.0, 5.0, np.array([10.0, 0.0]), np.array([1.0, 1e-6]))[0] == pytest.approx(
        7.5 + (1 - (1 / 2.5) ** 2) * 2.5, abs=1e-4
    )
    np.testing.assert_allclose(shrunken_parts(1.0, 5.0, np.array([1.0, 0.0]), np.array([5.0, 2.0])), 0)


def test_a_sure_path_is_believed_where_the_whole_is_lost_in_noise():
    found = shrunken_parts(0.1, 3.7, np.array([-3.4, 4.0]), np.array([4.3, 1.0]))
    assert found[0] == 0
    assert found[1] == pytest.approx(4.0 * (1 - 1 / 16))


def test_a_loss_is_shared_as_a_gain_is():
    gain = shrunken_parts(8.0, 2.0, np.array([6.0, 2.0]), np.array([2.0, 1.0]))
    loss = shrunken_parts(-8.0, 2.0, np.array([-6.0, -2.0]), np.array([2.0, 1.0]))
    np.testing.assert_allclose(gain, -loss)


@pytest.mark.parametrize("by", [(1.0, 0.0), (0.0, 1.0)])
def test_the_path_is_found_and_the_parts_add_up(by):
    X, t, y, parts, _ = a_trial(by=by)
    fitted = AverageEffect(repeats=1, seed=0).fit(X, t, y, **said(X))
    found = paths_of(fitted, fitted.summary(), parts, X, t.astype(float))
    assert [p.column for p in found] == [*CAUSES, None]
    taken, other = found[int(by[1])], found[1 - int(by[1])]
    assert taken.estimate == pytest.approx(6.0, abs=0.6)
    assert taken.shrunken == pytest.approx(6.0, abs=0.8)
    assert abs(other.estimate) < 0.6
    assert sum(p.estimate for p in found) == pytest.approx(fitted.estimate(), abs=0.7)
    assert found[0].mean == pytest.approx(X.loc[t == 1, CAUSES[0]].mean())


def test_a_cause_that_nobody_stands_to_lose_by_is_no_path():
    X, t, y, parts, _ = a_trial(n=400)
    X[CAUSES[1]] = 0.0
    fitted = AverageEffect(repeats=1, seed=0).fit(X, t, y, **said(X))
    assert [p.column for p in paths_of(fitted, fitted.summary(), parts, X, np.ones(400))] == [CAUSES[0], None]
    X[CAUSES[0]] = 0.0
    assert [p.column for p in paths_of(fitted, fitted.summary(), parts, X, np.ones(400))] == [None]


def test_it_beats_one_number_for_all():
    """With noise three times the effect, differences cannot be learnt; they can be known beforehand."""
    X, t, y, parts, tau = a_trial()
    shaped = ValueAtRiskEffect(repeats=1, seed=0).fit(X, t, y, parts=parts, **said(X))
    plain = IndividualEffect(repeats=1, seed=0).fit(X[["tenure"]], t, y, **said(X))
    found = shaped.predict(X)
    assert np.corrcoef(found, tau)[0, 1] > 0.9
    assert np.mean((found - tau) ** 2) < 0.3 * np.mean((plain.predict(X) - tau) ** 2)
    low, high = shaped.predict_interval(X)
    np.testing.assert_allclose((low + high) / 2, found)
    assert np.mean((low <= tau) & (tau <= high)) > 0.9


def test_an_action_without_effect_is_predicted_to_have_less_than_its_lucky_estimate():
    """Over many trials of nothing, predictions lie nearer to nothing than the averages they come from."""
    errors = []
    for seed in range(6):
        X, t, y, parts, _ = a_trial(n=500, seed=seed, effect=0.0, noise=40.0)
        shaped = ValueAtRiskEffect(repeats=1, seed=0).fit(X, t, y, parts=parts, **said(X))
        errors.append((shaped.ate_**2, np.mean(shaped.predict(X) ** 2)))
    averages, predictions = np.mean(errors, axis=0)
    assert predictions < 0.8 * averages


def test_differences_beyond_the_paths_are_learnt_where_they_are_proven():
    X, t, y, parts, _ = a_trial(noise=3.0)
    more = y + t * np.where(X["tenure"] > 0.5, 4.0, -4.0)
    beyond = ValueAtRiskEffect(repeats=1, seed=0).fit(X, t, more, parts=parts, **said(X))
    assert beyond.shrinkage_ > 0.8
    late = X["tenure"] > 0.5
    assert beyond.predict(X)[late].mean() - beyond.predict(X)[~late].mean() > 4


def test_without_contracts_everybody_starts_from_the_average_as_far_as_it_is_believed():
    X, t, y, parts, _ = a_trial(n=600)
    shaped = ValueAtRiskEffect(repeats=1, seed=0).fit(X, t, y, parts=parts[[]], **said(X))
    (whole,) = shaped.paths_
    assert whole.column is None
    assert whole.estimate == shaped.ate_
    assert whole.shrunken == pytest.approx(shaped.ate_ * (1 - (shaped.ate_std_error_ / shaped.ate_) ** 2))


def test_input_errors():
    X, t, y, parts, _ = a_trial(n=200)
    with pytest.raises(ModelError, match="at_risk_voluntary"):
        ValueAtRiskEffect(seed=0).fit(X[["tenure"]], t, y, groups=np.arange(200), parts=parts)
    fitted = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=np.arange(200))
    with pytest.raises(ModelError, match="200 units"):
        paths_of(fitted, fitted.summary(), parts.iloc[:10], X, np.ones(200))
