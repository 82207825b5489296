"""The names by which the rooms call ibis' types: backends, tables, values and their kinds.

ibis ships no marker of types, so that mypy takes its classes as ``Any``; the names say what travels all the same.
"""

from __future__ import annotations

from typing import TypeAlias

from ibis.backends.sql import SQLBackend
from ibis.expr.datatypes import DataType
from ibis.expr.types import BooleanValue, Column, Scalar, Table, Value

__all__ = ["Backend", "BooleanValue", "Column", "DataType", "Expression", "Rows", "Scalar", "Value"]

Backend: TypeAlias = SQLBackend
"""A connection of ibis to an engine, with the tables it holds."""

Rows: TypeAlias = Table
"""A table of an engine, or the expression of one; the contract's own tables are :class:`core.contract.Table`."""

Expression: TypeAlias = Table | Value
"""What an engine can compute: a table, or a single value."""
