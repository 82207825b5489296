"""What a night is made from: the rows that were known, the configuration without its secrets, the models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...core.config.business import Config, ModelKind
from ...features.tables.tables import Tables
from ...features.timeline.known_fingerprint import KnownTable, fingerprint_method, known_tables

__all__ = ["Inputs", "changed_inputs", "changed_tables", "config_hash", "inputs_of"]

_ELSEWHERE = {"data_until", "engine", "folder", "nightly", "tables", "tracking"}
"""Keys that say where work is done and how far the data reach; they have no part in what comes out at an instant."""

_PLACES = ("connection", "csv", "duckdb", "excel", "path")
"""Keys of a table that say where it lies; its rows have a fingerprint of their own."""

_LIST = {"budget", "capacity"}
"""Keys of ``nightly:`` that have a part in it."""


@dataclass(frozen=True)
class Inputs:
    """What a night is made from.

    Parameters
    ----------
    tables
        What was known of each table.
    config
        Hash of the configuration, see :func:`config_hash`.
    versions
        The models to score with, by kind; None where there is none.
    method
        How the fingerprints were computed.
    """

    tables: Mapping[str, KnownTable]
    config: str
    versions: Mapping[ModelKind, int | None]
    method: str

    def facts(self) -> dict[str, Any]:
        """Return it as a manifest keeps it."""
        return {
            "tables": {
                name: {"fingerprint": known.fingerprint, "rows": known.rows, "last": _text(known.last)}
                for name, known in self.tables.items()
            },
            "method": self.method,
            "config": self.config,
            "versions": dict(self.versions),
        }

    def key(self, **more: object) -> str:
        """Return a text that is equal for equal inputs; ``more`` is whatever else has a part in the work."""
        return hashlib.sha256(json.dumps([self.facts(), more], sort_keys=True, default=str).encode()).hexdigest()


def inputs_of(
    tables: Tables, as_ofs: Sequence[pd.Timestamp], versions: Sequence[Mapping[ModelKind, int | None]]
) -> list[Inputs]:
    """Return what the night of each instant is made from.

    Parameters
    ----------
    tables
        The business.
    as_ofs
        Instants, naive UTC.
    versions
        The models of each, by kind.
    """
    hashed = config_hash(tables.config)
    known, method = known_tables(tables, as_ofs), fingerprint_method(tables)
    return [Inputs(each, hashed, numbers, method) for each, numbers in zip(known, versions, strict=True)]


def config_hash(config: Config) -> str:
    """Return a hash of what in a configuration has a part in the results: no address, no place, no secret."""
    plain = config.model_dump(mode="json", exclude=_ELSEWHERE)
    sources = {name: _form(source) for name, source in config.model_dump(mode="json")["tables"].items()}
    wish = config.nightly.model_dump(mode="json", include=_LIST)
    text = json.dumps([plain, sources, wish], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_tables(manifest: Mapping[str, Any], inputs: Inputs) -> dict[str, list[int | None]]:
    """Return the tables of which other rows were known than a night says, with its number of rows and today's.

    Fingerprints of another method, as after a new version of the engine, are not compared: there the number of rows and
    the last of them tell.
    """
    kept, facts = manifest.get("inputs", {}), inputs.facts()
    before, now = kept.get("tables", {}), facts["tables"]
    told = ("rows", "last", "fingerprint") if kept.get("method") == inputs.method else ("rows", "last")
    return {
        name: [before.get(name, {}).get("rows"), now.get(name, {}).get("rows")]
        for name in sorted({*before, *now})
        if any(before.get(name, {}).get(each) != now.get(name, {}).get(each) for each in told)
    }


def changed_inputs(manifest: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    """Return in which inputs a night differs from those of today: tables, config, versions; empty for none."""
    before, now = manifest.get("inputs", {}), inputs.facts()
    found: dict[str, Any] = {}
    if tables := changed_tables(manifest, inputs):
        found["tables"] = tables
    if before.get("config") != now["config"]:
        found["config"] = True
    if before.get("versions") != now["versions"]:
        found["versions"] = [before.get("versions"), now["versions"]]
    return found


def _form(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a source is read, without where it lies."""
    return {key: value for key, value in source.items() if key not in _PLACES}


def _text(moment: pd.Timestamp | None) -> str | None:
    return None if moment is None else moment.tz_localize("UTC").isoformat()
