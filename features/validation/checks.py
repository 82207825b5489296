"""Runs the rules on stored tables: few queries a table, then three keys for each rule that is broken."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import pandas as pd

from ...core.config.business import Config
from ...core.contract import CONTRACT, Column, Kind, Table
from ..contract.first_known import first_known
from ..engines.choose import engine_errors, engine_of, engine_reason
from ..expressions import Backend, Rows
from .counts import counted, rows_of
from .findings import Finding, Level
from .rules import RowRule, row_rules

__all__ = [
    "TableCounts",
    "check_keys",
    "check_queries",
    "check_references",
    "check_rows",
    "customer_columns",
    "example_keys",
    "identifying",
    "known_rows",
    "table_counts",
]


@dataclass(frozen=True)
class TableCounts:
    """What one pass over a stored table counts.

    Parameters
    ----------
    broken
        The rules that rows break, each with how many.
    keyed, different
        Rows that have a key, and the different keys among them; 0 for a table without a key.
    """

    broken: Sequence[tuple[RowRule, int]]
    keyed: int = 0
    different: int = 0


def table_counts(connection: Backend, config: Config, table: Table, rows: Rows, until: pd.Timestamp) -> TableCounts:
    """Count what breaks the rules that look at one row at a time, and the keys, in one query."""
    rules = row_rules(config, table, rows.columns, until)
    sums = {f"rule {place}": rule.broken(rows).sum() for place, rule in enumerate(rules)}
    if table.key:
        there = functools.reduce(operator.and_, (rows[name].notnull() for name in table.key))
        parts = {name: rows[name] for name in table.key}
        key = ibis.struct(parts) if len(parts) > 1 else rows[table.key[0]]
        sums |= {"keyed": there.sum(), "different": key.nunique(where=there)}
    found = counted(connection, rows, sums)
    broken = [(rule, found[f"rule {place}"]) for place, rule in enumerate(rules) if found[f"rule {place}"]]
    return TableCounts(broken, found.get("keyed", 0), found.get("different", 0))


def check_rows(connection: Backend, table: Table, rows: Rows, counts: TableCounts, total: int) -> list[Finding]:
    """Return the findings of the rules that look at one row at a time."""
    return [_row_finding(connection, table, rows, rule, broken, total) for rule, broken in counts.broken]


def _row_finding(connection: Backend, table: Table, rows: Rows, rule: RowRule, broken: int, total: int) -> Finding:
    keys = example_keys(connection, table, rows.filter(rule.broken(rows)))
    return Finding(rule.level, table.name, rule.column, rule.rule, broken, keys, total, rule.hint)


def example_keys(connection: Backend, table: Table, rows: Rows) -> tuple[str, ...]:
    """Return three keys of ``rows`` in their order; a table without a key shows its identifiers."""
    key = list(table.key) or [c.name for c in table.columns if c.kind is Kind.ID]
    shown = rows.select(*key).distinct().drop_null(key).order_by(key).limit(3)
    found = connection.execute(shown)
    return tuple("/".join(str(part) for part in row) for row in found.itertuples(index=False))


def check_keys(connection: Backend, table: Table, rows: Rows, counts: TableCounts, total: int) -> list[Finding]:
    """Return an error where rows share a key; the rows beyond the first of each key are counted."""
    surplus = counts.keyed - counts.different
    if not surplus:
        return []
    key = list(table.key)
    keyed = rows.select(*key).drop_null(key)
    groups = keyed.group_by(key).aggregate(times=keyed.count())
    keys = example_keys(connection, table, groups.filter(groups.times > 1))
    hint = "expected one row a key"
    return [Finding("error", table.name, "/".join(key), "duplicate key", surplus, keys, total, hint)]


def customer_columns(table: Table) -> list[str]:
    """Return the columns of a table that point to customers."""
    if table.name == "customers":
        return []
    return [c.name for c in table.columns if c.references == "customers"]


def check_references(
    connection: Backend, config: Config, table: Table, frames: Mapping[str, Rows], total: int
) -> tuple[list[Finding], list[str]]:
    """Return findings on identifiers that point nowhere and on events before sign-up, and columns of customers.

    Rows that name nobody in those columns are to be left out: :func:`known_rows`.

    Unknown customers are an error above the tolerated share; below it their rows are left out, with a warning. A column
    that may be empty names nobody there.
    Other identifiers are a warning, where their table is there; so are events that lie before their customer's sign-up.

    Parameters
    ----------
    connection
        The ibis backend.
    config
        What is tolerated, and the timezone.
    table
        The contract's table.
    frames
        What identifies the rows of all tables, and when they were: :func:`identifying`.
    total
        The rows of the table.
    """
    rows = frames[table.name]
    unknown = {name: _unknown(table, rows, name, frames) for name in customer_columns(table) if name in rows.columns}
    named = {name: rows.drop_null(name) for name in unknown if table.column[name].nullable}
    lost = {column.name: _lost(column, rows, frames) for column in table.columns if _points(column, rows, frames)}
    early = _early(config, table, frames)
    parts = {f"unknown {name}": part for name, part in unknown.items()}
    parts |= {f"named {name}": part for name, part in named.items()}
    parts |= {f"lost {name}": part for name, part in lost.items()} | ({} if early is None else {"early": early})
    counts = rows_of(connection, parts)
    found, left_out = [], []
    for name, broken in unknown.items():
        count = counts[f"unknown {name}"]
        if count:
            tolerated = count <= config.tolerate.unknown_customers * counts.get(f"named {name}", total)
            hint = "left out, as tolerated" if tolerated else "add the customers, or tolerate: unknown_customers"
            keys = example_keys(connection, table, broken)
            level: Level = "warning" if tolerated else "error"
            looked_at = counts.get(f"named {name}", total)
            found.append(Finding(level, table.name, name, "unknown customer", count, keys, looked_at, hint))
            left_out.append(name)
    for name, broken in lost.items():
        if counts[f"lost {name}"]:
            keys = example_keys(connection, table, broken)
            rule = f"not among {table.column[name].references}"
            found.append(Finding("warning", table.name, name, rule, counts[f"lost {name}"], keys, total))
    if early is not None and counts["early"]:
        keys = example_keys(connection, table, early)
        rule, column = "before sign-up", str(table.row_known)
        found.append(Finding("warning", table.name, column, rule, counts["early"], keys, total))
    return found, left_out


def identifying(table: Table, rows: Rows) -> Rows:
    """Return the columns of a table that identify its rows and say when they were: joins of few columns cost less."""
    moments = (table.row_known, "responded_at", "signed_up_at")
    return rows.select(
        column.name
        for column in table.columns
        if column.name in rows.columns and (column.kind is Kind.ID or column.name in (*table.key, *moments))
    )


def known_rows(table: Table, rows: Rows, left_out: Sequence[str], customers: Rows) -> Rows:
    """Return the rows whose customers are known; in a column that may be empty, or that name nobody there."""
    for name in left_out:
        known = rows[name].isin(customers.customer_id)
        rows = rows.filter(known | rows[name].isnull() if table.column[name].nullable else known)
    return rows


def _unknown(table: Table, rows: Rows, name: str, frames: Mapping[str, Rows]) -> Rows:
    """Return the rows whose customer is not among the customers."""
    named = rows.drop_null(name) if table.column[name].nullable else rows
    return named.anti_join(frames["customers"], named[name] == frames["customers"].customer_id)


def _points(column: Column, rows: Rows, frames: Mapping[str, Rows]) -> bool:
    """Return whether a column is there and points to another table than customers that is there too."""
    return column.references not in (None, "customers") and column.references in frames and column.name in rows.columns


def _lost(column: Column, rows: Rows, frames: Mapping[str, Rows]) -> Rows:
    """Return the rows whose identifier is not among the keys of the table that it points to."""
    target = str(column.references)
    named = rows.drop_null(column.name)
    return named.anti_join(frames[target], named[column.name] == frames[target][CONTRACT[target].key[0]])


def _early(config: Config, table: Table, frames: Mapping[str, Rows]) -> Rows | None:
    """Return the rows that lie before their customer's sign-up; None where the table has no instant or no customer."""
    rows = frames[table.name]
    if "customer_id" not in rows.columns or table.name == "customers" or table.row_known is None:
        return None
    happened = first_known(rows, table.name, config.timezone)
    customers = frames["customers"].select("customer_id", "signed_up_at")
    joined = rows.mutate(happened=happened).join(customers, "customer_id")
    return joined.filter(joined.happened < joined.signed_up_at)


