"""Customer-weight bootstrap: one random weight a customer and draw, wherever that customer appears.

Weights are exponential with mean 1 (the Bayesian bootstrap of Rubin 1981): nobody drops out, so small arms and rare
events survive every draw. Weights are a hash of customer, draw and seed (:func:`servicelift.core.hashing
.customer_weights`), so the CLV model's rows and the effect's units agree on them without sharing any state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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

__all__ = ["BootstrapEffect", "bootstrap_effect", "bootstrap_weights", "bootstrapped", "draws_suffice"]


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
_ROUND = 5


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
    monte_carlo
        Error of the standard error that the number of draws leaves, as a share of it.
    """

    effect: EffectEstimate
    percentile_low: float
    percentile_high: float
    values: Floats
    refit_share: float
    monte_carlo: float = np.nan


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
    effect: AverageEffect,
    values: ArrayLike,
    *,
    seed: int,
    population: Population = "treated",
    weights: Iterable[Floats] | None = None,
) -> BootstrapEffect:
    """Return the effect with the interval that ``values`` (draws,), one a draw of ``seed``, imply.

    A few dozen draws measure a standard error to some 10% only. The part that comes from sampling units is
    known better, from the influence function, so the draws are regressed on the same draws with the outcome held
    fixed (a control variate): ``variance = slope^2 * known + variance of the rest``. Degrees of freedom by
    Satterthwaite (1946). Where agents were assigned, this also takes out the excess of the pigeonhole bootstrap.
    ``weights`` are those of the units in each draw (n,), where they are at hand already.

    Raises
    ------
    ModelError
        Fewer than 10 draws.
    """
    drawn = np.asarray(values, dtype=float)
    if len(drawn) < _FEWEST_DRAWS:
        raise ModelError(f"draws: expected at least {_FEWEST_DRAWS} for a standard error, got {len(drawn)}")
    given = effect.summary(population=population).std_error
    known = _unit_weights(effect, len(drawn), seed) if weights is None else weights
    fixed = [effect.estimate(None, weight, population=population) for weight in known]
    variance = _Variance.of(drawn, np.array(fixed), given)
    margin = (1 - effect.level) / 2
    return BootstrapEffect(
        effect=effect.summary(
            population=population, std_error=float(np.sqrt(variance.total)), dof=variance.dof(effect.dof(population))
        ),
        percentile_low=float(np.quantile(drawn, margin)),
        percentile_high=float(np.quantile(drawn, 1 - margin)),
        values=drawn,
        refit_share=1 - given**2 / variance.total if variance.total > given**2 else 0.0,
        monte_carlo=variance.relative_error,
    )


def draws_suffice(effect: AverageEffect, values: ArrayLike, fixed: ArrayLike, *, enough: float) -> bool:
    """Return whether the standard error that ``values`` (draws,) imply is known to a share ``enough`` of itself.

    Its Monte Carlo error follows from the regression behind :func:`bootstrapped`: that of the slope and that of the
    variance of the rest. Draws are looked at in rounds of five from ten on, so that luck ends them seldom.

    Parameters
    ----------
    effect
        The effect on the treated.
    values, fixed
        The effect in each draw, and in the same draw with its outcome held fixed.
    enough
        Largest Monte Carlo error over the standard error; 0: draws never suffice.
    """
    drawn = np.asarray(values, dtype=float)
    if enough <= 0 or len(drawn) < _FEWEST_DRAWS or len(drawn) % _ROUND:
        return False
    return _Variance.of(drawn, np.asarray(fixed, dtype=float), effect.summary().std_error).relative_error <= enough


@dataclass(frozen=True)
class _Variance:
    """The variance of an effect: ``slope^2 known`` from sampling units, and ``added`` by what is refitted."""

    slope: float
    slope_error: float
    known: float
    added: float
    free: int

    @classmethod
    def of(cls, drawn: Floats, fixed: Floats, std_error: float) -> _Variance:
        """Regress the draws on the same draws with the outcome held fixed, both (draws,)."""
        spread = float(fixed.var())
        slope = float(np.cov(drawn, fixed, bias=True)[0, 1]) / spread if spread > 0 else 0.0
        rest = drawn - drawn.mean() - slope * (fixed - fixed.mean())
        free = max(len(drawn) - 2, 1)
        added = float(rest @ rest) / free
        error = float(np.sqrt(added / (spread * len(drawn)))) if spread > 0 else 0.0
        return cls(slope, error, std_error**2, added, free)

    @property
    def total(self) -> float:
        """Variance of the effect."""
        return self.slope**2 * self.known + self.added

    @property
    def relative_error(self) -> float:
        """Standard error of the standard error, as a share of it; by the delta method."""
        of_variance = np.hypot(2 * self.slope * self.known * self.slope_error, self.added * np.sqrt(2 / self.free))
        return float(of_variance / (2 * self.total)) if self.total > 0 else 0.0

    def dof(self, units: float) -> float:
        """Return Satterthwaite's degrees of freedom, with those of the influence function's variance."""
        if self.total <= 0:
            return float(self.free)
        return self.total**2 / ((self.slope**2 * self.known) ** 2 / units + self.added**2 / self.free)


def _unit_weights(effect: AverageEffect, draws: int, seed: int) -> Iterator[Floats]:
    for draw in range(draws):
        weight = bootstrap_weights(effect.groups_, draw=draw, seed=seed, clusters=effect.clusters_)
        yield effect.sample_weight_ * weight
