"""From a business's columns and codes to the contract's, driven by :data:`CONTRACT`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

import ibis

from ...core.config.business import Config
from ...core.contract import CONTRACT, RECORDED_AT, Column, Kind, Table
from ...core.errors import TableError, did_you_mean
from ...core.privacy import is_personal
from ..expressions import Backend, DataType, Rows, Value
from .casts import MONEY, ReadSettings, cast_to, parsed, present, typed
from .keys import joinable
from .numbers import clock_seconds, plain_number_text

__all__ = [
    "UNREAD",
    "Missing",
    "StaticColumns",
    "coded_value",
    "contract_columns",
    "contract_form",
    "missing_columns",
    "refuse_doubled",
    "source_name",
    "static_columns",
    "static_words",
    "unread_values",
]

UNREAD = "__unread"
"""Ending of the helper columns that mark values which are there but could not be read."""

_EUROS, _CENTS = 14, 4
"""Digits before and after the point of money."""

_MOSTLY = 0.5
"""Share of numbers from which on a static column with words among them is reported."""

_NAMES = 12
"""Columns of a source that a message names."""

_SECONDS = "_seconds"
"""Ending of the columns that count seconds."""

_RECORDED = Column(RECORDED_AT, Kind.INSTANT, "when the row reached the warehouse", True, True)


@dataclass(frozen=True)
class Missing:
    """A contract column without its source column; ``hint`` says what was looked for, ``held`` what is there."""

    column: str
    hint: str
    held: str


@dataclass(frozen=True)
class StaticColumns:
    """Customers with their static columns typed, and those that hold numbers but for some rows, with how many."""

    rows: Rows
    mixed: Mapping[str, int]


def contract_columns(config: Config, table: Table) -> tuple[Column, ...]:
    """Return the contract's columns of a table, the static ones and ``recorded_at`` included."""
    static = config.static if table.name == "customers" else ()
    extra = tuple(Column(name, Kind.TEXT, "static", True, True) for name in static if name not in table.column)
    return (*table.columns, *extra, _RECORDED)


def source_name(config: Config, table: str, column: str) -> str:
    """Return the source's name of a contract column."""
    return config.columns.get(table, {}).get(column, column)


def missing_columns(config: Config, table: Table, available: Iterable[str]) -> list[Missing]:
    """Return the columns that are needed, or mapped, but not in the source."""
    available = list(available)
    kept = [name for name in available if name not in config.drop.get(table.name, ())]
    shown = [name for name in kept if name.isprintable() and not is_personal(name)]
    mapped = set(config.columns.get(table.name, {}).values())
    near = {_folded(name) for name in kept if name not in mapped}
    found = []
    for column in contract_columns(config, table):
        name = source_name(config, table.name, column.name)
        static = table.name == "customers" and column.name in config.static
        replaced = column.instead is not None and source_name(config, table.name, column.instead) in kept
        wanted = not (column.optional or replaced) or static or column.name in config.columns.get(table.name, {})
        if name in kept or not (wanted or (name not in available and _folded(name) in near)):
            continue
        if name in available:
            hint = f"'{name}' is listed under drop"
        elif _folded(name) in near:
            hint = f"the source has '{name}' in other capitals or between blanks; map it under columns:, or drop it"
        else:
            hint = f"the source has no column {_looked_for(config, table.name, column.name)}{did_you_mean(name, shown)}"
        found.append((column.name, hint))
    held = _held(shown, [source_name(config, table.name, name) for name, _ in found])
    return [Missing(name, hint, held) for name, hint in found]


def _held(names: Sequence[str], wanted: Sequence[str]) -> str:
    """Return which columns a source has, those nearest to what is wanted first."""

    def distance(name: str) -> float:
        return -max((SequenceMatcher(None, name.lower(), other.lower()).ratio() for other in wanted), default=0.0)

    nearest = sorted(names, key=distance)
    more = f" and {len(nearest) - _NAMES} more" if len(nearest) > _NAMES else ""
    return f"it has {', '.join(nearest[:_NAMES])}{more}; map yours under columns:" if nearest else ""


def _looked_for(config: Config, table: str, column: str) -> str:
    """Return the source's name of a column, or all names that its entry takes it from."""
    name = source_name(config, table, column)
    source = config.tables.get(table)
    names = source.columns.get(column, ()) if source is not None and name == column else ()
    return " or ".join(f"'{each}'" for each in names or (name,))


def refuse_doubled(config: Config, table: Table, names: Iterable[str]) -> None:
    """Refuse a source in which a column that the contract takes stands twice, capitals and blanks aside.

    Raises
    ------
    DataError
        Nobody can tell which of the two is meant; names table and column.
    """
    counts = Counter(_folded(name) for name in names)
    for column in contract_columns(config, table):
        name = source_name(config, table.name, column.name)
        if counts[_folded(name)] > 1:
            raise TableError(
                table.name, f"expected column '{name}' once, got it {counts[_folded(name)]} times; rename one"
            )


