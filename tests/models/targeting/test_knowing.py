"""What an experiment would tell, against draws of what may be true and what may come out."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.targeting.knowing import ENOUGH, Belief, cheapest
from servicelift.models.targeting.power import Terms


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize(("mean", "error", "noise"), [(2.0, 4.0, 1.5), (-1.0, 3.0, 2.0), (0.0, 2.0, 0.5)])
def test_chance_and_value_are_what_draws_give(mean, error, noise, counts):
    rng = np.random.default_rng(0)
    truth = rng.normal(mean, error, 400_000)
    seen = truth + rng.normal(0, noise, len(truth))
    share = error**2 / (error**2 + noise**2)
    after = mean + share * (seen - mean)
    belief = Belief(mean, error, counts)
    middle, width = (after, error * noise / np.hypot(error, noise)) if counts else (seen, noise)
    assert belief.chance_of_verdict(noise) == pytest.approx(np.mean(np.abs(middle) > 1.96 * width), abs=0.004)
    gained = truth * (after > 0) - truth * (mean > 0)
    assert belief.value_of_knowing(noise) == pytest.approx(gained.mean(), abs=0.02)


def test_more_information_never_tells_less_and_is_never_worth_less():
    belief = Belief(1.5, 3.0, counts=False)
    errors = np.geomspace(30, 0.1, 30)
    for of in (belief.chance_of_verdict, belief.value_of_knowing):
        assert (np.diff([of(e) for e in errors]) >= -1e-9).all()
    assert belief.chance_of_verdict(1e-9) == pytest.approx(1.0)


def test_the_cheapest_experiment_settles_and_none_of_the_others_is_cheaper():
    belief = Belief(4.0, 2.0, counts=True)
    found = cheapest(belief, 60.0, 800.0)
    assert found.settles
    assert found.chance >= ENOUGH
    assert found.forgone == pytest.approx(4.0 * found.held_out, rel=0.01)
    for months in range(1, 25):
        for share in (0.1, 0.2, 0.3, 0.4, 0.5):
            error = Terms(60.0, share).std_error(800 * months)
            if belief.chance_of_verdict(error) >= ENOUGH:
                assert share * 800 * months * 4.0 >= found.forgone - 1e-9


def test_an_action_believed_to_lose_is_tried_on_few():
    losing = cheapest(Belief(-3.0, 2.0, counts=True), 40.0, 800.0)
    assert losing.settles
    assert losing.held_out >= 0.4 * losing.customers
    assert losing.forgone == pytest.approx(3.0 * (losing.customers - losing.held_out), rel=0.01)


def test_where_no_experiment_is_large_enough_the_most_telling_one_is_said():
    found = cheapest(Belief(0.1, 0.5, counts=False), 60.0, 50.0)
    assert not found.settles
    assert (found.months, found.held_out) == (24, 600)
    assert found.chance < ENOUGH
    assert cheapest(Belief(1.0, 1.0, counts=True), 60.0, 0.0) is None
