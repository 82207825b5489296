"""The one door of a spine: the same rules for features, labels, outcomes, landmarks and trials."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ...core.arrays import Instants
from ...core.errors import DataError, did_you_mean
from ...core.time import utc_instants
from ..expressions import Rows
from ..tables.tables import Tables

__all__ = ["check_columns", "other_identifiers", "read_identifiers", "read_instants", "typed_pairs"]


def check_columns(spine: pd.DataFrame) -> None:
    """Stop where a spine is no frame, or lacks one of its columns.

    Raises
    ------
    DataError
        It is no DataFrame, or ``customer_id`` or ``as_of`` is missing or there twice.
    """
    if not isinstance(spine, pd.DataFrame):
        raise DataError(f"spine: expected a pandas DataFrame, got {type(spine).__name__}")
    names = [str(column) for column in spine.columns]
    for name in ("customer_id", "as_of"):
        if names.count(name) != 1:
            raise DataError(
                f"spine: expected columns customer_id and as_of once each, got {', '.join(names) or 'none'}"
                f"{did_you_mean(name, [other for other in names if other != name])}"
            )


def read_instants(values: pd.Series, name: str = "spine.as_of") -> Instants:
    """Return instants as naive UTC ``datetime64[us]``, (n,); those that carry a zone are converted.

    Parameters
    ----------
    values
        Instants, naive ones in UTC.
    name
        What an error calls them.

    Raises
    ------
    DataError
        They are no instants, or one is missing.
    """
    if not pd.api.types.is_datetime64_any_dtype(values):
        raise DataError(f"{name}: expected instants (datetime64), got {values.dtype}; convert with pd.to_datetime")
    if values.isna().any():
        raise DataError(f"{name}: expected an instant in every row, {int(values.isna().sum())} are null")
    return utc_instants(values)


def read_identifiers(tables: Tables, values: pd.Series) -> pa.Array:
    """Return identifiers for the engine, of the same family (text or number) as those of the customers.

    Raises
    ------
    DataError
        They are of another family, mixed, or not whole where the tables hold whole numbers.
    """
    plain = isinstance(values.dtype, np.dtype) and values.dtype.kind == "i"
    try:
        known = values.astype(np.int64) if plain else values.astype(object).where(values.notna(), None)
        column = pa.array(known, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        raise other_identifiers(tables, "a mixture") from None
    kind = tables["customers"].customer_id.type()
    if pa.types.is_null(column.type):
        return column.cast(pa.string() if kind.is_string() else pa.int64())
    family = _family(column.type)
    if family != ("text" if kind.is_string() else "numbers"):
        raise other_identifiers(tables, family)
    if kind.is_integer() and not pa.types.is_integer(column.type):
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            raise other_identifiers(tables, "some that are not whole") from None
    return column


def _family(kind: pa.DataType) -> str:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return "numbers" if any(test(kind) for test in numbers) else str(kind)


def other_identifiers(tables: Tables, came: str) -> DataError:
    """Return the error that says which identifiers were expected, and what came instead."""
    expected = "text" if tables["customers"].customer_id.type().is_string() else "numbers"
    return DataError(f"spine.customer_id: expected {expected} as in customers, got {came}; keep the identifiers' type")


def typed_pairs(tables: Tables, pairs: Rows) -> Rows:
    """Return a table of pairs with identifiers typed as the customers'."""
    return pairs.mutate(customer_id=pairs.customer_id.try_cast(tables["customers"].customer_id.type()))
