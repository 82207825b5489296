"""Calibration: what is off is mended, by a curve that is chosen on rows it was not fitted to."""

import numpy as np
import pytest
from scipy.special import expit
from servicelift.models.fitting.calibration import Isotonic, Sigmoid, choose_calibrator


def test_it_mends_what_is_off():
    rng = np.random.default_rng(0)
    z = rng.normal(size=20_000)
    y = (rng.random(20_000) < expit(0.5 * z - 1)).astype(int)
    sigmoid = Sigmoid.fit(z, y, np.ones(20_000))
    assert (sigmoid.slope, sigmoid.intercept) == pytest.approx((0.5, -1), abs=0.05)
    curve = Isotonic.fit(z, y, np.ones(20_000))
    grid = np.linspace(-2, 2, 50)
    assert curve(grid) == pytest.approx(expit(0.5 * grid - 1), abs=0.06)
    assert (np.diff(curve(grid)) >= 0).all()
    assert 0 < curve(np.array([-99.0]))[0] < curve(np.array([99.0]))[0] < 1


def test_a_useless_score_is_never_turned_round():
    z = np.linspace(-1, 1, 200)
    assert Sigmoid.fit(z, (z < 0).astype(int), np.ones(200)).slope == 0


@pytest.mark.parametrize(
    ("truth", "n", "kind"),
    [
        (lambda z: expit(0.5 * z - 1), 4_000, Sigmoid),
        (lambda z: np.where(z > 0, 0.6, 0.1), 4_000, Isotonic),
    ],
    ids=["a sigmoid", "a step"],
)
def test_the_curve_is_chosen_on_rows_it_was_not_fitted_to(truth, n, kind):
    rng = np.random.default_rng(1)
    z = rng.normal(size=n)
    y = (rng.random(n) < truth(z)).astype(int)
    assert isinstance(choose_calibrator(z, y, np.ones(n), groups=None, seed=0), kind)


def test_a_few_rows_draw_no_steps():
    rng = np.random.default_rng(0)
    chosen = []
    for _ in range(40):
        z = rng.normal(size=100)
        y = (rng.random(100) < expit(z - 1)).astype(int)
        chosen.append(type(choose_calibrator(z, y, np.ones(100), groups=None, seed=0)))
    assert chosen.count(Sigmoid) >= 38


def test_a_customer_s_rows_stay_in_one_fold_of_the_choice():
    """Each customer has 20 equal rows: torn apart, the step function would be praised for knowing them."""
    rng = np.random.default_rng(0)
    z, y = np.repeat(rng.normal(size=60), 20), np.repeat((rng.random(60) < 0.4).astype(int), 20)
    customers = np.repeat(np.arange(60), 20)
    assert isinstance(choose_calibrator(z, y, np.ones(1200), groups=customers, seed=0), Sigmoid)
    assert isinstance(choose_calibrator(z, y, np.ones(1200), groups=None, seed=0), Isotonic)
