"""How well one feature alone tells who leaves: too well, and it holds what was known only afterwards.

Kaufman, Rosset, Perlich and Stitelman 2012, "Leakage in data mining": a leak shows as a single feature that predicts
better than anything honest could. Frames and arrays in, numbers out; what is too much is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api import types
from scipy import stats

from ...core.arrays import Bools, Ints
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = [
    "PureState",
    "Separation",
    "dates_in",
    "late_share",
    "outcome_separations",
    "purest_state",
    "separations",
]


_MOST_ROWS = 50_000
_BINS = 32
_PRIOR_ROWS = 10.0
_DATES_SHARE = 0.95
_ONE_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass(frozen=True)
class Separation:
    """How well a feature alone separates ``events`` rows of one class from the others among ``n`` rows.

    ``auc`` is at least 0.5 whatever the direction; ``by`` says what of the feature separates them.
    """

    feature: str
    auc: float
    by: str
    n: int
    events: int


@dataclass(frozen=True)
class PureState:
    """The state of a column that goes most surely with the event: share of events among ``n`` rows in it.

    ``low`` is the lower end of the share's 95% interval (Wilson 1927).
    """

    state: str
    share: float
    low: float
    n: int


def separations(frame: pd.DataFrame, y: ArrayLike, groups: ArrayLike, *, fewest: int, seed: int) -> list[Separation]:
    """Return the separation of each column for one outcome ``y`` (1 or 0); see :func:`outcome_separations`."""
    outcome = np.asarray(y).astype(bool).astype(np.int64)
    return outcome_separations(frame, {"": outcome}, groups, fewest=fewest, seed=seed)[""]


def outcome_separations(
    frame: pd.DataFrame, outcomes: Mapping[str, Ints], groups: ArrayLike, *, fewest: int, seed: int
) -> dict[str, list[Separation]]:
    """Return for each outcome the separation of each column, the strongest first.

    A column is tried in four ways and the best counts: being missing or not; the rank of its numbers, missing
    ones first or last; the rank among those present; and the rate of events by value (numbers in up to 32
    bins by quantile, levels with fewer than ``fewest`` rows taken together), learnt on half of the groups and
    judged on the other, both ways round. The first three have next to nothing to learn, the last is held out,
    so that neither rare levels nor customers seen many times make a column look good.

    Parameters
    ----------
    frame
        Features (n, columns): numbers or texts.
    outcomes
        By name: 1 for an event, 0 for none, -1 for rows that do not count (n,).
    groups
        Customer of each row (n,): no customer is both learnt from and judged.
    fewest
        Fewest rows of each class for which any separation is judged.
    seed
        Seed of the halves, and of the sample of 50,000 rows, the same for all outcomes, where there are more.

    Returns
    -------
    dict of list of Separation
        One a column, none where a class has fewer than ``fewest`` rows.

    Raises
    ------
    DataError
        An outcome or ``groups`` has another length than ``frame``.
    """
    codes = pd.factorize(np.asarray(groups))[0]
    for outcome in outcomes.values():
        if not len(frame) == len(outcome) == len(codes):
            raise DataError(f"expected {len(frame)} outcomes and groups, got {len(outcome)} and {len(codes)}")
    rng = np.random.default_rng(seed)
    half = rng.permutation(np.arange(codes.max(initial=-1) + 1) % 2).astype(bool)[codes]
    if len(frame) > _MOST_ROWS:
        kept = np.sort(rng.permutation(len(frame))[:_MOST_ROWS])
        frame, half = frame.iloc[kept], half[kept]
        outcomes = {name: outcome[kept] for name, outcome in outcomes.items()}
    judged = {name: outcome for name, outcome in outcomes.items() if _enough(outcome[outcome >= 0] == 1, fewest)}
    by_outcome: dict[str, list[Separation]] = {name: [] for name in outcomes}
    for place, column in enumerate(frame):
        coded = _coded(frame.iloc[:, place], fewest)
        for name, outcome in judged.items():
            by_outcome[name].append(_separation(str(column), coded, outcome, half, fewest))
    return {name: sorted(each, key=lambda s: -s.auc) for name, each in by_outcome.items()}


@dataclass(frozen=True)
class _Coded(ShortRepr):
    """A column sorted once: what every outcome is judged by.

    ``place`` is the rank of each number among the distinct ones, from 1, and 0 where it is missing (None for texts);
    ``state`` its bin or level, 0 where it is missing.
    """

    missing: Bools
    place: Ints | None
    state: Ints


def _coded(column: pd.Series, fewest: int) -> _Coded:
    missing = column.isna().to_numpy()
    if not (types.is_numeric_dtype(column.dtype) or types.is_bool_dtype(column.dtype)):
        return _Coded(missing, None, _levels(column, fewest))
    present = column.to_numpy(dtype=np.float64, na_value=np.nan)[~missing]
    distinct, inverse = np.unique(present, return_inverse=True)
    place, state = np.zeros(len(missing), dtype=np.int64), np.zeros(len(missing), dtype=np.int64)
    place[~missing] = 1 + inverse
    if len(present):
        edges = np.unique(np.quantile(present, np.linspace(0, 1, _BINS + 1)))
        state[~missing] = (1 + np.searchsorted(edges, distinct, side="left"))[inverse]
    return _Coded(missing, place, state)


def _separation(name: str, column: _Coded, outcome: Ints, half: Bools, fewest: int) -> Separation:
    """Return the best of the ways in which one column separates."""
    counts = outcome >= 0
    missing, event, state = column.missing[counts], outcome[counts] == 1, column.state[counts]
    ways = {"being missing or not": 0.5 + abs(float(missing[event].mean() - missing[~event].mean())) / 2}
    if column.place is not None:
        by_place = _counted(column.place[counts], event)  # the first is of the missing ones
        last = np.concatenate([by_place[1:], by_place[:1]])
        ways["its values"] = max(_either_way(by_place), _either_way(last))
        if min(by_place[1:].sum(axis=0)) >= fewest:
            ways["its values where there are any"] = _either_way(by_place[1:])
    rate = _held_out_rate_auc(state, event, half[counts])
    by, auc = max([*ways.items(), ("the rate of its values", rate)], key=lambda way: way[1])
    return Separation(name, auc, by, len(event), int(event.sum()))


def _counted(code: Ints, event: Bools) -> Ints:
    """Return how many rows without and with the event have each code from 0, (codes, 2)."""
    size = int(code.max(initial=0)) + 1
    return np.bincount(2 * code + event, minlength=2 * size).reshape(size, 2)


def _enough(event: Bools, fewest: int) -> bool:
    return min(int(event.sum()), int((~event).sum())) >= fewest


def _either_way(by_rank: Ints) -> float:
    """Return the AUC of a rank in its better direction."""
    return 0.5 + abs(_auc(by_rank) - 0.5)


def _auc(by_rank: Ints) -> float:
    """Return the AUC of a rank from rows without and with the event at each, (ranks, 2), ties half.

    Source: Mann and Whitney 1947.
    """
    others, events = by_rank.T
    below = np.cumsum(others) - others
    return float(np.sum(events * (below + others / 2))) / (int(events.sum()) * int(others.sum()))


def _levels(column: pd.Series, fewest: int) -> Ints:
    """Return the level of each text, 0 where it is missing and 1 for all rare levels together."""
    codes = pd.factorize(column)[0]
    counts = np.bincount(codes + 1)
    return np.where(codes < 0, 0, np.where(counts[codes + 1] < fewest, 1, codes + 2)).astype(np.int64)


def _held_out_rate_auc(state: Ints, event: Bools, half: Bools) -> float:
    """Return the mean AUC of the rate of events by state, learnt on one half and judged on the other."""
    scores = []
    by_half = _counted(2 * state + half, event)
    by_half = np.concatenate([by_half, np.zeros((len(by_half) % 2, 2), dtype=by_half.dtype)]).reshape(-1, 2, 2)
    for learnt in (1, 0):
        n, events = by_half[:, learnt].sum(axis=1), by_half[:, learnt, 1]
        base = float(events.sum() / n.sum()) if n.any() else 0.5
        rate = (events + _PRIOR_ROWS * base) / (n + _PRIOR_ROWS)
        judged = by_half[:, 1 - learnt]
        if judged.sum(axis=0).all():
            order = np.unique(rate, return_inverse=True)[1]
            ranked = np.zeros((int(order.max()) + 1, 2), dtype=np.int64)
            np.add.at(ranked, order, judged)
            scores.append(_auc(ranked))
    return max(0.5, float(np.mean(scores))) if scores else 0.5


def purest_state(column: pd.Series, y: ArrayLike, *, fewest: int) -> PureState | None:
    """Return the state of a column in which events are surest, among those that hold ``fewest`` events.

    States are missing, there, and each value. None: no state holds so many events.
    """
    event, missing = np.asarray(y).astype(bool), column.isna().to_numpy()
    levels = pd.factorize(column)[0]
    states = {"missing": missing, "not missing": ~missing} if missing.any() else {}
    masks = [*states.items(), *(("one of its values", levels == code) for code in _frequent(levels, fewest))]
    pure = [_pure(state, event[mask]) for state, mask in masks if event[mask].sum() >= fewest]
    return max(pure, key=lambda state: state.low, default=None)


def _frequent(levels: Ints, fewest: int) -> Ints:
    return np.flatnonzero(np.bincount(levels[levels >= 0], minlength=1) >= fewest)


def _pure(state: str, event: Bools) -> PureState:
    share = float(event.mean())
    low = float(stats.binomtest(int(event.sum()), len(event)).proportion_ci(0.95, method="wilson").low)
    return PureState(state, share, low, len(event))


def dates_in(column: pd.Series, *, date_format: str | None = None, dayfirst: bool = False) -> pd.Series | None:
    """Return a column's dates (datetime, NaT where missing) if its values are dates, else None.

    Dates are texts such as 2024-06-30, with or without a time, 30.06.2024, those of ``date_format``, and whole
    numbers such as 20240630. 95 in 100 values have to be one.
    """
    present = column.dropna()
    if not len(present):
        return None
    # Values repeat: each is read once.
    places, distinct = pd.factorize(present)
    values = pd.Series(distinct)
    if types.is_numeric_dtype(column.dtype):
        number = values.to_numpy(dtype=np.float64)
        whole = (number % 1 == 0) & (number >= 19_000_101) & (number <= 21_001_231)
        texts = pd.Series(np.where(whole, number, 0).astype(np.int64).astype(str))
        read = pd.to_datetime(texts, format="%Y%m%d", errors="coerce")
    elif date_format:
        read = pd.to_datetime(values, format=date_format, errors="coerce", exact=False)
    else:
        read = _text_dates(values.astype(str), dayfirst)
    dates = read.take(places).set_axis(present.index)
    return dates.reindex(column.index) if dates.notna().mean() >= _DATES_SHARE else None


def _text_dates(texts: pd.Series, dayfirst: bool) -> pd.Series:
    """Return ISO dates, then those in the order that ``dayfirst`` says, then in the other one."""
    plain = texts.str.split(" ").str[0].str.replace(r"[./]", "-", regex=True)
    orders = ("%d-%m-%Y", "%m-%d-%Y") if dayfirst else ("%m-%d-%Y", "%d-%m-%Y")
    dates = pd.to_datetime(texts.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    for order in orders:
        dates = dates.fillna(pd.to_datetime(plain, format=order, errors="coerce"))
    return dates


def late_share(dates: pd.Series, first_look: pd.Series, until: pd.Timestamp) -> float:
    """Return the share of dates (n,) that lie more than a day after the first look (n,), up to ``until``.

    A day is allowed for time zones; what lies after ``until``, the end of the data, is a plan and no event.
    NaN without any date.
    """
    moment = dates.to_numpy(dtype="datetime64[us]")
    there = ~np.isnat(moment)
    look = first_look.to_numpy(dtype="datetime64[us]")
    late = (moment > look + _ONE_DAY) & (moment <= until.to_datetime64())
    return float(late[there].mean()) if there.any() else float("nan")
