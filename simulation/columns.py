"""Small tools of the recorder: columns that grow month by month, identifiers and instants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.arrays import Arrays, Instants, Ints, Objects
from .state import CALENDAR_START

__all__ = ["Columns", "identifiers", "instants", "labels"]


class Columns:
    """Columns of one table to which rows are added in batches."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._batches: list[dict[str, Arrays]] = []
        self.length = 0

    def add(self, **values: Any) -> Ints:
        """Add rows (scalars are repeated) and return their row numbers.

        Raises
        ------
        KeyError
            A column is missing.
        """
        length = max(np.size(values[name]) for name in self.names if np.ndim(values[name]))
        batch = {name: np.broadcast_to(np.asarray(values[name]), (length,)) for name in self.names}
        self._batches.append({name: np.array(column) for name, column in batch.items()})
        self.length += length
        return np.arange(self.length - length, self.length)

    def column(self, name: str) -> Arrays:
        """Return one column over all batches; without any, an empty one of floats."""
        return np.concatenate([np.empty(0)] if not self._batches else [b[name] for b in self._batches])

    def frame(self) -> pd.DataFrame:
        """Return all rows in the order in which they were added."""
        return pd.DataFrame({name: self.column(name) for name in self.names})


def identifiers(prefix: str, numbers: Ints, count: int) -> pd.Series:
    """Return identifiers such as ``C00012``, wide enough for ``count``; missing where the number is negative."""
    text = pd.Series(numbers + 1).astype(str).str.zfill(len(str(count)))
    return (prefix + text).where(numbers >= 0, None)


def instants(days: NDArray[np.floating[Any]]) -> Instants:
    """Return day numbers (0 = 2022-01-01, UTC) as ``datetime64[us]``; NaN becomes NaT."""
    missing = np.isnan(days)
    seconds = np.rint(np.where(missing, 0.0, days) * 86_400).astype("timedelta64[s]")
    stamps: Instants = (CALENDAR_START + seconds).astype("datetime64[us]")
    stamps[missing] = np.datetime64("NaT")
    return stamps


def labels(names: Sequence[str | None], codes: NDArray[np.integer[Any]]) -> Objects:
    """Return the name of each code, same shape."""
    named: Objects = np.asarray(names, dtype=object)[codes]
    return named
