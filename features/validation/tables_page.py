"""The documentation page of the tables, written from the contract.

Run ``python -m servicelift.features.validation.tables_page docs/tables.md`` to write it, without a path to print it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ...core.contract import CONTRACT, Column, Kind, Table

__all__ = ["describe", "main"]

_KINDS = {
    Kind.ID: "identifier, text or number; keeps its type",
    Kind.INSTANT: "date and time; a date means its first midnight",
    Kind.DATE: "calendar date",
    Kind.MONEY: "money, DECIMAL(18, 4)",
    Kind.NUMBER: "number",
    Kind.INTEGER: "whole number",
    Kind.BOOL: "true or false (also yes, no, 1, 0)",
    Kind.CODE: "one of the codes named",
    Kind.TEXT: "text",
}

_INTRO = """\
# The tables

A business brings its tables in Parquet, CSV, a DuckDB file, PostgreSQL or as a query ([sources](sources.md)); its YAML
says which column is which (`columns`) and which of its words mean which code (`codes`). This page is written from the
contract in `core/contract.py`, from which reading, checking and the time rule come as well.

- `customers` and one of `subscriptions` and `payments` are needed. A missing optional table or column makes its
  features absent, never zero. Other columns are left out; of `customers`, those listed under `static` are features.
- **Known** is the instant from which a value may be used: a feature at `as_of` sees it only if that instant lies
  strictly before `as_of`. Any table may carry `recorded_at`, when the row reached the warehouse; known is then the
  later of the two.
- Rows are facts. A table that is overwritten in place breaks the time rule: what it says today was not known then.
- Money is in the config's `currency`. Rows whose `currency` is another are converted at the last rate of the table `fx`
  on or before their local day: a payment's, a refund's own, the start of a subscription. A payment that comes back
  takes back what it brought. A rate with `recorded_at` counts from the day on which it was recorded. Without `fx`, or
  without a rate that old, other currencies are an error. `validate` says what was converted at which rates.
- Instants without a zone are read in the config's `timezone`; of a local time that exists twice, the first is meant.
- Values that look like IBANs, card numbers, e-mail addresses or phone numbers are refused, in every column that the
  config does not list under `drop`. Of a table's rows, the first million are looked at.
"""

_CHECKS = """\
## What validation checks

`servicelift validate CONFIG` prints one line a finding: table, column, rule, how many rows break it, three keys.
Errors stop every command; warnings are counted.

- **Errors**: unreadable source, missing table or column, a column that stands twice or whose name differs in
  capitals or blanks alone, unparseable date, number or yes/no, a number above 1e12, unknown code, missing value or
  key, duplicate key, empty `customers`, more rows of unknown customers than `tolerate: {unknown_customers: SHARE}`,
  terms not above 0 or above 100 years, or in months and in days at once, a propensity outside 0 to 1, money in another
  currency without a rate, rates not above 0, personal data, a static column that names the customer: more different
  texts than `features: {max_levels: 1000}` or than half of the customers, or whole numbers of their own in nearly each
  row. Every table ending long before the instant that is looked from stops `train`, `score` and `features`; single ones
  are named.
- **Warnings**: events before sign-up, ends before starts, dates after `data_until`, scores outside their scale,
  identifiers that point nowhere, empty tables, values that contradict each other in one row (a refund above 0, an
  acceptance of a customer held out, an end reason without an end, a pause over before it began), rates that jump or
  that were more than 31 days old when used, rows left out as tolerated, and the config's own:

```yaml
checks:
  churn_flag:                             # any name
    column: customers.churn_flag          # what it speaks of
    rule: churn events of accounts flagged as not churned
    sql: select event_id, not flag as broken from ...      # a key, and whether the row breaks the rule
```
"""


def describe() -> str:
    """Return the page as Markdown."""
    return "\n".join([_INTRO, *(_table(table) for table in CONTRACT.values()), _CHECKS])


def _table(table: Table) -> str:
    """Return the section of one table."""
    key = ", ".join(f"`{name}`" for name in table.key) or "none"
    known = f"`{table.row_known}`" if table.row_known else "always"
    known = f"the end of {known}" if table.monthly else known
    head = f"## {table.name}\n\n{table.meaning[0].upper()}{table.meaning[1:]}. Key: {key}. Rows known at: {known}."
    if not table.required and table.name not in ("subscriptions", "payments"):
        head += " Optional."
    lines = [_row(column) for column in table.columns]
    return "\n".join([head, "", "| column | holds | meaning | known at |", "|---|---|---|---|", *lines, ""])


def _row(column: Column) -> str:
    """Return one column's line; a question mark stands behind an optional name."""
    holds = ", ".join(column.codes) if column.codes else _KINDS[column.kind]
    meaning = column.meaning + (f"; points to `{column.references}`" if column.references else "")
    name = f"`{column.name}`" + ("?" if column.optional else "")
    meaning += f"; needed unless `{column.instead}` stands in its place" if column.instead else ""
    meaning += f"; read from `{'`, `'.join(column.also)}` where there is no such column" if column.also else ""
    return f"| {name} | {holds} | {meaning} | {f'`{column.known}`' if column.known else 'with its row'} |"


def main(arguments: Sequence[str]) -> None:
    """Write the page to the path given, or to stdout."""
    if arguments:
        Path(arguments[0]).write_text(describe(), encoding="utf-8")
    else:
        sys.stdout.write(describe())


if __name__ == "__main__":
    main(sys.argv[1:])
