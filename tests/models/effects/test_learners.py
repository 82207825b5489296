"""Learners of one doubly robust score: each finds what it is made for, out of fold and on new rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.models.effects.learners import Learners, learner_names, out_of_fold
from servicelift.models.fitting.design import DesignMatrix

N = 3_000


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(N, 4)), columns=list("abcd"))
    return X, DesignMatrix.of(X), rng.normal(size=N), np.clip(rng.exponential(1, N), 0.1, 4)


def fits(drawn, tau: np.ndarray) -> dict[str, float]:
    """Return how well each learner's out-of-fold predictions follow a true effect."""
    _, design, noise, risk = drawn
    found = out_of_fold(design, tau + noise, np.ones(N), risk, np.arange(N) % 5, 0)
    return {name: np.corrcoef(found[:, k], tau)[0, 1] for k, name in enumerate(learner_names(True))}


def test_every_learner_finds_a_clear_difference(drawn):
    follows = fits(drawn, np.sign(drawn[0]["a"].to_numpy()))
    assert min(follows.values()) > 0.5
    assert follows["trees"] > follows["lines"]


def test_learners_of_the_risk_find_a_change_of_the_hazard_better(drawn):
    X, _, _, risk = drawn
    follows = fits(drawn, 0.5 * risk * np.sign(X["a"].to_numpy()))
    assert follows["trees of the risk"] > follows["trees"]
    assert follows["lines of the risk"] > follows["lines"]


def test_without_a_risk_there_is_no_learner_of_it(drawn):
    _, design, noise, _ = drawn
    learnt = Learners.fitted(design, np.arange(N), noise, np.ones(N), None, 0)
    assert learnt.predict(design.matrix[:7], None).shape == (7, len(learner_names(False))) == (7, 3)


def test_rows_of_the_own_fold_are_not_learnt_from(drawn):
    _, design, noise, risk = drawn
    fold = np.arange(N) % 5
    other = np.where(fold == 2, noise + 50, noise)
    one, two = (out_of_fold(design, score, np.ones(N), risk, fold, 0) for score in (noise, other))
    np.testing.assert_array_equal(one[fold == 2], two[fold == 2])
    assert not np.allclose(one[fold == 1], two[fold == 1])
