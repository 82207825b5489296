"""Local time in the engine against zoneinfo: clocks shown, instants meant, months counted."""

import datetime as dt
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest
from servicelift.features.contract.local_time import months_after, to_utc, wall_clock


@pytest.fixture
def connection(engine):
    return engine


def found(connection, moments, expr):
    table = ibis.memtable(pa.table({"n": range(len(moments)), "at": pa.array(moments, pa.timestamp("us"))}))
    return connection.to_pyarrow(table.select("n", out=expr(table)).order_by("n"))["out"].to_pylist()


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Beirut"])
def test_clocks_show_what_zoneinfo_says_and_mean_the_first_of_two(connection, zone):
    moments = [dt.datetime(2023, 1, 1) + dt.timedelta(minutes=45 * n) for n in range(11_000)]
    local = [m.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for m in moments]
    assert found(connection, moments, lambda t: wall_clock(t["at"], zone)) == local
    meant = [m.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(dt.UTC).replace(tzinfo=None) for m in local]
    assert found(connection, local, lambda t: to_utc(t["at"], zone)) == meant


def test_months_keep_the_time_of_day_and_are_clipped_at_their_end(connection):
    def after(started, months):
        return found(connection, [started], lambda t: months_after(t["at"], ibis.literal(months), "Europe/Paris"))[0]

    start = dt.datetime(2023, 1, 30, 23)  # midnight of the 31st in Paris
    assert after(start, 1) == dt.datetime(2023, 2, 27, 23)
    assert after(start, 2) == dt.datetime(2023, 3, 30, 22)  # summer time
    assert after(start, 13) == dt.datetime(2024, 2, 28, 23)
    assert after(dt.datetime(2023, 2, 26, 1, 30), 1) == dt.datetime(2023, 3, 26, 1, 30)  # 02:30 is skipped: 03:30
