"""Customer-weight bootstrap: one random weight a customer and draw, wherever that customer appears.

Weights are exponential with mean 1 (the Bayesian bootstrap of Rubin 1981): nobody drops out, so small arms and rare
events survive every draw. Weights are a hash of customer, draw and seed (:func:`servicelift.core.hashing
.customer_weights`), so the CLV model's rows and the effect's units agree on them without sharing any state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.hashing import customer_weights
from ...core.short_repr import ShortRepr
from .average import AverageEffect
from .inference import EffectEstimate, Population

__all__ = ["BootstrapEffect", "bootstrap_effect", "bootstrap_weights", "bootstrapped"]


def bootstrap_weights(groups: ArrayLike, *, draw: int, seed: int, clusters: ArrayLike | None = None) -> Floats:
    """Return the weights (n,) of units of customers ``groups`` in a draw.

    With ``clusters`` (agents, where agents are what was assigned) the weight is customer weight times agent
    weight, the pigeonhole bootstrap (Owen 2007); units without a cluster keep the customer's weight. Where no
    customer meets two agents, the agent's weight alone serves: its spread already holds everything that happens
    within the agent.
    """
    own = customer_weights(groups, seed, draw)
    if clusters is None:
        return own
    agents = pd.Series(np.asarray(clusters, dtype=object))
    named = agents.notna().to_numpy()
    shared = np.ones(len(own))
    shared[named] = customer_weights("agent " + agents[named].astype(str), seed, draw)
    return np.where(named, shared, own) if _nested(groups, agents) else own * shared


def _nested(groups: ArrayLike, clusters: ArrayLike) -> bool:
    """Return whether no customer meets two clusters (missing counts as one)."""
    codes = [pd.factorize(np.asarray(ids))[0] for ids in (groups, clusters)]
    pairs = pd.DataFrame(dict(zip(("group", "cluster"), codes, strict=True))).drop_duplicates()
    return bool(pairs["group"].is_unique)


_FEWEST_DRAWS = 10


@dataclass(frozen=True)
class BootstrapEffect(ShortRepr):
    """An effect with the interval of a bootstrap that refits what lies behind its outcome.

    Parameters
    ----------
    effect
        Estimate on the full data, with standard error and interval from the draws.
    percentile_low, percentile_high
        Percentile interval of the draws, to be compared with the normal one.
    values
        The effect in each draw, (draws,).
    refit_share
        Share of the variance that comes from refitting what lies behind the outcome.
    """

    effect: EffectEstimate
    percentile_low: float
    percentile_high: float
    values: Floats
    refit_share: float


def bootstrap_effect(
    outcome: Callable[[int], ArrayLike],
    effect: AverageEffect,
    *,
    draws: int,
    seed: int,
    population: Population = "treated",
) -> BootstrapEffect:
    """Return the bootstrapped effect.

    Parameters
    ----------
    outcome
        Called with the draw 0, 1, ...; returns the outcome (n,) from models refitted with
        ``customer_weights(customers, seed, draw)``.
    effect
        Fitted on the full data; its nuisances serve every draw.
    draws, seed
        Number of draws, at least 10, and their seed.

    When several effects share one costly refit, loop over the draws yourself, collect
    ``effect.estimate(outcome, effect.sample_weight_ * bootstrap_weights(...))``, and call :func:`bootstrapped`.
    """
    values = [
        effect.estimate(outcome(draw), weight, population=population)
        for draw, weight in enumerate(_unit_weights(effect, draws, seed))
    ]
    return bootstrapped(effect, values, seed=seed, population=population)


def bootstrapped(
    effect: AverageEffect, values: ArrayLike, *, seed: int, population: Population = "treated"
) -> BootstrapEffect:
    """Return the effect with the interval that ``values`` (draws,), one a draw of ``seed``, imply.

    A few dozen draws measure a standard error to some 10% only. The part that comes from sampling units is
    known better, from the influence function, so the draws are regressed on the same draws with the outcome held
    fixed (a control variate): ``variance = slope^2 * known + variance of the rest``. Degrees of freedom by
    Satterthwaite (1946). Where agents were assigned, this also takes out the excess of the pigeonhole bootstrap.

    Raises
    ------
    ModelError
        Fewer than 10 draws.
    """
    drawn = np.asarray(values, dtype=float)
    if len(drawn) < _FEWEST_DRAWS:
        raise ModelError(f"draws: expected at least {_FEWEST_DRAWS} for a standard error, got {len(drawn)}")
    fixed = np.array([effect.estimate(None, w, population=population) for w in _unit_weights(effect, len(drawn), seed)])
    given = effect.summary(population=population)
    spread = float(fixed.var())
    slope = float(np.cov(drawn, fixed, bias=True)[0, 1]) / spread if spread > 0 else 0.0
    rest = drawn - drawn.mean() - slope * (fixed - fixed.mean())
    free = max(len(drawn) - 2, 1)
    added = float(rest @ rest) / free
    known = slope**2 * given.std_error**2
    total = known + added
    dof = total**2 / (known**2 / effect.dof(population) + added**2 / free) if total > 0 else float(free)
    margin = (1 - effect.level) / 2
    return BootstrapEffect(
        effect=effect.summary(population=population, std_error=float(np.sqrt(total)), dof=dof),
        percentile_low=float(np.quantile(drawn, margin)),
        percentile_high=float(np.quantile(drawn, 1 - margin)),
        values=drawn,
        refit_share=1 - given.std_error**2 / total if total > given.std_error**2 else 0.0,
    )


def _unit_weights(effect: AverageEffect, draws: int, seed: int) -> Iterator[Floats]:
    for draw in range(draws):
        weight = bootstrap_weights(effect.groups_, draw=draw, seed=seed, clusters=effect.clusters_)
        yield effect.sample_weight_ * weight
