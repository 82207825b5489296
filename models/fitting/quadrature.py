"""Averages over beta and gamma distributions: of polynomials, and of what is smooth on the scale of a logarithm."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh_tridiagonal
from scipy.special import betaln, expit, gammaln, polygamma

from ...core.arrays import Floats

__all__ = [
    "beta_nodes",
    "effective_end",
    "hyper_one",
    "log_gamma_nodes",
    "log_odds_nodes",
    "log_time_nodes",
    "mean_reciprocal",
]


_TIMES = 32
"""Points in time of a quadrature over log(1 + t / unit)."""
_BANDS = (0.0, 0.1, 0.3, 0.6, 0.85, 0.95, 0.99)
"""Bands of z in which one length of the continued fraction serves all."""


@lru_cache(maxsize=4_096)
def beta_nodes(a: float, b: float, n: int) -> tuple[Floats, Floats]:
    """Return nodes p (n,) and weights (n,) with sum(w f(p)) = E[f(P)], P ~ Beta(a, b), for degree < 2n.

    They cannot be written to: who asks for the same ones again gets these. Gauss-Jacobi by the eigenvalues of the
    Jacobi matrix, whose entries stay finite for any a and b.
    Source: Golub & Welsch 1969, "Calculation of Gauss quadrature rules".
    """
    k = np.arange(n, dtype=np.float64)
    first, second = b - 1.0, a - 1.0
    total = first + second + 2 * k
    diagonal = np.empty(n)
    diagonal[0] = (second - first) / (first + second + 2)
    diagonal[1:] = (second**2 - first**2) / (total[1:] * (total[1:] + 2))
    j = k[1:]
    side = total[1:]
    ratio = np.ones(n - 1)
    ratio[1:] = (j[1:] + first + second) / (side[1:] - 1)
    square = 4 * j * (j + first) * (j + second) * ratio / (side**2 * (side + 1))
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(square))
    found = np.clip((nodes + 1) / 2, 0.0, 1.0), vectors[0] ** 2
    for values in found:
        values.flags.writeable = False
    return found


def log_gamma_nodes(shape: float) -> tuple[Floats, Floats]:
    """Return nodes y and weights with sum(w f(y)) = E[f(Y)], Y ~ Gamma(shape, 1), for f smooth in log y.

    A trapezoid sum over log y, whose integrand is analytic and dies out at both ends: exact to rounding.
    """
    step = min(0.25, 0.5 / np.sqrt(shape))
    reach = 42 * max(1 / shape, 1 / np.sqrt(shape))
    u = np.log(shape) + step * np.arange(-np.ceil(reach / step), np.ceil(min(reach, 6) / step) + 1)
    density = shape * u - np.exp(u) - gammaln(shape)
    kept = density > density.max() - 40
    return np.exp(u[kept]), step * np.exp(density[kept])


def log_odds_nodes(a: float, b: float, least: float) -> tuple[Floats, Floats]:
    """Return nodes p (n,) and weights (n,) with sum(w f(p)) = E[f(P)], P ~ Beta(a, b), however f crowds towards 0.

    A trapezoid sum over the log-odds of p, for f smooth in log p. Below ``least``, and as near to 1 as numbers come, f
    is taken to be constant: what lies beyond is a geometric sum, given to the outermost node.
    """
    step = min(0.25, 0.4 * float(np.sqrt(polygamma(1, a) + polygamma(1, b))))
    u = np.arange(np.log(least), 37.0, step)
    weights = step * np.exp(-a * np.logaddexp(0, -u) - b * np.logaddexp(0, u) - betaln(a, b))
    weights[0] /= -np.expm1(-a * step)
    weights[-1] /= -np.expm1(-b * step)
    return expit(u), weights


def log_time_nodes(start: ArrayLike, end: ArrayLike, unit: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Yield times t and weights, shaped as ``unit`` and ``end``, with sum(w f(t)) = int f(t) dt from start to end.

    Gauss quadrature over log(1 + t / unit), for f made of powers of 1 + t / c with c >= unit: they have no
    singularity near the path, however many units there are between start and end. Where a power is high, the end
    has to lie where nothing is left of it: see :func:`effective_end`.
    """
    low, high = np.log1p(np.asarray(start) / unit), np.log1p(np.asarray(end) / unit)
    for node, share in zip(*np.polynomial.legendre.leggauss(_TIMES), strict=True):
        at = low + (high - low) * (node + 1) / 2
        yield unit * np.expm1(at), share / 2 * (high - low) * unit * np.exp(at)


