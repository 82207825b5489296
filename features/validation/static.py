"""Static columns whose values are of several kinds: numbers but for some rows, such as a word for a missing one."""

from __future__ import annotations

from ...core.contract import CONTRACT
from ..contract.casts import ReadSettings
from ..contract.mapping import StaticColumns, static_words
from ..expressions import Backend
from .checks import example_keys
from .findings import Finding

__all__ = ["mixed_columns"]


def mixed_columns(connection: Backend, static: StaticColumns, reading: ReadSettings) -> list[Finding]:
    """Return a warning for each static column that holds numbers in most rows and words in some.

    Such a column is text as a whole: a model that learnt from its numbers cannot take it.
    """
    found = []
    customers = CONTRACT["customers"]
    hint = "it is taken as text; correct them, or name the words for a missing value: tables.customers.missing"
    total = int(connection.execute(static.rows.count()))
    for column, rows in static.mixed.items():
        keys = example_keys(connection, customers, static_words(static.rows, column, reading))
        found.append(Finding("warning", "customers", column, "no number, where others are", rows, keys, total, hint))
    return found
