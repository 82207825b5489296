"""From encoded features to the dense columns that linear learners know: no missing value, no code of a category.

:class:`~.encoding.FrameEncoding` reads a frame once, for every model; here its matrix gets the columns that a
regression needs. Trees of an effect learn from the same columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ...core.arrays import Arrays, Floats, Positions
from ...core.short_repr import ShortRepr

__all__ = ["DesignColumns", "Scaling", "learn_columns", "learn_scaling"]


_CHUNK = 8_192
"""Rows that are expanded at once."""


@dataclass(frozen=True)
class DesignColumns(ShortRepr):
    """Which columns a design has: numbers, then missing indicators, then one column a level.

    A number that is missing becomes the median. A level without a column, an unknown and a missing one are all zero.

    Parameters
    ----------
    numbers
        Places of the numbers in the encoded matrix, (k,).
    medians
        Their medians, 0 of a column without any value, (k,).
    flagged
        Places of the numbers that get a missing indicator.
    levels
        By place of a category, the codes that get a column.
    """

    numbers: Positions
    medians: Floats
    flagged: Positions
    levels: Mapping[int, Floats]

    @property
    def width(self) -> int:
        """Number of columns of the design."""
        return len(self.numbers) + len(self.flagged) + sum(len(codes) for codes in self.levels.values())

    def filled(self, matrix: Arrays) -> Arrays:
        """Return the numbers (n, k) of an encoded matrix (n, features), the median where one is missing."""
        values = matrix[:, self.numbers]
        return np.where(np.isnan(values), self.medians.astype(matrix.dtype), values)

    def expand(self, matrix: Arrays) -> Arrays:
        """Return the design (n, width) of an encoded matrix (n, features), in its precision."""
        out = np.empty((len(matrix), self.width), dtype=matrix.dtype)
        count, place = len(self.numbers), len(self.numbers) + len(self.flagged)
        for start in range(0, len(matrix), _CHUNK):
            part, made = matrix[start : start + _CHUNK], out[start : start + _CHUNK]
            made[:, :count] = self.filled(part)
            made[:, count:place] = np.isnan(part[:, self.flagged])
            at = place
            for feature, codes in self.levels.items():
                made[:, at : at + len(codes)] = part[:, [feature]] == codes[None, :]
                at += len(codes)
        return out

    def only(self, kept: Positions) -> DesignColumns:
        """Return those of the columns that stand at ascending places ``kept`` of the design."""
        numbers, gaps = len(self.numbers), len(self.numbers) + len(self.flagged)
        levels, at = {}, gaps
        for feature, codes in self.levels.items():
            levels[feature] = codes[kept[(kept >= at) & (kept < at + len(codes))] - at]
            at += len(codes)
        first = kept[kept < numbers]
        return DesignColumns(
            self.numbers[first],
            self.medians[first],
            self.flagged[kept[(kept >= numbers) & (kept < gaps)] - numbers],
            {feature: codes for feature, codes in levels.items() if len(codes)},
        )

    def owners(self) -> Positions:
        """Return the place of the feature that each column of the design comes from, (width,)."""
        levels = [feature for feature, codes in self.levels.items() for _ in codes]
        return np.array([*self.numbers, *self.flagged, *levels], dtype=np.intp)


@dataclass(frozen=True)
class Scaling(ShortRepr):
    """Mean and deviation of the first columns of a design.

    Parameters
    ----------
    mean, spread
        Of each column that is scaled, (m,).
    furthest
        Deviations at which a scaled value is cut.
    """

    mean: Floats
    spread: Floats
    furthest: float = np.inf

    def apply(self, design: Arrays) -> Arrays:
        """Bring the first m columns of ``design`` to mean 0 and deviation 1, in its place, and return it."""
        scaled = design[:, : len(self.mean)]
        scaled -= self.mean.astype(design.dtype)
        scaled /= self.spread.astype(design.dtype)
        if np.isfinite(self.furthest):
            np.clip(scaled, -self.furthest, self.furthest, out=scaled)
        return design


def learn_columns(
    matrix: Arrays, categorical: Iterable[int], *, min_count: int = 1, max_levels: int | None = None
) -> DesignColumns:
    """Return the columns for an encoded matrix (n, features), NaN where a value is missing.

    Parameters
    ----------
    categorical
        Places of the columns that hold codes of levels.
    min_count
        Least number of rows for a level to get a column; a missing indicator needs as many rows on either side.
    max_levels
        Most levels of a category that get a column: the most frequent ones. None: all.
    """
    codes, medians, flagged = set(categorical), {}, []
    levels: dict[int, Floats] = {}
    for place in range(matrix.shape[1]):
        known = matrix[~np.isnan(matrix[:, place]), place]
        if place in codes:
            seen, counts = np.unique(known, return_counts=True)
            often = np.argsort(-counts, kind="stable")[:max_levels]
            levels[place] = np.sort(seen[often[counts[often] >= min_count]])
            continue
        medians[place] = float(np.median(known)) if len(known) else 0.0
        if min(len(known), len(matrix) - len(known)) >= min_count:
            flagged.append(place)
    return DesignColumns(
        np.array(list(medians), dtype=np.intp),
        np.array(list(medians.values()), dtype=float),
        np.array(flagged, dtype=np.intp),
        levels,
    )


def learn_scaling(design: Arrays, weight: Floats | None = None, *, furthest: float = np.inf) -> Scaling:
    """Return mean and deviation of the columns of a design (n, m); one that does not vary keeps its unit.

    Parameters
    ----------
    weight
        Of each row, (n,); None: all the same.
    furthest
        Deviations at which a scaled value is cut.
    """
    weight = np.ones(len(design)) if weight is None else weight
    parts = [slice(start, start + _CHUNK) for start in range(0, len(design), _CHUNK)]
    total = weight.sum()
    mean = sum((weight[part] @ design[part].astype(np.float64) for part in parts), np.zeros(design.shape[1])) / total
    squares = (weight[part] @ (design[part] - mean) ** 2 for part in parts)
    spread = np.sqrt(sum(squares, np.zeros(design.shape[1])) / total)
    return Scaling(mean, np.where(spread > 1e-9 * np.maximum(1.0, np.abs(mean)), spread, 1.0), furthest)