def effective_end(start: float, end: Floats | float, unit: Floats, power: Floats | float) -> Floats:
    """Return ``end``, or earlier where (1 + t / unit)^-power has fallen to e^-40 of what it is at ``start``."""
    with np.errstate(over="ignore"):
        return np.minimum(end, unit * np.expm1(40.0 / power + np.log1p(start / unit)))


def mean_reciprocal(a: float, b: float, y: Floats) -> Floats:
    """Return E[1 / (1 + y P)], P ~ Beta(a, b), for y >= 0, same shape as y (m,).

    A trapezoid sum over the log-odds of P. The long tails of a small b or a tell nothing, so that what is summed
    is the distance to the value at P = 1, and where a is small to the straight line between both ends.
    """
    steep = a > 0.2
    width = float(min(np.sqrt(polygamma(1, a) + polygamma(1, b)), 2.0))
    lean, far = np.log(a / b), 10 * width + np.log1p(np.max(y, initial=0.0))
    low = min(lean, 0.0) - 40 / (a if steep else a + 1) - far
    high = max(lean, 0.0) + 40 / (b + 1) + 10 * width
    step = min(0.25, 0.6 * width)
    u = np.arange(low, high, step)
    weights = step * np.exp(-a * np.logaddexp(0, -u) - b * np.logaddexp(0, u) - betaln(a, b))
    p, rest, y = expit(u), expit(-u), y[:, None]
    end = 1 / (1 + y[:, 0])
    if steep:
        return np.asarray(end * (1 + (y * rest / (1 + y * p)) @ weights))
    line = (b + a * end) / (a + b)
    return np.asarray(line - end * ((y * (y * p * rest) / (1 + y * p)) @ weights))


def hyper_one(b: ArrayLike, c: ArrayLike, z: ArrayLike) -> Floats:
    """Return 2F1(1, b; c; z) for c > b > 0 and 0 <= z < 1, (n,).

    By Gauss's continued fraction; near z = 1 it is (1 + y) E[1 / (1 + y P)] with y = z / (1 - z) and P ~
    Beta(c - b, b), for each pair of b and c. scipy's function is slower, and wrong or missing there where c - b is
    a whole number or b is large.
    """
    b, c, z = (np.array(v, dtype=np.float64) for v in np.broadcast_arrays(b, c, z))
    out = np.empty(z.shape)
    band = np.searchsorted(_BANDS, z)
    for number in np.unique(band).tolist():
        rows = band == number
        if number < len(_BANDS):
            out[rows] = _gauss_fraction(b[rows], c[rows], z[rows], _BANDS[number])
            continue
        y = z / (1 - z)
        for first, second in np.unique(np.column_stack([b[rows], c[rows]]), axis=0).tolist():
            same = rows & (b == first) & (c == second)
            out[same] = (1 + y[same]) * mean_reciprocal(second - first, first, y[same])
    return out


def _gauss_fraction(b: Floats, c: Floats, z: Floats, highest: float) -> Floats:
    """Return the continued fraction of 2F1(1, b; c; z), long enough for the ``highest`` z, from its end.

    Source: DLMF 15.7.5; Jones & Thron 1980, "Continued fractions", theorem 6.1.
    """
    root = np.sqrt(1 - highest)
    terms = 8 + int(20 / max(-np.log((1 - root) / (1 + root) + 1e-300), 1e-3))
    value = np.ones(z.shape)
    for m in range(terms, 0, -1):
        value = 1 - (c - 1 + m) * (b + m) / ((c - 1 + 2 * m) * (c + 2 * m)) * z / value
        value = 1 - (c - 1 + m - b) * m / ((c + 2 * m - 2) * (c + 2 * m - 1)) * z / value
    return np.asarray(1 / (1 - b / c * z / value))
