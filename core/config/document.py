"""A configuration file as plain data: YAML without doubled keys, environment variables filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from ..errors import ConfigError

__all__ = ["VARIABLE", "Document", "read_document"]

_MERGE = "tag:yaml.org,2002:merge"
_MOST_VALUES = 100_000
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A placeholder for an environment variable."""


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, which plain YAML would silently overwrite, and keys that are no plain words."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                reason = "expected a word as a key, got a list or a mapping; put the value behind a key"
                raise yaml.MarkedYAMLError(None, None, reason, key.start_mark)
            if key.tag != _MERGE and key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"key '{key.value}' stands twice; keep one", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _size(node: yaml.Node, known: dict[int, int], mark: yaml.Mark) -> int:
    """Return how many values a node holds when its aliases are written out.

    Raises
    ------
    yaml.MarkedYAMLError
        They are too many, or a value holds itself.
    """
    if id(node) not in known:
        known[id(node)] = _MOST_VALUES + 1
        parts: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            parts = node.value
        known[id(node)] = 1 + sum(_size(part, known, node.start_mark) for part in parts)
    if known[id(node)] > _MOST_VALUES:
        reason = f"expected at most {_MOST_VALUES:,} values with its aliases (*) written out, got more; write fewer"
        raise yaml.MarkedYAMLError(None, None, reason, mark)
    return known[id(node)]


class Document(dict[str, Any]):
    """The mapping in a YAML file, its variables filled in; what was filled in can be hidden again in a message.

    Parameters
    ----------
    raw
        Keys and values as they were written.
    """

    def __init__(self, raw: dict[str, Any]) -> None:
        self._filled: dict[str, str] = {}
        super().__init__({key: self._expanded(value, str(key)) for key, value in raw.items()})

    def hidden(self, text: str) -> str:
        """Return a message with the values of variables replaced by their names: they may be secrets."""
        for name, value in sorted(self._filled.items(), key=lambda each: -len(each[1])):
            if value.strip():
                text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"${{{name}}}", text)
        return text

    def _expanded(self, value: Any, where: str) -> Any:
        """Return ``value`` with the variables in its texts filled in; a database's URI keeps them."""
        if isinstance(value, dict):
            return {
                key: part if _late(where, key) else self._expanded(part, f"{where}.{key}")
                for key, part in value.items()
            }
        if isinstance(value, list):
            return [self._expanded(part, where) for part in value]
        return VARIABLE.sub(lambda match: self._variable(match[1], where), value) if isinstance(value, str) else value

    def _variable(self, name: str, where: str) -> str:
        if name not in os.environ:
            raise ConfigError(f"{where}: the environment variable {name} is not set; set it, or write the value")
        self._filled[name] = os.environ[name]
        return os.environ[name]


def read_document(path: str | Path) -> Document:
    """Return the mapping in a YAML file, ``${NAME}`` in its values filled from the environment.

    Raises
    ------
    ConfigError
        The file is missing, no YAML, holds a key twice, is no mapping, or names a variable that is not set.
    """
    file = Path(path)
    if not file.is_file():
        came = "a folder" if file.is_dir() else "none"
        raise ConfigError(f"expected a configuration file, found {came} at '{path}'; check the path")
    raw = _loaded(file, str(path))
    if not isinstance(raw, dict):
        came = "an empty file" if raw is None else "a list" if isinstance(raw, list) else "a single value"
        raise ConfigError(f"'{path}': expected keys such as 'tables:', got {came}; see docs/configuration.md")
    return Document(raw)


def _loaded(file: Path, path: str) -> Any:
    try:
        return _constructed(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        reason = _reason(error)
    except OSError as error:
        raise ConfigError(f"'{path}' cannot be read: {error.strerror}; check the path and its rights") from error
    except RecursionError:
        reason = "its values lie too deep in one another; write them flatter"
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
    except (AttributeError, KeyError, TypeError, IndexError, OverflowError):
        reason = "a value with a tag (!!) does not fit the tag; leave the tag out"
    raise ConfigError(f"'{path}' is not readable YAML: {reason}")


def _constructed(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _size(node, {}, node.start_mark)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _reason(error: yaml.MarkedYAMLError) -> str:
    """Return what is wrong and where, without the line itself: it may hold a password."""
    mark = error.problem_mark or error.context_mark
    parts = " ".join(part for part in (error.context, error.problem) if part)
    return f"{parts}, in line {mark.line + 1}, column {mark.column + 1}" if mark else parts


def _late(where: str, key: Any) -> bool:
    return where.startswith("tables.") and key == "connection"
