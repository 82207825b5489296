"""Averages at a few ages stand for those at all ages: they are smooth in the logarithm of the age.

What customers of x purchases and age T will buy is an average of powers of 1 + p t / (alpha + T), with p between 0
and 1. In u = log(alpha + T) it is analytic in the strip of half-width pi / 2 about the real line, and bounded on
ellipses inside it. So the polynomial through n Chebyshev points of an interval of u is off by at most a constant times
rho^-n, rho the sum of the half-axes of the ellipse about the interval that touches the strip's edge. Source: Trefethen
2013, "Approximation Theory and Approximation Practice", theorem 8.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.chebyshev import chebpts1, chebvander

from ...core.arrays import Floats, Positions
from ...core.short_repr import ShortRepr

__all__ = ["AskedAges", "asked_ages"]


_FALL = 36.0
"""Natural logarithm by which rho^-n has to fall: to 2e-16, less than rounding."""
_WORTH = 2
"""Members for each node from which reading in between is less work than asking at every age."""
_PANEL = 2.0
"""Widest interval of the logarithm that one polynomial spans."""
_APART = 1e-3
"""Share of the largest average below which the smallest is too small beside it for its digits to survive: then
logarithms are read."""
_ROWS = 10_000
"""Members read at once, for the memory of their polynomials."""


@dataclass(frozen=True)
class _Part(ShortRepr):
    """Members of one count and panel, and the places among those asked that tell their averages."""

    members: Positions
    asked: Positions
    at: Floats | None
    """Where the members lie between the least age, -1, and the highest, 1; None where each is asked itself."""


@dataclass(frozen=True)
class AskedAges(ShortRepr):
    """The counts and ages at which averages are computed, k of them, for the n that are wanted.

    Examples
    --------
    >>> ages = np.linspace(100.0, 800.0, 1_000)
    >>> asked = asked_ages(np.zeros(1_000), ages, 60.0)
    >>> len(asked.age), bool(np.allclose(asked.everywhere(1 / (60 + asked.age)[None, :]), 1 / (60 + ages), rtol=1e-12))
    (28, True)
    """

    x: Floats
    age: Floats
    _parts: tuple[_Part, ...]

    def everywhere(self, averages: Floats) -> Floats:
        """Return the averages (outputs, n) at the ages wanted from those (outputs, k) at the ages asked.

        No average is below 0.
        """
        out = np.empty((len(averages), sum(len(part.members) for part in self._parts)))
        for part in self._parts:
            known = averages[:, part.asked]
            if part.at is None:
                out[:, part.members] = known
                continue
            least, most = known.min(axis=1), known.max(axis=1)
            apart = (least > 0) & (least < _APART * most)
            known[apart] = np.log(known[apart])
            read = _polynomial(known, part.at)
            read[apart] = np.exp(read[apart])
            out[:, part.members] = np.maximum(read, 0.0)
        return out


def _polynomial(known: Floats, at: Floats) -> Floats:
    """Return the polynomials through ``known`` (outputs, terms) at Chebyshev points, at places (m,): (outputs, m)."""
    terms = known.shape[1]
    coefficients = 2 / terms * known @ chebvander(chebpts1(terms), terms - 1)
    coefficients[:, 0] /= 2
    parts = (at[start : start + _ROWS] for start in range(0, len(at), _ROWS))
    return np.concatenate([coefficients @ chebvander(few, terms - 1).T for few in parts], axis=1)


def asked_ages(x: Floats, age: Floats, alpha: float) -> AskedAges:
    """Return where averages have to be computed so that they are known at every x (n,) and age (n,).

    Parameters
    ----------
    x, age
        Repeat purchases, and time since the first one.
    alpha
        What is added to the age before its logarithm is taken, in the same unit; above 0.
    """
    asked: list[tuple[Floats, Floats]] = []
    parts: list[_Part] = []
    begin = 0
    logs = np.log(alpha + age)
    for members in _alike(x, np.floor((logs - logs.min(initial=np.inf)) / _PANEL)):
        own, u, at = age[members], logs[members], None
        half, middle = max((u.max() - u.min()) / 2, 1e-9), (u.max() + u.min()) / 2
        many = _nodes(half)
        if len(members) > _WORTH * many:
            at = np.clip((u - middle) / half, -1.0, 1.0)
            own = np.maximum(np.exp(middle + half * chebpts1(many)) - alpha, 0.0)
        asked.append((np.full(len(own), x[members[0]]), own))
        parts.append(_Part(members, np.arange(begin, begin + len(own)), at))
        begin += len(own)
    if not parts:
        return AskedAges(x, age, ())
    counts, ages = (np.concatenate(column) for column in zip(*asked, strict=True))
    return AskedAges(counts, ages, tuple(parts))


def _alike(x: Floats, panel: Floats) -> Iterator[Positions]:
    """Yield the places of each count and panel, in ascending order of both."""
    order = np.lexsort((panel, x))
    ends = np.flatnonzero((np.diff(x[order]) != 0) | (np.diff(panel[order]) != 0)) + 1
    yield from np.split(order, ends) if len(x) else ()


def _nodes(half: float) -> int:
    """Return the Chebyshev points that an interval of log(alpha + T) of this half-width takes."""
    distance = np.pi / 2 / half
    return int(np.ceil(_FALL / np.log(distance + np.sqrt(1 + distance**2)))) + 1
