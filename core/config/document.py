"""A configuration file as plain data: YAML without doubled keys, environment variables filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from ..errors import ConfigError

__all__ = ["VARIABLE", "read_document"]

_EXPANDED = ("tables", "checks", "tracking")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A placeholder for an environment variable."""


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice; plain YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"key '{key.value}' stands twice; keep one", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def read_document(path: str | Path) -> dict[str, Any]:
    """Return the mapping in a YAML file, ``${NAME}`` in sources, checks and tracking filled from the environment.

    Raises
    ------
    ConfigError
        The file is missing, no YAML, holds a key twice, is no mapping, or names a variable that is not set.
    """
    file = Path(path)
    if not file.is_file():
        raise ConfigError(f"expected a configuration file, found none at '{path}'; check the path")
    raw = _loaded(file, str(path))
    if not isinstance(raw, dict):
        raise ConfigError(f"'{path}': expected keys such as 'tables:', got {type(raw).__name__}")
    return {key: _expanded(value, str(key)) if key in _EXPANDED else value for key, value in raw.items()}


def _loaded(file: Path, path: str) -> Any:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), _Loader)
    except yaml.MarkedYAMLError as error:
        reason = _reason(error)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
    raise ConfigError(f"'{path}' is not readable YAML: {reason}")


def _reason(error: yaml.MarkedYAMLError) -> str:
    """Return what is wrong and where, without the line itself: it may hold a password."""
    mark = error.problem_mark or error.context_mark
    parts = " ".join(part for part in (error.context, error.problem) if part)
    return f"{parts}, in line {mark.line + 1}, column {mark.column + 1}" if mark else parts


def _expanded(value: Any, where: str) -> Any:
    """Return ``value`` with the variables in its texts filled in; a database's URI keeps them until it is opened."""
    if isinstance(value, dict):
        return {key: part if _late(where, key) else _expanded(part, f"{where}.{key}") for key, part in value.items()}
    if isinstance(value, list):
        return [_expanded(part, where) for part in value]
    return VARIABLE.sub(lambda match: _variable(match[1], where), value) if isinstance(value, str) else value


def _late(where: str, key: Any) -> bool:
    return where.startswith("tables.") and key == "connection"


def _variable(name: str, where: str) -> str:
    if name not in os.environ:
        raise ConfigError(f"{where}: the environment variable {name} is not set; set it, or write the path")
    return os.environ[name]
