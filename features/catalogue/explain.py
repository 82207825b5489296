"""One feature in words, for whoever asks by its name: what it means, and from when on its values may be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ...core.time import local_text
from ..contract.entry import named_columns
from ..contract.mapping import contract_columns, source_name
from ..engines.choose import connect
from ..sources.read import source_columns
from ..tables.tables import Tables
from .catalogue import GROUPS, explain
from .declare import Feature, FeatureInfo, Group

__all__ = ["explain_feature"]


@dataclass(frozen=True)
class _Schema:
    """The contract's columns that a source holds."""

    columns: tuple[str, ...]


@dataclass
class _Schemas(Mapping[str, _Schema]):
    """The tables of a config by their columns alone; a source is opened when it is first asked for."""

    config: Config
    connection: Any
    opened: dict[str, _Schema] = field(default_factory=dict)

    def __getitem__(self, name: str) -> _Schema:
        if name not in self.opened:
            raw = source_columns(self.connection, self.config, name)
            kept = set(raw) - set(self.config.drop.get(name, ()))
            columns = contract_columns(self.config, CONTRACT[name])
            config = named_columns(self.config, name, raw)
            constant = self.config.tables[name].constants
            found = tuple(c.name for c in columns if source_name(config, name, c.name) in kept or c.name in constant)
            self.opened[name] = _Schema(found)
        return self.opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.config.tables)

    def __len__(self) -> int:
        return len(self.config.tables)


def explain_feature(config: Config, name: str, as_of: pd.Timestamp) -> list[str]:
    """Return a readable block on one feature: meaning, unit, window, sources and known rule.

    No row is read: of the tables that the feature rests on, only the names of the columns.

    Parameters
    ----------
    config
        The business.
    name
        The feature.
    as_of
        Instant (naive UTC) to which window and known rule are put in dates.

    Raises
    ------
    ConfigError
        There is no such feature; names the nearest.
    DataError
        A source that it rests on cannot be opened.
    """
    info = explain(name, config)
    moment = local_text(as_of, config.timezone)
    group, feature = next((g, f) for g in GROUPS for f in g.features(config) if f.info.name == name)
    rows = {
        "meaning": info.meaning,
        "unit": info.unit,
        "window": _window(info, as_of, config.timezone),
        "sources": ", ".join(_source(config, source) for source in info.sources),
        "known": f"{info.known} (recorded_at, if that is later), strictly before {moment}{_taken(info)}",
        "here": _in_business(config, group, feature),
    }
    return [name, *(f"  {key:<8} {value}" for key, value in rows.items())]


def _window(info: FeatureInfo, as_of: pd.Timestamp, timezone: str) -> str:
    if info.window_days is None:
        return "none: all history, or the state at as_of"
    first = as_of - pd.Timedelta(days=info.window_days)
    return f"{info.window_days} days: from {local_text(first, timezone)} on, before {local_text(as_of, timezone)}"


def _taken(info: FeatureInfo) -> str:
    """Say of an undated column of customers what the contract takes for granted."""
    undated = [s for s in info.sources if s.startswith("customers.") and s != "customers.signed_up_at"]
    return "; the table does not say when it was written: taken as never changed since" if undated else ""


def _source(config: Config, source: str) -> str:
    """Return a source column, with the business's own name where it has another."""
    return " or ".join(_yours(config, *part.split(".", 1)) for part in source.split(" or "))


def _yours(config: Config, table: str, column: str) -> str:
    yours = source_name(config, table, column)
    return f"{table}.{column}" + ("" if yours == column else f" (your {yours})")


def _in_business(config: Config, group: Group, feature: Feature) -> str:
    """Say whether this business has the feature, or what it lacks for it."""
    schemas = _Schemas(config, connect(config))
    tables = Tables(config, schemas.connection, schemas, pd.Timestamp.max)
    lacking = feature.lacks(tables) or group.lacks(tables)
    return "available" if lacking is None else f"absent: {lacking}, which this business does not bring"
