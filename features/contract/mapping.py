"""From a business's columns and codes to the contract's, driven by :data:`CONTRACT`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ibis

from ...core.config.business import Config
from ...core.contract import CONTRACT, RECORDED_AT, Column, Kind, Table
from ...core.errors import DataError, did_you_mean
from ...core.privacy import is_personal
from ..expressions import Backend, DataType, Rows, Value
from .casts import ReadSettings, cast_to, parsed, present, typed

__all__ = [
    "UNREAD",
    "Missing",
    "contract_columns",
    "contract_form",
    "missing_columns",
    "refuse_doubled",
    "source_name",
    "static_columns",
]

UNREAD = "__unread"
"""Ending of the helper columns that mark values which are there but could not be read."""

_EXACT = 2**53
"""Largest number up to which floats tell whole numbers apart."""

_EUROS, _CENTS = 14, 4
"""Digits before and after the point of money."""

_RECORDED = Column(RECORDED_AT, Kind.INSTANT, "when the row reached the warehouse", True, True)


@dataclass(frozen=True)
class Missing:
    """A contract column without its source column; ``hint`` says what was looked for."""

    column: str
    hint: str


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
        wanted = not column.optional or static or column.name in config.columns.get(table.name, {})
        if name in kept or not (wanted or (name not in available and _folded(name) in near)):
            continue
        if name in available:
            hint = f"'{name}' is listed under drop"
        elif _folded(name) in near:
            hint = f"the source has '{name}' in other capitals or between blanks; map it under columns:, or drop it"
        else:
            hint = f"the source has no column {_looked_for(config, table.name, column.name)}{did_you_mean(name, shown)}"
        found.append(Missing(column.name, hint))
    return found


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
            raise DataError(
                f"{table.name}: expected column '{name}' once, got it {counts[_folded(name)]} times; rename one"
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
        value = raw[source_name(config, table.name, column.name)]
        codes = config.codes.get(f"{table.name}.{column.name}", {})
        parts = _parts(value, column, codes, reading, static=column.name not in table.column)
        first |= {_part(column, place): part for place, part in enumerate(parts)}
        first[column.name + UNREAD] = present(value)
    step = raw.select(**first).view()
    second = {c.name: _typed(step, c, reading, key_types) for c in columns}
    flags = [c.name + UNREAD for c in columns]
    step = step.select(**second, **{flag: step[flag] for flag in flags}).view()
    checked = [c for c in columns if not _as_it_is(c.kind, raw[source_name(config, table.name, c.name)].type())]
    unread = {c.name + UNREAD: step[c.name + UNREAD] & step[c.name].isnull() for c in checked}
    return step.select(*(c.name for c in columns), **unread)


def _as_it_is(kind: Kind, came: DataType) -> bool:
    """Return whether every value of a source's type is readable as ``kind``."""
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
    return parsed(column.kind, value, reading)


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
    return _joinable(value, key_types.get(_key_name(column))) if column.kind is Kind.ID else value


def _key_name(column: Column) -> str:
    """Return the name that the key an identifier points to has in its own table."""
    if column.references == "customers":
        return "customer_id"
    return "subscription_id" if column.name == "previous_subscription_id" else column.name


def _joinable(value: Value, kind: DataType | None) -> Value:
    """Return an identifier in the type of the key it points to; what cannot take it points nowhere."""
    if kind is None or value.type() == kind or (value.type().is_string() and kind.is_string()):
        return value
    return _whole(value, kind).try_cast(kind)


def _whole(value: Value, kind: DataType) -> Value:
    """Return numbers, and texts that shall be numbers, where they are whole: the engine's casts would round."""
    came = value.type()
    if came.is_floating() or came.is_decimal():
        exact = (value % 1 == 0) & (value.abs() <= _EXACT)
        return ibis.ifelse(exact, value.try_cast("int64"), ibis.null("int64"))
    if came.is_string() and kind.is_integer():
        return ibis.ifelse(value.re_search(r"^\s*[+-]?\d+(\.0*)?\s*$"), value, ibis.null("string"))
    return value


def static_columns(connection: Backend, customers: Rows, config: Config, reading: ReadSettings) -> Rows:
    """Return ``customers`` with static columns as numbers where each of their values is one.

    Texts such as 01000 stay texts; so do calendar dates and other kinds that are neither number nor flag.
    """
    columns = [c for c in config.static if c not in CONTRACT["customers"].column]
    changed = {c: customers[c].cast("float64") for c in columns if customers[c].type().is_decimal()}
    texts = [c for c in columns if customers[c].type().is_string()]
    if texts:
        tests = {c: (_numeric(customers[c], reading).notnull() | ~present(customers[c])).all() for c in texts}
        some = {f"{c} some": present(customers[c]).any() for c in texts}
        row = connection.execute(customers.aggregate(**tests, **some)).iloc[0]
        for c in texts:
            number = bool(row[c]) and bool(row[f"{c} some"])
            changed[c] = _numeric(customers[c], reading) if number else cast_to(Kind.TEXT, customers[c], reading)
    return customers.mutate(**changed) if changed else customers


def _numeric(text: Value, reading: ReadSettings) -> Value:
    padded = text.strip().re_search(r"^[+-]?0[0-9]")
    return ibis.ifelse(padded, ibis.null("float64"), cast_to(Kind.NUMBER, text, reading))
