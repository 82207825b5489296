"""Numbers as people write them are read in the one way they can mean, or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest
from servicelift.core.contract import Kind
from servicelift.features.contract.casts import ReadSettings, cast_to
from servicelift.features.contract.numbers import clock_seconds


@pytest.fixture
def connection(engine: Any) -> Any:
    """Every number reads alike on every engine."""
    return engine


def money(connection: Any, texts: list[str], **reading: Any) -> list[Decimal | None]:
    table = ibis.memtable(pa.table({"n": range(len(texts)), "v": texts}))
    expr = table.select(table.n, out=cast_to(Kind.MONEY, table.v, ReadSettings(**reading))).order_by("n")
    return list(connection.to_pyarrow(expr)["out"].to_pylist())


EUROPE = {
    "1234,5": "1234.5",
    "1 234,50 EUR": "1234.5",
    "1\u00a0234,50 \u20ac": "1234.5",
    "1\u202f234,50": "1234.5",
    "1.234,50": "1234.5",
    "1.234": "1234",
    "12.345.678,9": "12345678.9",
    "\u20ac 12,30": "12.3",
    "-12,30 \u20ac": "-12.3",
    "\u221212,30": "-12.3",
    "12,30-": "-12.3",
    "(12,30)": "-12.3",
    "EUR -7": "-7",
    "-EUR 7": "-7",
    ",5": "0.5",
    "12.50": None,
    "1.23,4": None,
    "1,234,567": None,
    "12 USD": None,
    "1 2345": None,
    "--5": None,
    "-(5)": None,
    "-5-": None,
    "5 EUR EUR": None,
    "five": None,
    "": None,
    "12,30 EUR 5": None,
}

ENGLAND = {
    "1234.5": "1234.5",
    "1,234.50": "1234.5",
    "1,234,567": "1234567",
    "$1,234.50": "1234.5",
    "USD 5": "5",
    "1'234.50": "1234.5",
    "1e3": "1000",
    "1,234": None,
    "12,50": None,
    "1.234,50": None,
    "1.234": "1.234",
    "1 234.5": "1234.5",
    "12 \u20ac": None,
}


def read(expected: dict[str, str | None]) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) for value in expected.values()]


def test_a_comma_as_the_decimal_mark_leaves_the_point_to_thousands(connection: Any) -> None:
    assert money(connection, list(EUROPE), decimal=",", currency="EUR") == read(EUROPE)


def test_a_comma_is_taken_for_thousands_only_where_nothing_else_is_possible(connection: Any) -> None:
    assert money(connection, list(ENGLAND), currency="USD") == read(ENGLAND)


def test_declared_thousands_settle_what_is_open(connection: Any) -> None:
    assert money(connection, ["1,234", "12,50"], thousands=",") == [Decimal(1234), None]
    assert money(connection, ["1_234", "1.234"], decimal=",", thousands="_") == [Decimal(1234), None]


def test_every_amount_survives_being_written_in_every_way(connection: Any) -> None:
    amounts = [Decimal(n * 7919 % 100_000_000) / 100 * (-1) ** n for n in range(1, 200)]
    for marks, reading in ((",.", {}), (".,", {"decimal": ","}), ("\u202f,", {"decimal": ","}), ("'.", {})):
        grouped = [
            f"{amount:,.2f}".replace(",", "T").replace(".", marks[1]).replace("T", marks[0]) for amount in amounts
        ]
        assert money(connection, grouped, **reading) == amounts
        assert money(connection, [f"{text} EUR" for text in grouped], **reading) == amounts


def test_durations_are_counted_in_seconds(connection: Any) -> None:
    texts = ["00:00:05", "1:02:03.5", "0 days 00:05:00", "2 days 00:00:01", "05:00", "5", "1 day 00:00:00"]
    table = ibis.memtable(pa.table({"n": range(len(texts)), "v": texts}))
    expr = table.select(table.n, out=clock_seconds(table.v)).order_by("n")
    assert connection.to_pyarrow(expr)["out"].to_pylist() == [5.0, 3723.5, 300.0, 172801.0, None, None, 86400.0]
