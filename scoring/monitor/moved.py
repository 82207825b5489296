"""Drift: how far features and scores of tonight have moved, from the model's first night and from the past months.

Age moves by itself: a log grows longer, customers grow older, and days since something beat with the calendar. So the
distance from the model's first night is told, and what rings is a night unlike each of the months before it, by more
than those months were unlike each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import pandas as pd
import pyarrow.parquet as pq

from ...features.catalogue.catalogue import build_features, feature_names, lasting_names
from ...features.tables.tables import Tables
from ...features.timeline.spine import customer_spine, is_contractual, running_spine
from ...models.evaluation.drift import Shift, shift
from ..scores.reason_features import REASON_FEATURES
from .measures import Level, Measure
from .nights import Night, Nights, night_sample

__all__ = ["SCORES", "drift_measures", "unlike_the_past"]

SCORES = ("churn_probability", "churn_probability_voluntary", "churn_probability_involuntary", "clv")
"""Scores whose drift is watched, beside the values of actions."""

_MONTH = pd.Timedelta(days=30)
_MONTHS = 6
"""Months back that are looked at."""

_NEIGHBOURS = 3
"""Months before a night that it may resemble."""

_NEAR = pd.Timedelta(days=5)
"""How far from a month's instant a scored night may lie."""

_BEYOND = 1.5
"""How many times the worst of the past months a night has to be unlike them."""

_PART = 4
"""Part of the sample that features are built for at each instant, one in so many."""

Values = Mapping[str, pd.Series]


def drift_measures(tables: Tables, nights: Nights) -> Iterator[Measure]:
    """Yield PSI and Jensen-Shannon distance of each score and feature.

    ``psi`` and ``jensen_shannon`` are distances from the model's first night, with that of a month ago beside them;
    ``psi_months`` is the smallest distance from the three months before, beside the largest that months before
    had (``expected``), and may ring. Features are those of the churn
    model where the night kept them, else all; they are built from the tables as they are now. Features that count days
    since something move with the calendar and do not ring.

    Parameters
    ----------
    tables
        The business.
    nights
        Up to tonight.
    """
    tonight = nights.tonight
    if tonight is None:
        return
    instants = [tonight.as_of - _MONTH * k for k in range(_MONTHS + 1)]
    first = nights.reference
    days = float("nan") if first is None else (tonight.as_of - first.as_of) / pd.Timedelta(days=1)
    features = _features(tables, tonight, [*instants, *([] if first is None else [first.as_of])])
    scored = [_scores(tables, night) if night else {} for night in (_night_near(nights, at) for at in instants)]
    begin = {} if first is None else _scores(tables, first)
    lasting = {*lasting_names(tables, days=1), *scored[0]}
    past = [{**features.get(at, {}), **own} for at, own in zip(instants, scored, strict=True)]
    if first is not None:
        begin = {**features.get(first.as_of, {}), **begin}
    for name in past[0]:
        yield from _since_first(name, begin, past, days)
        yield _of_months(name, past, tables.config.monitor.least_psi, name in lasting)


def unlike_the_past(series: Sequence[pd.Series]) -> tuple[Shift, float] | None:
    """Return how far the first of (months,) samples is from the nearest of the three after it, and the past's worst.

    Samples stand with the newest first. The worst is the largest such distance of the others; with fewer than five
    samples there is none to compare, and None is returned.

    Parameters
    ----------
    series
        Values of one feature, month by month, the newest first; none of them empty.
    """
    if len(series) < _NEIGHBOURS + 2:
        return None
    nearest = [
        min((shift(old, now) for old in series[place + 1 : place + 1 + _NEIGHBOURS]), key=lambda one: one.psi)
        for place, now in enumerate(series[: len(series) - _NEIGHBOURS])
    ]
    return nearest[0], max(one.psi for one in nearest[1:])


def _since_first(name: str, begin: Values, past: Sequence[Values], days: float) -> Iterator[Measure]:
    old, now = begin.get(name), past[0][name]
    if old is None or not len(old) or not len(now):
        return
    moved, before = shift(old, now), past[1].get(name)
    earlier = shift(old, before) if before is not None and len(before) else None
    for measure in ("psi", "jensen_shannon"):
        reference = getattr(earlier, measure) if earlier else float("nan")
        value = getattr(moved, measure)
        yield Measure("drift", measure, name, value, reference=reference, n=moved.now, days=days)


def _of_months(name: str, past: Sequence[Values], least: float, rings: bool) -> Measure:
    series = [values[name] for values in past if len(values.get(name, ()))]
    found = unlike_the_past(series) if len(past[0][name]) else None
    if found is None:
        return Measure("drift", "psi_months", name, float("nan"), note="short_past")
    nearest, worst = found
    rule = Level(nearest.chance, large=nearest.psi >= least and nearest.psi > _BEYOND * worst) if rings else None
    days = _MONTH.days * (len(series) - 1)
    note = "" if rings else "calendar"
    value, n = nearest.psi, nearest.now
    return Measure("drift", "psi_months", name, value, expected=worst, n=n, days=days, note=note, rule=rule)


def _features(tables: Tables, tonight: Night, instants: Sequence[pd.Timestamp]) -> dict[pd.Timestamp, Values]:
    """Return features of a sample of the customers at each instant, by instant; instants without any are left out."""
    columns = _kept_features(tables, tonight)
    wanted = sorted(set(instants))
    everybody = (running_spine if is_contractual(tables) else customer_spine)(tables, wanted)
    most = max(tables.config.monitor.sample // _PART, 1)
    parts = [night_sample(part, most) for _, part in everybody.groupby("as_of")]
    if not parts:
        return {}
    spine = pd.concat(parts, ignore_index=True)
    built = build_features(tables, spine, columns)
    ends = pd.Series([0, *(len(part) for part in parts)]).cumsum()
    return {
        parts[place]["as_of"].iloc[0]: {str(name): built[name].iloc[start:end] for name in columns}
        for place, (start, end) in enumerate(pairwise(ends))
    }


def _kept_features(tables: Tables, night: Night) -> list[str]:
    """Return the features of the churn model, as far as the tables still give them; all where a night kept none."""
    there = feature_names(tables)
    for file in (night.folder / REASON_FEATURES, *sorted((night.folder / "reason_features").glob("part-*.parquet"))):
        if file.is_file():
            kept = set(pq.read_schema(file).names)
            return [name for name in there if name in kept]
    return there


def _scores(tables: Tables, night: Night) -> dict[str, pd.Series]:
    """Return scores and values of actions of a sample of a night's customers, without the missing."""
    most = tables.config.monitor.sample
    scores = night_sample(night.scores(["customer_id", *SCORES]), most)
    values = night_sample(night.action_values(["customer_id", "action", "incremental_clv"]), most)
    found = {name: scores[name].dropna() for name in SCORES}
    for action, rows in values.groupby("action"):
        found[f"incremental_clv.{action}"] = rows["incremental_clv"].dropna()
    return found


def _night_near(nights: Nights, at: pd.Timestamp) -> Night | None:
    near = [night for night in nights.all if abs(night.as_of - at) <= _NEAR]
    return min(near, key=lambda night: abs(night.as_of - at)) if near else None
