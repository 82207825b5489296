"""Static columns that are no features: words among numbers, and values that name the customer."""

from __future__ import annotations

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ..contract.casts import ReadSettings
from ..contract.mapping import StaticColumns, static_words
from ..expressions import Backend, Rows, Value
from .checks import example_keys
from .counts import counted
from .findings import Finding

__all__ = ["mixed_columns", "naming_columns"]

_LEAST_ROWS = 100
"""Customers from which on a column can be told to name them."""

_NEARLY_ALL = 0.99
"""Share of different values among whole numbers from which on they name the customer."""

_MOST_TEXTS = 0.5
"""Share of different values among texts from which on they name the customer."""


def mixed_columns(connection: Backend, static: StaticColumns, reading: ReadSettings) -> list[Finding]:
    """Return a warning for each static column that holds numbers in most rows and words in some.

    Such a column is text as a whole: a model that learnt from its numbers cannot take it.
    """
    if not static.mixed:
        return []
    found = []
    customers = CONTRACT["customers"]
    hint = "it is taken as text; correct them, or name the words for a missing value: tables.customers.missing"
    total = int(connection.execute(static.rows.count()))
    for column, rows in static.mixed.items():
        keys = example_keys(connection, customers, static_words(static.rows, column, reading))
        found.append(Finding("warning", "customers", column, "no number, where others are", rows, keys, total, hint))
    return found


def naming_columns(connection: Backend, config: Config, customers: Rows) -> list[Finding]:
    """Return an error for each static column that names the customer, or has more words than a model may keep.

    A model would learn each customer by heart, and its file would hold what names them.

    Parameters
    ----------
    connection
        The ibis backend.
    config
        Names the static columns, the most words of each (``features: max_levels``), and what is let through
        (``leakage: allow``).
    customers
        The customers, static columns typed.
    """
    names = [n for n in config.static if n in customers.columns and _countable(customers[n])]
    if not names:
        return []
    sums = {f"{name} rows": customers[name].count() for name in names}
    different = {f"{name} values": customers[name].nunique() for name in names}
    whole = {f"{name} whole": _whole(customers[name]).sum() for name in names}
    row = counted(connection, customers, sums | different | whole)
    found = []
    for name in names:
        rows, values = row[f"{name} rows"], row[f"{name} values"]
        if customers[name].type().is_string():
            found += _words(config, name, rows, values)
        elif rows >= _LEAST_ROWS and row[f"{name} whole"] == rows and values >= _NEARLY_ALL * rows:
            found += _own_numbers(config, name, rows, values)
    return found


def _countable(value: Value) -> bool:
    return bool(value.type().is_string() or value.type().is_integer() or value.type().is_floating())


def _whole(value: Value) -> Value:
    """Return whether numbers are whole; texts are not looked at."""
    return value.isnull() & value.notnull() if value.type().is_string() else value % 1 == 0


def _words(config: Config, name: str, rows: int, values: int) -> list[Finding]:
    """Return an error where a column of texts has too many different ones."""
    most = config.features.max_levels
    if rows >= _LEAST_ROWS and values > _MOST_TEXTS * rows:
        hint = "it names the customer and can be no feature; leave it out under static:, or bring it in classes"
        rule = f"{values:,} different texts among {rows:,} customers"
        return [Finding("error", "customers", name, rule, hint=hint)]
    if values > most:
        hint = f"expected at most {most:,}; bring it in classes, or set features: max_levels:"
        return [Finding("error", "customers", name, f"{values:,} different texts", hint=hint)]
    return []


def _own_numbers(config: Config, name: str, rows: int, values: int) -> list[Finding]:
    if name in config.leakage.allow:
        return []
    rule = f"{values:,} different whole numbers among {rows:,} customers"
    hint = f"it names the customer; leave it out under static:, or say why not: leakage: {{allow: {{{name}: REASON}}}}"
    return [Finding("error", "customers", name, rule, hint=hint)]
