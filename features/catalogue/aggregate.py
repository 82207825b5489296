"""From the groups' rows to their columns: one query a group, or where an instant is looked at by many, block by block.

A spine of few pairs, or of many instants, is joined to the events. Where one instant is looked at by most customers,
a join would only repeat the instant: the events known by then are filtered and aggregated by customer, blocks of
customers one after the other, so that memory is bounded by the block. Both ways give the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...core.arrays import Arrays, Ints, Positions
from ...core.short_repr import ShortRepr
from ..expressions import Rows, Value
from ..tables.tables import Tables
from ..timeline.spine import Keys, Snapshot, moment, pair_table, snapshot_keys
from ..timeline.spine_columns import typed_pairs
from .declare import Feature, Form, Group
from .windows import split

__all__ = ["WIDE", "aggregate", "block_size", "columns"]

WIDE = 50_000
"""Pairs of one instant from which on their events are filtered, not joined."""

CELLS = 30_000_000
"""Most values of one block: its customers by the features wanted."""

_DENSE = 0.5
"""Least share of a block's customers that must be looked at for filtering to pay."""

_APART = 4
"""Fewest features of one window for which a pass of their own over the events pays."""

_SPARSE = 8
"""Most numbers a customer in a block for which their places are an array over the block."""

Finder = Callable[[Arrays], Arrays]
Wanted = Sequence[tuple[Group, Sequence[Feature]]]


@dataclass(frozen=True)
class _Block(ShortRepr):
    """Some pairs of a spine, and their places among all of them."""

    keys: Keys
    places: Positions


def aggregate(tables: Tables, keys: Keys, wanted: Wanted) -> pd.DataFrame:
    """Return the features of each pair in the order of ``row``: int64, float64 (NaN: nothing to tell) or str.

    Parameters
    ----------
    tables
        The business's tables.
    keys
        The spine's pairs, n of them.
    wanted
        The groups with their features.
    """
    made: dict[str, Arrays] = {}
    for block in _blocks(tables, keys, block_size(sum(len(features) for _, features in wanted))):
        _fill(made, tables, block, wanted, len(keys))
    series = {
        name: pd.Series(column, dtype="str" if column.dtype == object else None, copy=False)
        for name, column in made.items()
    }
    return pd.DataFrame(series, index=pd.RangeIndex(len(keys)), copy=False)


