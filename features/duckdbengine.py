"""The engine that reads and joins the tables: an embedded DuckDB behind ibis."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import Any

import duckdb
import ibis

from ..core.config import Config
from ..core.errors import ConfigError

__all__ = ["connect"]


def connect(config: Config) -> Any:
    """Return an ibis backend bounded by ``config.engine``; relative file names start at the config's folder.

    Extensions are never downloaded; what does not fit in memory goes to a private temporary folder that the
    engine removes by itself.

    Raises
    ------
    ConfigError
        The engine is not available in this version, or its memory is not a size such as 4GB.
    """
    if config.engine.name != "duckdb":
        raise ConfigError(
            f"engine.name: expected duckdb, got {config.engine.name}; it is not available yet in this version"
        )
    try:
        connection = ibis.duckdb.connect(
            threads=config.engine.threads,
            memory_limit=config.engine.memory,
            temp_directory=str(Path(tempfile.gettempdir()) / f"servicelift-{uuid.uuid4().hex}"),
            autoinstall_known_extensions=False,
        )
    except duckdb.Error as error:
        raise ConfigError(f"engine.memory: expected a size such as 4GB, got {config.engine.memory!r}") from error
    folder = str(config.folder).replace("'", "''")
    connection.raw_sql(f"SET file_search_path = '{folder}'")
    connection.raw_sql("SET TimeZone = 'UTC'")
    connection.raw_sql("SET enable_progress_bar = false")
    return connection
