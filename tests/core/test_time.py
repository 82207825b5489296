from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicelift.core.errors import ConfigError
from servicelift.core.time import (
    DAYS_PER_MONTH,
    discount,
    instant,
    local_day,
    local_days,
    local_months,
    local_text,
    month_starts,
    months_to_days,
    utc_instants,
    with_zone,
)

ZONES = ["UTC", "Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata"]
MOMENTS = st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2100, 1, 1))


@given(MOMENTS, st.sampled_from(ZONES))
def test_an_aware_time_keeps_its_instant_whatever_the_configured_zone(moment: dt.datetime, zone: str) -> None:
    aware = moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone))
    assert instant(aware, "Asia/Tokyo") == pd.Timestamp(moment)


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_naive_time_is_read_in_the_zone(moment: dt.datetime, zone: str) -> None:
    stamp = instant(moment, zone)
    shown = stamp.tz_localize("UTC").tz_convert(zone).tz_localize(None)
    expected = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC).replace(tzinfo=None)
    assert stamp == pd.Timestamp(expected)
    assert stamp.unit == "us"
    assert shown == pd.Timestamp(moment) or shown > pd.Timestamp(moment)  # later only where clocks skip it


@pytest.mark.parametrize(
    ("value", "zone", "expected"),
    [
        (dt.date(2024, 6, 1), "Europe/Paris", "2024-05-31 22:00"),
        ("2024-06-01", "UTC", "2024-06-01"),
        ("2024-06-01T12:00:00+02:00", "America/New_York", "2024-06-01 10:00"),
        ("2024-06-01T12:00:00.123456Z", "America/New_York", "2024-06-01 12:00:00.123456"),
        (" 2024-06-01 12:30 ", "UTC", "2024-06-01 12:30"),
        ("2024-06-01 1230+0200", "UTC", "2024-06-01 10:30"),
        ("2024-06-01T12 -03", "UTC", "2024-06-01 15:00"),
        ("2024-03-31 02:30", "Europe/Paris", "2024-03-31 01:30"),  # does not exist: moves to 03:30
        ("2024-10-27 02:30", "Europe/Paris", "2024-10-27 00:30"),  # exists twice: the first
        (dt.date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04 03:00"),  # a midnight that does not exist
    ],
)
def test_instants(value: object, zone: str, expected: str) -> None:
    assert instant(value, zone) == pd.Timestamp(expected)  # type: ignore[arg-type]


NO_DATES = [
    *("03-04-2024", "yesterday", "now", "", "2024-13-01", "NaT", None, float("nan")),
    *(
        "2024-06-01 - 2024-07-01",
        "2024-06-01 2024-07-01",
        "2024-06-01junk",
        "2024-06-01 Europe/Paris",
        "2024-06-01 12h",
    ),
    *("2024-06-01,2024-07-01", "2024-06-01 noon", "2024-06-01T", "20240601", "2024-06-01 25:00", "2024-06-01\x00"),
]


@pytest.mark.parametrize("value", NO_DATES)
def test_what_is_no_date_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(ConfigError, match="expected a date such as 2024-06-01"):
        instant(value)  # type: ignore[arg-type]


def test_a_date_no_clock_reaches_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected a date"):
        instant("0001-01-01", "Asia/Tokyo")


@given(st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 2_000), st.integers(1, 12))
def test_month_starts_begin_at_the_first_day_and_never_pass_the_last(first: dt.date, days: int, every: int) -> None:
    last = first + dt.timedelta(days=days)
    starts = month_starts(first, last, every)
    assert starts[0] == pd.Timestamp(first)
    assert all(earlier < later for earlier, later in itertools.pairwise(starts))
    assert starts[-1] <= pd.Timestamp(last) < pd.Timestamp(first) + pd.DateOffset(months=every * len(starts))


def test_month_starts_keep_the_day_of_the_month_and_local_midnight() -> None:
    starts = month_starts(dt.date(2024, 1, 31), dt.date(2024, 4, 30), timezone="Europe/Paris")
    local = [s.tz_localize("UTC").tz_convert("Europe/Paris").strftime("%m-%d %H:%M") for s in starts]
    assert local == ["01-31 00:00", "02-29 00:00", "03-31 00:00", "04-30 00:00"]


def test_month_starts_refuse_a_step_of_no_months() -> None:
    with pytest.raises(ConfigError, match="every_months"):
        month_starts(dt.date(2024, 1, 1), dt.date(2024, 2, 1), 0)


@given(st.floats(0, 20_000), st.floats(0, 20_000), st.floats(0, 1))
def test_discounting_over_two_spans_multiplies(first: float, second: float, rate: float) -> None:
    both = discount(first, rate) * discount(second, rate)
    assert discount(first + second, rate) == pytest.approx(both, rel=1e-9)


def test_discount_of_a_year_is_one_over_one_plus_the_rate() -> None:
    np.testing.assert_allclose(discount([0.0, 365.25, 730.5], 0.10), [1.0, 1 / 1.1, 1 / 1.21])


def test_twelve_months_are_a_year() -> None:
    assert months_to_days(12) == pytest.approx(365.25)
    assert pytest.approx(365.25) == 12 * DAYS_PER_MONTH


def test_utc_instants_convert_aware_times_and_keep_gaps() -> None:
    stamps = utc_instants(pd.to_datetime(["2024-01-01 01:00", None]).tz_localize("Europe/Paris"))
    assert stamps.dtype == "datetime64[us]"
    assert stamps[0] == np.datetime64("2024-01-01T00:00")
    assert np.isnat(stamps[1])


def test_days_and_months_are_those_of_the_zone():
    evening = pd.Timestamp("2024-05-31 22:30")
    assert local_day(evening, "Europe/Paris") == dt.date(2024, 6, 1)
    assert local_day(evening.tz_localize("UTC").tz_convert("Asia/Tokyo"), "UTC") == dt.date(2024, 5, 31)
    assert local_text(evening, "Europe/Paris") == "2024-06-01 00:30 Europe/Paris"
    assert local_text(evening, "UTC") == "2024-05-31 22:30 UTC"
    months = local_months(pd.Series([evening, pd.Timestamp("2024-05-31 21:59")]), "Europe/Paris")
    assert months.tolist() == ["2024-06", "2024-05"]


def test_instants_for_machines_carry_their_zone():
    naive = pd.DataFrame({"as_of": pd.to_datetime(["2024-05-31 22:00"])})
    aware = naive.assign(as_of=naive["as_of"].dt.tz_localize("UTC").dt.tz_convert("Europe/Paris"))
    for frame in (naive, aware):
        assert str(with_zone(frame)["as_of"].dtype) == "datetime64[us, UTC]"
        assert with_zone(frame)["as_of"].tolist() == [pd.Timestamp("2024-05-31 22:00", tz="UTC")]


@given(st.lists(MOMENTS, min_size=1, max_size=5), st.sampled_from(ZONES))
def test_days_of_many_instants_are_those_of_each(moments: list[dt.datetime], zone: str) -> None:
    instants = pd.Series(moments).astype("datetime64[us]")
    assert local_days(instants, zone).tolist() == [str(local_day(moment, zone)) for moment in instants]
