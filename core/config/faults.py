"""The first fault of a configuration in one line, with the nearest known key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ..errors import did_you_mean
from .connection import without_userinfo

__all__ = ["fault"]


def fault(
    error: ValidationError, raw: Mapping[str, Any], root: type[BaseModel], sections: Mapping[str, type[BaseModel]]
) -> str:
    """Return the first fault pydantic found.

    Parameters
    ----------
    error
        What pydantic raised.
    raw
        The configuration as it was written.
    root
        The model of the whole configuration.
    sections
        Models of the entries below keys whose entries the business names, such as ``actions``.
    """
    found = error.errors()[0]
    where = [str(part) for part in found["loc"]]
    if len(where) > 1 and where[0] == "tables":
        return _source_fault(where[1], raw, root)
    key = ".".join(where)
    if found["type"] == "extra_forbidden":
        return f"unknown key '{key}'{did_you_mean(where[-1], _known_keys(where[:-1], root, sections))}"
    message = found["msg"].removeprefix("Value error, ")
    value = found.get("input")
    came = f", got {value!r}" if key and isinstance(value, str | int | float | bool) else ""
    return f"{key}: {message}{came}" if key else message


def _source_fault(table: str, raw: Mapping[str, Any], root: type[BaseModel]) -> str:
    """Return what is wrong with a table's source, judged by the kind its keys begin."""
    source = {str(name): value for name, value in raw["tables"].items()}[table]
    expected = "expected a path, or csv:, duckdb: with table:, sql:, or connection: with table:"
    if isinstance(source, str):
        return f"tables: expected a table of the contract with its path, got {table!r}: {without_userinfo(source)!r}"
    if not isinstance(source, dict):
        return f"tables.{table}: {expected}; got {source!r}"
    kinds = get_args(get_args(root.model_fields["tables"].annotation)[1])
    kind = next((k for k in kinds if next(iter(_own(k))) in source), None)
    if kind is None:
        return f"tables.{table}: {expected}; got {', '.join(map(str, source))}"
    for name in source:
        if name not in kind.model_fields:
            return f"unknown key 'tables.{table}.{name}'{did_you_mean(str(name), kind.model_fields)}"
    try:
        kind.model_validate(source)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        return f"tables.{table}.{where}: {fault['msg'].removeprefix('Value error, ')}"
    return f"tables.{table}: {expected}; got {', '.join(source)}"


def _own(kind: type[BaseModel]) -> list[str]:
    """Return the required keys of a source in their order: its first one tells the kind."""
    return [name for name, field in kind.model_fields.items() if field.is_required()]


def _known_keys(where: list[str], root: type[BaseModel], sections: Mapping[str, type[BaseModel]]) -> list[str]:
    """Return the keys allowed in the section at ``where``."""
    model = root
    for depth, part in enumerate(where):
        parent = where[depth - 1] if depth else ""
        if parent in sections:
            model = sections[parent]
        elif part in model.model_fields:
            kind = model.model_fields[part].annotation
            model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else model
    return [field.alias or name for name, field in model.model_fields.items() if name != "folder"]
