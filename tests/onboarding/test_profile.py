from __future__ import annotations

import pandas as pd
import pytest
from servicelift.onboarding.profile import Dates, Numbers, profile


def of(*values):
    return profile("c", pd.Series(values))


def test_only_a_part_above_twelve_proves_the_order_of_a_date():
    assert of("03/04/2024", "05/06/2024").dates == Dates("ordered", "/")
    assert of("03/04/2024", "25/06/2024").dates == Dates("ordered", "/", day_first=1)
    assert of("03-04-24", "05-26-24 10:00").dates == Dates("ordered", "-", short_year=True, month_first=1)


def test_other_forms_of_dates_are_told_apart():
    assert of("2024-01-31", "2024-01-31 10:00:00").dates == Dates("iso")
    assert of("20240131", "20240201").dates == Dates("compact")
    assert profile("c", pd.Series(pd.to_datetime(["2024-01-31"]))).dates == Dates("typed")
    assert of("31 janvier", "2024-01-31").dates is None


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (("1", "20"), Numbers(True)),
        (("1,5", "20"), Numbers(False, comma=1)),
        (("1.5", "-20.25"), Numbers(False, point=2)),
        (("1.234,50", "2"), Numbers(False, comma=1)),
        (("1,234.50", "2"), Numbers(False, point=1)),
        (("1,234", "2"), Numbers(False, either=1)),
        (("0,125", "2"), Numbers(False, comma=1)),
        (("1 234,50 EUR", "2"), Numbers(False, comma=1)),
    ],
)
def test_the_decimal_mark_is_proved_or_left_open(values, numbers):
    assert of(*values).numbers == numbers


def test_numbers_of_the_sources_own_type_have_no_mark():
    assert profile("c", pd.Series([1.234, 2.5])).numbers == Numbers(False)
    assert profile("c", pd.Series([1.0, 2.0, None])).numbers == Numbers(True)


def test_personal_data_and_flags_are_seen():
    assert of("a@b.org", "c@d.org").personal == "e-mail addresses"
    assert profile("c", pd.Series([True, False])).flags


def test_words_are_kept_only_where_they_are_few_and_short():
    assert of("x", "y", "x").words == {"x": 2, "y": 1}
    assert profile("c", pd.Series([f"v{i}" for i in range(100)])).words == {}
    assert of("a long sentence that somebody wrote into a field of the file").words == {}
