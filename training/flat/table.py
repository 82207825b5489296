"""A flat table, one row a customer and no dates: its label, its features, and what is left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Floats, Ints
from ...core.errors import ConfigError, DataError, did_you_mean
from ...core.short_repr import ShortRepr
from ...features.sources.flat import NO, YES, identifier_of, numbers_of, why_no_feature, words_of

__all__ = ["COSTS", "FlatColumns", "FlatTable", "cost_columns", "flat_table"]

COSTS = ("clv", "incentive_cost", "contact_cost")
"""What a column of money may be of each customer."""

_LEFT = YES | {"churn", "churned", "left", "lost", "exited", "gone", "cancelled", "canceled", "parti"}
_STAYED = NO | {"stayed", "active", "retained", "existing", "kept"}
_SHOWN = 5
_LEFT_OUT = {
    "own_number": "a number of its own in each row",
    "levels": "a text with {n:,} different values",
    "one_value": "one value in every row",
}
"""Why a column is left out, by the code of :func:`why_no_feature`; of empty ones nothing is said."""


@dataclass(frozen=True)
class FlatColumns:
    """Which columns of a flat table are what.

    Parameters
    ----------
    label
        Says who left.
    left
        The value of the label that means so; None: told by its words.
    identifier
        Names the customer; None: a column of that name with a value of its own in each row, else the row's number.
    drop
        Columns that are no features.
    costs
        Columns of money by :data:`COSTS`.
    decimal
        Decimal mark of texts.
    """

    label: str
    left: str | None = None
    identifier: str | None = None
    drop: tuple[str, ...] = ()
    costs: tuple[tuple[str, str], ...] = ()
    decimal: str = "."


@dataclass(frozen=True)
class FlatTable(ShortRepr):
    """A flat table that was read.

    Parameters
    ----------
    customers
        Name of each row (n,).
    identifier
        Where the names come from.
    features
        Features (n, columns): numbers as float64, everything else as texts.
    left
        1 where the customer left, else 0 (n,).
    money
        Columns of money (n,) by :data:`COSTS`.
    notes
        What was left out, and why.
    """

    customers: pd.Series[Any]
    identifier: str
    features: pd.DataFrame
    left: Ints
    money: dict[str, Floats]
    notes: tuple[str, ...]


def cost_columns(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return pairs of :data:`COSTS` and column from texts such as ``clv=MonthlyCharges``.

    Raises
    ------
    ConfigError
        A text is no such pair.
    """
    pairs = []
    for text in texts:
        kind, sign, name = text.partition("=")
        if kind not in COSTS or not sign or not name:
            raise ConfigError(f"--cost-columns: expected {'=COLUMN, '.join(COSTS)}=COLUMN, got '{text}'")
        pairs.append((kind, name))
    return tuple(pairs)


def flat_table(frame: pd.DataFrame, columns: FlatColumns) -> FlatTable:
    """Return features, label and money of a flat table.

    Raises
    ------
    ConfigError
        A column that is named is not there, or nobody can tell which value of the label means who left.
    DataError
        A customer stands in two rows, a column looks personal, or no feature is left.
    """
    named = [columns.label, *columns.drop, *(name for _, name in columns.costs)]
    for name in [*named, *([columns.identifier] if columns.identifier else [])]:
        if name not in frame.columns:
            near = did_you_mean(name, map(str, frame.columns))
            raise ConfigError(f"expected a column '{name}', the table has {', '.join(map(str, frame.columns))}{near}")
    notes: list[str] = []
    known = frame[columns.label].notna()
    if not known.all():
        notes.append(f"{int((~known).sum()):,} rows without '{columns.label}' left out")
        frame = frame[known].reset_index(drop=True)
    left = _left(frame[columns.label], columns)
    identifier = columns.identifier or identifier_of(frame, but=(columns.label,))
    customers = frame[identifier] if identifier else pd.Series(np.arange(1, len(frame) + 1))
    if customers.isna().any() or customers.duplicated().any():
        raise DataError(
            f"expected one row a customer, '{identifier}' is missing or stands twice in some; name another with --id"
        )
    numbers = {str(name): numbers_of(frame[name], columns.decimal) for name in frame.columns}
    money = {kind: _money(numbers[name], kind, name) for kind, name in columns.costs}
    given = [name for name in map(str, frame.columns) if name not in (columns.label, identifier, *columns.drop)]
    features = {name: numbers[name] for name in given if _learnable(numbers[name], name, notes)}
    if not features:
        raise DataError(f"expected columns to learn from beside '{columns.label}', none is left: {'; '.join(notes)}")
    name = identifier or "row"
    return FlatTable(customers.rename(name), name, pd.DataFrame(features), left, money, tuple(notes))


def _left(label: pd.Series[Any], columns: FlatColumns) -> Ints:
    """Return 1 where the customer left."""
    words = words_of(label)
    values = sorted(set(words))
    if columns.left is not None:
        if columns.left not in values:
            raise ConfigError(f"'{columns.label}' is never '{columns.left}'; it holds {_some(values)}")
        return _ones(words, columns.left)
    if len(values) != 2:
        raise ConfigError(
            f"expected two values in '{columns.label}', got {len(values)}: {_some(values)}; name that of the leavers"
            " with --left"
        )
    leaving = [value for value in values if value.lower() in _LEFT]
    staying = [value for value in values if value.lower() in _STAYED]
    if len(leaving) == 1 or len(staying) == 1:
        means = leaving[0] if len(leaving) == 1 else next(value for value in values if value not in staying)
        return _ones(words, means)
    raise ConfigError(f"which value of '{columns.label}' means who left, {_some(values)}? Name it with --left")


def _ones(words: pd.Series[Any], value: str) -> Ints:
    """Return 1 where a word is ``value``."""
    return np.where(words.to_numpy() == value, 1, 0).astype(np.int64)


def _some(values: Sequence[str]) -> str:
    shown = ", ".join(f"'{value}'" for value in values[:_SHOWN])
    return shown if len(values) <= _SHOWN else f"{shown}, ..."


def _money(values: pd.Series[Any], kind: str, name: str) -> Floats:
    if not pd.api.types.is_numeric_dtype(values):
        raise DataError(f"{kind}: expected numbers in '{name}', got texts; is the decimal mark another (--decimal)?")
    return values.to_numpy(dtype=np.float64)


def _learnable(values: pd.Series[Any], name: str, notes: list[str]) -> bool:
    """Return whether a column can be learnt from; note why not.

    Raises
    ------
    DataError
        It looks personal, or like numbers with another decimal mark.
    """
    why = why_no_feature(values)
    if why is None:
        return True
    if why.code == "personal":
        raise DataError(f"'{name}' looks like {why.figures['kind']}; leave it out with --drop '{name}'")
    if why.code == "decimal_comma":
        raise DataError(f"'{name}' looks like numbers with a decimal comma; say so with --decimal ','")
    if why.code in _LEFT_OUT:
        notes.append(f"'{name}' left out: {_LEFT_OUT[why.code].format_map(why.figures)}")
    return False
