"""Columns of pandas frames as Arrow, one by one, so that what cannot be taken is named."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow as pa

from ...core.errors import DataError, TableError
from ...core.privacy import is_personal

__all__ = ["arrow_column", "arrow_table"]

_UNKNOWN_TO_THE_ENGINE = (
    pa.types.is_float16,
    pa.types.is_decimal256,
    pa.types.is_interval,
    pa.types.is_fixed_size_binary,
    pa.types.is_union,
)


def arrow_table(table: str, frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table; a column without a name is called by its place.

    Raises
    ------
    DataError
        It is no frame, a name stands twice (capitals aside, as for the engine), or a column cannot be taken.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TableError(table, f"expected a pandas DataFrame, got {type(frame).__name__}")
    columns: dict[str, pa.Array] = {}
    seen = set()
    for place, label in enumerate(frame.columns):
        name = str(label) or f"column{place}"
        if name.lower() in seen:
            raise TableError(table, f"expected each column once, got {_called(name)} twice; rename or drop it")
        if "\0" in name:
            raise TableError(table, f"expected names of columns without null characters; rename {_called(name)}")
        seen.add(name.lower())
        columns[name] = arrow_column(table, name, frame.iloc[:, place])
    return pa.table(columns)


def arrow_column(table: str, name: str, values: pd.Series) -> pa.Array:
    """Return one column; categories become their values, a column without any value becomes texts.

    Raises
    ------
    DataError
        Its values are of several types, instants with and without a zone among them, or of one that no
        engine holds.
    """
    try:
        array = pa.array(values, from_pandas=True)
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        raise _mixture(table, name) from None
    if values.dtype == object and _is_mixed(values, array.type):
        raise _mixture(table, name)
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType) or any(test(kind) for test in _UNKNOWN_TO_THE_ENGINE):
        raise TableError(
            table, f"column {_called(name)}: expected texts, numbers, flags or dates, got {values.dtype}; convert it"
        )
    return array.cast(pa.string()) if pa.types.is_null(kind) else array


def _is_mixed(values: pd.Series, kind: pa.DataType) -> bool:
    """Return whether Arrow made one type of several: it drops times of day, and reads naive instants as UTC."""
    there = values.dropna()
    if pa.types.is_timestamp(kind):
        return len({getattr(value, "tzinfo", None) is None for value in there}) > 1
    if pa.types.is_date(kind):
        return any(isinstance(value, dt.datetime) for value in there)
    return bool(pa.types.is_binary(kind)) and any(isinstance(value, str) for value in there)


def _mixture(table: str, name: str) -> DataError:
    return TableError(table, f"column {_called(name)}: expected one type in each column, got a mixture; convert it")


def _called(name: str) -> str:
    """Return a name in quotes, in one line; none that is personal."""
    return "(named by a value)" if is_personal(name) else repr(name)
