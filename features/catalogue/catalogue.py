"""The catalogue: every group, and the one function that turns a spine into features."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError, did_you_mean
from ..tables.tables import Tables
from ..timeline.spine import spine_keys
from .aggregate import aggregate
from .declare import Feature, FeatureInfo, Form, Group
from .groups.actions import ACTIONS
from .groups.contact_handling import CONTACTS, FIRST, REPEATS
from .groups.customer import CUSTOMER
from .groups.engagement import ENGAGEMENT
from .groups.failed_payments import FAILURES
from .groups.pauses import PAUSES
from .groups.payment_method import METHOD
from .groups.payments import PAYMENT
from .groups.prospects import PROSPECTS
from .groups.purchases import PURCHASES, SUMMARY
from .groups.referrals import REFERRALS
from .groups.reviews import REVIEWS
from .groups.satisfaction import SATISFACTION
from .groups.self_service import BOTH_WAYS, SELF_SERVICE
from .groups.service_quality import SERVICE
from .groups.subscription import SUBSCRIPTION

__all__ = ["GROUPS", "build_features", "explain", "explain_all", "feature_names", "forms", "lasting_names"]

GROUPS: tuple[Group, ...] = (
    CUSTOMER,
    SUBSCRIPTION,
    PAUSES,
    METHOD,
    PAYMENT,
    FAILURES,
    CONTACTS,
    FIRST,
    REPEATS,
    SERVICE,
    SATISFACTION,
    PURCHASES,
    SUMMARY,
    ACTIONS,
    REFERRALS,
    PROSPECTS,
    REVIEWS,
    ENGAGEMENT,
    SELF_SERVICE,
    BOTH_WAYS,
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
    chosen = [(group, [f for f in group.features(tables.config) if f.info.name in wanted]) for group in GROUPS]
    keys = spine_keys(tables, spine)
    found = aggregate(tables, keys, [(group, features) for group, features in chosen if features])
    return keys.spread(found[wanted])


def feature_names(tables: Tables) -> list[str]:
    """Return the names of all features that the tables and the config allow, in catalogue order.

    Those of tables under ``features: without`` are left out.
    """
    everything, unread = _catalogue(tables.config), frozenset(tables.config.features.without)
    return [
        name
        for name, (group, feature) in everything.items()
        if _lacks(tables, group, feature) is None and not feature.rests_on(unread)
    ]


def lasting_names(tables: Tables, days: int = 365) -> list[str]:
    """Return the features that tell who a customer is, rather than what has just happened, in catalogue order.

    Those over a window shorter than ``days`` tell of the moment, as do the days since something happened last.
    """
    known = explain_all(tables.config)
    return [
        name
        for name in feature_names(tables)
        if (known[name].window_days or days) >= days and not name.startswith("days_since_")
    ]


def explain(name: str, config: Config) -> FeatureInfo:
    """Return what a feature means, its unit, window, sources and known rule.

    Raises
    ------
    ConfigError
        There is no such feature under this config.
    """
    everything = explain_all(config)
    if name not in everything:
        raise ConfigError(f"unknown feature '{name}'{did_you_mean(name, everything)}")
    return everything[name]


def explain_all(config: Config) -> dict[str, FeatureInfo]:
    """Return what every feature of a config means, by name in catalogue order; as :func:`explain` of each."""
    return {name: feature.info for name, (_, feature) in _catalogue(config).items()}


def forms(config: Config) -> dict[str, Form]:
    """Return what the column of every feature of a config holds, by name in catalogue order.

    Raises
    ------
    ConfigError
        A name stands for two things.
    """
    return {name: feature.form for name, (_, feature) in _catalogue(config).items()}


def _catalogue(config: Config) -> dict[str, tuple[Group, Feature]]:
    """Return every feature of the config by name; engines tell no capitals apart."""
    catalogue: dict[str, tuple[Group, Feature]] = {}
    folded: set[str] = set()
    for group in GROUPS:
        for feature in group.features(config):
            name = feature.info.name
            if name.lower() in folded:
                raise ConfigError(
                    f"feature '{name}' would stand for two things; rename the static column, action, channel or reason"
                )
            folded.add(name.lower())
            catalogue[name] = (group, feature)
    return catalogue


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
