"""Columns of durations, as Arrow and pandas have them, in seconds: engines take them for their bare numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ...core.errors import TableError
from ..contract.mapping import contract_columns, source_name
from ..expressions import Rows

__all__ = ["durations", "in_seconds"]

_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def durations(table: str, schemas: Iterable[pa.Schema]) -> dict[str, str]:
    """Return the unit of each column that holds durations.

    Raises
    ------
    DataError
        It has another type or unit in another file, so that its numbers mean several things.
    """
    units: dict[str, str] = {}
    plain: set[str] = set()
    for schema in schemas:
        for field in schema:
            if not pa.types.is_duration(field.type):
                plain.add(field.name)
            elif units.setdefault(field.name, field.type.unit) != field.type.unit:
                raise TableError(table, f"column '{field.name}': durations in several units; write the files alike")
    both = sorted(plain & set(units))
    if both:
        raise TableError(table, f"column '{both[0]}': durations in one file, none in another; write the files alike")
    return units


def in_seconds(rows: Rows, config: Config, table: str, units: Mapping[str, str]) -> Rows:
    """Return a table whose durations, the numbers that an engine takes them for, are seconds.

    Raises
    ------
    DataError
        The contract takes such a column for something else than seconds, or its unit is said once more.
    """
    if not units:
        return rows
    source = config.tables.get(table)
    for column in contract_columns(config, CONTRACT[table]):
        names = {source_name(config, table, column.name), *(source.columns.get(column.name, ()) if source else ())}
        for name in sorted(names & set(units)):
            if not column.name.endswith("_seconds"):
                raise TableError(table, f"column '{name}' holds durations; expected {column.kind} for {column.name}")
            if source is not None and column.name in source.units:
                raise TableError(table, f"column '{name}' holds durations, which need no unit; drop it under units:")
    return rows.mutate(**{name: rows[name].cast("float64") / _PER_SECOND[unit] for name, unit in units.items()})
