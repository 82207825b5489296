"""What of a night goes into which table, as Arrow batches: memory does not grow with the customers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from ..night.history import ACTION_VALUES, MANIFEST, SCORES, TARGETS, Partition

__all__ = ["NIGHTS", "NIGHT_TABLES", "NightTable", "digest_of", "plain_type"]

NIGHTS = "nights"
"""Table with one row a night: what its manifest says, and the digest that tells whether it is published."""

_ROWS = 65_536
_INSTANT = pa.timestamp("us", tz="UTC")
_LISTS = ("targets.csv", "targets.holdout.csv")


@dataclass(frozen=True)
class NightTable(ShortRepr):
    """A table of nights.

    Parameters
    ----------
    name
        Its name in the database.
    key
        Columns that no two of its rows share.
    rows
        The rows of one night; None where the night has none of the kind.
    """

    name: str
    key: tuple[str, ...]
    rows: Callable[[Partition], pa.RecordBatchReader | None]


def plain_type(kind: pa.DataType) -> pa.DataType | None:
    """Return the type in which a database holds an Arrow type; None for a column without any value.

    Raises
    ------
    DataError
        No database holds it as one value.
    """
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    simple = (
        (pa.types.is_string, pa.string()),
        (pa.types.is_large_string, pa.string()),
        (pa.types.is_integer, pa.int64()),
        (pa.types.is_floating, pa.float64()),
        (pa.types.is_boolean, pa.bool_()),
        (pa.types.is_timestamp, _INSTANT),
        (pa.types.is_date, pa.date32()),
    )
    if pa.types.is_null(kind):
        return None
    found = next((plain for test, plain in simple if test(kind)), None)
    if found is None:
        raise DataError(f"expected texts, numbers, flags, days or instants to publish, got a column of {kind}")
    return found


def digest_of(night: Partition) -> str:
    """Return the SHA-256 of a night's manifest: another one means that the night was made again."""
    return hashlib.sha256((night.folder / MANIFEST).read_bytes()).hexdigest()


def _plain(schema: pa.Schema) -> pa.Schema:
    kinds = ((field.name, plain_type(field.type)) for field in schema)
    return pa.schema([pa.field(name, kind) for name, kind in kinds if kind is not None])


def _cast(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        columns = [pc.cast(batch.column(field.name), field.type) for field in schema]
        yield pa.record_batch(columns, schema=schema)


def _parts(name: str) -> Callable[[Partition], pa.RecordBatchReader | None]:
    """Return the reader of the Parquet files of one kind."""

    def rows(night: Partition) -> pa.RecordBatchReader | None:
        files = sorted((night.folder / name).glob("part-*.parquet"))
        if not files:
            return None
        schema = _plain(pa.unify_schemas([pq.read_schema(file) for file in files], promote_options="permissive"))
        return pa.RecordBatchReader.from_batches(schema, _cast(_batches(files), schema))

    return rows


def _batches(files: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    for file in files:
        with pq.ParquetFile(file) as opened:
            yield from opened.iter_batches(_ROWS)


def _listed(night: Partition) -> pa.RecordBatchReader | None:
    """Return whom to contact and whom to leave alone, in one table: ``arm`` tells them apart."""
    files = [night.folder / TARGETS / name for name in _LISTS]
    lists = [_list(file, night) for file in files if file.is_file()]
    if not lists:
        return None
    together = pa.concat_tables(lists, promote_options="permissive")
    instants = pa.array([night.as_of.to_pydatetime()] * together.num_rows, pa.timestamp("us")).cast(_INSTANT)
    together = together.append_column("as_of", instants)
    schema = _plain(together.schema)
    return pa.RecordBatchReader.from_batches(schema, _cast(together.to_batches(_ROWS), schema))


def _list(file: Path, night: Partition) -> pa.Table:
    """Return a list with its identifiers as the scores have them: a file of texts does not say that 007 is a text."""
    key = plain_type(pq.read_schema(min((night.folder / SCORES).glob("part-*.parquet"))).field("customer_id").type)
    kinds: Mapping[str, pa.DataType | None] = {"customer_id": key, "action": pa.string(), "action_id": pa.string()}
    options = pyarrow.csv.ConvertOptions(
        column_types={name: kind for name, kind in kinds.items() if kind is not None}, strings_can_be_null=True
    )
    return pyarrow.csv.read_csv(file, convert_options=options)


def _said(night: Partition) -> pa.RecordBatchReader:
    table = pa.table(
        {
            "as_of": pa.array([night.as_of.to_pydatetime()], pa.timestamp("us")).cast(_INSTANT),
            "day": [night.day],
            "revision": [night.revision],
            "digest": [digest_of(night)],
            "manifest": [json.dumps(night.manifest, sort_keys=True)],
        }
    )
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches())


NIGHT_TABLES = (
    NightTable(SCORES, ("customer_id", "as_of"), _parts(SCORES)),
    NightTable(ACTION_VALUES, ("customer_id", "action", "as_of"), _parts(ACTION_VALUES)),
    NightTable(TARGETS, ("customer_id", "action", "as_of"), _listed),
    NightTable(NIGHTS, ("as_of",), _said),
)
"""The tables of nights, in the order in which they are written; the night itself comes last."""
