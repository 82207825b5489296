"""A Parquet file written from parts: the same bytes whatever the parts, and no more in memory than one row group."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["RowGroups"]

ROWS = 131_072
"""Rows of one group."""


class RowGroups:
    """A file that is written as its rows come; the first part, which may be without rows, says what its columns are.

    Parameters
    ----------
    file
        Where it goes.
    texts
        Columns of texts that may be missing in a whole part.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with RowGroups(Path(folder, "rows.parquet")) as groups:
    ...         groups.write(pd.DataFrame({"a": [1, 2]}))
    ...         groups.write(pd.DataFrame({"a": [3]}))
    ...     pd.read_parquet(Path(folder, "rows.parquet"))["a"].tolist()
    [1, 2, 3]
    """

    def __init__(self, file: Path, texts: tuple[str, ...] = ()) -> None:
        self._file, self._texts = file, texts
        self._writer: pq.ParquetWriter | None = None
        self._schema: pa.Schema | None = None
        self._waiting: list[pa.Table] = []

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Write what is left, and close; after an error close alone."""
        if self._schema is not None and kind is None:
            self._flush(all_rows=True)
        if self._writer is not None:
            self._writer.close()

    def write(self, frame: pd.DataFrame) -> None:
        """Add the rows of a frame with the columns of the first, and of the same types."""
        if self._schema is None:
            self._schema = self._typed(pa.Schema.from_pandas(frame, preserve_index=False))
        self._waiting.append(pa.Table.from_pandas(frame, schema=self._schema, preserve_index=False))
        self._flush(all_rows=False)

    def _typed(self, schema: pa.Schema) -> pa.Schema:
        for name in self._texts:
            schema = schema.set(schema.get_field_index(name), pa.field(name, pa.string()))
        return schema.with_metadata(None)

    def _flush(self, *, all_rows: bool) -> None:
        """Write the groups that are full; the last one, too, when no more rows come."""
        count = sum(len(part) for part in self._waiting)
        if (count < ROWS and not all_rows) or (not count and self._writer is not None):
            return
        rows = pa.concat_tables(self._waiting)
        if self._writer is None:
            # Numbers seldom repeat, and trying a dictionary for them costs most of the writing.
            again = [field.name for field in rows.schema if not pa.types.is_floating(field.type)]
            self._writer = pq.ParquetWriter(self._file, rows.schema, use_dictionary=again)
        whole = len(rows) if all_rows else len(rows) // ROWS * ROWS
        for start in range(0, max(whole, 1), ROWS):
            self._writer.write_table(rows.slice(start, min(ROWS, whole - start)).combine_chunks(), row_group_size=ROWS)
        self._waiting = [rows.slice(whole)]
