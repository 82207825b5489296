"""Corruptions by columns that nobody asked for, by objects of pandas, and of whole files; see corruptions.py."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
from feature_corruptions import CANARY, NAMES, NUMBERS, TEXT, TYPED, WHEN, WORDS, Draft, Look, corruption
from feature_damages import ANY, untouched
from servicelift.core.contract import Kind

EXTRAS: tuple[tuple[str, Any, pa.DataType | None], ...] = (
    ("texts", f"{CANARY} 'x'; \n", TEXT),
    ("lists", [1.5], pa.list_(pa.float64())),
    ("structs", {"x": None}, pa.struct({"x": TEXT})),
    ("bytes", b"\x00\xff", pa.binary()),
    ("times", dt.time(1, 2), pa.time64("us")),
    ("durations", dt.timedelta(1), pa.duration("us")),
    ("nothing", None, pa.null()),
    ("categories of nothing", None, pa.dictionary(pa.int8(), pa.null())),
    ("huge integers", 2**63, pa.uint64()),
    ("infinities", float("inf"), pa.float64()),
)


def _extra(value: Any, kind: pa.DataType | None) -> Callable[[Draft, str], bool]:
    """Columns that nobody asked for change nothing, whatever they hold and however they are called."""

    def apply(draft: Draft, table: str) -> bool:
        if not untouched(draft, table) or (kind == pa.dictionary(pa.int8(), pa.null()) and not draft.objects):
            return False
        names = [n for n in NAMES if draft.objects or n != ""]
        draft.raw[table][draft.rng.choice([*names, "note"])] = Look([value] * len(draft.rows[table]), kind)
        return True

    return apply


for _name, _value, _kind in EXTRAS:
    corruption(f"a column more, of {_name}", *TYPED)(_extra(_value, _kind))


OBJECTS: tuple[tuple[str, set[Kind], Any], ...] = (
    ("a text among objects", {*NUMBERS, *WHEN, Kind.BOOL}, CANARY),
    ("a list among objects", ANY, [CANARY]),
    ("an integer beyond 64 bits among objects", NUMBERS, 2**70),
    ("a day among instants", WHEN, dt.date(2022, 1, 1)),
    ("a zone among instants", WHEN, dt.datetime(2022, 1, 1, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))),
    ("bytes among texts", WORDS, b"zebra"),
    ("half a surrogate", WORDS, "\ud800"),
    ("an object among objects", ANY, object()),
    ("a flag among numbers", NUMBERS, True),
)


def _mixed(kinds: set[Kind], value: Any) -> Callable[[Draft, str], bool]:
    def apply(draft: Draft, table: str) -> bool:
        column = draft.pick(table, kinds)
        if column is None:
            return False
        draft.raw[table][column].type = None
        draft.raw[table][column].values[draft.cell(table, column)] = value
        draft.wrong.add((table, column))
        return True

    return apply


for _name, _kinds, _value in OBJECTS:
    corruption(_name, "frames")(_mixed(_kinds, _value))

EXOTIC: tuple[tuple[str, Callable[[int], Any]], ...] = (
    ("complex numbers", lambda n: pd.Series([1j] * n)),
    ("periods", lambda n: pd.Series(pd.period_range("2022-01-01", periods=n))),
    ("intervals", lambda n: pd.Series(pd.interval_range(0, n))),
    ("sparse numbers", lambda n: pd.Series(pd.arrays.SparseArray([1.5] * n))),
    ("half floats", lambda n: pd.Series([1.5] * n, dtype="float16")),
)


def _exotic(make: Callable[[int], Any]) -> Callable[[Draft, str], bool]:
    def apply(draft: Draft, table: str) -> bool:
        column = draft.pick(table, {*WHEN, Kind.BOOL, Kind.DATE}, lambda c: c.kind)
        if column is None or not untouched(draft, table):
            return False
        values = make(len(draft.rows[table]))
        draft.frames[table] = lambda frame: frame.assign(**{column: values})
        draft.wrong.add((table, column))
        return True

    return apply


for _name, _make in EXOTIC:
    corruption(f"a column of {_name}", "frames")(_exotic(_make))


@corruption("an index that stands twice", "frames")
def odd_index(draft: Draft, table: str) -> bool:
    draft.frames.setdefault(table, lambda frame: frame.set_axis([7] * len(frame)))
    return True


DAMAGE: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("a truncated file", "parquet", lambda data: data[: len(data) // 2]),
    ("a Parquet file that is none", "parquet", lambda data: b"PAR1 zebra"),
    ("a Parquet file of texts", "parquet", lambda data: b"customer_id,zebra\n1,2\n"),
    ("an empty file", "parquet", lambda data: b""),
    ("pages of zeros", "parquet", lambda data: data[:4] + bytes(len(data) // 3) + data[len(data) // 3 + 4 :]),
    ("an empty file", "csv", lambda data: b""),
    ("another delimiter", "csv", lambda data: data.replace(b",", b";")),
    ("another encoding", "csv", lambda data: data[:-1] + b",caf\xe9 zebra\n"),
    ("bytes that are no text", "csv", lambda data: data + bytes(range(128, 256)) + b"\n"),
    ("a cell more", "csv", lambda data: data[:-1] + b",zebra,zebra\n"),
    ("a cell less", "csv", lambda data: data + b"zebra\n"),
    ("a quote that never ends", "csv", lambda data: data + b'"zebra,\n'),
    ("a Parquet file by another name", "csv", lambda data: b"PAR1" + bytes(range(256)) * 4 + b"PAR1"),
    ("a file that is not there", "csv", lambda data: None),
    ("a file that is not there", "parquet", lambda data: None),
    ("only blank lines", "csv", lambda data: b"\n \n\n"),
)


def _damaged(change: Callable[[bytes], bytes]) -> Callable[[Draft, str], bool]:
    def apply(draft: Draft, table: str) -> bool:
        if table in draft.damage:
            return False
        draft.damage[table] = change
        draft.wrong.add((table, ""))
        return True

    return apply


for _name, _route, _change in DAMAGE:
    corruption(_name, _route)(_damaged(_change))

HARMLESS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("a byte order mark", lambda data: b"\xef\xbb\xbf" + data),
    ("line ends of Windows", lambda data: data.replace(b"\n", b"\r\n")),
    ("blank lines around", lambda data: b"\n\n" + data + b"\n"),
    ("no last line end", lambda data: data.rstrip(b"\n")),
    ("gz", gzip.compress),
)


def _harmless(change: Callable[[bytes], bytes]) -> Callable[[Draft, str], bool]:
    def apply(draft: Draft, table: str) -> bool:
        draws = draft.damage.setdefault(table, change)
        return draws is change

    return apply


for _name, _change in HARMLESS:
    corruption(_name, "csv")(_harmless(_change))


@corruption("a table that is not there", "frames")
def lost_table(draft: Draft, table: str) -> bool:
    if any(t == table for t, _ in draft.touched | draft.wrong):
        return False
    del draft.raw[table], draft.rows[table]
    needed = table == "customers" or not {"payments", "subscriptions"} & set(draft.rows)
    if needed:
        draft.wrong.add(("customers" if table == "customers" else "subscriptions", ""))
    return True


OPTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("a named delimiter", {"delimiter": ";"}),
    ("tabs", {"delimiter": "\t"}),
    ("a named encoding", {"encoding": "utf-16"}),
)


def _named(options: dict[str, str]) -> Callable[[Draft, str], bool]:
    """What a file is, and its config says: it changes nothing."""

    def apply(draft: Draft, table: str) -> bool:
        free = table not in draft.damage and table not in draft.options
        if free:
            draft.options[table] = options
            draft.damage[table] = lambda data: data
        return free

    return apply


for _name, _options in OPTIONS:
    corruption(_name, "csv")(_named(_options))
