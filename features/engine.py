"""The engine that reads and joins the tables: an embedded DuckDB, or Spark, behind ibis."""

from __future__ import annotations

import importlib
from typing import Any

from ..core.config import Config
from ..core.errors import ConfigError

__all__ = ["connect"]


def connect(config: Config) -> Any:
    """Return an ibis backend."""
    if config.engine.name == "spark":
        from .spark import connect as c
        return c(config)
    from . import duckdbengine
    return duckdbengine.connect(config)
