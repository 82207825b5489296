"""Splits that imitate use: learn on the past, tune on what came next, judge on what came last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Bools, Instants
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = ["Split", "random_split", "time_split"]


@dataclass(frozen=True)
class Split(ShortRepr):
    """Three disjoint boolean masks (n,); rows in none of them lie in an embargo.

    ``note`` says what the data did not allow, empty if all three parts are there.

    Examples
    --------
    >>> import pandas as pd
    >>> time_split(pd.Series(pd.date_range("2023-01-01", periods=12, freq="MS")), 60)
    Split(train=ndarray(12), validation=ndarray(12), test=ndarray(12), note='')
    """

    train: Bools
    validation: Bools
    test: Bools
    note: str = ""


def time_split(
    as_of: pd.Series[Any], horizon_days: float, *, test_share: float = 0.2, validation_share: float = 0.15
) -> Split:
    """Split rows by snapshot: the last ones test, before them validation, before them training.

    Between two parts lies an embargo: a label of the earlier part is complete
    (as_of + ``horizon_days`` <= first as_of of the later part) before the later part begins, so that no
    outcome is seen twice. All rows of one instant stay together.

    Parameters
    ----------
    as_of
        Instant of each row (n,), datetime.
    horizon_days
        How far a label looks ahead, in days: the churn horizon plus the grace period.
    test_share, validation_share
        Share of the distinct instants for testing, and share of the remaining ones for validation. Parts
        shrink, down to one instant each, where the embargo would leave no training instant.

    Raises
    ------
    DataError
        No two snapshots are ``horizon_days`` apart (a single snapshot in particular).

    Examples
    --------
    >>> import pandas as pd
    >>> as_of = pd.Series(pd.date_range("2023-01-01", periods=12, freq="MS"))
    >>> parts = time_split(as_of, 60)
    >>> int(parts.train.sum()), int(parts.validation.sum()), int(parts.test.sum())
    (7, 1, 2)
    >>> as_of[parts.train].max() + pd.Timedelta(days=60) <= as_of[parts.validation].min()
    True
    """
    moments = pd.Series(pd.to_datetime(as_of)).to_numpy(dtype="datetime64[us]")
    if np.isnat(moments).any():
        raise DataError("expected an as_of on every row, got missing ones; drop those rows before splitting")
    distinct = np.unique(moments)
    gap = np.timedelta64(round(horizon_days * 86_400e6), "us")
    early, test = _cut(distinct, gap, test_share)
    if not len(early):
        raise DataError(
            f"expected snapshots at least {horizon_days:g} days apart, so that labels end before the test "
            f"begins; got {len(distinct)} snapshot(s) {_span(distinct)}; add earlier snapshots, shorten the "
            "horizon, or use random_split by customer"
        )
    train, validation = _cut(early, gap, validation_share)
    note = ""
    if not len(train):
        train, validation = early, early[:0]
        note = f"no validation part: {len(early)} training snapshot(s) less than {horizon_days:g} days apart"
    return Split(np.isin(moments, train), np.isin(moments, validation), np.isin(moments, test), note)


def random_split(groups: ArrayLike, seed: int, *, test_share: float = 0.2, validation_share: float = 0.15) -> Split:
    """Split whole groups at random: for one snapshot only, where no later one can judge.

    Parameters
    ----------
    groups
        Group of each row (n,), the customer: no customer falls into two parts.
    seed
        Seed of the draw.
    test_share, validation_share
        Share of the groups for testing, and share of the remaining ones for validation.

    Raises
    ------
    DataError
        Fewer than three groups.
    """
    codes, names = pd.factorize(np.asarray(groups), sort=True)
    n = len(names)
    if n < 3:
        raise DataError(f"expected at least 3 groups to split, got {n}; split by customer, not by a constant")
    order = np.random.default_rng(seed).permutation(n)
    n_test = min(max(1, round(test_share * n)), n - 2)
    n_validation = min(max(1, round(validation_share * (n - n_test))), n - n_test - 1)
    part = np.zeros(n, dtype=int)
    part[order[:n_test]] = 2
    part[order[n_test : n_test + n_validation]] = 1
    return Split(part[codes] == 0, part[codes] == 1, part[codes] == 2)


def _cut(distinct: Instants, gap: np.timedelta64, share: float) -> tuple[Instants, Instants]:
    """Return the instants before the embargo and the last ones, as near to ``share`` as leaves an early one."""
    for n_late in range(max(1, round(share * len(distinct))), 0, -1):
        late = distinct[len(distinct) - n_late :]
        early = distinct[(distinct + gap <= late[0]) & (distinct < late[0])]
        if len(early):
            return early, late
    return distinct[:0], distinct


def _span(distinct: Instants) -> str:
    if not len(distinct):
        return "at all"
    return f"from {distinct[0].astype('datetime64[D]')} to {distinct[-1].astype('datetime64[D]')}"
