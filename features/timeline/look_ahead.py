"""What every look ahead shares: the spine as a table of the engine, time differences, missing money."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from ...core.arrays import Ints
from ...core.errors import DataError
from ...core.time import DAYS_PER_MONTH, DAYS_PER_YEAR
from ..tables.tables import Tables

__all__ = [
    "FOREVER",
    "MICROSECONDS_PER_DAY",
    "MONTH",
    "ROW",
    "as_micros",
    "as_money",
    "asked",
    "by_row",
    "check_spine",
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


def spine_table(tables: Tables, spine: pd.DataFrame, **instants: Any) -> Any:
    """Return the spine as an ibis table with ``row``, ``customer_id``, ``as_of`` and further instants.

    Parameters
    ----------
    tables
        Whose customers the spine names.
    spine
        Columns customer_id and as_of (naive UTC); others are left out.
    instants
        Further columns of instants: one value, or one a row in the order of the spine.

    Raises
    ------
    DataError
        A column or an instant is missing, or the identifiers are of another type than in the tables.
    """
    return _typed(tables, ibis.memtable(_spine_rows(tables, spine, instants)))


def asked(
    tables: Tables, spine: pd.DataFrame, question: Hashable, expr: Callable[[Any], Any], **instants: Any
) -> pd.DataFrame:
    """Return a result keyed by ``row`` with one line a spine row, in its order; missing where none was found.

    Parameters
    ----------
    tables, spine, instants
        As for :func:`spine_table`.
    question
        What ``expr`` depends on beside the spine and the tables: see :meth:`Tables.asked`.
    expr
        Takes the spine as a table of the engine.
    """
    rows = _spine_rows(tables, spine, instants)
    return by_row(tables, tables.asked(question, rows, lambda found: expr(_typed(tables, found))), spine)


def _spine_rows(tables: Tables, spine: pd.DataFrame, instants: dict[str, Any]) -> pa.Table:
    check_spine(spine)
    frame = pd.DataFrame({ROW: range(len(spine)), "customer_id": spine["customer_id"].array})
    for name, values in {"as_of": spine["as_of"], **instants}.items():
        column = pd.Series(getattr(values, "array", values), index=frame.index)
        frame[name] = column.astype("datetime64[us]")
        if frame[name].isna().any():
            empty = int(frame[name].isna().sum())
            raise DataError(f"spine: expected an instant in every '{name}', {empty} rows have none")
    rows = pa.Table.from_pandas(frame, preserve_index=False)
    expected, came = tables["customers"].customer_id.type(), rows.schema.field("customer_id").type
    if len(frame) and (pa.types.is_string(came) or pa.types.is_large_string(came)) != expected.is_string():
        raise DataError(f"spine.customer_id: expected {expected} as in customers, got {came}")
    return rows


def _typed(tables: Tables, rows: Any) -> Any:
    return rows.mutate(customer_id=rows.customer_id.cast(tables["customers"].customer_id.type()))


def check_spine(spine: pd.DataFrame) -> None:
    """Stop where a spine lacks one of its columns.

    Raises
    ------
    DataError
        ``customer_id`` or ``as_of`` is missing.
    """
    missing = [name for name in ("customer_id", "as_of") if name not in spine.columns]
    if missing:
        raise DataError(f"spine: expected columns customer_id and as_of, '{missing[0]}' is missing")


def microseconds(later: Any, earlier: Any) -> Any:
    """Return ``later`` - ``earlier`` in whole microseconds, for ibis columns of instants."""
    return later.delta(earlier, unit="microsecond")


def years(later: Any, earlier: Any) -> Any:
    """Return ``later`` - ``earlier`` in years of 365.25 days, for ibis columns of instants."""
    return microseconds(later, earlier) / (MICROSECONDS_PER_DAY * DAYS_PER_YEAR)


def as_money(value: Any) -> Any:
    """Return an amount as float64, 0 where it is missing."""
    return value.cast("float64").fill_null(0.0)


def is_treated(actions: Any) -> Any:
    """Return whether rows of ``actions`` were carried out; held-out ones are no event for the customer."""
    return actions.arm == "treated"


def as_micros(instants: pd.Series) -> Ints:
    """Return instants as microseconds since 1970, int64 (n,); missing ones as the smallest number."""
    return instants.astype("datetime64[us]").to_numpy().astype(np.int64)


def by_row(tables: Tables, summed: Any, spine: pd.DataFrame) -> pd.DataFrame:
    """Return a result keyed by ``row`` with one line a spine row, in its order; missing where none was found."""
    return tables.execute(summed).set_index(ROW).reindex(range(len(spine)))
