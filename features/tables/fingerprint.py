"""The data's fingerprint: equal tables give equal text, whatever the order of their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import ibis
import pandas as pd

from ..expressions import Rows, Value
from .tables import Tables

__all__ = ["fingerprint", "mixed"]

_PRIME = 2_147_483_647


def fingerprint(tables: Tables) -> dict[str, str]:
    """Return ``rows:checksum`` for each table, and one text for ``all`` of them.

    Each row's values are mixed into one number and the numbers are added, so a changed, added or doubled
    row changes the sum.
    """
    prints = {name: _table(tables, rows) for name, rows in sorted(tables.frames.items())}
    text = "\n".join(f"{name} {value}" for name, value in prints.items())
    prints["all"] = hashlib.sha256(f"{text}\n{tables.data_until}".encode()).hexdigest()[:16]
    return prints


def mixed(values: Iterable[Value]) -> Value:
    """Return one whole number a row, mixed from its values in their order; a missing value counts as one."""
    number: Value = ibis.literal(17, "int64")
    for value in values:
        number = (number * 31 + value.cast("string").fill_null("\N{EMPTY SET}").hash() % _PRIME) % _PRIME
    return number


def _table(tables: Tables, rows: Rows) -> str:
    number = mixed(rows[column] for column in sorted(rows.columns))
    summed = tables.execute(rows.aggregate(rows=rows.count(), total=number.cast("int64").sum()))
    total = summed["total"].iloc[0]  # nothing is the sum of no rows
    return f"{int(summed['rows'].iloc[0])}:{0 if pd.isna(total) else int(total):x}"
