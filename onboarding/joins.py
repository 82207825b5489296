"""Which columns hold keys of another table: the share of their keys that are there."""

from __future__ import annotations

from typing import Any

from .sniff import SourceTable

__all__ = ["match_share"]

KEYS = 5_000
"""Different keys of a column that are looked for."""


def match_share(connection: Any, child: SourceTable, column: str, parent: SourceTable, key: str) -> float:
    """Return the share of a column's different keys (the first :data:`KEYS`) that another table's column holds.

    Parameters
    ----------
    connection
        The backend that holds both.
    child, column
        The table that refers to the other, and by which column.
    parent, key
        The table that is referred to, and its key.

    Returns
    -------
    float
        0 to 1; 0 where the column is empty.
    """
    ours = child.relation.select(k=_text(child.relation[column])).distinct().limit(KEYS).view()
    ours = ours.filter(ours.k.notnull() & (ours.k != ""))
    theirs = parent.relation.select(k=_text(parent.relation[key])).distinct()
    matched = ours.semi_join(theirs, "k").count()
    total = int(connection.execute(ours.count()))
    return int(connection.execute(matched)) / total if total else 0.0


def _text(value: Any) -> Any:
    """Return keys as texts; whole floats as whole numbers."""
    kind = value.type()
    if kind.is_floating() or kind.is_decimal():
        return value.try_cast("int64").cast("string")
    return value.cast("string").strip()
