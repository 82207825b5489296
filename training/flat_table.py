"""A flat table, one row a customer and no dates: its label, its features, and what is left out and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ..core.arrays import Floats, Ints
from ..core.errors import ConfigError, DataError, did_you_mean
from ..core.privacy import personal_kind
from ..core.short_repr import ShortRepr
from ..features.sources.csv_form import csv_form
from ..features.sources.excel import read_excel

__all__ = ["COSTS", "FlatColumns", "FlatTable", "cost_columns", "flat_table", "read_flat"]

COSTS = ("clv", "incentive_cost", "contact_cost")
"""What a column of money may be of each customer."""

_LEFT = frozenset(
    (
        *("true", "t", "yes", "y", "1", "oui", "o", "vrai", "ja", "wahr"),
        *("churn", "churned", "left", "lost", "exited", "gone", "cancelled", "canceled", "parti"),
    )
)
_STAYED = frozenset(
    (
        *("false", "f", "no", "n", "0", "non", "faux", "nein", "falsch"),
        *("stayed", "active", "retained", "existing", "kept"),
    )
)
_IDENTIFIER = re.compile(r"(^|[^a-z])(id|nr|no|key|num|number|numero|nummer)$|[a-z]I[Dd]$|_id$", re.IGNORECASE)
_MOST_LEVELS = 100
_SHOWN = 5


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


def read_flat(path: Path) -> pd.DataFrame:
    """Return the rows of a CSV, Parquet or Excel file; texts as they stand, blanks as missing.

    Raises
    ------
    DataError
        There is no such file, or it is no table.
    """
    if not path.is_file():
        raise DataError(f"expected a file at '{path}', found none; check the path")
    ending = path.name.lower()
    try:
        if ending.endswith((".parquet", ".pq")):
            frame = pd.read_parquet(path)
        elif ending.endswith((".xlsx", ".xlsm")):
            frame = read_excel(path.name, path, None).to_pandas()
        else:
            form = csv_form(path)
            frame = pd.read_csv(
                path,
                sep=form.delimiter,
                encoding=form.encoding,
                dtype=str,
                keep_default_na=False,
                skipinitialspace=True,
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pa.ArrowException, UnicodeError) as error:
        raise DataError(f"'{path}' is not readable as a table ({type(error).__name__}); check the file") from None
    frame.columns = [str(name).strip() for name in frame.columns]
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        raise DataError(f"'{path.name}': expected each column once, got '{doubled[0]}' twice; rename one")
    if frame.empty:
        raise DataError(f"'{path.name}': expected rows, got none")
    return frame.replace(r"^\s*$", None, regex=True)


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
    identifier = columns.identifier or _identifier(frame, columns)
    customers = frame[identifier] if identifier else pd.Series(np.arange(1, len(frame) + 1))
    if customers.isna().any() or customers.duplicated().any():
        raise DataError(
            f"expected one row a customer, '{identifier}' is missing or stands twice in some; name another with --id"
        )
    numbers = {str(name): _numbers(frame[name], columns.decimal) for name in frame.columns}
    money = {kind: _money(numbers[name], kind, name) for kind, name in columns.costs}
    given = [name for name in map(str, frame.columns) if name not in (columns.label, identifier, *columns.drop)]
    features = {name: numbers[name] for name in given if _is_feature(numbers[name], name, notes)}
    if not features:
        raise DataError(f"expected columns to learn from beside '{columns.label}', none is left: {'; '.join(notes)}")
    name = identifier or "row"
    return FlatTable(customers.rename(name), name, pd.DataFrame(features), left, money, tuple(notes))


def _left(label: pd.Series[Any], columns: FlatColumns) -> Ints:
    """Return 1 where the customer left."""
    words = label.map(_word)
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


def _word(value: Any) -> str:
    """Return a value as text, a whole float without its point."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value).strip()


def _identifier(frame: pd.DataFrame, columns: FlatColumns) -> str | None:
    """Return the column that names the customers: of such a name, with a value of its own in each row."""
    for name in map(str, frame.columns):
        unique = frame[name].notna().all() and frame[name].is_unique
        if name != columns.label and _IDENTIFIER.search(name) and unique:
            return name
    return None


def _numbers(values: pd.Series[Any], decimal: str) -> pd.Series[Any]:
    """Return a column as numbers where each of its values is one; texts such as 01000 stay texts."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values.astype("float64")
    texts = values.astype("string").str.strip()
    there = texts.dropna()
    plain = there.str.replace(decimal, ".", regex=False) if decimal != "." else there
    if len(there) and plain.str.fullmatch(r"[+-]?(0|[1-9]\d*)?(\.\d+)?([eE][+-]?\d+)?").all():
        out = pd.Series(np.nan, index=values.index, dtype="float64")
        out[there.index] = plain.astype("float64")
        return out
    return texts.astype(object).where(texts.notna(), None)


def _money(values: pd.Series[Any], kind: str, name: str) -> Floats:
    if not pd.api.types.is_numeric_dtype(values):
        raise DataError(f"{kind}: expected numbers in '{name}', got texts; is the decimal mark another (--decimal)?")
    return values.to_numpy(dtype=np.float64)


def _is_feature(values: pd.Series[Any], name: str, notes: list[str]) -> bool:
    """Return whether a column can be learnt from; note why not."""
    there = values.dropna()
    if pd.api.types.is_numeric_dtype(values):
        whole = len(there) and bool((there % 1 == 0).all())
        if whole and there.is_unique and len(there) == len(values) and len(values) > _MOST_LEVELS:
            notes.append(f"'{name}' left out: a number of its own in each row")
            return False
    else:
        personal = personal_kind(there.tolist())
        if personal:
            raise DataError(f"'{name}' looks like {personal}; leave it out with --drop '{name}'")
        if there.str.fullmatch(r"[+-]?\d+,\d+").mean() > 0.5:
            raise DataError(f"'{name}' looks like numbers with a decimal comma; say so with --decimal ','")
        if there.nunique() > _MOST_LEVELS:
            notes.append(f"'{name}' left out: a text with {there.nunique():,} different values")
            return False
    if there.nunique() < 2 and len(there) == len(values):
        notes.append(f"'{name}' left out: one value in every row")
        return False
    return bool(len(there))
