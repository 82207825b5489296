"""What a table's entry says of its rows before they are mapped: which stay, constant columns, units of time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import ibis

from ...core.config.business import Config
from ...core.config.entries import UNIT_FACTORS
from ...core.config.sources import KeptRows, Source
from ...core.contract import CONTRACT, Kind
from ...core.errors import DataError, did_you_mean
from ..expressions import Rows, Value
from .casts import ReadSettings, cast_to
from .mapping import coded_value, source_name

__all__ = ["entry_columns", "named_columns", "shaped", "unfiltered"]

_DIGITS = 6
"""Digits after the point of a number whose unit was changed."""


def named_columns(config: Config, table: str, available: Iterable[str]) -> Config:
    """Return the configuration with each column of a table's entry mapped to the first name the source has.

    What ``columns:`` maps goes first, then the entry, then other names that the contract knows. What is dropped is
    not taken.

    Parameters
    ----------
    config
        The business.
    table
        A table of the contract.
    available
        Columns of its source.
    """
    source = config.tables.get(table)
    kept = set(available) - set(config.drop.get(table, ()))
    own = config.columns.get(table, {})
    entry = source.columns if source is not None else {}
    also = {column.name: (column.name, *column.also) for column in CONTRACT[table].columns if column.also}
    named = {}
    for column, names in {**also, **entry}.items():
        first = next((name for name in names if name in kept), None)
        if column not in own and first is not None:
            named[column] = first
    if not named:
        return config
    return config.model_copy(update={"columns": {**config.columns, table: {**named, **own}}})


def entry_columns(source: Source) -> set[str]:
    """Return the source columns that a table's entry speaks of: names that may be taken, and those rows go by."""
    rules = {name for key, rule in source.where.items() for name in (key, *rule.names)}
    return rules | {name for names in source.columns.values() for name in names}


def unfiltered(source: Source, available: Iterable[str]) -> list[str]:
    """Return the columns by which rows of a source shall stay, and which it does not have."""
    return [name for name, rule in source.where.items() if _column(name, rule, available) is None]


def _column(name: str, rule: KeptRows, available: Iterable[str]) -> str | None:
    """Return the column that a rule on rows speaks of, None if the source has it under no name."""
    there = set(available)
    return next((each for each in (name, *rule.names) if each in there), None)


def shaped(raw: Any, table: str, config: Config, reading: ReadSettings) -> Any:
    """Return a source's rows as its entry says: those that stay, constant columns added, units the contract's.

    Direct debits that failed without a date get one, as ``late_failures`` says.

    Parameters
    ----------
    raw
        The table as its source has it.
    table
        A table of the contract; without an entry under ``tables:`` nothing changes.
    config
        The business, its columns named.
    reading
        How texts are read.

    Raises
    ------
    DataError
        The source has no column by which rows stay (a preset's is passed over), or already has one that is said to
        be constant.
    """
    source = config.tables.get(table)
    if source is None:
        return raw
    rows = _kept(raw, table, source)
    rows = rows.drop(*_dropped(rows.columns, table, config, source))
    rows = _scaled(rows, table, config, source, reading)
    return _late_failures(_constant(rows, table, config, source), table, config, source, reading)


def _kept(raw: Any, table: str, source: Source) -> Any:
    """Return the rows that stay."""
    if source.preset is None:
        for name in unfiltered(source, raw.columns):
            near = did_you_mean(name, raw.columns)
            raise DataError(f"tables.{table}.where: the source has no column '{name}'{near}")
    found = ((_column(name, rule, raw.columns), rule) for name, rule in source.where.items())
    tests = [_stays(raw[name], rule) for name, rule in found if name is not None]
    return raw.filter(*tests) if tests else raw


def _dropped(available: Iterable[str], table: str, config: Config, source: Source) -> list[str]:
    """Return the columns that the entry leaves out; what is mapped is read all the same."""
    mapped = {*config.columns.get(table, {}).values(), *config.static}
    return [name for name in available if name in source.drop and name not in mapped]


def _stays(value: Value, rule: KeptRows) -> Value:
    text = value.cast("string").strip().lower()
    tests = []
    if rule.only:
        tests.append(text.isin(_lower(rule.only)).fill_null(False))
    if rule.without:
        tests.append(~text.isin(_lower(rule.without)).fill_null(False))
    if rule.given is not None:
        there = (text != "").fill_null(False)
        tests.append(there if rule.given else ~there)
    tests += [~text.contains(part).fill_null(False) for part in _lower(rule.lacks)]
    return reduce(lambda first, second: first & second, tests)


def _lower(words: Iterable[str]) -> list[str]:
    return [word.strip().lower() for word in words]


def _scaled(rows: Rows, table: str, config: Config, source: Source, reading: ReadSettings) -> Value:
    """Return numbers in the contract's unit; what is no number stays as it is, to be reported as unreadable."""
    changed = {}
    for column, unit in source.units.items():
        name = source_name(config, table, column)
        factor = UNIT_FACTORS[f"{table}.{column}"][unit]
        if name not in rows.columns or factor == 1:
            continue
        value = rows[name]
        number = (cast_to(Kind.NUMBER, value, reading) * factor).round(_DIGITS)
        changed[name] = ibis.coalesce(number.cast("string"), value) if value.type().is_string() else number
    return rows.mutate(**changed) if changed else rows


def _constant(rows: Rows, table: str, config: Config, source: Source) -> Value:
    """Return the rows with the constant columns; where the entry names a column as well, one that is there is taken."""
    added = {}
    for column, value in source.constants.items():
        name = source_name(config, table, column)
        if name not in rows.columns:
            added[name] = ibis.literal(value)
        elif column not in source.columns:
            raise DataError(f"tables.{table}.constants: the source has a column '{name}' already; keep one of the two")
    return rows.mutate(**added) if added else rows


def _late_failures(rows: Rows, table: str, config: Config, source: Source, reading: ReadSettings) -> Any:
    """Return payments whose direct debits that failed without a date count as failed days after they were collected.

    An export that overwrites the status tells today what nobody knew at ``paid_at``; other methods fail at once.
    """
    names = {name: source_name(config, table, name) for name in ("paid_at", "method", "status", "failed_at")}
    needed = {names[name] for name in ("paid_at", "method", "status")}
    if not source.late_failures or not needed <= set(rows.columns):
        return rows
    debit = coded_value(rows, CONTRACT[table], "method", config, reading) == "iban"
    word = rows[names["status"]].cast("string").strip().lower()
    days = {name.strip().lower(): days for name, days in source.late_failures.items()}
    late = ibis.ifelse(debit.fill_null(False), word.cases(*days.items(), else_=ibis.null("int64")), ibis.null("int64"))
    paid = cast_to(Kind.INSTANT, rows[names["paid_at"]], reading)
    failed = (paid + late.as_interval("D")).strftime("%Y-%m-%d %H:%M:%S+00:00")
    if names["failed_at"] in rows.columns:
        failed = ibis.coalesce(rows[names["failed_at"]].cast("string").strip().nullif(""), failed)
    return rows.mutate(**{names["failed_at"]: failed})
