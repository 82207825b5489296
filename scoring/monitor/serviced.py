"""Service indicators of a night: the latest month that is known, beside the months before it and the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.time import instant, local_day
from ...features.indicators.measure import measure
from ...features.tables.tables import Tables
from ..indicators.values import KNOWN, indicator_rows
from .measures import Level, Measure

__all__ = ["chance_of", "service_measures"]

_MONTHS = 12
_FEWEST = 6
"""Earlier months from which on it can be told whether the latest one is unlike them."""

_NAN = float("nan")


def service_measures(tables: Tables, at: pd.Timestamp) -> Iterator[Measure]:
    """Yield each indicator's latest month that was known at ``at``, naive UTC.

    It rings where the month would be unlikely if it were drawn as the up to twelve before it were.
    """
    known = replace(tables, data_until=min(at, tables.data_until))
    zone = tables.config.timezone
    last = local_day(known.data_until - pd.Timedelta(1, "us"), zone)
    since = instant((pd.Timestamp(last).replace(day=1) - pd.DateOffset(months=1)).date(), zone)
    rows = indicator_rows(measure(known, since, known.data_until), tables.config, whole=True)
    rows = rows[(rows["by"] == "") & (rows["status"] == KNOWN)]
    for name, own in rows.groupby("indicator", sort=False):
        latest, past = own.iloc[-1], own["value"].iloc[:-1].tail(_MONTHS)
        chance = chance_of(float(latest["value"]), past)
        yield Measure(
            "indicators",
            f"indicator_{latest['unit']}",
            str(name),
            float(latest["value"]),
            float(latest["low"]),
            float(latest["high"]),
            reference=float(latest["month_before"]),
            expected=float(past.mean()) if len(past) else _NAN,
            n=int(latest["n"]),
            days=float((known.data_until - pd.Timestamp(latest["month"])).days),
            note="" if np.isfinite(chance) else "no_shape",
            rule=Level(chance) if np.isfinite(chance) else None,
        )


def chance_of(value: float, past: ArrayLike) -> float:
    """Return how often a month like those of the past lies as far from their mean as ``value``; NaN without enough.

    >>> chance_of(10.0, [1, 2, 1, 2, 1, 2]) < 0.001 < chance_of(2.0, [1, 2, 1, 2, 1, 2])
    True
    """
    months = np.asarray(past, dtype=float)
    n = len(months)
    spread = float(months.std(ddof=1)) if n >= _FEWEST else 0.0
    if spread == 0.0:
        return _NAN
    far = abs(value - float(months.mean())) / (spread * np.sqrt(1 + 1 / n))
    return float(2 * stats.t.sf(far, n - 1))
