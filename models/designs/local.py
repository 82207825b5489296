"""Polynomials fitted close to a cut, on one side of it, and the bandwidth with the smallest mean squared error.

A fit is linear in what it is fitted to: row v of :attr:`LocalFit.smoother` times an outcome is the coefficient of u^v,
u the distance from the cut. Bandwidths are the plug-in ones of Calonico, Cattaneo & Titiunik (2014): with o the order
and v the coefficient wanted, a difference between two sides has bias B h^(o+1-v) and variance V / h^(2v+1), so

    h = ((2v + 1) V / (2 (o + 1 - v) (B^2 + 3 var(B))))^(1 / (2o + 3));

var(B) keeps h finite where no curvature is seen (Imbens & Kalyanaraman 2012).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...core.arrays import Bools, Floats
from ...core.short_repr import ShortRepr

__all__ = ["LocalFit", "Variance", "local_fit", "plug_in"]


@dataclass(frozen=True)
class LocalFit(ShortRepr):
    """A polynomial of distances from a cut, with triangular weights, on one side.

    Parameters
    ----------
    inside
        Units that have weight, as a mask over all n.
    smoother
        (order + 1, n inside): coefficients are this times an outcome.
    powers
        (n inside, order + 1) of the distances.
    remainder
        (order + 1,): what the coefficients of u^(order + 1) would be mistaken for, a unit of it.
    """

    inside: Bools
    smoother: Floats
    powers: Floats
    remainder: Floats

    def residuals(self, outcome: Floats) -> Floats:
        """Return residuals (n inside,) of an outcome (n,), each over 1 minus its leverage (HC3)."""
        y = outcome[self.inside]
        leverage = np.einsum("iv,vi->i", self.powers, self.smoother)
        return np.asarray((y - self.powers @ (self.smoother @ y)) / np.maximum(1 - leverage, 1e-3))


Variance = Callable[[list[LocalFit], list[Floats]], float]
"""Variance of the sum over sides of weights (n inside,) times the outcome."""


def local_fit(distance: Floats, side: Bools, order: int, bandwidth: float) -> LocalFit:
    """Return the fit of an order within a bandwidth on the side that a mask names."""
    inside = side & (np.abs(distance) < bandwidth)
    scaled = distance[inside] / bandwidth
    weight = 1 - np.abs(scaled)
    powers = np.vander(scaled, order + 1, increasing=True)
    gram = np.linalg.pinv(powers.T @ (weight[:, None] * powers))
    smoother = gram @ (powers * weight[:, None]).T
    remainder = smoother @ scaled ** (order + 1)
    scale = bandwidth ** np.arange(order + 1.0)
    return LocalFit(
        inside, smoother / scale[:, None], powers * scale, np.asarray(remainder * bandwidth ** (order + 1) / scale)
    )


def plug_in(
    distance: Floats,
    outcome: Floats,
    order: int,
    wanted: int,
    pilot: tuple[float, float],
    variance: Variance,
    *,
    regularised: bool = True,
) -> float:
    """Return the bandwidth for the difference between the sides of one coefficient.

    Parameters
    ----------
    distance, outcome
        Distances from the cut and what is fitted, (n,).
    order, wanted
        Of the polynomial, and the coefficient wanted.
    pilot
        Bandwidths within which variance and curvature are learnt.
    variance
        Of weighted sums of the outcome.
    regularised
        Whether the error of the curvature enters.
    """
    sides = [distance >= 0, distance < 0]
    signs = (1.0, -1.0)
    fits = [local_fit(distance, side, order, pilot[0]) for side in sides]
    curved = [local_fit(distance, side, order + 1, pilot[1]) for side in sides]
    noise = variance(fits, [sign * fit.smoother[wanted] for sign, fit in zip(signs, fits, strict=True)])
    weights = [
        sign * fit.remainder[wanted] * far.smoother[order + 1]
        for sign, fit, far in zip(signs, fits, curved, strict=True)
    ]
    bias = sum(float(w @ outcome[far.inside]) for w, far in zip(weights, curved, strict=True))
    squared = bias**2 + (3 * variance(curved, weights) if regularised else 0.0)
    power = order + 1 - wanted
    ratio = (2 * wanted + 1) * noise / (2 * power * max(squared, np.finfo(float).tiny))
    return float(pilot[0] * ratio ** (1 / (2 * order + 3)))
