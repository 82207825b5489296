"""Errors of the package: input errors end a command with one line and exit code 2."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

__all__ = [
    "ALARMED",
    "BusyError",
    "ConfigError",
    "DataError",
    "LeakageError",
    "ModelError",
    "ServiceliftError",
    "TableError",
    "did_you_mean",
]


ALARMED = 3
"""With what a command ends that did its work and found something that somebody has to look at."""


class ServiceliftError(Exception):
    """The user's input is wrong. The message says what was expected, what came, and what to do.

    Attributes
    ----------
    code, figures
        What is wrong as a code with its figures, where a page may have to say it in another language; "" and none
        elsewhere.
    exit_code
        With what a command ends.

    Examples
    --------
    >>> import servicelift as sl
    >>> try:
    ...     sl.open("nowhere.yaml")
    ... except sl.ServiceliftError as error:
    ...     print(type(error).__name__)
    ConfigError
    """

    code: str = ""
    figures: Mapping[str, Any] = MappingProxyType({})
    exit_code: int = 2


class BusyError(ServiceliftError):
    """Another run is at work in the same place; nothing was touched.

    Examples
    --------
    >>> BusyError.exit_code
    4
    """

    exit_code = 4


class ConfigError(ServiceliftError, ValueError):
    """The configuration file is wrong.

    Examples
    --------
    >>> issubclass(ConfigError, ServiceliftError), issubclass(ConfigError, ValueError)
    (True, True)
    """


class DataError(ServiceliftError, ValueError):
    """The tables break the contract, or hold too little to learn from.

    Examples
    --------
    >>> issubclass(DataError, ServiceliftError), issubclass(DataError, ValueError)
    (True, True)
    """


class TableError(DataError):
    """One table cannot be read.

    Parameters
    ----------
    where
        The table, or its key in the configuration: what leads the message.
    fault
        What was expected, what came, and what to do.

    Examples
    --------
    >>> error = TableError("tables.payments", "expected a table with column names, got an empty file")
    >>> str(error).partition(": ")[0], error.fault
    ('tables.payments', 'expected a table with column names, got an empty file')
    """

    def __init__(self, where: str, fault: str) -> None:
        super().__init__(f"{where}: {fault}")
        self.where = where
        self.fault = fault

    def __reduce__(self) -> tuple[type[TableError], tuple[str, str]]:
        """Return how it is made again: errors travel between processes."""
        return type(self), (self.where, self.fault)


class LeakageError(ServiceliftError, ValueError):
    """A feature tells what was known only after the instant it is meant for.

    Examples
    --------
    >>> issubclass(LeakageError, ServiceliftError), issubclass(LeakageError, ValueError)
    (True, True)
    """


class ModelError(ServiceliftError, ValueError):
    """A model cannot be fitted to, or found for, this input.

    Examples
    --------
    >>> issubclass(ModelError, ServiceliftError), issubclass(ModelError, ValueError)
    (True, True)
    """


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest known word, or an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
