"""Effects of all actions on a small built-in world, beside its truth; the benchmark of effects does it at full size."""

import runpy
import time

import numpy as np
import pytest
from scipy.stats import chi2

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("effects")]

IDLE = ("courtesy_call", "resubscription_offer")


@pytest.fixture(scope="module")
def lines(tmp_path_factory, pytestconfig):
    """One line an action, headline design: truth, estimate, interval, surrogate check and verdict."""
    bench = runpy.run_path(str(pytestconfig.rootpath / "benchmarks" / "effects_on_the_world.py"))
    folder = tmp_path_factory.mktemp("effects")
    run = bench["Run"](
        folder, seed=31, customers=6_000, hidden=0.0, draws=10, cross_fits=1, everything=False, started=time.monotonic()
    )
    return bench["one_seed"](run).set_index("action")


def test_effects_are_as_far_from_the_truth_as_their_errors_say(lines):
    z = (lines["estimate"] - lines["truth"]) / lines["std_error"]
    assert (z**2).sum() < chi2.ppf(0.999, len(z)), lines.round(2).to_string()
    assert np.abs(z).max() < 3.5, lines.round(2).to_string()


def test_an_action_without_effect_is_not_said_to_pay(lines):
    assert (lines.loc[list(IDLE), "verdict"] != "pays").all(), lines.round(2).to_string()


def test_the_surrogate_is_not_refuted(lines):
    z = lines["check"] / lines["check_std_error"]
    assert (z**2).sum() < chi2.ppf(0.999, len(z)), lines.round(2).to_string()
