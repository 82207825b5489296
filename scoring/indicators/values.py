"""Values of indicators with their intervals, what is known of them, and what they are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError, did_you_mean
from ...features.indicators.aggregate import GROUP, quantiles
from ...features.indicators.catalogue import INDICATORS
from ...features.indicators.declare import Indicator, Kind, Unit
from ...features.indicators.measure import Measured
from ...features.indicators.scope import MONTH, month_day
from ...models.evaluation.clustered_ratio import (
    Interval,
    Sums,
    inverse_interval,
    nps_interval,
    ratio_interval,
    share_interval,
)
from .answering import ANSWERED, weighted_answers

__all__ = ["COLUMNS", "KNOWN", "TOO_FEW", "UNKNOWN", "check_targets", "indicator_rows"]

KNOWN, UNKNOWN, TOO_FEW = "known", "unknown", "too_few"
"""States of a value: known; its month or its window is not over; fewer rows than are shown."""

COLUMNS = (
    "indicator", "month", "by", "group", "value", "low", "high", "n", "unit", "status",
    *ANSWERED, "month_before", "year_before", "target",
)  # fmt: skip
"""Columns of indicators.parquet."""

_KEYS = ["indicator", MONTH, "by", GROUP]
_INTERVALS: Mapping[Kind, Callable[[Sums], Interval]] = {
    Kind.SHARE: share_interval,
    Kind.NPS: nps_interval,
    Kind.RATIO: ratio_interval,
    Kind.INVERSE: inverse_interval,
}
_SIGNED = (Unit.POINTS,)


def check_targets(config: Config) -> None:
    """Check that the config's targets name indicators.

    Raises
    ------
    ConfigError
        One does not.
    """
    for name in config.indicators.targets:
        if name not in INDICATORS:
            near = did_you_mean(name, INDICATORS) or f"; there are {', '.join(INDICATORS)}"
            raise ConfigError(f"indicators.targets: unknown indicator '{name}'{near}")


def indicator_rows(measured: Measured, config: Config, *, whole: bool = False) -> pd.DataFrame:
    """Return one row an indicator, month and group, with :data:`COLUMNS`; months are their first local day.

    Parameters
    ----------
    measured
        The sums.
    config
        The business: fewest rows, and targets.
    whole
        Whether the year before the period is among the rows, too.
    """
    parts = []
    for name, sums in measured.rows.groupby("indicator", sort=False):
        indicator = INDICATORS[str(name)]
        rows = _valued(measured, indicator, sums.reset_index(drop=True))
        rows = rows.merge(weighted_answers(measured, indicator, rows), on=[MONTH, "by", GROUP], how="left")
        parts.append(rows)
    rows = pd.concat(parts, ignore_index=True)
    rows = _judged(rows, config)
    for name, months in (("month_before", 1), ("year_before", 12)):
        rows[name] = _earlier(rows, months)
    rows = rows if whole else rows[rows[MONTH] >= measured.first].copy()
    targets = config.indicators.targets
    rows["target"] = rows["indicator"].map(targets).astype("float64")
    order = {name: place for place, name in enumerate(INDICATORS)}
    rows = rows.assign(place=rows["indicator"].map(order)).sort_values(["place", "by", MONTH, GROUP], kind="stable")
    rows[MONTH] = rows[MONTH].map(month_day)
    return rows.reset_index(drop=True)[list(COLUMNS)]


def _valued(measured: Measured, indicator: Indicator, sums: pd.DataFrame) -> pd.DataFrame:
    """Return keys, value, ends of the interval, n and unit."""
    figures = Sums(*(sums[name].to_numpy(dtype=float) for name in Sums.__dataclass_fields__))
    if indicator.kind == Kind.MEDIAN:
        found = _median(measured, indicator, sums, figures)
    else:
        found = _INTERVALS[indicator.kind](figures)
    low, high = found.low, found.high
    if indicator.unit not in _SIGNED:
        low = np.maximum(low, 0.0)
    rows = sums[[*_KEYS, "known"]].assign(value=found.value, low=low, high=high, n=sums["n"].fillna(0).astype("int64"))
    return rows.assign(unit=str(indicator.unit))


def _median(measured: Measured, indicator: Indicator, sums: pd.DataFrame, figures: Sums) -> Interval:
    """Return medians with the interval by ranks: where half of the rows would lie, the effective number considered."""
    n = figures.n / figures.design_effect
    with np.errstate(divide="ignore", invalid="ignore"):
        half = figures.quantile() / (2 * np.sqrt(n))
    low = np.clip(np.floor(figures.n * (0.5 - half)), 1, figures.n)
    high = np.clip(np.ceil(figures.n * (0.5 + half)) + 1, 1, figures.n)
    ranks = sums[[MONTH, "by", GROUP]].assign(low=low, high=high)
    ranks = ranks[np.isfinite(half)]
    parts = [
        quantiles(measured.scope, indicator, str(by), part.drop(columns="by")).assign(by=by)
        for by, part in ranks.groupby("by")
    ]
    if not parts:
        nothing = np.full(len(sums), np.nan)
        return Interval(sums["value"].to_numpy(dtype=float), nothing, nothing)
    found = sums[[MONTH, "by", GROUP]].merge(pd.concat(parts), on=[MONTH, "by", GROUP], how="left")
    return Interval(*(column.to_numpy(dtype=float) for column in (sums["value"], found["low"], found["high"])))


def _judged(rows: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return the rows with their status, those without enough rows emptied, and no agent of few rows."""
    least = config.indicators.least
    few = (rows["n"] < least) | rows["value"].isna()
    status = np.where(~rows["known"], UNKNOWN, np.where(few, TOO_FEW, KNOWN))
    rows = rows.assign(status=status)
    rows = rows[(rows["by"] != "agent") | (rows["n"] >= config.indicators.agents.least)].copy()
    emptied = ["value", "low", "high", *ANSWERED[1:]]
    rows[emptied] = rows[emptied].astype("float64").where(rows["status"] == KNOWN)
    return rows


def _earlier(rows: pd.DataFrame, months: int) -> np.ndarray:
    """Return the value so many months before, of the same group; NaN unless both are known."""
    before = rows[[*_KEYS, "value"]].rename(columns={"value": "before"})
    before = before.assign(**{MONTH: before[MONTH] + months})
    found = rows[_KEYS].merge(before, on=_KEYS, how="left")["before"].to_numpy(dtype=float)
    return np.where(rows["status"] == KNOWN, found, np.nan)
