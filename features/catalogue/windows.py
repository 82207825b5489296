"""How far back a feature looks, read off its own expression, so that older rows need not be aggregated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

import ibis.expr.operations as ops

from ..expressions import Rows, Value
from .declare import Feature

__all__ = ["Recent", "recent", "split"]

Recent = dict[str, int]
"""For columns of ages the greatest age (microseconds) of a row that can count."""


def recent(value: Value) -> Recent:
    """Return which rows an aggregate looks at: those with any of these ages within its limit; empty: all rows.

    Parameters
    ----------
    value
        ibis expression of one feature. Each reduction in it must be kept to a window of its own by a condition
        ``age <= limit``, as :func:`within` writes it.
    """
    limits_of: Recent = {}
    for reduction in value.op().find(ops.Reduction, filter=ops.Value):
        limits = dict(_limits(getattr(reduction, "where", None)))
        if not limits:
            return {}
        # One limit is enough: the row must keep all of them.
        column, limit = min(limits.items(), key=lambda item: item[1])
        limits_of[column] = max(limit, limits_of.get(column, 0))
    return limits_of


def _limits(condition: Value) -> Iterator[tuple[str, int]]:
    """Yield the column and limit of each ``age <= limit`` that must hold for ``condition`` to hold."""
    if isinstance(condition, ops.And):
        yield from _limits(condition.left)
        yield from _limits(condition.right)
    elif isinstance(condition, ops.LessEqual):
        left, right = condition.left, condition.right
        if isinstance(left, ops.Field) and isinstance(right, ops.Literal):
            yield left.name, right.value


def split(rows: Rows, features: Sequence[Feature], *, least: int) -> list[tuple[Any, list[Feature]]]:
    """Return the features with the rows that they look at: those of all history, then window by window.

    The rows are those of a group, and each feature is the same over them as over all: a feature that is kept to
    a window must give without any row in it what it gives without any row.

    Parameters
    ----------
    rows
        The group's rows.
    features
        Features of the group.
    least
        Fewest features that are aggregated apart: each pass over the rows costs, and so does each row in a pass.
        Fewer of a short window go with those of the next longer one.
    """
    looks = [(feature, recent(feature.aggregate(rows))) for feature in features]
    parts: list[list[tuple[Feature, Recent]]] = [[(f, look) for f, look in looks if not look], []]
    reaches = sorted({max(look.values()) for _, look in looks if look})
    for reach in reaches:
        parts[-1] += [(f, look) for f, look in looks if look and max(look.values()) == reach]
        if len(parts[-1]) >= least and reach < reaches[-1]:
            parts.append([])
    return [(_near(rows, [look for _, look in part]), [f for f, _ in part]) for part in parts if part]


def _near(rows: Rows, looks: Sequence[Recent]) -> Rows:
    """Return the rows that any of the looks may count."""
    limits = _widest(looks)
    if not limits:
        return rows
    return rows.filter(reduce(or_, (rows[column] <= limit for column, limit in limits.items())))


def _widest(looks: Iterable[Recent]) -> Recent:
    """Return the greatest limit of each column."""
    limits_of: Recent = {}
    for look in looks:
        for column, limit in look.items():
            limits_of[column] = max(limit, limits_of.get(column, 0))
    return limits_of
