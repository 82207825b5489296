"""A panel of units over periods as matrices, with what is wrong with it said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError, did_you_mean
from ...core.short_repr import ShortRepr

__all__ = ["Panel", "read_panel"]


@dataclass(frozen=True)
class Panel(ShortRepr):
    """n units over T periods.

    Parameters
    ----------
    outcome
        (n, T).
    covariates
        (n, T, k).
    start
        Place of the first period reached, (n,); T where never within the panel.
    clusters
        Codes, (n,).
    periods
        Their names, in order.
    """

    outcome: Floats
    covariates: Floats
    start: Positions
    clusters: Positions
    periods: tuple[Any, ...]


def read_panel(
    panel: pd.DataFrame,
    unit: str,
    period: str,
    started: str,
    outcome: str,
    covariates: tuple[str, ...] = (),
    clusters: str | None = None,
) -> Panel:
    """Return the matrices of a table with a row a unit and period.

    Raises
    ------
    ModelError
        A column or a row is missing, or a unit has two rows a period, two starts, or was reached from the first
        period on.
    """
    for column in (unit, period, started, outcome, *covariates, *([clusters] if clusters else [])):
        if column not in panel.columns:
            raise ModelError(f"expected column '{column}'{did_you_mean(column, map(str, panel.columns))}")
    for column in (unit, period, *([clusters] if clusters else [])):
        if panel[column].isna().any():
            raise ModelError(f"{column}: expected a value in every row; drop or fill rows without")
    who, names = pd.factorize(panel[unit])
    when, periods = pd.factorize(panel[period], sort=True)
    n, t = len(names), len(periods)
    place = who * t + when
    twice = len(place) - len(np.unique(place))
    if twice:
        raise ModelError(f"expected one row a unit and period, got {twice} more; sum or average them first")
    if len(place) < n * t:
        raise ModelError(
            f"expected every unit in every period, {n * t - len(place)} of {n * t} rows are missing; fill what is 0,"
            " and leave out units or periods that are incomplete"
        )
    first = np.argsort(place)
    start = _starts(_constant(panel[started], who, n, started), periods, started)
    always = int(np.sum(start == 0))
    if always:
        raise ModelError(
            f"expected units not reached in the first period, got {always} that were; begin the panel earlier, or leave"
            " them out"
        )
    cluster = pd.factorize(_constant(panel[clusters], who, n, clusters))[0] if clusters else np.arange(n)
    values = [_numbers(panel[column], column)[first].reshape(n, t) for column in (outcome, *covariates)]
    stacked = np.stack(values[1:], axis=2) if covariates else np.zeros((n, t, 0))
    return Panel(values[0], stacked, start, cluster.astype(np.intp), tuple(periods))


def _numbers(values: pd.Series[Any], name: str) -> Floats:
    try:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{name}: expected numbers, got {values.dtype}") from error
    if not np.isfinite(numbers).all():
        raise ModelError(f"{name}: {int((~np.isfinite(numbers)).sum())} of {len(numbers)} values are not finite")
    return np.asarray(numbers)


def _constant(values: pd.Series[Any], who: Positions, n: int, name: str) -> pd.Series[Any]:
    """Return one value a unit; refuse where a unit has several."""
    pairs = pd.DataFrame({"who": who, "value": values.to_numpy()}).drop_duplicates()
    several = int((pairs["who"].value_counts() > 1).sum())
    if several:
        raise ModelError(f"{name}: expected one value a unit, got several for {several} of {n} units")
    return values.iloc[np.unique(who, return_index=True)[1]]


def _starts(started: pd.Series[Any], periods: Any, name: str) -> Positions:
    """Return the place of the first period from each start on; beyond the last where it is missing or later."""
    known = started.notna().to_numpy()
    start = np.full(len(started), len(periods), dtype=np.intp)
    try:
        start[known] = pd.Index(periods).searchsorted(started[known].to_numpy(), side="left")
    except (TypeError, ValueError) as error:
        raise ModelError(f"{name}: expected {started.dtype} to be comparable with the periods") from error
    return start
