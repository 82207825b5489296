"""Treatments that cannot have worked: drawn at random among controls, or decided upon and never carried out.

An estimator that finds effects of nothing finds too many (Lipsitch, Tchetgen Tchetgen & Cohen 2010, "Negative
controls"). Random treatment tests the machine: weights, clusters and errors. Who was *chosen* and then held out at
random tests the assumption: being chosen does nothing by itself, so if those chosen differ from others with the same
features, whoever chose saw more than the features show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.records import TrialData
from ..effects.average import AverageEffect
from ..effects.bootstrap import bootstrap_weights, bootstrapped
from ..effects.inference import EffectEstimate, clustered_std_error

__all__ = ["FEWEST_CHOSEN", "Forecasts", "RandomTreatment", "chosen_untreated", "random_treatment", "refuted_by"]

_FEWEST = 20
FEWEST_CHOSEN = 5 * _FEWEST
"""Customers chosen and held out, and as many drawn, that a negative control takes."""
_LEVEL = 0.05


@dataclass(frozen=True)
class RandomTreatment:
    """What the estimator says of treatments drawn at random among the controls.

    Parameters
    ----------
    share_of_effects
        Share of the draws whose 95% interval excludes 0; one in twenty is right.
    mean
        Mean effect over the draws, in units of the outcome; nil but for chance.
    draws
        Number of draws.
    """

    share_of_effects: float
    mean: float
    draws: int

    @property
    def holds(self) -> bool:
        """Whether hardly more effects of nothing are found than one in twenty."""
        return self.share_of_effects <= 0.12


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
    values, significant = [], 0
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
        significant += abs(value) > stats.norm.ppf(0.975) * clustered_std_error(influence, ids)
    return RandomTreatment(significant / draws, float(np.mean(values)), draws)


class Forecasts(Protocol):
    """An action's effect with the outcomes behind it."""

    @property
    def outcome(self) -> Floats:
        """Outcome of each decision, (n,)."""

    @property
    def bootstrap_outcomes(self) -> Sequence[Floats]:
        """The same from the CLV model's bootstrap models."""

    @property
    def fitted(self) -> AverageEffect:
        """The estimator behind it."""


def chosen_untreated(
    held: TrialData, held_effect: Forecasts, drawn: TrialData, drawn_effect: Forecasts, *, seed: int
) -> EffectEstimate:
    """Return the "effect" of being chosen for an action and held out at random, against customers like any other.

    It has to include 0: nothing was done to either. If it does not, the choice rests on what the features do not
    show, or the forecast takes being chosen for being treated; either way the estimate from the chosen and the
    drawn is biased by about as much. The value seen alone would say too little: most of a difference lies beyond the
    follow-up.

    Parameters
    ----------
    held, held_effect
        The randomised decisions of an action; their controls count here as treated.
    drawn, drawn_effect
        The observational ones; their drawn controls count here as controls.
    seed
        Seed of the bootstrap weights of the CLV model's bootstrap models, whose error is in the interval.

    Raises
    ------
    ModelError
        Too few of either.
    """
    chosen, others = held.treated == 0, drawn.treated == 0
    if min(int(chosen.sum()), int(others.sum())) < FEWEST_CHOSEN:
        raise ModelError(
            f"expected at least {FEWEST_CHOSEN} customers held out and as many drawn, got {int(chosen.sum())} and"
            f" {int(others.sum())}"
        )

    def both(a: Floats, b: Floats) -> Floats:
        return np.concatenate([a[chosen], b[others]])

    customers = [trial.units.loc[rows, "customer_id"] for trial, rows in ((held, chosen), (drawn, others))]
    settings = drawn_effect.fitted
    fitted = AverageEffect(folds=settings.folds, repeats=min(settings.repeats, 2), seed=settings.seed).fit(
        pd.concat([held.features[chosen], drawn.features[others]], ignore_index=True),
        np.concatenate([np.ones(int(chosen.sum())), np.zeros(int(others.sum()))]),
        both(held_effect.outcome, drawn_effect.outcome),
        groups=pd.concat(customers, ignore_index=True),
    )
    # Each effect took as many draws as it needed.
    pairs = zip(held_effect.bootstrap_outcomes, drawn_effect.bootstrap_outcomes, strict=False)
    values = [
        fitted.estimate(both(*pair), bootstrap_weights(fitted.groups_, draw=draw, seed=seed))
        for draw, pair in enumerate(pairs)
    ]
    return bootstrapped(fitted, values, seed=seed).effect


def refuted_by(controls: Mapping[str, EffectEstimate]) -> list[str]:
    """Return the actions whose held-out customers show that the choice looks at more than the features do, sorted.

    Two tests share the level: all controls pooled by their precision, for agents who look at the same thing whatever
    they choose for, and each alone by Holm's rule (1979).

    Parameters
    ----------
    controls
        Negative controls by action, as :func:`chosen_untreated`.

    Examples
    --------
    >>> one = EffectEstimate(1.6, 1.0, -0.4, 3.6, "treated", 9, 9, 9.0, 9.0, 0.0, 0.0, 1.0)
    >>> refuted_by({"call": one}), refuted_by({"call": one, "gift": one, "offer": one})
    ([], ['call', 'gift', 'offer'])
    """
    if not controls:
        return []
    weight = {name: c.std_error**-2 for name, c in controls.items()}
    pooled = sum(weight[name] * c.estimate for name, c in controls.items()) / sum(weight.values()) ** 0.5
    if 2 * float(stats.norm.sf(abs(pooled))) <= _LEVEL / 2:
        return sorted(controls)
    p = sorted((2 * float(stats.t.sf(abs(c.estimate) / c.std_error, c.dof)), name) for name, c in controls.items())
    refuted: list[str] = []
    for rank, (value, name) in enumerate(p):
        if value > _LEVEL / 2 / (len(p) - rank):
            break
        refuted.append(name)
    return sorted(refuted)