def _folded(name: str) -> str:
    return name.strip().lower()


def contract_form(
    raw: Rows, table: Table, config: Config, reading: ReadSettings, key_types: Mapping[str, DataType]
) -> Rows:
    """Return ``raw`` in contract form: contract names, canonical types, only the columns that are present.

    Each column that had to be read comes with a boolean ``<name>__unread``: there, but not readable. One whose source
    has the contract's type has none.

    Parameters
    ----------
    raw
        The table as its source has it.
    table
        The contract's table.
    config
        Names, codes and what is dropped.
    reading
        How texts are read.
    key_types
        Type of each identifier where it is a table's key; other tables take it over, so that they join.
    """
    kept = [name for name in raw.columns if name not in config.drop.get(table.name, ())]
    columns = [c for c in contract_columns(config, table) if source_name(config, table.name, c.name) in kept]
    first: dict[str, Value] = {}
    for column in columns:
        value = _given(raw[source_name(config, table.name, column.name)], reading)
        if table.monthly and column.name == table.row_known:
            value = _with_a_day(value, reading)
        codes = config.codes.get(f"{table.name}.{column.name}", {})
        parts = _parts(value, column, codes, reading, static=column.name not in table.column)
        first |= {_part(column, place): part for place, part in enumerate(parts)}
        if not _as_it_is(column, raw[source_name(config, table.name, column.name)].type(), reading):
            first[column.name + UNREAD] = present(value)
    step = raw.select(**first).view()
    second = {c.name: _typed(step, c, reading, key_types) for c in columns}
    checked = [c for c in columns if c.name + UNREAD in first]
    step = step.select(**second, **{c.name + UNREAD: step[c.name + UNREAD] for c in checked}).view()
    unread = {c.name + UNREAD: step[c.name + UNREAD] & step[c.name].isnull() for c in checked}
    return step.select(*(c.name for c in columns), **unread)


def unread_values(raw: Rows, table: Table, column: Column, config: Config, reading: ReadSettings) -> Rows:
    """Return the values of a column that are there and cannot be read, as one column ``value`` of texts.

    Parameters
    ----------
    raw, table, config, reading
        As in :func:`contract_form`.
    column
        One of the contract's columns, which the source has.
    """
    value = _given(raw[source_name(config, table.name, column.name)], reading)
    codes = config.codes.get(f"{table.name}.{column.name}", {})
    parts = _parts(value, column, codes, reading, static=column.name not in table.column)
    named = {_part(column, place): part for place, part in enumerate(parts)}
    step = raw.select(value=value.cast("string").strip(), there=present(value), **named).view()
    return step.filter(step.there & _typed(step, column, reading, {}).isnull()).select("value")


def _given(value: Value, reading: ReadSettings) -> Value:
    """Return a source's value, null where it is one of the words for a missing one."""
    words = [word.strip().lower() for word in reading.missing]
    if not words or not (value.type().is_string() or value.type().is_numeric()):
        return value
    text = value.cast("string").strip().lower()
    return ibis.ifelse(text.isin(words).fill_null(False), ibis.null(value.type()), value)


def _with_a_day(month: Value, reading: ReadSettings) -> Value:
    """Return months such as 2024-03 as their first day, unless the source has a format of its own."""
    if not month.type().is_string() or reading.date_format:
        return month
    bare = month.strip()
    return ibis.ifelse(bare.re_search(r"^[0-9]{4}-[0-9]{2}$"), bare + "-01", bare)


def _as_it_is(column: Column, came: DataType, reading: ReadSettings) -> bool:
    """Return whether every value of a source's type is readable as the column's kind.

    A customer who may be missing has to be read: one in another type than the customers' is not nobody.
    """
    kind = column.kind
    if column.name in reading.cents or (column.nullable and column.references == "customers"):
        return False
    if kind is Kind.BOOL:
        return bool(came.is_boolean())
    if kind is Kind.MONEY:
        return bool(came.is_decimal()) and came.precision - came.scale <= _EUROS and came.scale <= _CENTS
    return kind in (Kind.ID, Kind.TEXT)


def _part(column: Column, place: int) -> str:
    return f"{column.name}__{place}"


def _parts(
    value: Value, column: Column, codes: dict[str, tuple[str, ...]], reading: ReadSettings, *, static: bool
) -> tuple[Value, ...]:
    """Return a value parsed to its kind, codes translated; a static one of any other kind as text."""
    if static and column.kind is Kind.TEXT:
        kind = value.type()
        return (value if kind.is_numeric() or kind.is_boolean() or kind.is_string() else value.cast("string"),)
    if column.kind is Kind.CODE or codes:
        value = _coded(value, column, codes, reading)
    if column.kind is Kind.CODE:
        return (value,)
    if column.name.endswith(_SECONDS):
        return (_in_seconds(value, reading),)
    parts = parsed(column.kind, value, reading)
    return (_of_cents(parts[0]),) if column.name in reading.cents else parts


