"""Marks of what in a configuration decides scores, so that a list is never made from scores of another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ...core.config.business import Config

__all__ = ["changed_marks", "config_marks"]

_KEYS = ("currency", "timezone", "static", "lines", "features", "churn", "value", "scales")
_OF_ACTIONS = {"cost", "cost_if_accepted", "assignment", "state", "eligible"}


def config_marks(config: Config) -> dict[str, str]:
    """Return a short hash of each part of a configuration that scores depend on, by its key.

    Examples
    --------
    >>> config = Config(tables={"customers": "c", "payments": "p"})
    >>> changed_marks(config_marks(config), config.model_copy(update={"currency": "CHF"}))
    ('currency',)
    """
    plain = config.model_dump(mode="json")
    actions = {
        name: {key: value for key, value in terms.items() if key in _OF_ACTIONS}
        for name, terms in plain["incremental"]["actions"].items()
    }
    if not plain["features"]["without"]:
        del plain["features"]["without"]  # marks of scores from before there was the key stay what they were
    parts = {key: plain[key] for key in _KEYS} | {
        "incremental.actions": actions,
        "incremental.cool_down_days": plain["incremental"]["cool_down_days"],
    }
    return {key: _mark(part) for key, part in parts.items()}


def changed_marks(written: Mapping[str, str], config: Config) -> tuple[str, ...]:
    """Return the keys of a configuration that differ from those that scores were made with; marks not written agree."""
    return tuple(key for key, mark in config_marks(config).items() if written.get(key, mark) != mark)


def _mark(part: Any) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]
