"""Many counts in one query: on small tables writing a query costs far more than running it."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from ..expressions import Backend, Rows, Value

__all__ = ["counted", "rows_of"]


def counted(connection: Backend, rows: Rows, numbers: Mapping[str, Value]) -> dict[str, int]:
    """Return whole numbers that are aggregates of one table, by name; the sum of nothing is 0.

    Parameters
    ----------
    connection
        The ibis backend.
    rows
        The table.
    numbers
        Its aggregates by name, such as sums of conditions.

    Examples
    --------
    >>> t = ibis.memtable({"a": [1, 2, 3]})
    >>> counted(ibis.duckdb.connect(), t, {"all": t.count(), "large": (t.a > 1).sum()})
    {'all': 3, 'large': 2}
    """
    if not numbers:
        return {}
    named = {f"n{place}": number for place, number in enumerate(numbers.values())}
    (row,) = connection.to_pyarrow(rows.aggregate(**named)).to_pylist()
    return {name: int(row[f"n{place}"] or 0) for place, name in enumerate(numbers)}


def rows_of(connection: Backend, tables: Mapping[str, Rows]) -> dict[str, int]:
    """Return how many rows each of several tables has, by name.

    Parameters
    ----------
    connection
        The ibis backend.
    tables
        The tables, or the parts of tables, by name.

    Examples
    --------
    >>> t = ibis.memtable({"a": [1, 2, 3]})
    >>> rows_of(ibis.duckdb.connect(), {"all": t, "large": t.filter(t.a > 1)})
    {'all': 3, 'large': 2}
    """
    if not tables:
        return {}
    parts = [
        rows.aggregate(rows=rows.count()).mutate(place=ibis.literal(place))
        for place, rows in enumerate(tables.values())
    ]
    whole = parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False)
    found = {row["place"]: int(row["rows"]) for row in connection.to_pyarrow(whole).to_pylist()}
    return {name: found[place] for place, name in enumerate(tables)}