def _in_seconds(value: Value, reading: ReadSettings) -> Value:
    """Return seconds: numbers as they are, durations and texts such as 00:05:30 counted."""
    kind = value.type()
    if kind.is_string():
        return ibis.coalesce(cast_to(Kind.NUMBER, value, reading), clock_seconds(value.strip()))
    if kind.is_interval() or kind.is_time():
        return clock_seconds(value.cast("string"))
    return cast_to(Kind.NUMBER, value, reading)


def _of_cents(amount: Value) -> Value:
    """Return a hundredth of whole amounts; one with a fraction is no amount in hundredths."""
    hundredth = (amount * ibis.literal(Decimal("0.01"), "decimal(3, 2)")).cast(MONEY)
    return ibis.ifelse(amount % 1 == 0, hundredth, ibis.null(MONEY))


def coded_value(raw: Rows, table: Table, name: str, config: Config, reading: ReadSettings) -> Value:
    """Return the contract's codes of a column that the source has, null for other words."""
    column = table.column[name]
    codes = config.codes.get(f"{table.name}.{name}", {})
    return _coded(_given(raw[source_name(config, table.name, name)], reading), column, codes, reading)


def _coded(value: Value, column: Column, codes: dict[str, tuple[str, ...]], reading: ReadSettings) -> Value:
    """Return a value's contract code, whatever the case; null for others where the contract lists its codes."""
    text = cast_to(Kind.TEXT, value, reading)
    known = {code.lower(): code for code in (*column.codes, *codes)}
    known |= {yours.strip().lower(): code for code, words in codes.items() for yours in words}
    other = ibis.null("string") if column.codes else text
    mapped = text.lower().cases(*known.items(), else_=other)
    # Most words are the contract's own: those need no folding of case and blanks, which costs more than all else.
    own = [code for code in column.codes if known[code.lower()] == code]
    return ibis.ifelse(value.isin(own), value, mapped) if own and value.type().is_string() else mapped


def _typed(step: Rows, column: Column, reading: ReadSettings, key_types: Mapping[str, DataType]) -> Value:
    parts = tuple(step[_part(column, place)] for place in range(2) if _part(column, place) in step.columns)
    value = typed(column.kind, parts, reading)
    return joinable(value, key_types.get(_key_name(column))) if column.kind is Kind.ID else value


def _key_name(column: Column) -> str:
    """Return the name that the key an identifier points to has in its own table."""
    if column.references == "customers":
        return "customer_id"
    return "subscription_id" if column.name == "previous_subscription_id" else column.name


def static_columns(connection: Backend, customers: Rows, config: Config, reading: ReadSettings) -> StaticColumns:
    """Return ``customers`` with static columns as numbers where each of their values is one.

    Texts such as 01000 stay texts; so do calendar dates and other kinds that are neither number nor flag. A column
    without any value is missing numbers.
    """
    columns = [c for c in config.static if c not in CONTRACT["customers"].column]
    changed = {c: customers[c].cast("float64") for c in columns if customers[c].type().is_decimal()}
    mixed: dict[str, int] = {}
    texts = [c for c in columns if customers[c].type().is_string()]
    if texts:
        numbers = {f"{c} numbers": _numeric(customers[c], reading).notnull().sum() for c in texts}
        there = {f"{c} there": present(customers[c]).sum() for c in texts}
        row = connection.execute(customers.aggregate(**numbers, **there)).iloc[0].fillna(0)
        for c in texts:
            words = int(row[f"{c} there"]) - int(row[f"{c} numbers"])
            changed[c] = cast_to(Kind.TEXT, customers[c], reading) if words else _numeric(customers[c], reading)
            if words and row[f"{c} numbers"] >= _MOSTLY * row[f"{c} there"]:
                mixed[c] = words
    rows = customers.mutate(**changed) if changed else customers
    return StaticColumns(rows, mixed)


def static_words(customers: Rows, column: str, reading: ReadSettings) -> Rows:
    """Return the customers whose ``column`` holds a text that is no number."""
    return customers.filter(present(customers[column]) & _numeric(customers[column], reading).isnull())


def _numeric(text: Value, reading: ReadSettings) -> Value:
    """Return texts that are nothing but a number; 01000 is a code, and 75 001 may be one."""
    bare = text.strip()
    padded = bare.re_search(r"^[+-]?0[0-9]")
    number = plain_number_text(bare, reading.decimal).try_cast("float64")
    finite = number.notnull() & ~number.isinf() & ~number.isnan() & ~padded
    return ibis.ifelse(finite, number, ibis.null("float64"))
