from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from servicelift.core.contract import Kind
from servicelift.core.time import instant
from servicelift.features.contract.casts import ReadSettings, cast_to, first_midnight, present


@pytest.fixture
def connection(engine: Any) -> Any:
    """Every cast reads alike on every engine."""
    return engine


ZONES = ["UTC", "Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata"]


def cast(connection: Any, values: Any, kind: Kind, reading: ReadSettings | None = None, type_: Any = None) -> list[Any]:
    table = ibis.memtable(pa.table({"n": range(len(values)), "v": pa.array(values, type=type_)}))
    expr = table.select(table.n, out=cast_to(kind, table.v, reading or ReadSettings())).order_by("n")
    out = connection.to_pyarrow(expr)["out"].to_pylist()
    return list(out)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize("zone", ZONES)
def test_local_times_are_read_as_core_time_reads_them(connection: Any, zone: str) -> None:
    source = np.random.default_rng(5)
    moments = [dt.datetime(1995, 1, 1) + dt.timedelta(minutes=int(m)) for m in source.integers(0, 18_000_000, 1_500)]
    for year in range(2010, 2020):  # every quarter hour of the days around the clock changes
        for start in ((3, 24), (10, 24), (2, 15), (11, 1), (4, 1)):
            day = dt.datetime(year, *start)
            moments += [day + dt.timedelta(minutes=15 * step) for step in range(0, 8 * 96, 3)]
    expected = [instant(m, zone).to_pydatetime() for m in moments]
    assert cast(connection, moments, Kind.INSTANT, ReadSettings(zone), pa.timestamp("us")) == expected
    texts = [m.isoformat(sep=" ") for m in moments]
    assert cast(connection, texts, Kind.INSTANT, ReadSettings(zone)) == expected


def test_aware_times_keep_their_instant(connection: Any) -> None:
    moments = [
        dt.datetime(2024, 10, 27, h, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=f) for h in (1, 2, 3) for f in (0, 1)
    ]
    expected = [m.astimezone(dt.UTC).replace(tzinfo=None) for m in moments]
    arrow = pa.timestamp("us", "Europe/Paris")
    assert cast(connection, moments, Kind.INSTANT, ReadSettings("Asia/Tokyo"), arrow) == expected
    texts = [m.isoformat() for m in moments]
    assert cast(connection, texts, Kind.INSTANT, ReadSettings("Asia/Tokyo")) == expected


def test_zones_may_be_mixed_in_a_column_of_texts(connection: Any) -> None:
    texts = [
        "2024-06-01 12:00",
        "2024-06-01T12:00:00Z",
        "2024-06-01 12:00:00+05:30",
        "2024-06-01T12:00-04",
        "2024-06-01",
    ]
    read = cast(connection, texts, Kind.INSTANT, ReadSettings("Europe/Paris"))
    hours = ["2024-06-01 10:00", "2024-06-01 12:00", "2024-06-01 06:30", "2024-06-01 16:00", "2024-05-31 22:00"]
    assert read == [at(hour) for hour in hours]


def test_day_first_dates_with_and_without_a_time_share_a_column(connection: Any) -> None:
    texts = ["27-07-2023", "28-07-2023 03:00", "03/04/2024", "3.4.2024 10:11:12", "2024-04-03", "2024-04-03T01:00Z"]
    read = cast(connection, texts, Kind.INSTANT, ReadSettings(dayfirst=True))
    days = ["2023-07-27", "2023-07-28 03:00", "2024-04-03", "2024-04-03 10:11:12", "2024-04-03", "2024-04-03 01:00"]
    assert read == [at(day) for day in days]


def test_a_date_format_is_followed_and_nothing_else(connection: Any) -> None:
    reading = ReadSettings(date_format="%m/%d/%Y")
    read = cast(connection, ["03/04/2024", "03/04/2024 05:06", "2024-03-04", "13/04/2024"], Kind.INSTANT, reading)
    assert read == [at("2024-03-04"), at("2024-03-04 05:06"), None, None]
    assert cast(connection, ["20240304"], Kind.DATE, ReadSettings(date_format="%Y%m%d")) == [dt.date(2024, 3, 4)]


@pytest.mark.parametrize(
    "text",
    ["27-07-2023", "27-07-23", "yesterday", "2024-02-30", "2024-13-01", "2024", "20240101", "infinity", "1e9", "0",
     "2024-01-01 25:00", "2024-01-01 10:00 Europe/Paris", "0001-01-01", "12024-01-01", "epoch", "été"],
)  # fmt: skip
def test_what_is_no_iso_date_is_not_guessed(connection: Any, text: str) -> None:
    assert cast(connection, [text], Kind.INSTANT) == [None]
    assert cast(connection, [text], Kind.DATE) == [None]


def test_dates_are_calendar_days_where_the_business_is(connection: Any) -> None:
    aware = [dt.datetime(2024, 5, 31, 23, 0, tzinfo=dt.UTC)]
    arrow = pa.timestamp("us", "UTC")
    assert cast(connection, aware, Kind.DATE, ReadSettings("Europe/Paris"), arrow) == [dt.date(2024, 6, 1)]
    texts = ["2024-05-31T23:00:00Z", "2024-06-01", "2024-06-01 23:59"]
    assert cast(connection, texts, Kind.DATE, ReadSettings("Europe/Paris")) == [dt.date(2024, 6, 1)] * 3
    days = ibis.memtable(pa.table({"day": [dt.date(2024, 6, 1)]}))
    midnight = connection.execute(days.select(m=first_midnight(days.day, "Europe/Paris")))["m"]
    assert midnight[0] == instant(dt.date(2024, 6, 1), "Europe/Paris")


