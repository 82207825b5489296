"""The features of all snapshots in bounded memory: built block by block, kept as single floats and categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype, union_categoricals

from ..core.arrays import SmallFloats
from ..features.catalogue.catalogue import build_features
from ..features.tables.tables import Tables

__all__ = ["blocks", "feature_panel"]

_ROWS = 500_000
"""About how many rows are built together: whole snapshots."""


def feature_panel(tables: Tables, spine: pd.DataFrame) -> pd.DataFrame:
    """Return the features of each spine row as :func:`build_features` does, smaller.

    Numbers are float32, as the trees read them in training and in scoring; texts are categories. A frame of seven
    million rows and 230 columns is then 6.5 GB, and no second one is there while it is made.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        customer_id and as_of, the rows of one instant together.
    """
    numbers: SmallFloats | None = None
    texts: dict[str, list[Any]] = {}
    columns: list[str] = []
    for start, stop in blocks(spine["as_of"], _ROWS):
        part = build_features(tables, spine.iloc[start:stop])
        if numbers is None:
            columns = list(part.columns)
            texts = {name: [] for name in columns if not _is_number(part[name])}
            numbers = np.empty((len(columns) - len(texts), len(spine)), dtype=np.float32)
        for place, name in enumerate(name for name in columns if name not in texts):
            numbers[place, start:stop] = part[name].to_numpy()
        for name, parts in texts.items():
            parts.append(pd.Categorical(part[name]))
    assert numbers is not None
    frame = pd.DataFrame(numbers.T, columns=[n for n in columns if n not in texts], index=spine.index, copy=False)
    for name, parts in texts.items():
        frame.insert(columns.index(name), name, pd.Series(union_categoricals(parts), index=spine.index))
    return frame


def blocks(as_of: pd.Series[Any], most: int) -> Iterator[tuple[int, int]]:
    """Yield the ends of blocks of rows: whole runs of one instant, no more than ``most`` rows if there are two."""
    moments = as_of.to_numpy()
    ends = np.append(np.flatnonzero(moments[1:] != moments[:-1]) + 1, len(moments))
    start = 0
    for end, following in zip(ends, [*ends[1:], None], strict=True):
        if following is None or following - start > most:
            yield start, int(end)
            start = int(end)


def _is_number(column: pd.Series[Any]) -> bool:
    return is_numeric_dtype(column.dtype) or is_bool_dtype(column.dtype)
