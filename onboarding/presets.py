"""Exports that a preset knows, told by the names of their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.config.presets import preset_names, preset_tables
from ..core.contract import CONTRACT
from .sniff import SourceTable

__all__ = ["Recognised", "recognised"]

_FEWEST = 5
_PECULIAR = 2


@dataclass(frozen=True)
class Recognised:
    """A preset that fits a source: for which table of the contract, and the source's names by its columns.

    ``peculiar`` says whether enough of the names are of no other make, such as ``Created date (UTC)``.
    """

    preset: str
    table: str
    names: Mapping[str, str]
    peculiar: bool


def recognised(source: SourceTable) -> Recognised | None:
    """Return the preset that knows most of a source's columns, None if none knows all that are required."""
    names = {column.name for column in source.columns}
    found = []
    for preset in preset_names():
        for table, says in preset_tables(preset).items():
            mapped = _mapped(says, names)
            constant = set(says.get("constants", ()))
            needed = {column.name for column in CONTRACT[table].columns if not column.optional}
            known = _known(says) & names
            if needed <= {*mapped, *constant} and len(known) >= _FEWEST:
                peculiar = sum(re.fullmatch(r"[a-z_]+", name) is None for name in known) >= _PECULIAR
                found.append((len(known), Recognised(preset, table, mapped, peculiar)))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _mapped(says: Mapping[str, Any], names: set[str]) -> dict[str, str]:
    """Return the first name of each column that the source has."""
    first = {column: next((name for name in each if name in names), None) for column, each in says["columns"].items()}
    return {column: name for column, name in first.items() if name is not None}


def _known(says: Mapping[str, Any]) -> set[str]:
    """Return every name that a preset speaks of."""
    rules = {name for key, rule in says.get("where", {}).items() for name in (key, *rule.get("names", ()))}
    return {*(name for each in says["columns"].values() for name in each), *rules, *says.get("drop", ())}
