"""Predicted effects of each arm for customers that their model has not seen: each part is judged by the parts before.

Customers are put into parts at random. A model learns from the first parts and ranks the next one, then learns from
that too (Wager 2024, "Sequential validation of treatment heterogeneity", arXiv:2405.05534): given the past each part's
statistic is a fair one, so their normalised sum is one test, without loss of level for having split the data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Bools, Floats, Positions
from ...core.short_repr import ShortRepr
from ..effects.individual import IndividualEffect
from ..effects.inference import EffectEstimate
from .arm_effects import ArmEffects, arm_effects

__all__ = ["Sequential", "learn_arms", "predict_in_turn"]

BURN_IN = 2
"""Parts that are learnt from only: of five, the first model learns from two fifths."""


@dataclass(frozen=True)
class Sequential(ShortRepr):
    """Predictions for n customers and K arms, NaN in the parts that are learnt from only.

    Parameters
    ----------
    raw
        Fit for ranking, (n, K).
    effect
        In units of the outcome, shrunk to the average of the parts before, (n, K).
    average
        The average effect of the parts before, (n, K).
    part
        Part of each customer, (n,).
    """

    raw: Floats
    effect: Floats
    average: Floats
    part: Positions

    @property
    def judged(self) -> Bools:
        """Which customers were predicted, (n,)."""
        return np.asarray(np.isfinite(self.raw).all(axis=1))


def learn_arms(
    X: pd.DataFrame, codes: Positions, y: Floats, e: Floats, *, seed: int, whole: ArmEffects | None = None
) -> tuple[IndividualEffect, ...]:
    """Return a model of the effect of each arm, (K,), learnt from these customers.

    Parameters
    ----------
    X, codes, y, e
        As :func:`~.arm_effects.arm_effects`, chances of each customer.
    seed
        Of folds and trees.
    whole
        Their average effects, where they are at hand.
    """
    average = whole or arm_effects(X, codes, y, e, seed=seed, repeats=1)
    models = []
    for place, (tau, error) in enumerate(zip(average.estimates, average.errors, strict=True)):
        arm = place + 1
        pair = np.flatnonzero((codes == arm) | (codes == 0))
        t = (codes[pair] == arm).astype(int)
        chance = (e[:, arm] / (e[:, arm] + e[:, 0]))[pair]
        model = IndividualEffect(seed=seed, repeats=1)
        anchor = _anchor(float(tau), float(error), t)
        models.append(model.fit(X.iloc[pair], t, y[pair], groups=pair, propensity=chance, average=anchor))
    return tuple(models)


def _anchor(tau: float, error: float, t: Positions) -> EffectEstimate:
    """Return an average effect on everybody as individual effects take it."""
    treated = int(t.sum())
    sizes = (treated, len(t) - treated)
    return EffectEstimate(tau, error, tau, tau, "everybody", *sizes, float(sizes[0]), float(sizes[1]), 0.0, tau, error)


def predict_in_turn(
    X: pd.DataFrame, codes: Positions, outcome: ArrayLike, e: Floats, part: Positions, *, seed: int
) -> Sequential:
    """Return predictions for each part by models of the parts before it.

    Parameters
    ----------
    X, codes, outcome, e
        As :func:`~.arm_effects.arm_effects`, chances of each customer.
    part
        Part of each customer, 0, 1, ...; each holds every arm.
    seed
        Of folds and trees.

    Raises
    ------
    ModelError
        An arm has too few customers in the first parts to learn from.
    """
    y = np.asarray(outcome, dtype=float)
    shape = (len(y), e.shape[1] - 1)
    raw, effect, average = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for turn in range(BURN_IN, int(part.max()) + 1):
        past, now = part < turn, part == turn
        models = learn_arms(X[past], codes[past], y[past], e[past], seed=seed)
        for place, model in enumerate(models):
            raw[now, place] = model.raw(X[now])
            effect[now, place] = model.ate_ + model.slope_ * (raw[now, place] - model.raw_mean_)
            average[now, place] = model.ate_
    return Sequential(raw, effect, average, part)
