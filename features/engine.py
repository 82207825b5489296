"""The engine that reads and joins the tables: an embedded DuckDB behind ibis."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

import duckdb
import ibis

from ..core.config import Config
from ..core.errors import ConfigError

__all__ = ["connect"]


def connect(config: Config) -> Any:
    """Return an ibis backend bounded by ``config.engine``; relative file names start at the config's folder.

    Extensions are never downloaded. The tables of the contract, and what does not fit in memory, lie in a private
    temporary folder that goes with the backend.

    Raises
    ------
    ConfigError
        The engine is not available in this version, or its memory is not a size such as 4GB.
    """
    if config.engine.name != "duckdb":
        raise ConfigError(
            f"engine.name: expected duckdb, got {config.engine.name}; it is not available yet in this version"
        )
    folder = Path(tempfile.mkdtemp(prefix="servicelift-"))
    try:
        connection = ibis.duckdb.connect(
            folder / "tables.duckdb",
            threads=config.engine.threads,
            memory_limit=config.engine.memory,
            temp_directory=str(folder / "spilled"),
            autoinstall_known_extensions=False,
        )
    except duckdb.Error as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ConfigError(f"engine.memory: expected a size such as 4GB, got {config.engine.memory!r}") from error
    weakref.finalize(connection, _removed, connection.con, folder)
    search = str(config.folder).replace("'", "''")
    connection.raw_sql(f"SET file_search_path = '{search}'")
    connection.raw_sql("SET TimeZone = 'UTC'")
    connection.raw_sql("SET enable_progress_bar = false")
    return connection


def _removed(connection: Any, folder: Path) -> None:
    connection.close()
    shutil.rmtree(folder, ignore_errors=True)
