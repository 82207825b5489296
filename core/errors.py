"""Errors of the package: input errors end a command with one line and exit code 2."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["ConfigError", "DataError", "LeakageError", "ModelError", "ServiceliftError", "did_you_mean"]


class ServiceliftError(Exception):
    """The user's input is wrong. The message says what was expected, what came, and what to do."""


class ConfigError(ServiceliftError, ValueError):
    """The configuration file is wrong."""


class DataError(ServiceliftError, ValueError):
    """The tables break the contract, or hold too little to learn from."""


class LeakageError(ServiceliftError, ValueError):
    """A feature tells what was known only after the instant it is meant for."""


class ModelError(ServiceliftError, ValueError):
    """A model cannot be fitted to, or found for, this input."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest known word, or an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
