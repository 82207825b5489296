"""Rows that LightGBM has put into bins, as they travel to another process: the same bins, so the same trees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm as lgb

from ...core.working_folder import WorkingFolder

__all__ = ["BinnedRows"]


class BinnedRows(lgb.Dataset):
    """A LightGBM data set that can be pickled once it is constructed; raw rows do not travel, only their bins.

    Labels, weights and offsets travel as they stand.

    Examples
    --------
    >>> import pickle
    >>> import numpy as np
    >>> rows = BinnedRows(np.arange(100.0).reshape(50, 2), np.zeros(50), params={"verbosity": -1}).construct()
    >>> pickle.loads(pickle.dumps(rows)).num_data()
    50
    """

    def __reduce__(self) -> tuple[Callable[..., BinnedRows], tuple[Any, ...]]:
        """Return how to make it again from LightGBM's own binary form."""
        with WorkingFolder() as folder:
            file = Path(folder) / "rows"
            self.construct().save_binary(str(file))
            return _read, (file.read_bytes(), self.get_params())


def _read(rows: bytes, params: dict[str, Any]) -> BinnedRows:
    with WorkingFolder() as folder:
        file = Path(folder) / "rows"
        file.write_bytes(rows)
        # Quiet: LightGBM tells on stdout of every file that it reads.
        made: BinnedRows = BinnedRows(str(file), params={**params, "verbosity": -1}).construct()
    return made
