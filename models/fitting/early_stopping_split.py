"""The part of the training data that is held out to stop boosting and to calibrate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api import types

from ...core.arrays import Bools, Floats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from .target import Target

__all__ = ["EarlyStoppingSplit", "hold_out", "in_turn"]


@dataclass(frozen=True)
class EarlyStoppingSplit(ShortRepr):
    """Disjoint masks (n,) of rows learnt from and held out; ``kind`` is time, random or none."""

    train: Bools
    validation: Bools
    kind: str
    notes: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """Whether anything is held out."""
        return self.kind != "none"


def hold_out(
    target: Target,
    *,
    order: ArrayLike | None,
    groups: ArrayLike | None,
    share: float,
    embargo: float,
    min_events: int,
    seed: int,
) -> EarlyStoppingSplit:
    """Return the last ``share`` in time (by ``order``), else a random ``share`` of rows or whole groups.

    Rows of weight 0 belong to neither part. Where time cannot separate two parts that both hold
    ``min_events`` rows of each class, the next weaker design is taken (no embargo, random, none) and noted.

    Raises
    ------
    DataError
        ``order`` or ``groups`` has another length than the target, or a missing value in ``order``.
    """
    n = len(target.codes)
    rows = target.weight > 0
    notes: list[str] = []
    if order is not None:
        times = _times(order, n)
        for gap in sorted({embargo, 0.0}, reverse=True):
            train, validation = _by_time(times, rows, share, gap)
            if _enough(target, train, min_events) and _enough(target, validation, min_events):
                return EarlyStoppingSplit(train, validation, "time", tuple(notes))
            notes.append(f"too few events to hold out the last {share:.0%} in time with an embargo of {gap:g}")
    train, validation = _at_random(target, rows, groups, share, seed)
    if _enough(target, train, min_events) and _enough(target, validation, min_events):
        return EarlyStoppingSplit(train, validation, "random", tuple(notes))
    notes.append(f"fewer than {min_events} held-out rows of a class: fixed number of trees, not calibrated")
    return EarlyStoppingSplit(rows, np.zeros(n, dtype=bool), "none", tuple(notes))


def in_turn(target: Target, groups: ArrayLike | None, *, folds: int, min_events: int, seed: int) -> tuple[Bools, ...]:
    """Return ``folds`` disjoint random parts of the rows with weight, whole groups where there are some.

    None at all where a part, or what it leaves, would hold fewer than ``min_events`` rows of a class.
    """
    rows = target.weight > 0
    rng = np.random.default_rng(seed)
    place = np.zeros(len(rows), dtype=np.int_)
    if groups is not None:
        codes, names = pd.factorize(np.asarray(groups), sort=True)
        place = (rng.permutation(len(names)) % folds)[codes]
    else:
        for code in range(len(target.classes)):
            members = np.flatnonzero(target.codes == code)
            place[members] = rng.permutation(len(members)) % folds
    parts = tuple(rows & (place == fold) for fold in range(folds))
    fit = all(_enough(target, part, min_events) and _enough(target, rows & ~part, min_events) for part in parts)
    return parts if fit else ()


def _times(order: ArrayLike, n: int) -> Floats:
    """Return ``order`` as numbers: days where it holds instants."""
    values = pd.Series(np.asarray(order))
    if len(values) != n:
        raise DataError(f"expected one order value a row, got {len(values)} for {n} rows")
    if values.isna().any():
        raise DataError("expected an order (as_of) on every row, got missing ones; drop those rows")
    if types.is_datetime64_any_dtype(values.dtype) or types.is_object_dtype(values.dtype):
        stamps = pd.to_datetime(values, utc=True).dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
        return np.asarray(stamps.astype(np.int64) / 86_400e6)
    return values.to_numpy(dtype=np.float64)


def _by_time(times: Floats, rows: Bools, share: float, gap: float) -> tuple[Bools, Bools]:
    """Hold out the fewest last distinct times that make up ``share`` of the rows."""
    distinct, counts = np.unique(times[rows], return_counts=True)
    later = counts[::-1].cumsum()[::-1]
    fitting = np.flatnonzero(later >= share * rows.sum())
    start = distinct[fitting[-1]] if len(fitting) else np.inf
    return rows & (times < start) & (times + gap <= start), rows & (times >= start)


def _at_random(target: Target, rows: Bools, groups: ArrayLike | None, share: float, seed: int) -> tuple[Bools, Bools]:
    """Hold out a random share of each class, or of the groups."""
    rng = np.random.default_rng(seed)
    held = np.zeros(len(rows), dtype=bool)
    if groups is not None:
        codes, names = pd.factorize(np.asarray(groups), sort=True)
        if len(codes) != len(rows):
            raise DataError(f"expected one group a row, got {len(codes)} for {len(rows)} rows")
        chosen = rng.permutation(len(names))[: round(share * len(names))]
        held = np.isin(codes, chosen)
    else:
        for code in range(len(target.classes)):
            members = np.flatnonzero(rows & (target.codes == code))
            held[rng.permutation(members)[: round(share * len(members))]] = True
    return rows & ~held, rows & held


def _enough(target: Target, part: Bools, min_events: int) -> bool:
    counts = np.bincount(target.codes[part], minlength=len(target.classes))
    return bool(counts.min() >= min_events)
