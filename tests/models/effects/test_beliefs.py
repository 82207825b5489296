"""Effects believed together: the mean of brute force, no luck bought by picking the best, and what is sure stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from servicelift.models.effects.beliefs import believed_together
from servicelift.models.effects.doubt import Doubt, Evidence, trust

MIXTURE = ((0.3, 0.3), (0.5, 1.0), (0.2, 3.0))


def drawn(rng, count):
    """Return m, and effects of the prior that is believed in, its scale 1."""
    mean = rng.normal()
    scale = rng.choice([s for _, s in MIXTURE], p=[share for share, _ in MIXTURE], size=count)
    return mean + scale * rng.normal(size=count)


def test_it_is_the_posterior_mean_of_draws_that_look_like_the_estimates():
    estimates, errors = np.array([6.0, 1.0]), np.array([2.0, 1.5])
    rng = np.random.default_rng(1)
    weights, sums = 0.0, np.zeros(2)
    for tau in np.linspace(0.2, 12.0, 30):  # the same even prior of tau, by importance sampling
        n = 20_000
        mean = rng.normal(0, tau, n)[:, None]
        keep = np.abs(mean[:, 0]) <= 6.0
        scale = rng.choice([s for _, s in MIXTURE], p=[share for share, _ in MIXTURE], size=(n, 2))
        theta = mean + scale * tau * rng.normal(size=(n, 2))
        likely = keep * np.prod(stats.norm.pdf(estimates, theta, errors), axis=1)
        weights += likely.sum()
        sums += likely @ theta
    assert believed_together(estimates, errors) == pytest.approx(sums / weights, abs=0.1)


def test_the_best_of_six_is_promised_what_it_is_worth_where_each_alone_is_not():
    rng = np.random.default_rng(5)
    together, alone, true = [], [], []
    for _ in range(600):
        effects = 5 * drawn(rng, 6)
        errors = rng.uniform(3.0, 6.0, 6)
        seen = effects + errors * rng.normal(size=6)
        believed = believed_together(seen, errors)
        best = int(np.argmax(believed))
        together.append(believed[best])
        true.append(effects[best])
        shrunk = [trust(value, error) * value for value, error in zip(seen, errors, strict=True)]
        alone.append(max(shrunk) - effects[int(np.argmax(shrunk))])
    off = np.array(together) - np.array(true)
    assert abs(off.mean()) < 3 * off.std() / len(off) ** 0.5
    assert np.mean(alone) > 3 * np.std(alone) / len(alone) ** 0.5


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=6), st.floats(0.01, 20), st.floats(0.01, 100))
def test_it_is_odd_has_the_unit_of_the_effects_and_stays_between_them_and_zero(values, error, unit):
    estimates, errors = np.array(values), np.full(len(values), error)
    believed = believed_together(estimates, errors)
    assert believed_together(-estimates, errors) == pytest.approx(-believed, abs=1e-9)
    assert believed_together(unit * estimates, unit * errors) == pytest.approx(unit * believed, rel=1e-6, abs=1e-9)
    assert believed.min() >= min(estimates.min(), 0) - 1e-9
    assert believed.max() <= max(estimates.max(), 0) + 1e-9
    assert (np.diff(believed[np.argsort(estimates)]) >= -1e-9).all()


def test_what_is_sure_is_believed_as_it_is():
    assert believed_together([30.0, 2.0, -1.0], [0.01, 0.01, 0.01]) == pytest.approx([30.0, 2.0, -1.0], abs=0.01)


def test_customers_move_from_what_was_learnt_to_what_is_believed():
    effect, low, high = np.array([2.0, 4.0]), np.array([0.0, 1.0]), np.array([4.0, 7.0])
    less = Doubt(Evidence.RANDOMISED, 4.0, 2.0, learnt=3.0, believed=1.5)
    assert less.of_customers(effect, low, high)[0] == pytest.approx([1.0, 2.0])
    more = Doubt(Evidence.RANDOMISED, 4.0, 2.0, learnt=3.0, believed=5.0)
    moved, bottom, top = more.of_customers(effect, low, high)
    assert moved == pytest.approx([4.0, 6.0])
    assert (bottom <= moved).all()
    assert (top >= moved).all()
    assert more.facts()["believed"] == 5.0
