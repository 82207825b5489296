"""Does the density of a score jump at a cut? Where it does, somebody moved scores over the cut.

The density on each side is the slope of a polynomial fitted to the empirical distribution function close to the cut
(Cattaneo, Jansson & Ma 2020), which needs no bins. The fit is one order higher than the one whose bandwidth is used,
so bias does not pass for a jump. The error comes from the influence of every unit on the distribution function.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...core.arrays import Floats
from .local import LocalFit, local_fit, plug_in

__all__ = ["DensityJump", "density_jump"]

_ORDER = 2


@dataclass(frozen=True)
class DensityJump:
    """Densities of a score just below and just above a cut, and whether they differ.

    Parameters
    ----------
    left, right
        Densities, in units of one over the score's.
    std_error
        Of their difference.
    p_value
        Two-sided.
    bandwidth
        Distance from the cut that was looked at, in units of the score.

    Examples
    --------
    >>> DensityJump(left=1.2, right=0.8, std_error=0.1, p_value=6e-5, bandwidth=0.2).suspicious
    True
    """

    left: float
    right: float
    std_error: float
    p_value: float
    bandwidth: float

    @property
    def suspicious(self) -> bool:
        """Whether the densities differ by more than chance explains, at 5%."""
        return self.p_value < 0.05


def density_jump(distance: Floats) -> DensityJump:
    """Return the jump of the density of distances (n,) from a cut at 0."""
    n = len(distance)
    order = np.argsort(distance, kind="stable")
    u = distance[order]
    below = np.searchsorted(u, u, side="right")
    first = np.searchsorted(u, u, side="left")
    share = below / n

    def influence(fits: list[LocalFit], weights: list[Floats]) -> Floats:
        """Of every unit: what its place adds to the distribution function at the units that have weight."""
        total = np.zeros(n)
        for fit, weight in zip(fits, weights, strict=True):
            total[fit.inside] += weight
        above = np.append(np.cumsum(total[::-1])[::-1], 0.0)[first]
        return np.asarray((above - above.mean()) / n)

    def variance(fits: list[LocalFit], weights: list[Floats]) -> float:
        return float(np.sum(influence(fits, weights) ** 2))

    widest = float(np.abs(u).max())
    spread = float(u.std())
    pilot = (min(2.0 * spread * n ** (-1 / 7), widest), min(3.0 * spread * n ** (-1 / 9), widest))
    bandwidth = min(plug_in(u, share, _ORDER, 1, pilot, variance), widest)
    fits = [local_fit(u, side, _ORDER + 1, bandwidth) for side in (u >= 0, u < 0)]
    right, left = (float(fit.smoother[1] @ share[fit.inside]) for fit in fits)
    error = float(np.sqrt(variance(fits, [fits[0].smoother[1], -fits[1].smoother[1]])))
    return DensityJump(left, right, error, float(2 * stats.norm.sf(abs(right - left) / error)), bandwidth)
