"""The tables cut by customer: each part holds all that its customers' features are made of, and goes to one worker.

A customer's features come from rows of his own, from tables that belong to no customer, and from what agents did with
whatever customer (:func:`~.groups.service_quality.agent_records`). So a worker of a cluster can open a part in an
engine of its own, and build by the same expressions what one machine builds: nothing is planned by the cluster but the
cut, and no row passes through the process that asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ...core.short_repr import ShortRepr
from ..engines.choose import connect, engine_of
from ..expressions import Rows
from ..tables.tables import Tables
from .groups.service_quality import agent_records

__all__ = ["Shards", "cut"]

_SHARD = "shard"
_RECORDS = "records"
_MEMORY = "1GB"
"""Of an engine inside a worker: a part has some tens of thousands of customers, and what is too much goes to disk."""


@dataclass(frozen=True)
class Shards(ShortRepr):
    """Tables cut into ``count`` parts by customer, in the order of customers.

    Parameters
    ----------
    folder
        Where the parts lie; every worker sees it under this name.
    config
        How a part is opened: in an engine inside the worker's process, on one thread.
    count
        How many parts there are.
    schemas
        Columns and types of each table.
    records
        Those of what goes across customers.
    data_until, days, planned_days
        As of the tables.
    """

    folder: Path
    config: Config
    count: int
    schemas: Mapping[str, pa.Schema]
    records: Mapping[str, pa.Schema]
    data_until: pd.Timestamp
    days: pd.DataFrame
    planned_days: pd.DataFrame

    def open(self, place: int) -> Tables:
        """Return one part as tables of a business that has these customers alone."""
        connection = connect(self.config)
        engine = engine_of(connection)
        frames = {}
        for name, schema in self.schemas.items():
            whose = _whose(name, schema.names)
            part = self.folder / name / f"{_SHARD}={place}" if whose else self.folder / name
            rows = ibis.memtable(_read(part, schema))
            frames[name] = engine.store(f"contract_{name}", rows.order_by(whose[0]) if whose else rows)
        tables = Tables(self.config, connection, frames, self.data_until, self.days, self.planned_days)
        for name, schema in self.records.items():
            rows = _read(self.folder / _RECORDS / name, schema)
            tables.once(name, lambda rows=rows: ibis.memtable(rows))  # type: ignore[misc]
        return tables


def cut(tables: Tables, folder: Path, size: int) -> Shards:
    """Let the workers of the engine write the tables into ``folder``, cut into parts of ``size`` customers.

    A row that names several customers, as a referral does, goes to the part of each; one that names none to nobody's.

    Parameters
    ----------
    tables
        The business's, in an engine with workers.
    folder
        A folder that every worker sees under the same name.
    size
        Customers of a part.
    """
    customers = tables["customers"].select("customer_id")
    place = ibis.row_number().over(ibis.window(order_by="customer_id")) // size
    parts = tables.once(_SHARD, lambda: customers.mutate(**{_SHARD: place.cast("int64")}))
    for name, rows in tables.frames.items():
        whose = _whose(name, rows.columns)
        if whose:
            tables.engine.write_parts(_by_part(rows, parts, whose), folder / name, by=_SHARD)
        else:
            tables.engine.write_parts(rows, folder / name)
    records = agent_records(tables)
    for name, rows in records.items():
        tables.engine.write_parts(rows, folder / _RECORDS / name)
    last = tables.execute(parts.aggregate(last=parts[_SHARD].max()))
    return Shards(
        folder,
        _inside(tables.config),
        int(last["last"].iloc[0]) + 1,
        {name: _schema(rows) for name, rows in tables.frames.items()},
        {name: _schema(rows) for name, rows in records.items()},
        tables.data_until,
        tables.days,
        tables.planned_days,
    )


def _inside(config: Config) -> Config:
    """Return a configuration for the engine inside a worker."""
    within = {"name": "duckdb", "master": None, "remote": None, "threads": 1, "memory": _MEMORY}
    engine = config.engine.model_copy(update=within)
    return config.model_copy(update={"engine": engine})


def _whose(name: str, columns: Iterable[str]) -> list[str]:
    """Return the columns of a table that name customers."""
    own = [column.name for column in CONTRACT[name].columns if column.references == "customers" or name == "customers"]
    there = {"customer_id"} if name == "customers" else set(columns)
    return [column for column in own if column in there]


def _by_part(rows: Rows, parts: Rows, whose: list[str]) -> Rows:
    """Return the rows with the part of a customer whom they name; once for each part."""
    found = []
    for column in whose:
        owner = parts.select(_owner=parts.customer_id.cast(rows[column].type()), **{_SHARD: parts[_SHARD]})
        found.append(rows.inner_join(owner, rows[column] == owner["_owner"]).drop("_owner"))
    first, *others = found
    return ibis.union(first, *others, distinct=True) if others else first


def _schema(rows: Rows) -> pa.Schema:
    """Return what a table's columns are within a process: instants without the zone that Spark gives them."""
    fields = []
    for field in rows.schema().to_pyarrow():
        instant = pa.types.is_timestamp(field.type)
        fields.append(pa.field(field.name, pa.timestamp("us") if instant else field.type))
    return pa.schema(fields)


def _read(folder: Path, schema: pa.Schema) -> pa.Table:
    """Return the rows below a folder; none where no row was written."""
    files = sorted(str(file) for file in folder.glob("*.parquet"))
    if not files:
        return schema.empty_table()
    return ds.dataset(files, format="parquet").to_table(columns=schema.names).cast(schema)
