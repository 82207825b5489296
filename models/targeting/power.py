"""How many customers an experiment needs: unequal arms, agents as clusters, and the spread that adjusting leaves.

The difference of two means over N customers, a share h of them held out, has the variance

    sd^2 (1 / (1 - h) + 1 / h) / N * (1 + (N / A - 1) icc),

the last factor only where A agents are what is assigned (Donner & Klar 2000, "DesignMatrix and analysis of cluster
randomization trials", section 5.2). An effect d is shown with the wanted power when d is the sum of two quantiles,
of level and of power, times the root of it: of the normal distribution, of Student's t with A - 2 degrees of freedom
where agents are assigned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ..fitting.design import Encoder
from ..fitting.ridge import ridge

__all__ = ["WIDER", "Terms", "intraclass_correlation", "left_after_adjusting"]

WIDER = 1.4
"""By how much the error of the CLV model, refitted in every draw, widens an interval of sampling alone."""


@dataclass(frozen=True)
class Terms:
    """The terms of an experiment.

    Parameters
    ----------
    spread
        Standard deviation of the outcome that adjusting for the features leaves, in money.
    holdout
        Share of the customers (or agents) held out, between 0 and 1.
    power, level
        Chance of showing an effect that is there; of showing one that is not, on both sides together.
    agents
        Number of agents over both arms, where agents are what is assigned; None: customers are.
    icc
        Correlation of the outcomes of two customers of the same agent.

    Raises
    ------
    ModelError
        A value is outside its range.

    Examples
    --------
    >>> terms = Terms(spread=40.0, holdout=0.1)
    >>> terms.customers_for(5.0), round(terms.detectable(10_000), 2)
    (5582, 3.74)
    >>> Terms(spread=40.0, holdout=0.5, agents=40, icc=0.05).customers_for(5.0) is None
    True
    """

    spread: float
    holdout: float
    power: float = 0.8
    level: float = 0.05
    agents: int | None = None
    icc: float = 0.0

    def __post_init__(self) -> None:
        if not self.spread > 0:
            raise ModelError(f"spread: expected a standard deviation above 0, got {self.spread}")
        for name in ("holdout", "power", "level"):
            if not 0 < getattr(self, name) < 1:
                raise ModelError(f"{name}: expected a share between 0 and 1, got {getattr(self, name)}")
        if self.power <= self.level:
            raise ModelError(f"power: expected more than the level {self.level}, got {self.power}")
        if self.agents is not None and self.agents < 4:
            raise ModelError(f"expected at least 4 agents to assign at random, got {self.agents}; assign customers")
        if not 0 <= self.icc < 1:
            raise ModelError(f"icc: expected a correlation from 0 to below 1, got {self.icc}")

    @property
    def arms(self) -> float:
        """1 / (1 - h) + 1 / h: 4 for equal arms, more for unequal ones."""
        return 1 / (1 - self.holdout) + 1 / self.holdout

    def quantile(self, chance: float) -> float:
        """Return the quantile of the estimate's distribution."""
        return float(stats.norm.ppf(chance) if self.agents is None else stats.t.ppf(chance, self.agents - 2))

    @property
    def reach(self) -> float:
        """Standard errors that an effect must measure to be shown with the wanted power."""
        return self.quantile(1 - self.level / 2) + self.quantile(self.power)

    def std_error(self, customers: float) -> float:
        """Return the standard error of the effect on ``customers`` in both arms together."""
        wider = 1.0 if self.agents is None else 1 + (customers / self.agents - 1) * self.icc
        return float(self.spread * np.sqrt(self.arms / customers * max(wider, 1.0)))

    def detectable(self, customers: float) -> float:
        """Return the smallest effect that ``customers`` show with the wanted power."""
        return self.reach * self.std_error(customers)

    def power_at(self, effect: float, customers: float) -> float:
        """Return the chance that ``customers`` show ``effect``."""
        z = abs(effect) / self.std_error(customers) - self.quantile(1 - self.level / 2)
        return float(stats.norm.cdf(z) if self.agents is None else stats.t.cdf(z, self.agents - 2))

    def customers_for(self, effect: float) -> int | None:
        """Return how many customers in both arms together show ``effect``; None where no number does.

        More customers of the same agents tell less and less: at most the agents themselves can be compared.

        Raises
        ------
        ModelError
            The effect is 0.
        """
        if effect == 0:
            raise ModelError("effect: expected one worth detecting, got 0; no number of customers shows nothing")
        wanted = (effect / self.reach / self.spread) ** 2
        if self.agents is None:
            return int(np.ceil(self.arms / wanted - 1e-9))
        left = wanted - self.arms * self.icc / self.agents
        if left <= 0:
            return None
        alone = self.arms / wanted
        return int(np.ceil(max(self.arms * (1 - self.icc) / left, alone) - 1e-9))


def left_after_adjusting(X: pd.DataFrame, outcome: ArrayLike, *, seed: int, folds: int = 5) -> Floats:
    """Return what a ridge regression on the features leaves of the outcome, out of fold, (n,).

    The estimate of an effect adjusts for the features, so its error comes from this and not from the whole spread.
    One row a customer.

    Raises
    ------
    ModelError
        Fewer than 10 rows a fold.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"tenure": rng.normal(size=500)})
    >>> value = 3 * X["tenure"] + rng.normal(size=500)
    >>> left = left_after_adjusting(X, value, seed=0)
    >>> round(float(value.std())), round(float(left.std()))
    (3, 1)
    """
    y = np.asarray(outcome, dtype=float)
    if len(y) < 10 * folds:
        raise ModelError(f"expected at least {10 * folds} customers to learn the spread from, got {len(y)}")
    x = Encoder().fit(X).transform(X)
    fold = np.random.default_rng(seed).permutation(len(y)) % folds
    left = np.empty(len(y))
    for k in range(folds):
        train, test = fold != k, fold == k
        middle, level = x[train].mean(axis=0), y[train].mean()
        slope = ridge(x[train] - middle, y[train] - level, np.ones(int(train.sum())))
        left[test] = y[test] - level - (x[test] - middle) @ slope
    return left


def intraclass_correlation(values: ArrayLike, clusters: ArrayLike) -> float:
    """Return the share of the variance that lies between clusters, in [0, 1), by one-way analysis of variance.

    ``(MSB - MSW) / (MSB + (m0 - 1) MSW)`` with the mean size m0 of unequal clusters (Donner & Klar 2000, section
    1.4); 0 where it would be negative.

    Raises
    ------
    ModelError
        Fewer than two clusters, or none with two members.

    Examples
    --------
    >>> round(intraclass_correlation([1.0, 1.2, 3.0, 3.1, 5.0, 5.3], ["ann", "ann", "bo", "bo", "cy", "cy"]), 2)
    0.99
    """
    v, codes = np.asarray(values, dtype=float), pd.factorize(np.asarray(clusters))[0]
    sizes = np.bincount(codes)
    groups, n = len(sizes), len(v)
    if groups < 2 or n <= groups:
        raise ModelError(f"expected two clusters or more with several members, got {n} in {groups}")
    means = np.bincount(codes, weights=v) / sizes
    between = float(sizes @ (means - v.mean()) ** 2) / (groups - 1)
    within = float(np.sum((v - means[codes]) ** 2)) / (n - groups)
    usual = (n - float(sizes @ sizes) / n) / (groups - 1)
    total = between + (usual - 1) * within
    return float(np.clip((between - within) / total, 0.0, 0.999)) if total > 0 else 0.0
