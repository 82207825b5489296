"""What was watched: the measures that `monitor` wrote, what of them rings, and whether training is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.short_repr import ShortRepr
from .places import Places, read_json

__all__ = ["Watched", "read_watched"]

ROWS, FACTS = "monitor.parquet", "monitor.json"


@dataclass(frozen=True)
class Watched(ShortRepr):
    """A night as it was watched.

    Parameters
    ----------
    at
        Its instant, naive UTC.
    measures
        How many were watched.
    alarms
        Those that ring, rows of ``monitor.parquet``.
    rows
        All of them.
    by_night
        Calibration of past nights.
    """

    at: pd.Timestamp
    measures: int
    alarms: pd.DataFrame
    rows: pd.DataFrame
    by_night: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def read_watched(places: Places) -> Watched | None:
    """Return what was watched last; None where nothing was.

    Raises
    ------
    ConfigError
        A file cannot be read.
    """
    folder = places.monitor
    if folder is None or not (folder / ROWS).is_file():
        return None
    return _watched(folder)


def _watched(folder: Path) -> Watched | None:
    facts = read_json(folder / FACTS)
    if "as_of" not in facts:
        return None
    rows = pd.read_parquet(folder / ROWS, partitioning=None)
    at = pd.Timestamp(facts["as_of"])
    at = at.tz_convert("UTC").tz_localize(None) if at.tzinfo is not None else at
    ringing = rows[rows["alarm"].fillna(False).astype(bool)]
    return Watched(at, len(rows), ringing, rows, tuple(facts.get("calibration_by_night", ())))
