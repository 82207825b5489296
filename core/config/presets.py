"""Presets: mapping files for exports that people have, laid under a table's own entry.

``tables: {contacts: {csv: tickets.csv, preset: zendesk}}`` reads ``configs/presets/zendesk.yaml``. What the
configuration says itself goes before the preset, key by key; of ``codes`` it goes before column by column.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ..errors import did_you_mean

__all__ = ["preset_names", "preset_tables", "with_presets"]

_BY_KEY = ("where", "constants", "units", "columns", "late_failures")
"""Keys of an entry whose own keys are laid one over the other; lists under ``drop`` are put together."""


@cache
def preset_names() -> tuple[str, ...]:
    """Return the presets that come with the package, in the order of their names."""
    folder = files("servicelift.configs").joinpath("presets")
    found = [file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")]
    return tuple(sorted(found))


@cache
def preset_tables(name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return what a preset says of each table of the contract that its export holds.

    Raises
    ------
    ValueError
        There is no such preset; names the nearest.
    """
    if name not in preset_names():
        near = did_you_mean(name, preset_names())
        raise ValueError(f"there is no preset '{name}'{near or '; there are ' + ', '.join(preset_names())}")
    text = files("servicelift.configs").joinpath("presets", f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(text)["tables"]
    return loaded


def with_presets(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration, as plain data, with the presets that its tables name laid under their entries.

    Raises
    ------
    ValueError
        There is no such preset, or it does not speak of that table.
    """
    tables, codes = raw.get("tables"), raw.get("codes") or {}
    if not isinstance(tables, dict) or not isinstance(codes, dict):
        return dict(raw)
    laid = {}
    for table, entry in tables.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("preset"), str):
            laid[table] = entry
            continue
        preset = _of_table(entry["preset"], table)
        laid[table] = _laid(preset, entry)
        own = preset.get("codes", {})
        codes = {**{f"{table}.{column}": words for column, words in own.items()}, **codes}
    return {**raw, "tables": laid, **({"codes": codes} if codes else {})}


def _of_table(name: str, table: str) -> Mapping[str, Any]:
    try:
        tables = preset_tables(name)
    except ValueError as error:
        raise ValueError(f"tables.{table}.preset: {error}") from None
    if table not in tables:
        raise ValueError(f"tables.{table}.preset: '{name}' is for {', '.join(tables)}, not for {table}")
    return tables[table]


def _laid(preset: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry over what the preset says; how a file is split is only for files that are split."""
    base = {key: value for key, value in preset.items() if key not in ("codes", "csv")}
    base |= preset.get("csv", {}) if "csv" in entry else {}
    merged = {**base, **entry}
    for key in _BY_KEY:
        ours, yours = base.get(key), entry.get(key)
        if isinstance(ours, dict) and isinstance(yours, dict):
            merged[key] = {**ours, **yours}
    if isinstance(entry.get("drop"), list):
        merged["drop"] = [*base.get("drop", ()), *entry["drop"]]
    if isinstance(entry.get("constants"), dict) and isinstance(merged.get("columns"), dict):
        own = set(entry["constants"]) - set(entry.get("columns") or {})
        merged["columns"] = {name: value for name, value in merged["columns"].items() if name not in own}
    return merged
