"""What every look ahead shares: the spine as a table of the engine, time differences, missing money."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from ...core.arrays import Ints
from ...core.time import DAYS_PER_MONTH, DAYS_PER_YEAR, utc_instants
from ..expressions import Rows, Value
from ..tables.tables import Tables
from .spine_columns import check_columns, read_identifiers, read_instants, typed_pairs

__all__ = [
    "FOREVER",
    "MICROSECONDS_PER_DAY",
    "MONTH",
    "ROW",
    "as_micros",
    "as_money",
    "asked",
    "by_row",
    "discount_factor",
    "is_treated",
    "microseconds",
    "spine_table",
    "years",
]

ROW = "row"
"""Position in the spine, the key of every result on the way back to pandas."""

FOREVER = pd.Timestamp(9999, 1, 1).as_unit("us")
"""Stands for the end of what still runs."""

MICROSECONDS_PER_DAY = 86_400_000_000

MONTH = round(DAYS_PER_MONTH * MICROSECONDS_PER_DAY)
"""Microseconds in a month of 365.25 / 12 days: a whole number."""


def spine_table(tables: Tables, spine: pd.DataFrame, **instants: Any) -> Rows:
    """Return the spine as an ibis table with ``row``, ``customer_id``, ``as_of`` and further instants.

    Parameters
    ----------
    tables
        Whose customers the spine names.
    spine
        Columns customer_id and as_of (naive UTC, or with a zone); others are left out.
    instants
        Further columns of instants, naive ones in UTC: one value, or one a row in the order of the spine.

    Raises
    ------
    DataError
        As for :func:`check_columns`, :func:`read_identifiers` and :func:`read_instants`.
    """
    return typed_pairs(tables, ibis.memtable(_spine_rows(tables, spine, instants)))


def asked(
    tables: Tables, spine: pd.DataFrame, question: Hashable, expr: Callable[[Any], Any], **instants: Any
) -> pd.DataFrame:
    """Return a result keyed by ``row`` with one line a spine row, in its order; missing where none was found.

    Parameters
    ----------
    tables, spine, instants
        As for :func:`spine_table`.
    question
        What ``expr`` depends on beside the spine and the tables: see :meth:`Tables.prepared_query`.
    expr
        Takes the spine as a table of the engine.
    """
    rows = _spine_rows(tables, spine, instants)
    return by_row(tables, tables.prepared_query(question, rows, lambda table: expr(typed_pairs(tables, table))), spine)


def _spine_rows(tables: Tables, spine: pd.DataFrame, instants: dict[str, Any]) -> pa.Table:
    check_columns(spine)
    columns = {
        ROW: np.arange(len(spine), dtype=np.int64),
        "customer_id": read_identifiers(tables, spine["customer_id"]),
        "as_of": pa.array(read_instants(spine["as_of"]), pa.timestamp("us")),
    }
    for name, values in instants.items():
        column = pd.Series(getattr(values, "array", values), index=pd.RangeIndex(len(spine)))
        columns[name] = pa.array(read_instants(column, name), pa.timestamp("us"))
    return pa.table(columns)


def microseconds(later: Value, earlier: Value) -> Value:
    """Return ``later`` - ``earlier`` in whole microseconds, for ibis columns of instants."""
    return later.delta(earlier, unit="microsecond")


def years(later: Value, earlier: Value) -> Value:
    """Return ``later`` - ``earlier`` in years of 365.25 days, for ibis columns of instants."""
    return microseconds(later, earlier) / (MICROSECONDS_PER_DAY * DAYS_PER_YEAR)


def discount_factor(later: Value, earlier: Value, annual_rate: float) -> Value:
    """Return ``(1 + annual_rate) ** -years`` between ibis columns of instants; 1 in every row at rate 0."""
    return (1.0 + annual_rate) ** (-years(later, earlier))


def as_money(value: Value) -> Value:
    """Return an amount as float64, 0 where it is missing."""
    return value.cast("float64").fill_null(0.0)


def is_treated(actions: Rows) -> Value:
    """Return whether rows of ``actions`` were carried out; held-out ones are no event for the customer."""
    return actions.arm == "treated"


def as_micros(instants: pd.Series) -> Ints:
    """Return instants, naive ones in UTC, as microseconds since 1970, int64 (n,); missing ones: the smallest number."""
    return utc_instants(instants).astype(np.int64)


def by_row(tables: Tables, summed: Rows, spine: pd.DataFrame) -> pd.DataFrame:
    """Return a result keyed by ``row`` with one line a spine row, in its order; missing where none was found."""
    return tables.execute(summed).set_index(ROW).reindex(range(len(spine)))
