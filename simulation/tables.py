"""Contract tables as Parquet: column types come from the contract, never from the values."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..core.contract import CONTRACT, Kind

__all__ = ["ARROW_TYPES", "contract_table", "write_table"]

ARROW_TYPES = {
    Kind.ID: pa.string(),
    Kind.INSTANT: pa.timestamp("us"),
    Kind.DATE: pa.date32(),
    Kind.MONEY: pa.decimal128(18, 4),
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.int32(),
    Kind.BOOL: pa.bool_(),
    Kind.CODE: pa.string(),
    Kind.TEXT: pa.string(),
}
"""How each kind of contract column is stored; instants are naive UTC."""


def contract_table(name: str, frame: pd.DataFrame) -> pa.Table:
    """Return a frame of contract table ``name`` in the contract's types.

    Columns outside the contract (static ones such as a birth year) keep the type that their values have.
    """
    known = CONTRACT[name].column
    arrays = {}
    for column in frame.columns:
        if column not in known:
            arrays[column] = pa.array(frame[column])
            continue
        kind = known[column].kind
        values = frame[column].round(4) if kind is Kind.MONEY else frame[column]
        arrays[column] = pa.array(values, from_pandas=True).cast(ARROW_TYPES[kind])
    return pa.table(arrays)


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table so that the same rows give the same bytes."""
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd", store_schema=False)