def check_queries(connection: Backend, config: Config) -> list[Finding]:
    """Return a warning for each of the config's own checks that finds rows with ``broken`` true."""
    found = []
    for name, check in config.checks.items():
        table, _, column = check.column.partition(".")
        view = f"check_{name}"
        try:
            rows = engine_of(connection).query_view(view, check.sql)
            found += _query_finding(connection, table, column, check.rule, rows)
        except engine_errors() as error:
            hint = f"checks.{name}: {engine_reason(error)}"
            found.append(Finding("error", table, column, "the check's query failed", hint=hint))
    return found


def _query_finding(connection: Backend, table: str, column: str, rule: str, rows: Rows) -> list[Finding]:
    """Return the finding of one query: its first column is the key, ``broken`` says whether a row is."""
    if "broken" not in rows.columns or len(rows.columns) < 2:
        hint = f"expected a key and a boolean column broken, got {', '.join(rows.columns)}"
        return [Finding("error", table, column, rule, hint=hint)]
    flags = rows.select(key=rows[rows.columns[0]].cast("string"), broken=rows.broken.try_cast("boolean"))
    broken = flags.filter(flags.broken)
    count, total = rows_of(connection, {"broken": broken, "all": flags}).values()
    if not count:
        return []
    keys = connection.execute(broken.select("key").distinct().order_by("key").limit(3))["key"]
    return [Finding("warning", table, column, rule, count, tuple(keys), total)]
