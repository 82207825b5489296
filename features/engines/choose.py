"""Which engine reads and joins the tables: an embedded DuckDB, or Spark."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ibis.common.exceptions import TableNotFound

from ...core.config.business import Config
from ...core.errors import ConfigError
from ..expressions import Backend
from .base import Engine

__all__ = ["connect", "engine_errors", "engine_of", "engine_reason"]


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
