"""How far back a feature looks is read off its expression, never less than it does."""

from __future__ import annotations

import ibis
import pytest
from servicelift.features.declare import mean, within
from servicelift.features.lookback import recent
from servicelift.features.spine import DAY

ROWS = ibis.table({"row": "int64", "a_age": "int64", "b_age": "int64", "flag": "boolean", "x": "int64"}, name="e")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ROWS.count(where=within(ROWS.a_age, 30)), {"a_age": 30 * DAY}),
        (ROWS.count(where=ROWS.flag & within(ROWS.a_age, 30)), {"a_age": 30 * DAY}),
        (mean(ROWS.x, 1.0, within(ROWS.b_age, 90) & ROWS.flag), {"b_age": 90 * DAY}),
        (
            ROWS.count(where=within(ROWS.a_age, 90)) - ROWS.count(where=within(ROWS.a_age, 180)),
            {"a_age": 180 * DAY},
        ),
        (
            ROWS.x.sum(where=within(ROWS.a_age, 30)) + ROWS.x.sum(where=within(ROWS.b_age, 90)),
            {"a_age": 30 * DAY, "b_age": 90 * DAY},
        ),
        (ROWS.x.nunique(where=within(ROWS.a_age, 30) & within(ROWS.b_age, 7)), {"b_age": 7 * DAY}),
        (ROWS.count(where=~within(ROWS.a_age, 30) & within(ROWS.a_age, 60)), {"a_age": 60 * DAY}),
    ],
)
def test_windows_are_found(value, expected):
    assert recent(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        ROWS.count(),
        ROWS.a_age.min(),
        ROWS.count(where=ROWS.flag),
        ROWS.count(where=within(ROWS.a_age, 30) | ROWS.flag),
        ROWS.count(where=~within(ROWS.a_age, 30)),
        ROWS.count(where=within(ROWS.a_age, 30)) - ROWS.count(),
        ROWS.x.argmax(ROWS.b_age),
        within(ROWS.a_age, 30).cast("int64").sum(),
    ],
)
def test_what_may_count_old_rows_looks_at_all(value):
    assert recent(value) == {}


def test_reductions_below_the_rows_do_not_count():
    daily = ROWS.group_by("row", "a_age").aggregate(total=ROWS.x.sum())
    assert recent(daily.total.sum(where=within(daily.a_age, 30))) == {"a_age": 30 * DAY}
