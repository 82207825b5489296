"""The engine that reads and joins the tables, behind ibis: an embedded DuckDB, or Spark."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol, cast

import pyarrow as pa
from ibis.common.exceptions import TableNotFound

from ...core.config.business import Config
from ...core.errors import ConfigError

__all__ = ["Engine", "connect", "engine_errors", "engine_of", "engine_reason"]

_MODULES = {"duckdb": "duckdb", "pyspark": "spark"}
"""Module of each engine, by the name ibis gives its backend."""


class Engine(Protocol):
    """What differs between the engines; everything else is one ibis expression for both."""

    errors: tuple[type[Exception], ...]
    """What the engine raises on a source it cannot read."""

    reads_uris: bool
    """Whether it reads files that this machine does not hold, such as s3a://bucket/payments."""

    rereads: bool
    """Whether it may read a source once more after its table is stored, so that the source must stay."""

    def connect(self, config: Config) -> Any:
        """Return an ibis backend bounded by ``config.engine``.

        Raises
        ------
        ConfigError
            The engine cannot start as the config says.
        """

    def reason(self, error: Exception) -> str:
        """Return why the engine failed, without any value of the data: its messages may quote whole rows."""

    def read_parquet(self, connection: Any, files: Sequence[str], base: str) -> Any:
        """Return Parquet files as one table, columns matched by name, ``key=value`` folders below ``base`` too."""

    def read_csv(
        self, connection: Any, files: Sequence[str], names: Sequence[str], skip: int, delimiter: str, encoding: str
    ) -> Any:
        """Return CSV files as one table of texts named ``names``, without their first ``skip`` lines."""

    def read_duckdb(self, connection: Any, table: str, path: str, source: str) -> Any:
        """Return the table ``source`` of a DuckDB file, for the contract's ``table``."""

    def store(self, connection: Any, name: str, rows: Any) -> Any:
        """Return ``rows`` computed once and kept under ``name``, for as long as the connection is."""

    def asked(
        self,
        connection: Any,
        known: dict[Hashable, Any],
        question: Hashable,
        rows: pa.Table,
        expr: Callable[[Any], Any],
    ) -> Any:
        """Return ``expr(rows)`` as a table; ``known`` is where the engine may keep what it learnt of ``question``."""

    def answers(
        self,
        connection: Any,
        known: dict[Hashable, Any],
        question: Hashable,
        values: Mapping[str, Any],
        exprs: Callable[[Mapping[str, Any]], Sequence[Any]],
    ) -> Sequence[Any]:
        """Return ``exprs(values)`` as tables; ``known`` is where the engine may keep what it learnt of ``question``."""

    def query_view(self, connection: Any, name: str, query: str) -> Any:
        """Return the result of a query that the engine runs as it stands, under ``name``."""


def connect(config: Config) -> Any:
    """Return an ibis backend bounded by ``config.engine``.

    Raises
    ------
    ConfigError
        The engine is not installed, or cannot start as the config says.
    """
    try:
        engine = _engine("pyspark" if config.engine.name == "spark" else config.engine.name)
    except ImportError as error:
        raise ConfigError(
            f"engine.name: {config.engine.name} needs the package {error.name}; run"
            f" pip install 'servicelift[{config.engine.name}]'"
        ) from error
    return engine.connect(config)


def engine_of(connection: Any) -> Engine:
    """Return what is particular to the engine behind an ibis backend."""
    return _engine(connection.name)


def engine_errors() -> tuple[type[Exception], ...]:
    """Return what the engines in use raise on a source they cannot read."""
    return (TableNotFound, *(kind for engine in _loaded() for kind in engine.errors))


def engine_reason(error: Exception) -> str:
    """Return why an engine failed, without any value of the data."""
    engine = next((engine for engine in _loaded() if isinstance(error, engine.errors)), _engine("duckdb"))
    return engine.reason(error)


def _engine(name: str) -> Engine:
    return cast(Engine, importlib.import_module(f".{_MODULES[name]}", __package__))


def _loaded() -> list[Engine]:
    return [_engine(name) for name, module in _MODULES.items() if f"{__package__}.{module}" in sys.modules]
