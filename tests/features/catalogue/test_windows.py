"""How far back a feature looks is read off its expression, never less than it does."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.catalogue.declare import Form, Group, mean, within
from servicelift.features.catalogue.windows import recent, split
from servicelift.features.timeline.spine import DAY

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


VISITS = Group("visits", lambda tables, keys: ROWS)


@VISITS.feature(unit="visits", sources=(), known="a", form=Form.COUNT, windows=(10, 20, 40))
def visits(e, days):
    """Visits in the window."""
    return e.count(where=within(e.a_age, days))


@VISITS.feature(unit="visits", sources=(), known="a", form=Form.COUNT, windows=(10, 40))
def flagged(e, days):
    """Flagged visits in the window."""
    return e.count(where=e.flag & within(e.a_age, days))


@VISITS.feature(unit="days", sources=(), known="a")
def youngest(e):
    """Age of the last visit."""
    return e.a_age.min()


FEATURES = VISITS.features(Config(tables={"customers": "c", "payments": "p"}))


@pytest.mark.parametrize(
    ("least", "parts"),
    [
        (1, [["youngest"], ["visits_10d", "flagged_10d"], ["visits_20d"], ["visits_40d", "flagged_40d"]]),
        (2, [["youngest"], ["visits_10d", "flagged_10d"], ["visits_20d", "visits_40d", "flagged_40d"]]),
        (9, [["youngest"], ["visits_10d", "flagged_10d", "visits_20d", "visits_40d", "flagged_40d"]]),
    ],
)
def test_windows_with_enough_features_are_read_apart(least, parts):
    assert [[f.info.name for f in chosen] for _, chosen in split(ROWS, FEATURES, least=least)] == parts


@pytest.mark.parametrize("least", [1, 2, 9])
def test_features_are_the_same_however_they_are_parted(connection, least):
    ages = [0, 10 * DAY, 10 * DAY + 1, 20 * DAY, 20 * DAY + 1, 40 * DAY, 40 * DAY + 1]
    rows = ibis.memtable(pd.DataFrame({"row": 0, "a_age": ages, "flag": [True, False] * 3 + [True]}))
    found = {}
    for part, chosen in split(rows, FEATURES, least=least):
        made = part.group_by("row").aggregate(**{f.info.name: f.aggregate(part) for f in chosen})
        found |= connection.execute(made).drop(columns="row").iloc[0].to_dict()
    assert found == {
        "visits_10d": 2,
        "visits_20d": 4,
        "visits_40d": 6,
        "flagged_10d": 1,
        "flagged_40d": 3,
        "youngest": 0,
    }