def block_size(features: int) -> int:
    """Return how many customers are looked at together for so many features, so that memory is bounded."""
    return max(CELLS // max(features, 1), 1)


def _blocks(tables: Tables, keys: Keys, size: int) -> Iterator[_Block]:
    """Yield wide instants in blocks of customers, and all other pairs together."""
    rest = np.ones(len(keys), dtype=bool)
    counts = keys.pairs["as_of"].value_counts().to_pylist() if len(keys) >= WIDE else []
    for count in counts:
        if count["counts"] < WIDE:
            continue
        there = pc.and_(pc.equal(keys.pairs["as_of"], count["values"]), pc.is_valid(keys.pairs["customer_id"]))
        pairs = keys.pairs.filter(there).sort_by("customer_id")
        for start in range(0, len(pairs), size):
            block = _wide(tables, pairs.slice(start, size), pd.Timestamp(count["values"]))
            if block is not None:
                rest[block.places] = False
                yield block
    if rest.all():
        yield _Block(keys, np.arange(len(keys)))
    elif rest.any():
        yield _block(tables, keys.pairs.filter(pa.array(rest)), None)


def _wide(tables: Tables, pairs: pa.Table, as_of: pd.Timestamp) -> _Block | None:
    """Return the block of a block of customers at one instant, unless the spine holds only few of them."""
    customers = tables["customers"]
    kind = customers.customer_id.type()
    first, last = (ibis.literal(pairs["customer_id"][place].as_py(), kind) for place in (0, -1))
    block = customers.filter(customers.customer_id.between(first, last))
    there = tables.arrow(block.aggregate(n=block.count()))["n"][0].as_py()
    if len(pairs) < _DENSE * there:
        return None
    return _block(tables, pairs, Snapshot(moment(as_of), first, last))


def _block(tables: Tables, pairs: pa.Table, snapshot: Snapshot | None) -> _Block:
    places = pairs["row"].to_numpy()
    pairs = pairs.set_column(0, "row", pa.array(np.arange(len(pairs))))
    table = pair_table(tables, pairs) if snapshot is None else snapshot_keys(snapshot).table
    keys = Keys(table, pairs, np.arange(len(pairs)), pd.RangeIndex(len(pairs)), snapshot)
    return _Block(keys, places)


def _fill(made: dict[str, Arrays], tables: Tables, block: _Block, wanted: Wanted, n: int) -> None:
    """Write the features of one block into the columns of all ``n`` pairs."""
    finder = _finder(block.keys)
    for group, features in wanted:
        for answer, chosen in _answers(tables, block.keys, group, features):
            answer_rows, pairs = _in_spine(block.keys, finder, tables.arrow(answer))
            places = block.places[pairs]
            for feature in chosen:
                name = feature.info.name
                if name not in made:
                    made[name] = _nothing(n, feature.form, answer_rows[name].type)
                made[name][places] = _values(answer_rows[name], feature.form)


def _answers(
    tables: Tables, keys: Keys, group: Group, features: Sequence[Feature]
) -> Iterator[tuple[Any, Sequence[Feature]]]:
    """Yield a group's aggregates by ``row`` with the features they hold."""
    names = tuple(feature.info.name for feature in features)
    if keys.snapshot is not None:
        for answer in _of_instant(tables, keys.snapshot, group, features, names):
            there = set(answer.columns)
            yield answer, [feature for feature in features if feature.info.name in there]
        return

    def aggregated(pairs: Rows) -> Rows:
        rows = group.rows(tables, replace(keys, table=typed_pairs(tables, pairs)))
        return rows.group_by("row").aggregate(**columns(features, rows))

    yield tables.prepared_query(("features", *names), keys.pairs, aggregated), features


def _of_instant(
    tables: Tables, snapshot: Snapshot, group: Group, features: Sequence[Feature], names: tuple[str, ...]
) -> Sequence[Any]:
    """Return a group's aggregates at one instant, window by window; only the first block writes the SQL."""

    def aggregated(values: Mapping[str, Any]) -> list[Any]:
        at = Snapshot(**values)
        rows = group.rows(tables, snapshot_keys(at))
        parts = split(rows, features, least=_APART)
        return [part.group_by("row").aggregate(**columns(chosen, part)) for part, chosen in parts]

    values = {"as_of": snapshot.as_of, "first": snapshot.first, "last": snapshot.last}
    return tables.prepared_queries(("features of an instant", *names), values, aggregated)


def _finder(keys: Keys) -> Finder | None:
    """Return what tells the places of a block's numbered customers, built once for all groups; None for texts."""
    customers = keys.pairs["customer_id"]
    if keys.snapshot is None or not pa.types.is_integer(customers.type):
        return None
    numbers = customers.to_numpy()
    first, span = numbers[0], int(numbers[-1]) - int(numbers[0]) + 1
    if span > _SPARSE * len(numbers):
        hashed: Finder = pd.Index(numbers).get_indexer
        return hashed
    places = np.full(span, -1)
    places[numbers - first] = np.arange(len(numbers))
    return lambda rows: places[rows - first]


def _in_spine(keys: Keys, finder: Finder | None, answered: pa.Table) -> tuple[pa.Table, Ints]:
    """Return the lines of the spine's pairs, and the number of each one's pair."""
    rows = answered["row"]
    if keys.snapshot is None:
        return answered, rows.to_numpy()
    if finder is not None and pa.types.is_integer(rows.type) and not rows.null_count:
        places = finder(rows.to_numpy())
    else:
        places = pc.fill_null(pc.index_in(rows, keys.pairs["customer_id"].cast(rows.type)), -1).to_numpy()
    there = places >= 0
    if not there.all():
        answered, places = answered.filter(pa.array(there)), places[there]
    return answered, places.astype(np.int64, copy=False)


def columns(features: Sequence[Feature], rows: Rows) -> dict[str, Any]:
    """Return the aggregates of features over a group's rows, by name."""
    return {feature.info.name: _typed(feature, rows) for feature in features}


def _typed(feature: Feature, rows: Rows) -> Value:
    """Return the aggregate in the type of its form; money leaves DECIMAL here."""
    value = feature.aggregate(rows)
    if feature.form is Form.COUNT:
        return value.cast("int64")
    number = feature.form in (Form.SUM, Form.VALUE) or value.type().is_numeric()
    return value.cast("float64") if number else value.cast("string")


def _nothing(n: int, form: Form, kind: pa.DataType) -> Arrays:
    """Return a column for n pairs with what a pair without rows gets."""
    if form is Form.COUNT:
        return np.zeros(n, dtype=np.int64)
    if pa.types.is_floating(kind):
        return np.full(n, 0.0 if form is Form.SUM else np.nan)
    return np.full(n, None, dtype=object)


def _values(values: pa.ChunkedArray, form: Form) -> Arrays:
    """Return the values found; null is 0 in a count or a sum, and nothing to tell elsewhere."""
    if form is Form.COUNT or pa.types.is_floating(values.type):
        values = pc.fill_null(values, 0 if form is Form.COUNT else 0.0 if form is Form.SUM else np.nan)
    column: Arrays = values.to_numpy()
    return column
