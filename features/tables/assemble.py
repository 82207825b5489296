"""From raw sources to checked tables: read, scan, map, store, check. Everything that is found is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pandas as pd

from ...core.config.business import Config, Source
from ...core.contract import CONTRACT, Kind, Table
from ...core.errors import DataError, TableError
from ...core.short_repr import ShortRepr
from ...core.time import instant
from ..contract.entry import named_columns, shaped, unfiltered
from ..contract.keys import key_type
from ..contract.mapping import UNREAD, contract_form, missing_columns, source_name, static_columns
from ..contract.settled import settled_payments
from ..engines.choose import engine_errors, engine_of, engine_reason
from ..expressions import Backend, DataType, Rows
from ..sources.read import read_settings
from ..validation.arms import check_arms
from ..validation.checks import (
    TableCounts,
    check_keys,
    check_queries,
    check_references,
    check_rows,
    identifying,
    known_rows,
    table_counts,
)
from ..validation.config_fit import dropped_but_absent, unread_instants
from ..validation.counts import rows_of
from ..validation.currency import check_currency, check_rates, convert_money
from ..validation.findings import Finding, Level, Report
from ..validation.forms import with_forms
from ..validation.freshness import end_of_data, event_days, freshness_findings, stragglers
from ..validation.privacy_scan import privacy_findings
from ..validation.static import mixed_columns, naming_columns
from ..validation.taken_back import check_taken_back

__all__ = ["Assembled", "assemble"]

_EVENTS = (
    "customers",
    "subscriptions",
    "payments",
    "contacts",
    "surveys",
    "actions",
    "referrals",
    "prospects",
    "reviews",
    "interactions",
)


@dataclass(frozen=True)
class Assembled(ShortRepr):
    """Tables in contract form as far as they could be read, and what was found."""

    frames: Mapping[str, Rows]
    data_until: pd.Timestamp
    report: Report
    days: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    planned_days: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)


@dataclass
class _Work(ShortRepr):
    """What one assembly gathers on its way."""

    connection: Backend
    config: Config
    sources: Mapping[str, Source | None]
    raw: dict[str, Rows] = field(default_factory=dict)
    stored: dict[str, Rows] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    days: pd.DataFrame = field(default_factory=pd.DataFrame)
    planned_days: pd.DataFrame = field(default_factory=pd.DataFrame)
    found: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def assemble(
    connection: Backend,
    config: Config,
    readers: Mapping[str, Callable[[], Rows]],
    sources: Mapping[str, Source | None],
) -> Assembled:
    """Return the tables behind ``readers`` in contract form, with everything that validation found.

    Parameters
    ----------
    connection
        The ibis backend that holds the tables.
    config
        Names, codes, what is dropped and tolerated.
    readers
        One function a table of the contract that returns its raw ibis table, or raises DataError.
    sources
        How each table's texts are to be read; None: a frame.
    """
    work = _Work(connection, config, sources)
    for name, read in readers.items():
        with _reported(work, name):
            raw = read()
            work.found += dropped_but_absent(config, name, raw.columns)
            work.raw[name] = _shaped(work, name, raw)
            work.found += unread_instants(work.config, name, raw.columns)
            work.found += privacy_findings(connection, work.config, name, work.raw[name])
    _needed_tables(work, readers)
    places = {}
    for name in sorted(work.raw, key=lambda table: table != "customers"):
        with _reported(work, name):
            _store(work, name)
        places[name] = len(work.found)
    _measure(work)
    _report_empty(work, places)
    until = _data_until(work)
    work.found += freshness_findings(work.days, until)
    for name in list(work.stored):
        with _reported(work, name):
            stored, table, total = work.stored[name], CONTRACT[name], work.rows[name]
            counts = table_counts(connection, config, table, stored, until)
            work.found += _row_findings(work, name, counts)
            work.found += _currencies(work, name)
            if name == "payments":
                work.found += check_taken_back(connection, stored)
            work.found += check_keys(connection, table, stored, counts, total)
    frames = {name: _clean(table) for name, table in work.stored.items()}
    if "payments" in frames:
        frames["payments"] = settled_payments(frames["payments"])
    frames = _in_one_currency(work, frames)
    if "customers" in frames:
        frames = _referenced(work, frames)
    if "actions" in frames and "actions" in work.stored:
        with _reported(work, "actions"):
            work.found += check_arms(connection, config, frames["actions"])
    work.found += check_queries(connection, config)
    report = Report(tuple(work.found), work.rows, tuple(work.notes))
    return Assembled(frames, until, report, work.days, work.planned_days)


def _row_findings(work: _Work, name: str, counts: TableCounts) -> list[Finding]:
    """Return what is wrong with single rows; values that cannot be read are told by their form."""
    found = check_rows(work.connection, CONTRACT[name], work.stored[name], counts, work.rows[name])
    reading = read_settings(work.sources[name], work.config)
    return with_forms(work.connection, work.config, CONTRACT[name], work.raw[name], reading, found)


def _shaped(work: _Work, name: str, raw: Rows) -> Rows:
    """Return a source's rows as its entry says, and keep which of its columns the entry's names mean."""
    source = work.sources[name]
    work.config = named_columns(work.config, name, raw.columns)
    for known in CONTRACT[name].columns:
        taken = source_name(work.config, name, known.name)
        if taken in known.also:
            work.notes.append(f"{name}.{known.name}: read from the source's '{taken}'")
    if source is None:
        return raw
    for column in unfiltered(source, raw.columns) if source.preset else ():
        rule = f"rows that preset {source.preset} leaves out by it stay in"
        work.found.append(Finding("warning", name, column, rule, hint="the source has no such column"))
    return shaped(raw, name, work.config, read_settings(source, work.config))


@contextmanager
def _reported(work: _Work, name: str) -> Iterator[None]:
    """Turn an unreadable source into a finding."""
    try:
        yield
    except TableError as error:
        _unreadable(work, name, error.fault)
    except DataError as error:
        _unreadable(work, name, str(error))
    except engine_errors() as error:
        _unreadable(work, name, engine_reason(error))


def _unreadable(work: _Work, name: str, hint: str) -> None:
    """Report a source once, and go on without it."""
    work.raw.pop(name, None)
    work.found.append(Finding("error", name, "", "unreadable source", hint=hint))


def _needed_tables(work: _Work, given: Mapping[str, object]) -> None:
    if "customers" not in given:
        work.found.append(Finding("error", "customers", "", "missing table", hint="it is always needed"))
    if not {"subscriptions", "payments"} & set(given):
        hint = "one of subscriptions or payments is needed"
        work.found.append(Finding("error", "subscriptions", "", "missing table", hint=hint))


def _store(work: _Work, name: str) -> None:
    """Map one table and keep it in the engine, unless a column is missing."""
    raw, contract, config = work.raw[name], CONTRACT[name], work.config
    missing = missing_columns(config, contract, raw.columns)
    work.found += [
        Finding("error", name, lost.column, "missing column", hint=lost.hint, common=lost.held) for lost in missing
    ]
    if missing:
        return
    reading = read_settings(work.sources[name], config)
    mapped = contract_form(raw, contract, config, reading, _key_types(work))
    if contract.monthly:
        mapped = mapped.mutate(**{str(contract.row_known): mapped[str(contract.row_known)].truncate("M")})
    stored = _kept(work, f"contract_{name}", contract, mapped)
    if name == "customers" and config.static:
        static = static_columns(work.connection, stored, config, reading)
        work.found += mixed_columns(work.connection, static, reading)
        stored = static.rows
        work.found += naming_columns(work.connection, config, stored)
    work.stored[name] = stored


def _measure(work: _Work) -> None:
    """Keep how many rows the tables have, and on which days their events were."""
    try:
        _measure_some(work, list(work.stored))
    except engine_errors():  # An engine that computes late stumbles here over a source: over which one?
        for name in list(work.stored):
            with _reported(work, name):
                _measure_some(work, [name])
            if name not in work.rows:
                del work.stored[name]


def _measure_some(work: _Work, names: Sequence[str]) -> None:
    """Measure tables, all in one query of rows and one of days."""
    stored = {name: work.stored[name] for name in names}
    instants = {
        name: (rows, [c.name for c in CONTRACT[name].columns if c.kind is Kind.INSTANT and c.name in rows.columns])
        for name, rows in stored.items()
        if name in _EVENTS
    }
    rows, days = rows_of(work.connection, stored), event_days(work.connection, instants)
    planned = [
        CONTRACT[table].column[column].planned for table, column in zip(days["table"], days["column"], strict=True)
    ]
    beforehand = pd.Series(planned, index=days.index, dtype=bool)
    work.rows |= rows
    work.days = pd.concat([work.days, days[~beforehand]], ignore_index=True)
    work.planned_days = pd.concat([work.planned_days, days[beforehand]], ignore_index=True)


def _report_empty(work: _Work, places: Mapping[str, int]) -> None:
    """Report tables without rows, each at its place among what was found."""
    for name in reversed([each for each in places if work.rows.get(each) == 0]):
        level: Level = "error" if CONTRACT[name].required else "warning"
        work.found.insert(places[name], Finding(level, name, "", "empty table", hint="expected rows"))


def _key_types(work: _Work) -> dict[str, DataType]:
    """Return the type of each identifier that is the whole key of a table, under its column's name."""
    types = {}
    for name, raw in work.raw.items():
        key = CONTRACT[name].key
        column = work.config.columns.get(name, {}).get(key[0], key[0]) if len(key) == 1 else ""
        if column in raw.columns:
            types[key[0]] = key_type(raw[column].type())
    return types


