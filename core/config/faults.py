"""The first fault of a configuration in one line, with the nearest known key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..errors import did_you_mean
from .connection import without_userinfo
from .sources import KeptRows

__all__ = ["fault", "sentence"]

_KEY = "[key]"
_LONGEST = 60
_KINDS: dict[type, str] = {dict: "keys and values", list: "a list", tuple: "a list", type(None): "nothing"}
_TELLS_ALL = ("missing", "value_error")
_EXPECTED = {
    "missing": "expected it, found none; add it",
    "literal_error": "expected one of {expected}",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a smaller whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "finite_number": "expected a finite number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "string_type": "expected a text; write it in quotes",
    "string_too_short": "expected a text of at least {min_length} characters",
    "string_too_long": "expected a text of at most {max_length} characters",
    "string_pattern_mismatch": "expected a text of the form {pattern}",
    "string_unicode": "expected a text of whole characters",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected at least {ge}",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected at most {le}",
    "date_type": "expected a day such as 2024-06-30",
    "date_parsing": "expected a day such as 2024-06-30",
    "date_from_datetime_parsing": "expected a day such as 2024-06-30",
    "date_from_datetime_inexact": "expected a day such as 2024-06-30, without a time",
    "dict_type": "expected keys and values below it",
    "model_type": "expected keys and values below it",
    "model_attributes_type": "expected keys and values below it",
    "tuple_type": "expected a list such as [a, b]",
    "list_type": "expected a list such as [a, b]",
    "too_short": "expected at least {min_length} of them",
    "too_long": "expected at most {max_length} of them",
    "invalid_key": "expected a text as a key; write it in quotes",
}
"""What is expected, by pydantic's type of error."""


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
    first = _plainest(error)
    where = [str(part) for part in first["loc"] if part != _KEY]
    if len(where) > 1 and where[0] == "tables":
        return _source_fault(where[1], raw, root)
    key = ".".join(where)
    if first["type"] == "extra_forbidden":
        return f"unknown key '{key}'{did_you_mean(where[-1], _known_keys(where[:-1], root, sections))}"
    message = sentence(first)
    secret = where[:1] in (["tracking"], ["checks"])
    came = "" if secret or first["type"] in _TELLS_ALL else _shown(first.get("input"))
    return f"{key}: {message}{came}" if key else message


def _plainest(error: ValidationError) -> ErrorDetails:
    """Return a mistyped key, if there is one, for it explains what is missing; the first error otherwise."""
    errors = error.errors()
    return next((fault for fault in errors if fault["type"] == "extra_forbidden"), errors[0])


def sentence(fault: ErrorDetails) -> str:
    """Return what pydantic expected, in the words of this package and without the value that came.

    Parameters
    ----------
    found
        One of the errors of a ``ValidationError``.
    """
    limits = fault.get("ctx", {})
    template = _EXPECTED.get(fault["type"])
    if template is None:
        return str(limits.get("error", fault["msg"]))
    return template.format_map({name: _number(value) for name, value in limits.items()})


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)


def _shown(value: Any) -> str:
    """Return ``, got ...`` for a value that can be shown in a line."""
    if isinstance(value, str | int | float | bool):
        shown = repr(value)
        return f", got {shown}" if len(shown) <= _LONGEST else f", got {shown[:_LONGEST]}..."
    return next((f", got {name}" for kind, name in _KINDS.items() if isinstance(value, kind)), "")


def _source_fault(table: str, raw: Mapping[str, Any], root: type[BaseModel]) -> str:
    """Return what is wrong with a table's source, judged by the kind its keys begin."""
    source = {str(name): value for name, value in raw["tables"].items()}[table]
    expected = "expected a path, or csv:, excel:, duckdb: with table:, sql:, or connection: with table:"
    if isinstance(source, str):
        return f"tables: expected a table of the contract with its path, got {table!r}: {without_userinfo(source)!r}"
    if not isinstance(source, dict):
        return f"tables.{table}: {expected}{_shown(source)}"
    kinds = get_args(get_args(root.model_fields["tables"].annotation)[1])
    kind = next((k for k in kinds if next(iter(_own(k))) in source), None)
    if kind is None:
        return f"tables.{table}: {expected}; got {', '.join(map(str, source))}"
    others = [n for n in source if n not in kind.model_fields and any(n == next(iter(_own(k))) for k in kinds)]
    if others:
        first_key = next(iter(_own(kind)))
        return f"tables.{table}: {first_key}: and {others[0]}: are two sources; keep one"
    for name in source:
        if name not in kind.model_fields:
            return f"unknown key 'tables.{table}.{name}'{did_you_mean(str(name), kind.model_fields)}"
    try:
        kind.model_validate(source)
    except ValidationError as error:
        first = _plainest(error)
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            return f"unknown key 'tables.{table}.{where}'{did_you_mean(str(first['loc'][-1]), _keys_of_rules())}"
        return f"tables.{table}.{where}: {sentence(first)}"
    return f"tables.{table}: {expected}; got {', '.join(source)}"


def _keys_of_rules() -> list[str]:
    """Return the keys below a column under ``where:``."""
    return [field.alias or name for name, field in KeptRows.model_fields.items()]


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
