"""The catalogue: every group, and the one function that turns a spine into features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.config import Config
from ..core.errors import ConfigError, did_you_mean
from .actions import ACTIONS
from .contacts import CONTACTS
from .customer import CUSTOMER
from .declare import Feature, FeatureInfo, Form, Group
from .payment import METHOD, PAYMENT
from .purchases import PURCHASES, SUMMARY
from .satisfaction import SATISFACTION
from .sources import Tables
from .spine import Keys, spine_keys
from .subscription import SUBSCRIPTION

__all__ = ["GROUPS", "build_features", "explain", "feature_names", "typed"]

GROUPS: tuple[Group, ...] = (
    CUSTOMER,
    SUBSCRIPTION,
    METHOD,
    PAYMENT,
    CONTACTS,
    SATISFACTION,
    PURCHASES,
    SUMMARY,
    ACTIONS,
)
"""Every group of features, in the order of the catalogue."""


def build_features(tables: Tables, spine: pd.DataFrame, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the features of each spine row, from what was known strictly before its ``as_of``.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        customer_id and as_of (naive UTC instants); other columns play no part.
    names
        Columns wanted; default all that the tables allow. Only their groups are read.

    Returns
    -------
    pandas.DataFrame
        Index, order and length of ``spine``; one column a name: int64 for counts, float64 (NaN where there
        is nothing to tell) for numbers, str for texts.

    Raises
    ------
    ConfigError
        A name is unknown, or the tables lack what it needs; the message says which.
    DataError
        The spine lacks a column, or holds identifiers of another type than the tables.
    """
    wanted = feature_names(tables) if names is None else list(dict.fromkeys(names))
    _check(tables, wanted)
    keys = spine_keys(tables, spine)
    columns: dict[str, pd.Series] = {}
    for group in GROUPS:
        features = [f for f in group.features(tables.config) if f.info.name in wanted]
        if features:
            columns |= _aggregate(tables, keys, group, features)
    frame = pd.DataFrame({name: columns[name] for name in wanted}, index=range(len(keys)))
    return keys.spread(frame)


def feature_names(tables: Tables) -> list[str]:
    """Return the names of all features that the tables and the config allow, in catalogue order."""
    everything = _catalogue(tables.config)
    return [name for name, (group, feature) in everything.items() if _lacks(tables, group, feature) is None]


def explain(name: str, config: Config) -> FeatureInfo:
    """Return what a feature means, its unit, window, sources and known rule.

    Raises
    ------
    ConfigError
        There is no such feature under this config.
    """
    everything = _catalogue(config)
    if name not in everything:
        raise ConfigError(f"unknown feature '{name}'{did_you_mean(name, everything)}")
    return everything[name][1].info


def _catalogue(config: Config) -> dict[str, tuple[Group, Feature]]:
    """Return every feature of the config by name."""
    found: dict[str, tuple[Group, Feature]] = {}
    for group in GROUPS:
        for feature in group.features(config):
            name = feature.info.name
            if name in found:
                raise ConfigError(
                    f"feature '{name}' would stand for two things; rename the static column or the action"
                )
            found[name] = (group, feature)
    return found


def _lacks(tables: Tables, group: Group, feature: Feature) -> str | None:
    return feature.lacks(tables) or group.lacks(tables)


def _check(tables: Tables, names: Sequence[str]) -> None:
    """Stop at the first name that is unknown, or that the tables do not allow."""
    everything = _catalogue(tables.config)
    for name in names:
        if name not in everything:
            near = did_you_mean(name, feature_names(tables))
            raise ConfigError(f"unknown feature '{name}'{near}")
        lacking = _lacks(tables, *everything[name])
        if lacking is not None:
            raise ConfigError(f"feature '{name}' {lacking}, which this business does not bring; leave it out")


def _aggregate(tables: Tables, keys: Keys, group: Group, features: Sequence[Feature]) -> dict[str, pd.Series]:
    """Return the features of one group, one line a pair."""
    rows = group.rows(tables, keys)
    aggregates = {f.info.name: typed(f, rows) for f in features}
    frame = tables.execute(rows.group_by("row").aggregate(**aggregates)).set_index("row")
    frame = frame.reindex(np.arange(len(keys)))
    return {f.info.name: _finished(frame[f.info.name], f.form) for f in features}


def typed(feature: Feature, rows: object) -> object:
    """Return the aggregate in the type of its form; money leaves DECIMAL here."""
    value = feature.aggregate(rows)
    if feature.form is Form.COUNT:
        return value.cast("int64")
    number = feature.form in (Form.SUM, Form.VALUE) or value.type().is_numeric()
    return value.cast("float64") if number else value.cast("string")


def _finished(column: pd.Series, form: Form) -> pd.Series:
    """Return a column with what a pair without rows gets."""
    if form is Form.COUNT:
        return column.fillna(0).astype("int64")
    if form is Form.SUM:
        return column.fillna(0.0).astype("float64")
    if form is Form.VALUE:
        return column.astype("float64")
    return column.astype("float64" if pd.api.types.is_numeric_dtype(column) else "str")
