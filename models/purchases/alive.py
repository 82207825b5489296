"""Purchases to come of customers who are alive: what a purchase model must answer, and the case where nobody leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from ...core.arrays import Floats, Positions
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = ["Alive", "Block", "CountMoments", "SteadyAlive", "check_histories", "chunks"]


_CHUNK = 2_000


@dataclass(frozen=True)
class CountMoments(ShortRepr):
    """P(N >= 1), E[N] and E[N (N - 1)] of a number N of purchases to come; each (n,)."""

    some: Floats
    mean: Floats
    pairs: Floats


class Alive(Protocol):
    """Purchases to come of customers alive at T, lambda averaged out: (members, nodes of the hidden trait)."""

    def mean(self, t: float) -> Floats:
        """Return E[N] within t."""

    def some(self, start: float, end: float) -> Floats:
        """Return P(N >= 1) in (start, end]."""

    def pairs(self, start: float, end: float) -> Floats:
        """Return E[N (N - 1)] in (start, end]."""


Block = tuple[Positions, Alive, Floats]
"""Members of a block, their purchases to come, and the weights of the nodes."""


@dataclass(frozen=True)
class SteadyAlive(ShortRepr):
    """Nobody leaves: N is negative binomial."""

    shape: Floats
    age: Floats

    def mean(self, t: float) -> Floats:
        """Return E[N] within t."""
        return np.asarray(self.shape * t / self.age)

    def some(self, start: float, end: float) -> Floats:
        """Return P(N >= 1) in (start, end]."""
        return np.asarray(-np.expm1(-self.shape * np.log1p((end - start) / self.age)))

    def pairs(self, start: float, end: float) -> Floats:
        """Return E[N (N - 1)] in (start, end]."""
        return np.asarray(self.shape * (self.shape + 1) * ((end - start) / self.age) ** 2)


def chunks(members: Positions) -> Iterator[Positions]:
    """Return ``members`` in pieces small enough for the memory of a quadrature."""
    for start in range(0, len(members), _CHUNK):
        yield members[start : start + _CHUNK]


def check_histories(rows: pd.DataFrame) -> None:
    """Raise DataError unless x is whole and >= 0, 0 <= t_x <= T, and t_x = 0 exactly where x = 0."""
    x, t_x, age = (rows[name].to_numpy() for name in ("frequency", "recency", "T"))
    rules = {
        "frequency is a whole number of at least 0": (x >= 0) & (x == np.round(x)),
        "0 <= recency <= T": (t_x >= 0) & (t_x <= age + 1e-9),
        "recency is 0 exactly where frequency is 0": (t_x > 0) == (x > 0),
    }
    for rule, holds in rules.items():
        if not holds.all():
            raise DataError(
                f"expected that {rule}; {int((~holds).sum())} distinct histories break it: check the summary"
            )
