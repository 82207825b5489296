"""What effects may differ by: steps and lines of single features.

A step says whether a feature lies above a cut; a category has one a level. A line is the feature itself, its far ends
cut off. Each feature is as likely as any other, however many terms it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import Bools, Floats, Objects, Positions
from ...core.short_repr import ShortRepr
from ..fitting.design import Encoder

__all__ = ["Terms"]

_CUTS = 8
_LEAST = 0.05
_FURTHEST = 3.0
_LINE = 0.3
"""Chance that what differs by a number goes along a line."""


@dataclass(frozen=True)
class Terms(ShortRepr):
    """Terms of the columns of a design, k of them.

    Parameters
    ----------
    columns
        Place of each term's column, ascending, (k,).
    cuts
        Above what a step is 1, (k,), ascending within a column; NaN: the term is a line.
    features
        The feature that each term is of.
    prior
        Chance of each term before anything is seen, (k,); those of all terms that were learnt add up to 1.
    """

    columns: Positions
    cuts: Floats
    features: tuple[str, ...]
    prior: Floats

    @classmethod
    def learnt(cls, matrix: Floats, encoder: Encoder, weight: Floats) -> Terms:
        """Return the terms of encoded features (n, columns); 5% of ``weight`` (n,) lie on each side of a step."""
        owners = encoder.owners()
        share = weight / weight.sum()
        columns: list[int] = []
        cuts: list[float] = []
        for place in range(matrix.shape[1]):
            column = matrix[:, place]
            values = np.unique(column)
            few = len(values) <= _CUTS + 1
            ranks = np.arange(1, _CUTS + 1) / (_CUTS + 1)
            found = (values[1:] + values[:-1]) / 2 if few else np.unique(np.quantile(column, ranks))
            above = np.array([share[column > cut].sum() for cut in found])
            kept = found[(above >= _LEAST) & (above <= 1 - _LEAST)]
            new = [*kept.tolist(), *([] if few else [np.nan])]
            columns += [place] * len(new)
            cuts += new
        at, cut = np.array(columns, dtype=np.intp), np.array(cuts)
        features = tuple(owners[place] for place in at)
        return cls(at, cut, features, _prior(np.array(features, dtype=object), cut))

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self.columns)

    def only(self, kept: Bools) -> tuple[Terms, Positions]:
        """Return the terms of a mask ``kept`` (k,), of a design of their columns alone, and which columns these are."""
        columns, places = np.unique(self.columns[kept], return_inverse=True)
        features = tuple(np.array(self.features, dtype=object)[kept])
        return Terms(places, self.cuts[kept], features, self.prior[kept]), columns

    def values(self, matrix: Floats, term: int) -> Floats:
        """Return one term of the rows of a design, (n,)."""
        column = matrix[:, self.columns[term]]
        if np.isnan(self.cuts[term]):
            return np.clip(column, -_FURTHEST, _FURTHEST)
        return np.asarray(column > self.cuts[term], dtype=float)

    def summed(self, matrix: Floats, coefficients: Floats) -> Floats:
        """Return the sums of all terms times coefficients (k, sums) for the rows of a design, (n, sums)."""
        total = np.zeros((len(matrix), coefficients.shape[1]))
        for place in np.unique(self.columns):
            at = np.flatnonzero(self.columns == place)
            column, line = matrix[:, place], np.isnan(self.cuts[at])
            steps = at[~line]
            heights = np.vstack([np.zeros(coefficients.shape[1]), np.cumsum(coefficients[steps], axis=0)])
            total += heights[np.searchsorted(self.cuts[steps], column, side="left")]
            for term in at[line]:
                total += np.outer(self.values(matrix, term), coefficients[term])
        return total


def _prior(owners: Objects, cuts: Floats) -> Floats:
    """Return the chance of each term: features alike, lines of a feature _LINE of it where it has steps too."""
    prior = np.zeros(len(cuts))
    for owner in set(owners):
        mine = owners == owner
        lines = mine & np.isnan(cuts)
        steps = mine & ~lines
        share = _LINE if steps.any() and lines.any() else 1.0
        prior[lines] = share / max(int(lines.sum()), 1)
        prior[steps] = (1 - share if lines.any() else 1.0) / max(int(steps.sum()), 1)
    return np.asarray(prior / max(prior.sum(), 1e-300))
