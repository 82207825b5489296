"""Seasons of a calendar: spans of every year and of one, beside a day-by-day twin."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicelift.core.errors import ConfigError
from servicelift.core.seasons import day_number, season_of, spans_between

DAYS = st.dates(dt.date(1995, 1, 1), dt.date(2060, 12, 31))


def in_yearly(day: dt.date, begin: tuple[int, int], end: tuple[int, int]) -> bool:
    """Say by month and day alone whether a day lies in a span of every year."""
    at = (day.month, day.day)
    leap = day.year % 4 == 0
    begin, end = ((2, 28) if edge == (2, 29) and not leap else edge for edge in (begin, end))
    return begin <= at <= end if begin <= end else at >= begin or at <= end


@given(first=DAYS, length=st.integers(0, 1_500), a=st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
       b=st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31)))  # fmt: skip
def test_a_span_of_every_year_holds_the_days_that_month_and_day_say(
    first: dt.date, length: int, a: dt.date, b: dt.date
) -> None:
    last = first + dt.timedelta(days=length)
    found = season_of({"s": [f"{a:%m-%d}/{b:%m-%d}"]}, first, last)
    # A span that begins on 29 February and ends before it runs from the last of February.
    for place in range(length + 1):
        day = first + dt.timedelta(days=place)
        assert found[place] == int(in_yearly(day, (a.month, a.day), (b.month, b.day))), day


@given(first=DAYS, length=st.integers(0, 900), start=st.integers(-400, 900), days=st.integers(0, 400))
def test_a_span_of_one_year_holds_its_days(first: dt.date, length: int, start: int, days: int) -> None:
    a = first + dt.timedelta(days=start)
    b = a + dt.timedelta(days=days)
    found = season_of({"s": [f"{a}/{b}"]}, first, first + dt.timedelta(days=length))
    assert found.tolist() == [int(start <= place <= start + days) for place in range(length + 1)]


def test_days_are_counted_from_1970() -> None:
    assert day_number(dt.date(2024, 7, 1)) == (dt.date(2024, 7, 1) - dt.date(1970, 1, 1)).days


def test_one_day_needs_no_slash() -> None:
    assert spans_between("2024-12-24", dt.date(2024, 1, 1), dt.date(2024, 12, 31)) == [
        (dt.date(2024, 12, 24), dt.date(2024, 12, 24))
    ]


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("christmas", r"expected MM-DD/MM-DD .* got 'christmas'"),
        ("13-01/13-05", r"names a day that is in no year"),
        ("12-01/2024-12-05", r"got '12-01/2024-12-05'"),
        ("2024-12-05/12-01", r"got '2024-12-05/12-01'"),
        ("2024-12-05/2024-12-01", r"ends after it begins"),
        ("2023-02-29", r"got '2023-02-29'"),
    ],
)
def test_what_is_no_span_is_refused(span: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        season_of({"s": [span]}, dt.date(2023, 1, 1), dt.date(2025, 1, 1))


def test_seasons_that_meet_are_refused() -> None:
    seasons = {"summer": ["07-01/08-31"], "games": ["2024-07-26/2024-08-11"]}
    assert set(season_of(seasons, dt.date(2023, 1, 1), dt.date(2023, 12, 31))) == {0, 1}
    with pytest.raises(ConfigError, match=r"share no day, got 'summer' and 'games'"):
        season_of(seasons, dt.date(2024, 1, 1), dt.date(2024, 12, 31))
