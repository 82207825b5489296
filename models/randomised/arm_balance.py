"""Are the arms alike in what was known before? Standardised differences, and one test of all of them together.

With columns x_i centred, sum x_i (d_i - e_i)' has expectation 0 and covariance X'X times that of the arms (Hansen &
Bowers 2008, "Covariate balance in simple, stratified and clustered comparative studies", section 3): one chi-square
judges all columns and arms. Single differences above 0.1 come by chance in small arms; the joint test tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats, Positions
from ...core.short_repr import ShortRepr
from ..fitting.design import Encoder
from .split import checked_split

__all__ = ["ArmBalance", "arm_balance"]


@dataclass(frozen=True)
class ArmBalance(ShortRepr):
    """How alike the arms are.

    Parameters
    ----------
    table
        One row an arm (its place) and column of the encoded covariates: ``arm``, ``feature``, ``mean``,
        ``control_mean`` and ``standardised_difference``, arm minus control in pooled standard deviations.
    statistic, dof, p_value
        The joint test of all of them.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> arms = rng.integers(0, 2, 1_000)
    >>> found = arm_balance(pd.DataFrame({"tenure": rng.normal(size=1_000)}), arms, [0.5, 0.5])
    >>> found.worst < 0.2, found.p_value > 0.01
    (True, True)
    """

    table: pd.DataFrame
    statistic: float
    dof: int
    p_value: float

    @property
    def worst(self) -> float:
        """Largest absolute standardised difference; 0 without covariates."""
        return float(self.table["standardised_difference"].abs().max()) if len(self.table) else 0.0


def arm_balance(X: pd.DataFrame, arms: ArrayLike, chances: ArrayLike) -> ArmBalance:
    """Return standardised differences of every arm against arm 0, and the joint test.

    Parameters
    ----------
    X
        Covariates known before the assignment, (n, columns).
    arms
        Place of each customer's arm, 0 the control, (n,).
    chances
        Planned share of each arm, (arms,), or chance of each customer, (n, arms): customers are then weighted by its
        inverse.

    Raises
    ------
    ModelError
        As :func:`~.split.sample_ratio`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> tenure, arms = rng.normal(size=2_000), rng.integers(0, 3, 2_000)
    >>> lost = (arms == 2) & (tenure < -1)  # unhappy newcomers of one arm left no row
    >>> arm_balance(pd.DataFrame({"tenure": tenure[~lost]}), arms[~lost], [1 / 3] * 3).p_value < 1e-6
    True
    """
    codes, e = checked_split(arms, chances)
    if X.shape[1] == 0:
        return ArmBalance(pd.DataFrame(columns=_COLUMNS), 0.0, 0, 1.0)
    encoder = Encoder().fit(X)
    z, names = encoder.transform(X), encoder.names()
    scaling = encoder.scaling_
    middle, unit = np.zeros(z.shape[1]), np.ones(z.shape[1])
    middle[: len(scaling.mean)], unit[: len(scaling.mean)] = scaling.mean, scaling.spread
    own = 1 / e[np.arange(len(codes)), codes]
    means = [np.average(z[codes == a], axis=0, weights=own[codes == a]) for a in range(e.shape[1])]
    spreads = [z[codes == a].var(axis=0) for a in range(e.shape[1])]
    frames = []
    for a in range(1, e.shape[1]):
        pooled = np.sqrt((spreads[a] + spreads[0]) / 2)
        apart = np.where(pooled > 1e-9, means[a] - means[0], 0.0) / np.maximum(pooled, 1e-9)
        columns = [a, names, means[a] * unit + middle, means[0] * unit + middle, apart]
        frames.append(pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True))))
    return ArmBalance(pd.concat(frames, ignore_index=True), *_together(z, codes, e))


_COLUMNS = ["arm", "feature", "mean", "control_mean", "standardised_difference"]


def _together(z: Floats, codes: Positions, e: Floats) -> tuple[float, int, float]:
    """Return statistic, degrees of freedom and p-value of the joint test.

    Chances that are the same for all are replaced by the shares that came, so that a split which differs from the plan
    is not counted here once more.
    """
    n, last = len(codes), e.shape[1] - 1
    drawn = np.eye(e.shape[1])[codes]
    e = np.broadcast_to(drawn.mean(axis=0), e.shape) if np.ptp(e, axis=0).max() < 1e-12 else e
    centred = z - z.mean(axis=0)
    size, axes = np.linalg.eigh(centred.T @ centred)
    kept = size > 1e-8 * max(float(size[-1]), 1e-300)
    x = centred @ axes[:, kept] / np.sqrt(size[kept])
    scores = (x.T @ (drawn - e)[:, :last]).ravel()
    spread = np.empty((x.shape[1], last, x.shape[1], last))
    for k in range(last):
        for other in range(last):
            weight = e[:, k] * ((k == other) - e[:, other])
            spread[:, k, :, other] = x.T @ (x * weight[:, None])
    width = len(scores)
    statistic = float(scores @ np.linalg.solve(spread.reshape(width, width), scores)) * (n - 1) / n
    return statistic, width, float(stats.chi2.sf(statistic, width))
