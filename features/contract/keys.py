"""Identifiers in the type of the key they point to: 1, 1.0 and ``"1"`` are one key where the types allow it exactly."""

from __future__ import annotations

import ibis

from ..expressions import DataType, Value

__all__ = ["joinable", "key_type"]

_WHOLE = r"^\s*[+-]?(0|[1-9]\d*)(\.0*)?\s*$"
"""Texts that are whole numbers; 01 is a text of its own, for 1 may be another one's key."""

_EXACT = {"float16": 2**11, "float32": 2**24}
"""Largest number up to which a type of floats tells whole numbers apart; others do up to 2^53."""


def key_type(kind: DataType) -> DataType:
    """Return the type in which a key of type ``kind`` is kept: texts and numbers as they are, others as texts."""
    plain = kind.is_string() or (kind.is_numeric() and not kind.is_boolean())
    return kind if plain else ibis.dtype("string")


def joinable(value: Value, kind: DataType | None) -> Value:
    """Return an identifier in the type of the key it points to; what cannot take it exactly points nowhere.

    Parameters
    ----------
    value
        Identifiers: texts or numbers.
    kind
        Type of the key, as :func:`key_type` returns it; None: the table it points to is not there.
    """
    came = value.type()
    if kind is None or came == kind or (came.is_string() and kind.is_string()):
        return value
    if came.is_decimal() and kind.is_decimal() and _holds(kind, came):
        return value.try_cast(kind)
    whole = _whole(value, kind)
    if kind.is_floating():
        counted = whole.try_cast("decimal(38, 0)") if whole.type().is_string() else whole
        whole = _null_unless(counted.abs() <= _exact(kind), whole)
    return whole.try_cast(kind)


def _holds(kind: DataType, came: DataType) -> bool:
    """Return whether a type of decimals has room for every fraction of another."""
    return bool((kind.scale or 0) >= (came.scale or 0))


def _exact(kind: DataType) -> int:
    return _EXACT.get(str(kind), 2**53)


def _whole(value: Value, kind: DataType) -> Value:
    """Return numbers, and texts that shall be numbers, where they are whole: the engine's casts would round."""
    came = value.type()
    if came.is_floating():
        return _null_unless((value % 1 == 0) & (value.abs() <= _exact(came)), value.try_cast("int64"))
    if came.is_decimal():
        return _null_unless(value % 1 == 0, value.try_cast("decimal(38, 0)"))
    if came.is_string() and not kind.is_string():
        return _null_unless(value.re_search(_WHOLE), value.strip().re_replace(r"\.0*$", ""))
    return value


def _null_unless(kept: Value, value: Value) -> Value:
    return ibis.ifelse(kept, value, ibis.null(value.type()))
