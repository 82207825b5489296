"""The engine that reads and joins the tables, behind ibis: an embedded DuckDB, or Spark."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import ClassVar

import pyarrow as pa
from ibis.common.exceptions import TableNotFound

from ...core.config.business import Config
from ...core.errors import ConfigError
from ..expressions import Backend, Rows, Scalar

__all__ = ["Engine", "connect", "engine_errors", "engine_of", "engine_reason"]


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

    @abstractmethod
    def read_csv(self, files: Sequence[str], names: Sequence[str], skip: int, delimiter: str, encoding: str) -> Rows:
        """Return CSV files as one table of texts named ``names``, without their first ``skip`` lines."""

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


def connect(config: Config) -> Backend:
    """Return an ibis backend bounded by ``config.engine``.

    Raises
    ------
    ConfigError
        The engine is not installed, or cannot start as the config says.
    """
    try:
        engine = _ENGINES["pyspark" if config.engine.name == "spark" else config.engine.name]()
    except ImportError as error:
        raise ConfigError(
            f"engine.name: {config.engine.name} needs the package {error.name}; run"
            f" pip install 'servicelift[{config.engine.name}]'"
        ) from error
    return engine.connect(config)


def engine_of(backend: Backend) -> Engine:
    """Return what is particular to the engine behind an ibis backend."""
    return _ENGINES[backend.name]()(backend)


def engine_errors() -> tuple[type[Exception], ...]:
    """Return what the engines in use raise on a source they cannot read."""
    return (TableNotFound, *(kind for engine in _loaded() for kind in engine.errors))


def engine_reason(error: Exception) -> str:
    """Return why an engine failed, without any value of the data."""
    engine = next((engine for engine in _loaded() if isinstance(error, engine.errors)), _duckdb())
    return engine.reason(error)


def _duckdb() -> type[Engine]:
    from .duckdb import DuckDBEngine

    return DuckDBEngine


def _spark() -> type[Engine]:
    """Return Spark's engine; its packages are an extra, and take seconds to load."""
    from .spark import SparkEngine

    return SparkEngine


_ENGINES: dict[str, Callable[[], type[Engine]]] = {"duckdb": _duckdb, "pyspark": _spark}
"""How to load the class of each engine, by the name ibis gives its backend."""


def _loaded() -> list[type[Engine]]:
    """Return the engines in use: what was never loaded raises nothing."""
    return [_duckdb(), *([_spark()] if f"{__package__}.spark" in sys.modules else [])]
