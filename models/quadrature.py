"""Averages over a beta distribution, exact for polynomials."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

__all__ = ["beta_nodes"]


def beta_nodes(a: float, b: float, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return nodes p (n,) and weights (n,) with sum(w f(p)) = E[f(P)], P ~ Beta(a, b), for degree < 2n.

    Gauss-Jacobi by the eigenvalues of the Jacobi matrix, whose entries stay finite for any a and b.
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
    return np.clip((nodes + 1) / 2, 0.0, 1.0), vectors[0] ** 2
