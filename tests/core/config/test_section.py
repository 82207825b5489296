from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError
from servicelift.core.config.section import Day, Days, Money, Section, Share, Words, each_once, repeated


class Sample(Section):
    """A section with one key of each kind."""

    day: Day = dt.date(2024, 1, 1)
    days: Days = 1
    money: Money = 0.0
    share: Share = 0.0
    words: Words = ()


@pytest.mark.parametrize(
    "broken",
    [
        *({"day": "9999-12-31"}, {"day": "1850-01-01"}, {"days": 0}, {"days": 10**9}, {"money": float("inf")}),
        *(
            {"money": float("nan")},
            {"money": -1},
            {"share": 1.01},
            {"words": ["a", "A "]},
            {"words": [" "]},
            {"other": 1},
        ),
    ],
)
def test_what_is_out_of_bounds_is_refused(broken):
    with pytest.raises(ValidationError):
        Sample.model_validate(broken)


def test_what_is_within_bounds_is_kept():
    sample = Sample.model_validate({"day": "2024-02-29", "days": 36_525, "money": 3, "share": 1, "words": ["b", "a"]})
    assert (sample.day, sample.days, sample.money, sample.words) == (dt.date(2024, 2, 29), 36_525, 3.0, ("b", "a"))


def test_a_word_that_stands_twice_is_named():
    assert repeated(("phone", "mail", " PHONE ")) == " PHONE "
    assert repeated((30, 90)) is None
    with pytest.raises(ValueError, match="'a' twice"):
        each_once(("b", "a", "a"))
