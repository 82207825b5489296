"""Random corruptions of small worlds, each with what is right: an error that names it, or the features it means.

A :class:`Draft` holds a world twice: ``rows``, what the tables mean, and ``raw``, what they look like. A corruption
changes the look, and where it changes the meaning, that too; or it notes that an error is due.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
from servicelift.core.contract import CONTRACT, Kind

CANARY = "zebra"
"""Part of every text put into a cell: no message may show it."""

BASE: dict[str, Any] = {
    "static": ["region", "birth_year"],
    "data_until": "2023-12-01",
    "features": {"windows_days": [30, 365]},
    "incremental": {"actions": {"iban_switch": {}, "offer": {}}},
    "lines": {"press": {"kind": "auto"}, "shop": {"kind": "noncontractual", "payments.kind": "one_off"}},
}
FOCUS = ("customers", "subscriptions", "payments", "payment_methods", "contacts", "surveys", "actions")


@dataclass
class Look:
    """One column as it looks: plain Python values, and their Arrow type; None: an object column of pandas."""

    values: list[Any]
    type: pa.DataType | None


@dataclass
class Draft:
    """A world, what its tables look like, and what is wrong with them."""

    rows: dict[str, list[dict[str, Any]]]
    raw: dict[str, dict[str, Look]]
    route: str
    rng: random.Random
    config: dict[str, Any] = field(default_factory=lambda: dict(BASE))
    formats: dict[str, str] = field(default_factory=dict)
    wrong: set[tuple[str, str]] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    dropped: dict[str, set[int]] = field(default_factory=dict)
    touched: set[tuple[str, str]] = field(default_factory=set)
    damage: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    doubled: dict[str, list[tuple[str, Look]]] = field(default_factory=dict)
    frames: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)

    def columns(self, table: str, kinds: set[Kind], accept: Callable[[Any], bool] = lambda _: True) -> list[str]:
        """Untouched columns of some kinds that hold a value."""
        found = []
        for column in CONTRACT[table].columns:
            look = self.raw.get(table, {}).get(column.name)
            free = look is not None and (table, column.name) not in self.touched
            if free and column.kind in kinds and accept(column) and any(v is not None for v in look.values):
                found.append(column.name)
        return found

    def pick(self, table: str, kinds: set[Kind], accept: Callable[[Any], bool] = lambda _: True) -> str | None:
        """One of the columns, touched from now on."""
        found = self.columns(table, kinds, accept)
        if not found:
            return None
        name = self.rng.choice(found)
        self.touched.add((table, name))
        return name

    def cell(self, table: str, column: str) -> int:
        """The place of a value that is there."""
        values = self.raw[table][column].values
        return self.rng.choice([n for n, value in enumerate(values) if value is not None])

    @property
    def objects(self) -> bool:
        return self.route == "frames"


@dataclass(frozen=True)
class Corruption:
    """A named change of one table; ``apply`` returns False where it does not apply. ``routes``: where it can be."""

    name: str
    apply: Callable[[Draft, str], bool | None]
    routes: tuple[str, ...] = ("frames", "parquet", "csv")


TYPED = ("frames", "parquet")
FILES = ("parquet", "csv")
TEXT = pa.string()
NUMBERS = {Kind.MONEY, Kind.NUMBER, Kind.INTEGER}
WHEN = {Kind.INSTANT}
WORDS = {Kind.CODE, Kind.TEXT}
PARIS = ZoneInfo("Europe/Paris")


def _aware(value: dt.datetime) -> dt.datetime:
    return value.replace(tzinfo=dt.UTC)


def _offset(value: dt.datetime) -> str:
    shift = dt.timedelta(minutes=(value.microsecond + value.day) % 27 * 30 - 360)
    return (_aware(value)).astimezone(dt.timezone(shift)).isoformat()


def _mixed_zones(value: dt.datetime) -> str:
    return (value.isoformat, lambda: _aware(value).isoformat(), lambda: _offset(value))[value.day % 3]()


SAME: tuple[tuple[str, set[Kind], Callable[[Any], Any], pa.DataType, tuple[str, ...]], ...] = (
    ("numbers as texts", NUMBERS, str, TEXT, FILES + TYPED),
    ("numbers between blanks", NUMBERS, lambda v: f"  {v}\t", TEXT, FILES + TYPED),
    ("numbers as texts in an exponent", {Kind.MONEY, Kind.NUMBER}, lambda v: f"{Decimal(str(v)):E}", TEXT, TYPED),
    ("money as floats", {Kind.MONEY}, float, pa.float64(), TYPED),
    ("money as wide decimals", {Kind.MONEY}, lambda v: Decimal(str(v)), pa.decimal128(38, 10), TYPED),
    ("numbers as decimals", {Kind.NUMBER}, lambda v: Decimal(str(v)), pa.decimal128(20, 8), TYPED),
    ("whole numbers as floats", {Kind.INTEGER}, float, pa.float64(), TYPED),
    ("whole numbers as bytes", {Kind.INTEGER}, int, pa.uint8(), TYPED),
    ("whole numbers as categories", {Kind.INTEGER}, int, pa.dictionary(pa.int8(), pa.int64()), TYPED),
    ("money as categories", {Kind.MONEY}, float, pa.dictionary(pa.int32(), pa.float64()), TYPED),
    ("flags as yes and no", {Kind.BOOL}, lambda v: "yes" if v else "no", TEXT, FILES + TYPED),
    ("flags as Y and N", {Kind.BOOL}, lambda v: "Y" if v else " N ", TEXT, FILES + TYPED),
    ("flags as TRUE and false", {Kind.BOOL}, lambda v: "TRUE" if v else "false", TEXT, FILES + TYPED),
    ("flags as 0 and 1", {Kind.BOOL}, int, pa.int8(), TYPED),
    ("flags as 0.0 and 1.0", {Kind.BOOL}, float, pa.float64(), TYPED),
    ("flags as the texts 0 and 1", {Kind.BOOL}, lambda v: str(int(v)), TEXT, FILES + TYPED),
    ("flags as decimals", {Kind.BOOL}, lambda v: Decimal(int(v)), pa.decimal128(5, 2), TYPED),
    ("flags as categories", {Kind.BOOL}, str, pa.dictionary(pa.int8(), TEXT), TYPED),
    ("words as categories", WORDS, str, pa.dictionary(pa.int8(), TEXT), TYPED),
    ("words as large texts", WORDS, str, pa.large_string(), TYPED),
    ("words as bytes", WORDS, lambda v: str(v).encode(), pa.binary(), TYPED),
    ("codes in capitals", {Kind.CODE}, str.upper, TEXT, FILES + TYPED),
    ("words between blanks", WORDS, lambda v: f" {v}  ", TEXT, FILES + TYPED),
    ("instants as texts", WHEN, lambda v: v.isoformat(sep=" "), TEXT, FILES + TYPED),
    ("instants as texts in UTC", WHEN, lambda v: v.isoformat() + "Z", TEXT, FILES + TYPED),
    ("instants with offsets", WHEN, _offset, TEXT, FILES + TYPED),
    ("instants of mixed zones", WHEN, _mixed_zones, TEXT, FILES + TYPED),
    ("instants as categories", WHEN, lambda v: v, pa.dictionary(pa.int8(), pa.timestamp("us")), ("frames",)),
    ("instants of a zone", WHEN, _aware, pa.timestamp("us", "Europe/Paris"), TYPED),
    ("instants in nanoseconds", WHEN, lambda v: v, pa.timestamp("ns"), TYPED),
    ("days as instants", {Kind.DATE}, lambda v: dt.datetime.combine(v, dt.time()), pa.timestamp("us"), TYPED),
    ("days as texts", {Kind.DATE}, lambda v: f"{v:%Y/%m/%d}", TEXT, FILES + TYPED),
)
"""Other types of a whole column that mean the same: the features are equal."""

UNREAD: tuple[tuple[str, set[Kind], Any], ...] = (
    ("a text among numbers", NUMBERS, f"{CANARY} 4711 EUR"),
    ("a decimal comma", NUMBERS, "4711,25"),
    ("an infinite number", NUMBERS, "Infinity"),
    ("a number beyond floats", NUMBERS, "1e400"),
    ("money beyond its digits", {Kind.MONEY}, str(10**30)),
    ("money of 1e308", {Kind.MONEY}, "1e308"),
    ("money at the edge of int64", {Kind.MONEY}, str(2**63 - 1)),
    ("a whole number beyond int64", {Kind.INTEGER}, str(2**63)),
    ("months at the edge of int64", {Kind.INTEGER}, str(2**63 - 1)),
    ("half a month", {Kind.INTEGER}, "1.5"),
    ("months below 0", {Kind.INTEGER}, "-12"),
    ("an unknown code", {Kind.CODE}, f"{CANARY} 😀"),
    ("a code in SQL", {Kind.CODE}, f"iban'; drop table {CANARY}; --"),
    ("a day that does not exist", {*WHEN, Kind.DATE}, "2022-02-30"),
    ("a day first", {*WHEN, Kind.DATE}, "31/12/2022"),
    ("year 1", {*WHEN, Kind.DATE}, "0001-01-01"),
    ("infinity as a date", {*WHEN, Kind.DATE}, "infinity"),
    ("a number as a date", {*WHEN, Kind.DATE}, "44927"),
    ("no date at all", {*WHEN, Kind.DATE}, f"{CANARY}\n2022-01-01"),
    ("a third flag", {Kind.BOOL}, f"{CANARY}?"),
    ("a flag of 2", {Kind.BOOL}, "2"),
)
"""One cell that cannot be read, in a column that is given as texts: an error names table and column."""

OTHER: tuple[tuple[str, Any, pa.DataType], ...] = (
    ("lists", [4711, 4712], pa.list_(pa.int64())),
    ("structs", {"x": CANARY}, pa.struct({"x": TEXT})),
    ("times of day", dt.time(4, 7, 11), pa.time64("us")),
    ("durations", dt.timedelta(days=4711), pa.duration("us")),
    ("bytes", b"\xff\xfe zebra", pa.binary()),
    ("bytes of a fixed width", b"zebr", pa.binary(4)),
    ("wide decimals", Decimal("4711e40"), pa.decimal256(60, 2)),
    ("maps", [(CANARY, 1)], pa.map_(TEXT, pa.int64())),
)
"""A whole column of a type that no cell of the contract can come from."""

NAMES = (
    "é😀",
    'a"; drop table customers; --',
    "a'b",
    "a\nb",
    "x" * 300,
    "select",
    "row",
    "known_at",
    "a__unread",
    "0",
    "",
)


def as_text(value: Any) -> str | None:
    """A value as a careful business writes it."""
    if value is None:
        return None
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else str(value)


def retype(draft: Draft, table: str, column: str, convert: Callable[[Any], Any], kind: pa.DataType | None) -> None:
    look = draft.raw[table][column]
    draft.raw[table][column] = Look([None if v is None else convert(v) for v in look.values], kind)


def same(kinds: set[Kind], convert: Callable[[Any], Any], kind: pa.DataType) -> Callable[[Draft, str], bool]:
    def apply(draft: Draft, table: str) -> bool:
        column = draft.pick(table, kinds)
        if column is not None:
            retype(draft, table, column, convert, kind)
        return column is not None

    return apply


def unread(kinds: set[Kind], bad: Any) -> Callable[[Draft, str], bool]:
    def apply(draft: Draft, table: str) -> bool:
        column = draft.pick(table, kinds, lambda c: c.kind is not Kind.CODE or c.codes)
        if column is not None:
            retype(draft, table, column, as_text, TEXT)
            draft.raw[table][column].values[draft.cell(table, column)] = bad
            draft.wrong.add((table, column))
        return column is not None

    return apply


def other(value: Any, kind: pa.DataType) -> Callable[[Draft, str], bool]:
    """Not among free texts, which take any text, nor identifiers, which keep their type."""

    def apply(draft: Draft, table: str) -> bool:
        column = draft.pick(table, {*NUMBERS, *WHEN, Kind.DATE, Kind.BOOL, Kind.CODE})
        if column is not None:
            retype(draft, table, column, lambda _: value, kind)
            draft.wrong.add((table, column))
        return column is not None

    return apply


CORRUPTIONS: list[Corruption] = [
    *(Corruption(name, same(kinds, convert, kind), routes) for name, kinds, convert, kind, routes in SAME),
    *(Corruption(name, unread(kinds, bad)) for name, kinds, bad in UNREAD),
    *(Corruption(f"a column of {name}", other(value, kind), TYPED) for name, value, kind in OTHER),
]


def corruption(name: str, *routes: str) -> Callable[[Any], Any]:
    """Enter a function into the table of corruptions."""

    def enter(apply: Callable[[Draft, str], bool | None]) -> Callable[[Draft, str], bool | None]:
        CORRUPTIONS.append(Corruption(name, apply, routes or ("frames", "parquet", "csv")))
        return apply

    return enter
