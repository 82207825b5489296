"""What an engine must do to read and join the tables, behind ibis."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from ...core.config.business import Config
from ..expressions import Backend, Rows, Scalar

__all__ = ["Engine"]


class Engine(ABC):
    """What differs between the engines; everything else is one ibis expression for both.

    Parameters
    ----------
    backend
        The ibis backend that :meth:`connect` returned.
    """

    errors: ClassVar[tuple[type[Exception], ...]]
    """What the engine raises on a source it cannot read."""

    reads_uris: ClassVar[bool]
    """Whether it reads files that this machine does not hold, such as s3a://bucket/payments."""

    rereads: ClassVar[bool]
    """Whether it may read a source once more after its table is stored, so that the source must stay."""

    workers: ClassVar[bool] = False
    """Whether it has workers of its own, in whose processes Python can run: :meth:`write_parts`, :meth:`on_workers`."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    @classmethod
    @abstractmethod
    def connect(cls, config: Config) -> Backend:
        """Return an ibis backend bounded by ``config.engine``.

        Raises
        ------
        ConfigError
            The engine cannot start as the config says.
        """

    @classmethod
    @abstractmethod
    def reason(cls, error: Exception) -> str:
        """Return why the engine failed, without any value of the data: its messages may quote whole rows."""

    @abstractmethod
    def read_parquet(self, files: Sequence[str], base: str) -> Rows:
        """Return Parquet files as one table, columns matched by name, ``key=value`` folders below ``base`` too."""

    def parquet_schemas(self, path: str) -> list[pa.Schema]:
        """Return the schemas that Arrow left in the Parquet files at a URI, none where they cannot be seen."""
        del path
        return []

    @abstractmethod
    def read_csv(self, files: Sequence[str], names: Sequence[str], skip: int, delimiter: str) -> Rows:
        """Return CSV files in UTF-8 as one table of texts named ``names``, without their first ``skip`` lines."""

    @abstractmethod
    def read_duckdb(self, table: str, path: str, source: str) -> Rows:
        """Return the table ``source`` of a DuckDB file, for the contract's ``table``.

        Raises
        ------
        DataError
            There is no such file, or the engine does not read its kind.
        """

    @abstractmethod
    def store(self, name: str, rows: Rows) -> Rows:
        """Return ``rows`` computed once and kept under ``name``, for as long as the backend is."""

    @abstractmethod
    def prepared_query(self, key: Hashable, rows: pa.Table, expr: Callable[[Rows], Rows]) -> Rows:
        """Return ``expr(rows)`` as a table; the SQL of a ``key`` may be prepared once and kept."""

    @abstractmethod
    def prepared_queries(
        self,
        key: Hashable,
        values: Mapping[str, Scalar],
        exprs: Callable[[Mapping[str, Scalar]], Sequence[Rows]],
    ) -> Sequence[Rows]:
        """Return ``exprs(values)`` as tables; the SQL of a ``key`` may be prepared once and kept."""

    @abstractmethod
    def query_view(self, name: str, query: str) -> Rows:
        """Return the result of a query that the engine runs as it stands, under ``name``."""

    def write_parts(self, rows: Rows, folder: Path, by: str | None = None) -> None:
        """Let the workers write a table as Parquet into ``folder``; with ``by`` a folder for each value of a column.

        Raises
        ------
        NotImplementedError
            The engine has no workers.
        """
        raise NotImplementedError

    def on_workers(self, work: Callable[[int], bytes], count: int) -> list[bytes]:
        """Return ``work(0)``, ``work(1)``, ... of ``count`` pieces, each done in a process of a worker.

        Raises
        ------
        NotImplementedError
            The engine has no workers.
        """
        raise NotImplementedError