def _clean(stored: Rows) -> Rows:
    return stored.select([column for column in stored.columns if not column.endswith(UNREAD)])


def _currencies(work: _Work, name: str) -> list[Finding]:
    """Return what is wrong with the currencies of a table, and with the rates themselves."""
    if name == "fx":
        return check_rates(work.connection, work.config, work.stored[name])
    return [] if "fx" in work.sources else check_currency(work.connection, work.config, name, work.stored[name])


def _in_one_currency(work: _Work, frames: dict[str, Rows]) -> dict[str, Rows]:
    """Return the tables with their money in the config's currency, where there are rates."""
    if "fx" not in frames:
        return frames
    done: dict[str, Rows] = {}
    for name in frames:
        with _reported(work, name):
            exchange = convert_money(work.connection, work.config, CONTRACT[name], frames)
            work.found += exchange.findings
            work.notes += exchange.notes
            done[name] = exchange.rows
    return frames | done


def _referenced(work: _Work, frames: dict[str, Rows]) -> dict[str, Rows]:
    """Check what points to other rows, and leave out rows of unknown customers."""
    kept = dict(frames)
    narrow = {name: identifying(CONTRACT[name], work.stored[name]) for name in frames}
    for name in frames:
        with _reported(work, name):
            table = CONTRACT[name]
            found, left_out = check_references(work.connection, work.config, table, narrow, work.rows[name])
            work.found += found
            if left_out:
                rows = known_rows(table, frames[name], left_out, frames["customers"])
                kept[name] = _kept(work, f"known_{name}", table, rows)
    return kept


def _kept(work: _Work, name: str, table: Table, rows: Rows) -> Rows:
    """Return rows kept in the order of their customers: what is aggregated by customer then lies together."""
    whose = [c.name for c in table.columns if c.kind is Kind.ID and "customers" in (c.references, table.name)]
    ordered = rows.order_by(whose[0]) if whose else rows
    return engine_of(work.connection).store(name, ordered)


def _data_until(work: _Work) -> pd.Timestamp:
    """Return the config's first midnight, or just after the latest event that is not far after all others."""
    if work.config.data_until is not None:
        return instant(work.config.data_until, work.config.timezone)
    end = end_of_data(work.days)
    if end.last is not None:
        work.found += stragglers(work.connection, work.stored, work.days, end)
        return pd.Timestamp(end.last).as_unit("us") + pd.Timedelta(1, "us")
    if work.stored:
        hint = "expected events with dates, or set data_until"
        work.found.append(Finding("error", "customers", "signed_up_at", "nothing tells where the data end", hint=hint))
    return pd.Timestamp(1970, 1, 1).as_unit("us")
