"""Runs the rules on stored tables: one pass a table, then three keys for each rule that is broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from ...core.config.business import Config
from ...core.contract import CONTRACT, Kind, Table
from ..contract.first_known import first_known
from ..engines.choose import engine_errors, engine_of, engine_reason
from ..expressions import Backend, Rows
from .findings import Finding, Level
from .rules import RowRule, row_rules

__all__ = ["check_keys", "check_queries", "check_references", "check_rows", "check_sign_up", "customer_columns"]


def check_rows(connection: Backend, config: Config, table: Table, rows: Rows, until: pd.Timestamp) -> list[Finding]:
    """Return the findings of the rules that look at one row at a time."""
    rules = row_rules(config, table, rows.columns, until)
    if not rules:
        return []
    sums = {f"n{i}": rule.broken(rows).sum() for i, rule in enumerate(rules)}
    counts = connection.execute(rows.aggregate(total=rows.count(), **sums)).iloc[0].fillna(0)
    broken = [(rule, int(counts[f"n{i}"])) for i, rule in enumerate(rules)]
    return [_row_finding(connection, table, rows, rule, n, int(counts["total"])) for rule, n in broken if n]


def _row_finding(connection: Backend, table: Table, rows: Rows, rule: RowRule, broken: int, total: int) -> Finding:
    keys = example_keys(connection, table, rows.filter(rule.broken(rows)))
    return Finding(rule.level, table.name, rule.column, rule.rule, broken, keys, total, rule.hint)


def example_keys(connection: Backend, table: Table, rows: Rows) -> tuple[str, ...]:
    """Return three keys of ``rows`` in their order; a table without a key shows its identifiers."""
    key = list(table.key) or [c.name for c in table.columns if c.kind is Kind.ID]
    shown = rows.select(*key).distinct().drop_null(key).order_by(key).limit(3)
    found = connection.execute(shown)
    return tuple("/".join(str(part) for part in row) for row in found.itertuples(index=False))


def check_keys(connection: Backend, table: Table, rows: Rows) -> list[Finding]:
    """Return an error where rows share a key; the rows beyond the first of each key are counted."""
    if not table.key:
        return []
    key = list(table.key)
    keyed = rows.select(*key).drop_null(key)
    counts = keyed.aggregate(n=keyed.count()).cross_join(keyed.distinct().aggregate(different=lambda t: t.count()))
    n, different = (int(count) for count in connection.execute(counts).iloc[0])
    surplus = n - different
    if not surplus:
        return []
    total = int(connection.execute(rows.count()))
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
    connection: Backend, config: Config, table: Table, frames: Mapping[str, Rows]
) -> tuple[list[Finding], Rows]:
    """Return findings on identifiers that point nowhere, and the table without rows of unknown customers.

    Unknown customers are an error above the tolerated share; below it their rows are left out, with a warning. A column
    that may be empty names nobody there.
    Other identifiers are a warning, where their table is there.
    """
    rows = frames[table.name]
    found = []
    kept = rows
    for name in (column for column in customer_columns(table) if column in rows.columns):
        nobody = table.column[name].nullable
        named = rows.drop_null(name) if nobody else rows
        unknown = named.anti_join(frames["customers"], named[name] == frames["customers"].customer_id)
        count, total = (int(n) for n in connection.execute(_pair(unknown, named)).iloc[0])
        if count:
            tolerated = count <= config.tolerate.unknown_customers * total
            hint = "left out, as tolerated" if tolerated else "add the customers, or tolerate: unknown_customers"
            keys = example_keys(connection, table, unknown)
            level: Level = "warning" if tolerated else "error"
            found.append(Finding(level, table.name, name, "unknown customer", count, keys, total, hint))
            known = kept[name].isin(frames["customers"].customer_id)
            kept = kept.filter(known | kept[name].isnull() if nobody else known)
    return [*found, *_dangling(connection, table, rows, frames)], kept


def _pair(broken: Rows, rows: Rows) -> Rows:
    return broken.aggregate(n=broken.count()).cross_join(rows.aggregate(total=rows.count()))


def _dangling(connection: Backend, table: Table, rows: Rows, frames: Mapping[str, Rows]) -> Iterable[Finding]:
    for column in table.columns:
        target = column.references
        if target in (None, "customers") or target not in frames or column.name not in rows.columns:
            continue
        other = frames[target]
        named = rows.drop_null(column.name)
        lost = named.anti_join(other, named[column.name] == other[CONTRACT[target].key[0]])
        count, total = (int(n) for n in connection.execute(_pair(lost, rows)).iloc[0])
        if count:
            keys = example_keys(connection, table, lost)
            rule = f"not among {target}"
            yield Finding("warning", table.name, column.name, rule, count, keys, total)


def check_sign_up(connection: Backend, config: Config, table: Table, frames: Mapping[str, Rows]) -> list[Finding]:
    """Return a warning for events that lie before their customer's sign-up."""
    rows = frames[table.name]
    if "customer_id" not in rows.columns or table.name == "customers" or table.row_known is None:
        return []
    happened = first_known(rows, table.name, config.timezone)
    customers = frames["customers"].select("customer_id", "signed_up_at")
    joined = rows.mutate(happened=happened).join(customers, "customer_id")
    early = joined.filter(joined.happened < joined.signed_up_at)
    count, total = (int(n) for n in connection.execute(_pair(early, rows)).iloc[0])
    if not count:
        return []
    keys = example_keys(connection, table, early)
    return [Finding("warning", table.name, str(table.row_known), "before sign-up", count, keys, total)]


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
    count, total = (int(n) for n in connection.execute(_pair(broken, flags)).iloc[0])
    if not count:
        return []
    keys = connection.execute(broken.select("key").distinct().order_by("key").limit(3))["key"]
    return [Finding("warning", table, column, rule, count, tuple(keys), total)]
