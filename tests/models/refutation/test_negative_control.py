"""Treatments that did nothing: drawn at random, or chosen and held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.core.records import ClvInputs, TrialData
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.refutation.negative_control import (
    RandomTreatment,
    chosen_untreated,
    random_treatment,
    refuted_by,
)


def test_effects_of_random_treatment_are_as_rare_as_they_should_be():
    rng = np.random.default_rng(0)
    n = 1500
    X = pd.DataFrame({"x": rng.normal(size=n)})
    e = 1 / (1 + np.exp(1 - X["x"].to_numpy()))
    t = (rng.random(n) < e).astype(int)
    y = 3 * X["x"].to_numpy() + 2 * t + rng.exponential(3, n)
    effect = AverageEffect(folds=3, repeats=1, seed=0).fit(X, t, y, groups=np.arange(n))
    found = random_treatment(effect, draws=400, seed=1)
    assert found.draws == 400
    assert 0.02 <= found.share_of_effects <= 0.09
    assert abs(found.mean) < 0.05
    assert found.holds
    assert found == random_treatment(effect, draws=400, seed=1)
    assert not RandomTreatment(0.2, 0.0, 400).holds


def test_whole_clusters_are_drawn_where_clusters_are_assigned():
    """Customers of one agent share its quality: errors that know agents find few effects of nothing."""
    rng = np.random.default_rng(2)
    agent = np.repeat(np.arange(60), 25)
    trained = rng.permutation(60) < 20
    n, t = len(agent), trained[agent].astype(int)
    X = pd.DataFrame({"x": rng.normal(size=n)})
    y = X["x"].to_numpy() + rng.normal(size=60)[agent] + rng.normal(size=n)
    effect = AverageEffect(folds=3, repeats=1, seed=0)
    effect.fit(X, t, y, groups=np.arange(n), clusters=agent, propensity=np.full(n, 1 / 3))
    assert random_treatment(effect, draws=200, seed=0).share_of_effects < 0.15


def test_too_few_controls_are_no_check():
    rng = np.random.default_rng(0)
    t = np.r_[np.zeros(30, dtype=int), np.ones(200, dtype=int)]
    X = pd.DataFrame({"x": rng.normal(size=230)})
    effect = AverageEffect(folds=2, repeats=1, seed=0)
    effect.fit(X, t, rng.normal(size=230), groups=np.arange(230), propensity=np.full(230, 0.87))
    assert random_treatment(effect, seed=0) is None


@dataclass
class Found:
    outcome: np.ndarray
    bootstrap_outcomes: tuple[np.ndarray, ...]
    fitted: AverageEffect


def _trial(design, X, treated, customers):
    n = len(X)
    units = pd.DataFrame({"customer_id": customers, "treated": treated})
    return TrialData(
        "a",
        design,
        units,
        X,
        pd.DataFrame({"value": np.zeros(n)}),
        ClvInputs(X, None, {}),
        pd.DataFrame(index=X.index),
        np.zeros(n),
        np.zeros(n),
        1,
        1,
        0,
        0,
    )


def _world(seed, hidden, n=2600):
    """Agents choose by x and, if ``hidden``, by a liking u that nobody records; a third of the chosen is held out."""
    rng = np.random.default_rng(seed)
    x, u = rng.normal(size=(2, n))
    chosen = rng.random(n) < 1 / (1 + np.exp(1.5 - 0.8 * x - hidden * u))
    held_out = chosen & (rng.random(n) < 1 / 3)
    y = 2 * x + u + 1.0 * (chosen & ~held_out) + rng.normal(size=n)
    X = pd.DataFrame({"x": x, "noise": rng.normal(size=n)})
    trials = []
    for design, rows, control in (("randomised", chosen, held_out), ("observational", ~held_out, ~chosen)):
        at = np.flatnonzero(rows)
        treated = (~control[at]).astype(int)
        trial = _trial(design, X.iloc[at].reset_index(drop=True), treated, at)
        fit = AverageEffect(folds=3, repeats=1, seed=0).fit(trial.features, treated, y[at], groups=at)
        twins = tuple(y[at] + 0.05 * rng.normal(size=len(at)) for _ in range(12))
        trials += [trial, Found(y[at], twins, fit)]
    return trials


def test_who_was_chosen_and_held_out_tells_whether_agents_saw_more():
    blind = chosen_untreated(*_world(0, hidden=0.0), seed=3)
    assert not blind.shown
    seeing = chosen_untreated(*_world(0, hidden=1.0), seed=3)
    assert seeing.shown
    assert seeing.estimate > 0.4
    assert seeing.n_treated < 600


def test_too_few_held_out_are_refused():
    held, held_found, drawn, drawn_found = _world(0, hidden=0.0, n=500)
    with pytest.raises(ModelError, match="held out"):
        chosen_untreated(held, held_found, drawn, drawn_found, seed=3)


def test_several_weak_signs_of_the_same_choice_are_pooled():
    def control(estimate):
        return EffectEstimate(estimate, 1.0, estimate - 2, estimate + 2, "treated", 9, 9, 9, 9, 0.0, 0.0, 1.0)

    def refuted(*values):
        return refuted_by({name: control(v) for name, v in zip("abc", values, strict=False)})

    assert refuted(1.6, 1.6, 1.2) == ["a", "b", "c"]
    assert refuted(1.6, -1.6, 1.2) == []
    assert refuted(-3.5, 1.6, 1.2) == ["a"]
    assert refuted(0.5) == []
    assert refuted() == []