def test_dates_become_their_first_midnight(connection: Any) -> None:
    read = cast(connection, [dt.date(2024, 6, 1), None], Kind.INSTANT, ReadSettings("Europe/Paris"))
    assert read == [at("2024-05-31 22:00"), None]


def test_nanoseconds_are_rounded_to_microseconds(connection: Any) -> None:
    stamps = np.array(["2024-01-01T00:00:00.123456789"], dtype="datetime64[ns]")
    assert cast(connection, stamps, Kind.INSTANT) == [at("2024-01-01 00:00:00.123457")]


def test_numbers(connection: Any) -> None:
    texts = ["1", " 2.5 ", "-3e2", "1,5", "1e400", "inf", "nan", "", "abc", "0x10"]
    assert cast(connection, texts, Kind.NUMBER) == [1.0, 2.5, -300.0, *[None] * 7]
    assert cast(connection, ["1,5", "2"], Kind.NUMBER, ReadSettings(decimal=",")) == [1.5, 2.0]
    assert cast(connection, ["12", "12.0", "12.7", "1e30"], Kind.INTEGER) == [12, 12, None, None]
    assert cast(connection, [12.0, 12.5, float("nan"), float("inf")], Kind.INTEGER) == [12, None, None, None]
    assert cast(connection, [2**62], Kind.INTEGER) == [2**62]


def test_money_is_exact_and_what_overflows_it_is_not_read(connection: Any) -> None:
    out = cast(connection, ["0.1", "19.99", "-4", "123456789012345", "1e20", "12.34567"], Kind.MONEY)
    assert [None if v is None else str(v) for v in out] == ["0.1000", "19.9900", "-4.0000", None, None, "12.3457"]
    assert [str(v) for v in cast(connection, [0.1, 19.99], Kind.MONEY)] == ["0.1000", "19.9900"]
    assert str(cast(connection, ["4,20"], Kind.MONEY, ReadSettings(decimal=","))[0]) == "4.2000"


def test_flags(connection: Any) -> None:
    texts = ["true", "FALSE", "Yes", "no", "1", "0", "Y", "n", "T", "f", "maybe", "2", ""]
    assert cast(connection, texts, Kind.BOOL) == [True, False] * 5 + [None] * 3
    assert cast(connection, [1, 0, 2, None], Kind.BOOL) == [True, False, None, None]
    assert cast(connection, [True, None], Kind.BOOL) == [True, None]


def test_identifiers_keep_type_and_text(connection: Any) -> None:
    assert cast(connection, ["007", " x", "é", ""], Kind.ID) == ["007", " x", "é", None]
    assert cast(connection, [7, None], Kind.ID) == [7, None]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("values", [[True, None], [1, 2], [1.5, None], ["a", None], [dt.date(2024, 1, 1), None],
                                    [dt.time(1, 2), None], [[1], None], [{"a": 1}, None], [b"x", None]])  # fmt: skip
def test_every_type_meets_every_kind_without_a_crash(connection: Any, kind: Kind, values: list[Any]) -> None:
    assert len(cast(connection, values, kind)) == 2


def test_blank_and_nan_are_missing(connection: Any) -> None:
    table = ibis.memtable(pd.DataFrame({"t": ["a", " ", None], "f": [1.0, float("nan"), 2.0]}))
    out = connection.execute(table.select(t=present(table.t), f=present(table.f)))
    assert out["t"].tolist() == [True, False, False]
    assert out["f"].tolist() == [True, False, True]


ONE_INSTANT = at("2024-07-01 08:30:00")
OFFSETS = {
    None: [
        "2024-07-01T10:30:00+02:00",
        "2024-07-01 10:30:00+0200",
        "2024-07-01 08:30:00Z",
        "2024-07-01T14:00:00+05:30",
    ],
    "%d/%m/%Y %H:%M:%S %z": ["01/07/2024 10:30:00 +0200", "01/07/2024 10:30:00 +02:00", "01/07/2024 08:30:00 Z"],
    "%d/%m/%Y %H:%M:%S%z": ["01/07/2024 10:30:00+0200", "01/07/2024 04:30:00-04:00", "01/07/2024 08:30:00Z"],
    "%d/%m/%Y %H:%M:%S %Z": ["01/07/2024 10:30:00 Europe/Paris", "01/07/2024 08:30:00 UTC"],
}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Asia/Kolkata"])
@pytest.mark.parametrize("date_format", OFFSETS)
def test_an_offset_in_a_text_counts_once(connection: Any, zone: str, date_format: str | None) -> None:
    texts = OFFSETS[date_format]
    found = cast(connection, texts, Kind.INSTANT, ReadSettings(zone, date_format))
    assert found == [ONE_INSTANT] * len(texts)
    days = cast(connection, texts, Kind.DATE, ReadSettings("Pacific/Kiritimati", date_format))
    assert days == [dt.date(2024, 7, 1)] * len(texts)  # 22:30 there; the next day two hours on


def test_a_format_with_an_offset_reads_no_text_without(connection: Any) -> None:
    texts = ["01/07/2024 10:30:00", "01/07/2024 10:30:00 +02:00", None]
    found = cast(connection, texts, Kind.INSTANT, ReadSettings("UTC", "%d/%m/%Y %H:%M:%S %z"))
    assert found == [None, ONE_INSTANT, None]
