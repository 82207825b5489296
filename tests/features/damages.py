"""Corruptions of rows, keys, names, whole tables and files; see corruptions.py, which is loaded first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
from feature_corruptions import NUMBERS, TEXT, TYPED, WHEN, WORDS, Draft, Look, as_text, corruption
from servicelift.core.contract import CONTRACT, Kind

ANY = {*NUMBERS, *WHEN, *WORDS, Kind.DATE, Kind.BOOL}
FAR = (dt.datetime(9999, 12, 31), dt.datetime(9999, 12, 31, 23, 59, 59, 999999), dt.datetime(1000, 1, 1))


def keyed(table: str) -> str:
    return "/".join(CONTRACT[table].key)


def put(draft: Draft, table: str, column: str, place: int, look: Any, meaning: Any) -> None:
    draft.raw[table][column].values[place] = look
    draft.rows[table][place][column] = meaning


def take(draft: Draft, table: str, places: list[int]) -> None:
    """Keep the rows at these places, in this order, a place twice if it stands twice."""
    draft.rows[table] = [dict(draft.rows[table][n]) for n in places]
    for look in draft.raw[table].values():
        look.values[:] = [look.values[n] for n in places]


def untouched(draft: Draft, table: str) -> bool:
    """Whether nothing is wrong or left out in a table, so that its rows may still come and go."""
    return not any(t == table for t, _ in draft.wrong) and table not in draft.dropped and bool(draft.rows[table])


def own(draft: Draft, table: str) -> bool:
    """Whether the identifiers of customers are there and as they were."""
    return "customer_id" in draft.raw[table] and (table, "customer_id") not in draft.touched


@corruption("nothing in a cell that may be empty")
def empty_cell(draft: Draft, table: str) -> bool:
    column = draft.pick(table, ANY, lambda c: c.nullable)
    if column is None:
        return False
    for _ in range(draft.rng.choice([1, 5])):
        texts = draft.raw[table][column].type in (TEXT, None)
        put(draft, table, column, draft.rng.randrange(len(draft.rows[table])), "  " if texts else None, None)
    return True


@corruption("nothing in any cell that may be empty")
def empty_column(draft: Draft, table: str) -> bool:
    column = draft.pick(table, ANY, lambda c: c.nullable)
    if column is None:
        return False
    kind = draft.rng.choice([pa.null(), TEXT, pa.float64(), pa.timestamp("us"), pa.dictionary(pa.int8(), pa.null())])
    draft.raw[table][column] = Look([None] * len(draft.rows[table]), kind if draft.objects else TEXT)
    for row in draft.rows[table]:
        row[column] = None
    return True


@corruption("nothing in a cell that is needed")
def needed_cell(draft: Draft, table: str) -> bool:
    column = draft.pick(table, {*ANY, Kind.ID}, lambda c: not c.nullable)
    if column is None:
        return False
    put(draft, table, column, draft.cell(table, column), None, None)
    draft.wrong.add((table, column))
    return True


@corruption("nothing in a column that is needed")
def needed_column(draft: Draft, table: str) -> bool:
    column = draft.pick(table, {*ANY, Kind.ID}, lambda c: not c.nullable)
    if column is None:
        return False
    draft.raw[table][column] = Look([None] * len(draft.rows[table]), draft.rng.choice([pa.null(), TEXT, pa.float64()]))
    draft.wrong.add((table, column))
    return True


@corruption("a far instant")
def far(draft: Draft, table: str) -> bool:
    column = draft.pick(table, WHEN)
    if column is None:
        return False
    moment = draft.rng.choice(FAR)
    look = as_text(moment) if draft.rng.random() < 0.3 else moment
    if look is not moment:
        draft.raw[table][column] = Look([as_text(v) for v in draft.raw[table][column].values], TEXT)
    put(draft, table, column, draft.cell(table, column), look, moment)
    return True


@corruption("an instant of year 1", *TYPED)
def year_one(draft: Draft, table: str) -> bool:
    column = draft.pick(table, WHEN)
    if column is None:
        return False
    draft.raw[table][column].values[draft.cell(table, column)] = dt.datetime(1, 1, 1)
    draft.wrong.add((table, column))
    return True


@corruption("two instants that change places")
def swapped(draft: Draft, table: str) -> bool:
    first, second = draft.pick(table, WHEN), draft.pick(table, WHEN)
    if first is None or second is None:
        return False
    for row in draft.rng.sample(range(len(draft.rows[table])), min(3, len(draft.rows[table]))):
        pair = [draft.rows[table][row][c] for c in (second, first)]
        if None not in pair:
            for column, value in zip((first, second), pair, strict=True):
                put(draft, table, column, row, value, value)
    return True


@corruption("a huge number that can be")
def huge(draft: Draft, table: str) -> bool:
    column = draft.pick(table, {Kind.MONEY, Kind.NUMBER}, lambda c: c.name != "propensity")
    if column is None:
        return False
    money = CONTRACT[table].column[column].kind is Kind.MONEY
    value = draft.rng.choice([Decimal("-99999999999999.9999"), Decimal("99999999999999")] if money else [1e12, -1e12])
    place = draft.cell(table, column)
    if draft.rows[table][place].get("status") == "failed":
        value = abs(value)  # a failed payment below 0 is one that came back, which the door books as such
    put(draft, table, column, place, value, value)
    return True


@corruption("a number that is not one", *TYPED)
def not_a_number(draft: Draft, table: str) -> bool:
    column = draft.pick(table, {Kind.MONEY, Kind.NUMBER}, lambda c: c.nullable)
    if column is None:
        return False
    draft.raw[table][column] = Look(
        [None if v is None else float(v) for v in draft.raw[table][column].values], pa.float64()
    )
    place = draft.cell(table, column)
    value = draft.rng.choice([float("nan"), float("inf"), float("-inf"), 1e308])
    put(draft, table, column, place, value, None)
    if value == value:
        draft.wrong.add((table, column))
    return True


@corruption("months at the edge of int64", *TYPED)
def endless(draft: Draft, table: str) -> bool:
    column = draft.pick(table, {Kind.INTEGER})
    if column is None:
        return False
    draft.raw[table][column].values[draft.cell(table, column)] = draft.rng.choice([2**63 - 1, -(2**63), 1_201, 0])
    draft.wrong.add((table, column))
    return True


@corruption("a key twice")
def twice(draft: Draft, table: str) -> bool:
    if not untouched(draft, table) or not CONTRACT[table].key:
        return False
    places = list(range(len(draft.rows[table])))
    take(draft, table, [*places, draft.rng.choice(places)])
    draft.wrong.add((table, keyed(table)))
    return True


@corruption("rows in another order")
def shuffled(draft: Draft, table: str) -> bool:
    if not untouched(draft, table):
        return False
    take(draft, table, draft.rng.sample(range(len(draft.rows[table])), len(draft.rows[table])))
    return True


@corruption("rows that are not there")
def fewer(draft: Draft, table: str) -> bool:
    if table == "customers" or not untouched(draft, table):
        return False
    take(draft, table, draft.rng.choice([[], [0], list(range(0, len(draft.rows[table]), 3))]))
    return True


@corruption("no customers")
def nobody(draft: Draft, table: str) -> bool:
    take(draft, "customers", [])
    draft.wrong.add(("customers", ""))
    return True


@corruption("rows of strangers")
def strangers(draft: Draft, table: str) -> bool:
    if table == "customers" or not untouched(draft, table) or not own(draft, table):
        return False
    draft.touched.add((table, "customer_id"))
    places = draft.rng.sample(range(len(draft.rows[table])), min(2, len(draft.rows[table])))
    for place in places:
        value = 99_999 if draft.raw[table]["customer_id"].type == pa.int64() else "99999"
        draft.raw[table]["customer_id"].values[place] = value
    if draft.rng.random() < 0.5:
        draft.config["tolerate"] = {"unknown_customers": 0.9}
        draft.dropped[table] = set(places)
    else:
        draft.wrong.add((table, "customer_id"))
    return True


NOTHING = ("null", "NULL", "None", "nan", "NaN", "NA", "N/A", "#N/A", "-")
IDS: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("leading zeros", lambda n: f"{n:05d}"),
    ("emoji and accents", lambda n: f"é😀-{n}"),
    ("quotes and semicolons", lambda n: f"'\"; drop table customers; --{n}"),
    ("control characters", lambda n: f"\x01\x1b[31m{n}\n\t"),
    ("blanks", lambda n: f" {n} "),
    ("long texts", lambda n: f"{n}-" + "k" * 500),
    ("capitals that tell apart", lambda n: ("a" if n % 2 else "A") * (n // 2 + 1)),
    ("words for nothing", lambda n: dict(enumerate(NOTHING)).get(n, f"n{n}")),
)  # fmt: skip


def _named(convert: Callable[[int], str], who: int | None) -> str | None:
    return None if who is None else convert(who)


def _renamed(convert: Callable[[int], str]) -> Callable[[Draft, str], bool]:
    def apply(draft: Draft, table: str) -> bool:
        touched = any(column == "customer_id" for _, column in draft.touched)
        if touched or draft.wrong or draft.dropped or "referrals" in draft.raw:
            return False
        for name, columns in draft.raw.items():
            for column in ("customer_id", "converted_customer_id"):
                if column not in columns:
                    continue
                draft.touched.add((name, column))
                columns[column] = Look([_named(convert, v) for v in columns[column].values], TEXT)
                for row in draft.rows[name]:
                    row[column] = _named(convert, row[column])
        return True

    return apply


for _name, _convert in IDS:
    corruption(f"customers named by {_name}")(_renamed(_convert))

OTHER_IDS: tuple[tuple[str, Callable[[int], Any], pa.DataType], ...] = (
    ("texts", str, TEXT),
    ("floats", float, pa.float64()),
    ("decimals", Decimal, pa.decimal128(10, 2)),
    ("small integers", int, pa.uint8()),
    ("categories", str, pa.dictionary(pa.int8(), TEXT)),
    ("integer categories", int, pa.dictionary(pa.int8(), pa.int64())),
)


def _retyped(convert: Callable[[int], Any], kind: pa.DataType) -> Callable[[Draft, str], bool]:
    """The identifiers of one table in another type: they join all the same."""

    def apply(draft: Draft, table: str) -> bool:
        if table == "customers" or not own(draft, table) or ("customers", "customer_id") in draft.touched:
            return False
        draft.touched |= {(table, "customer_id"), ("customers", "customer_id")}
        look = draft.raw[table]["customer_id"]
        draft.raw[table]["customer_id"] = Look([convert(v) for v in look.values], kind)
        return True

    return apply


for _name, _convert, _kind in OTHER_IDS:
    corruption(f"identifiers as {_name} in one table", *TYPED)(_retyped(_convert, _kind))


@corruption("an identifier between two others")
def between(draft: Draft, table: str) -> bool:
    if table == "customers" or not own(draft, table) or not draft.rows[table]:
        return False
    draft.touched |= {(table, "customer_id"), ("customers", "customer_id")}
    kind, convert = (pa.float64(), float) if draft.rng.random() < 0.5 else (TEXT, as_text)
    draft.raw[table]["customer_id"] = Look([convert(v) for v in draft.raw[table]["customer_id"].values], kind)
    draft.raw[table]["customer_id"].values[draft.rng.randrange(len(draft.rows[table]))] = convert(2.5)
    draft.wrong.add((table, "customer_id"))
    return True


@corruption("a column that is not there")
def lost_column(draft: Draft, table: str) -> bool:
    names = [c.name for c in CONTRACT[table].columns if c.name in draft.raw[table] and c.name != "contactable"]
    column = draft.rng.choice(names)
    if (table, column) in draft.touched:
        return False
    draft.touched.add((table, column))
    del draft.raw[table][column]
    draft.missing.add(f"{table}.{column}")
    if not CONTRACT[table].column[column].optional:
        draft.wrong.add((table, column))
    return True


@corruption("a name in other capitals or between blanks")
def other_name(draft: Draft, table: str) -> bool:
    column = draft.pick(table, {*ANY, Kind.ID})
    if column is None or any(t == table for t in draft.doubled):
        return False
    change = draft.rng.choice([str.upper, str.title, lambda name: f" {name}", lambda name: f"{name}\t"])
    name = change(column)
    draft.raw[table] = {name if c == column else c: look for c, look in draft.raw[table].items()}
    if draft.route != "csv" or name.strip() != column:
        draft.wrong.add((table, column))
    return True


@corruption("a name twice")
def name_twice(draft: Draft, table: str) -> bool:
    column = draft.pick(table, {*ANY, Kind.ID})
    if column is None or table in draft.doubled or not untouched(draft, table):
        return False
    look = Look(list(reversed(draft.raw[table][column].values)), draft.raw[table][column].type)
    draft.doubled[table] = [(draft.rng.choice([column, column.upper()]), look)]
    draft.wrong.add((table, column))
    return True
