"""Treatments that cannot have worked: drawn at random among controls, or decided upon and never carried out.

An estimator that finds effects of nothing finds too many (Lipsitch, Tchetgen Tchetgen & Cohen 2010, "Negative
controls"). Random treatment tests the machine: weights, clusters and errors. Who was *chosen* and then held out at
random tests the assumption: being chosen does nothing by itself, so if those chosen differ from others with the same
features, whoever chose saw more than the features show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ..core.errors import ModelError
from ..core.exchange import TrialData
from .aipw import AverageEffect
from .inference import EffectEstimate, clustered_std_error

__all__ = ["RandomTreatment", "chosen_untreated", "random_treatment"]

_FEWEST = 20


@dataclass(frozen=True)
class RandomTreatment:
    """What the estimator says of treatments drawn at random among the controls.

    Parameters
    ----------
    found_share
        Share of the draws whose 95% interval excludes 0; one in twenty is right.
    mean
        Mean effect over the draws, in units of the outcome; nil but for chance.
    draws
        Number of draws.
    """

    found_share: float
    mean: float
    draws: int

    @property
    def holds(self) -> bool:
        """Whether hardly more effects of nothing are found than one in twenty."""
        return self.found_share <= 0.12


def random_treatment(effect: AverageEffect, *, draws: int = 200, seed: int) -> RandomTreatment | None:
    """Return what the estimator makes of random treatments; None where the controls are too few.

    Controls are drawn to be treated with their own chance of treatment, so that weights are as uneven as in the
    estimate; whole clusters where clusters are what was assigned. Outcomes keep their out-of-fold predictions.

    Parameters
    ----------
    effect
        Fitted on n units.
    draws, seed
        Number of draws and their seed.
    """
    rows = np.flatnonzero((effect.treated_ == 0) & effect.kept() & (effect.sample_weight_ > 0))
    e = np.clip(effect.propensity_[rows], 0.02, 0.95)
    rest = effect.outcome_[rows] - np.median([n.mu0[rows] for n in effect.nuisances_], axis=0)
    weight, groups = effect.sample_weight_[rows], effect.groups_[rows]
    clusters = None if effect.clusters_ is None else pd.factorize(effect.clusters_[rows])[0]
    ids = [groups] if clusters is None else [groups, clusters]
    rng = np.random.default_rng([seed, 11])
    values, found = [], 0
    for _ in range(draws):
        uniform = rng.random(len(rows)) if clusters is None else rng.random(int(clusters.max()) + 1)[clusters]
        t = (uniform < e).astype(float)
        arms = (weight * t, weight * (1 - t) * e / (1 - e))
        if min(int(np.sum(a > 0)) for a in arms) < _FEWEST:
            return None
        influence, value = np.zeros(len(rows)), 0.0
        for sign, arm in zip((1.0, -1.0), arms, strict=True):
            mean = float(arm @ rest) / float(arm.sum())
            value += sign * mean
            influence += sign * arm * (rest - mean) / arm.sum()
        values.append(value)
        found += abs(value) > stats.norm.ppf(0.975) * clustered_std_error(influence, ids)
    return RandomTreatment(found / draws, float(np.mean(values)), draws)


def chosen_untreated(
    held: TrialData, drawn: TrialData, *, folds: int = 5, repeats: int = 2, seed: int
) -> EffectEstimate:
    """Return the "effect" of being chosen for an action and held out at random, against customers like any other.

    It has to include 0: nothing was done to either. If it does not, the choice rests on what the features do not
    show. The outcome is the value of the follow-up, nothing predicted: a forecast that takes being chosen for being
    treated would find effects here.

    Parameters
    ----------
    held
        The randomised decisions of an action; their controls count here as treated.
    drawn
        The observational ones; their drawn controls count here as controls.
    folds, repeats, seed
        As of :class:`.aipw.AverageEffect`.

    Raises
    ------
    ModelError
        Too few of either.
    """
    chosen, others = held.treated == 0, drawn.treated == 0
    counts = int(chosen.sum()), int(others.sum())
    if min(counts) < 5 * _FEWEST:
        raise ModelError(
            f"expected at least {5 * _FEWEST} customers held out and as many drawn, got {counts[0]} and {counts[1]}"
        )
    parts = ((held, chosen), (drawn, others))
    return (
        AverageEffect(folds=folds, repeats=repeats, seed=seed)
        .fit(
            pd.concat([trial.features[rows] for trial, rows in parts], ignore_index=True),
            np.repeat([1, 0], counts),
            np.concatenate([trial.realised.loc[rows, "value"] for trial, rows in parts]),
            groups=pd.concat([trial.units.loc[rows, "customer_id"] for trial, rows in parts], ignore_index=True),
        )
        .summary()
    )
