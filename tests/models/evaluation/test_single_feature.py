"""What separates too well is found whatever its disguise; what is honest, rare or noise is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.errors import DataError
from servicelift.models.evaluation.single_feature import (
    dates_in,
    late_share,
    outcome_separations,
    purest_state,
    separations,
)
from sklearn.metrics import roc_auc_score

N = 4_000


@pytest.fixture(scope="module")
def y():
    return (np.random.default_rng(0).random(N) < 0.1).astype(int)


def measured(columns, y, groups=None, fewest=30):
    groups = np.arange(len(y)) if groups is None else groups
    return {s.feature: s for s in separations(pd.DataFrame(columns), y, groups, fewest=fewest, seed=1)}


def leaks(y):
    rng = np.random.default_rng(1)
    left = y.astype(bool)
    return {
        "label": y.astype(float),
        "label upside down": -y.astype(float),
        "flag": left,
        "noisy": y + rng.normal(0, 0.25, N),
        "flipped": np.where(rng.random(N) < 0.02, 1 - y, y),
        "only for leavers": np.where(left, rng.normal(size=N), np.nan),
        "only for stayers": np.where(left, np.nan, rng.normal(size=N)),
        "perfect where there is any": np.where(rng.random(N) < 0.5, y + 0.5, np.nan),
        "in the middle": np.where(left, rng.uniform(-0.1, 0.1, N), rng.choice([-1, 1], N) * rng.uniform(0.2, 1, N)),
        "date of leaving": np.where(left, "2024-02-03", None),
        "reason": pd.Series(np.where(left, rng.choice(["price", "moved", "other"], N), "none"), dtype="str"),
    }


@pytest.mark.parametrize("name", leaks(np.zeros(N, dtype=int)))
def test_a_leak_is_found_in_any_disguise(y, name):
    found = measured({name: leaks(y)[name]}, y)[name]
    assert found.auc > 0.95
    assert (found.n, found.events) == (N, y.sum())


def test_the_strongest_comes_first_and_says_by_what_it_separates(y):
    frame = pd.DataFrame(leaks(y) | {"noise": np.arange(N) % 7})
    found = separations(frame, y, np.arange(N), fewest=30, seed=1)
    assert [s.auc for s in found] == sorted((s.auc for s in found), reverse=True)
    assert found[-1].feature == "noise"
    by = {s.feature: s.by for s in found}
    assert by["only for leavers"] == "being missing or not"
    assert by["perfect where there is any"] == "its values where there are any"
    assert by["in the middle"] == by["reason"] == "the rate of its values"


def test_honest_features_stay_far_below(y):
    rng = np.random.default_rng(2)
    columns = {
        "noise": rng.normal(size=N),
        "half missing": np.where(rng.random(N) < 0.5, rng.normal(size=N), np.nan),
        "strong": y + rng.normal(0, 1, N),
        "constant": 3.0,
        "empty": np.full(N, np.nan),
        "many levels": pd.Series([f"v{n}" for n in rng.integers(0, 1_500, N)], dtype="str"),
        "an identifier": pd.Series([f"id{n}" for n in range(N)], dtype="str"),
        "a number of one's own": np.arange(N) + 0.5,
    }
    found = measured(columns, y)
    assert found["strong"].auc < 0.85
    assert max(s.auc for name, s in found.items() if name != "strong") < 0.6
    assert found["constant"].auc == found["empty"].auc == 0.5


def test_a_customer_seen_many_times_does_not_vouch_for_his_own_value():
    """Each customer has one label and a value of his own: by row it is a perfect table, by customer nothing."""
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(100), 40)
    label = (rng.random(100) < 0.4).astype(int)[who]
    own = pd.Series([f"v{n}" for n in who], dtype="str")
    assert measured({"own": own}, label, groups=who)["own"].auc < 0.6
    assert measured({"own": own}, label)["own"].auc == 1.0


@pytest.mark.parametrize("events", [0, 29, N - 29, N])
def test_too_few_of_a_class_are_not_judged(events):
    label = (np.arange(N) < events).astype(int)
    assert measured({"label": label}, label) == {}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), strength=st.floats(0, 3), ties=st.booleans())
def test_rank_separation_is_the_auc_of_the_better_direction(seed, strength, ties):
    rng = np.random.default_rng(seed)
    label = (rng.random(300) < 0.4).astype(int)
    x = strength * label * rng.choice([-1, 1]) + rng.normal(size=300)
    x = x.round() if ties else x
    auc = roc_auc_score(label, x)
    assert measured({"x": x}, label)["x"].auc >= max(auc, 1 - auc) - 1e-12
    assert measured({"x": -x}, label)["x"].auc == pytest.approx(measured({"x": x}, label)["x"].auc, abs=0.02)


def test_large_data_are_judged_on_a_sample_that_a_seed_fixes():
    rng = np.random.default_rng(4)
    label = (rng.random(120_000) < 0.02).astype(int)
    frame = pd.DataFrame({"x": label + rng.normal(size=120_000)})
    first, again = (separations(frame, label, np.arange(120_000), fewest=30, seed=5)[0] for _ in range(2))
    assert first == again
    assert first.n == 50_000
    assert first.auc == pytest.approx(roc_auc_score(label, frame["x"]), abs=0.02)


def test_lengths_must_agree(y):
    with pytest.raises(DataError, match="expected 4000 outcomes and groups"):
        separations(pd.DataFrame({"x": y}), y[1:], np.arange(N), fewest=30, seed=1)


def test_the_purest_state_is_the_surest_one():
    left = np.array([1] * 100 + [0] * 300)
    column = pd.Series([None] * 80 + ["a"] * 19 + ["b"] + ["a"] * 300, dtype="str")
    found = purest_state(column, left, fewest=30)
    assert (found.state, found.share, found.n) == ("missing", 1.0, 80)
    assert found.low == pytest.approx(80 / (80 + 1.959964**2))  # Wilson's lower end where all are events
    value = purest_state(column.fillna("gone"), left, fewest=30)
    assert (value.state, value.n) == ("one of its values", 80)
    assert purest_state(column, left, fewest=90) is None


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        (["2024-02-03", None, "2024-02-04 10:00:00"], {}, ["2024-02-03", None, "2024-02-04"]),
        (["03.02.2024", "04.02.2024 10:00"], {"dayfirst": True}, ["2024-02-03", "2024-02-04"]),
        (["03/02/2024"], {}, ["2024-03-02"]),
        (["23/02/2024"], {}, ["2024-02-23"]),
        (["3 Feb 2024"], {"date_format": "%d %b %Y"}, ["2024-02-03"]),
        ([20240203.0, np.nan], {}, ["2024-02-03", None]),
    ],
)
def test_dates_are_read(values, options, expected):
    found = dates_in(pd.Series(values), **options)
    assert [None if pd.isna(day) else day.strftime("%Y-%m-%d") for day in found] == expected


@pytest.mark.parametrize("values", [["north"], [1985.0, 1990.0], [None], ["2024-02-03", "no", "no"], [20249999.0]])
def test_other_values_are_no_dates(values):
    assert dates_in(pd.Series(values)) is None


def test_late_dates_lie_after_the_look_and_before_the_end():
    dates = pd.to_datetime(pd.Series(["2024-01-01", "2024-01-02", "2024-01-03", "2024-06-01", None]))
    looks = pd.Series(pd.Timestamp("2024-01-01"), index=dates.index)
    assert late_share(dates, looks, pd.Timestamp("2024-05-01")) == 0.25
    assert np.isnan(late_share(dates.iloc[4:], looks.iloc[4:], pd.Timestamp("2024-05-01")))


def test_rows_that_do_not_count_say_nothing_and_others_are_ranked_as_alone():
    rng = np.random.default_rng(4)
    cause = rng.choice([0, 1, 2], 3_000, p=[0.6, 0.3, 0.1])
    values = rng.normal(size=3_000).round(2) + (cause == 1) - 3.0 * (cause == 2)
    frame, alone = pd.DataFrame({"x": values}), cause != 2
    outcome = np.where(cause == 2, -1, cause)
    found = outcome_separations(
        frame, {"one": outcome, "any": (cause > 0).astype(int)}, np.arange(3_000), fewest=30, seed=1
    )
    (one,) = found["one"]
    assert (one.n, one.events) == (int((cause != 2).sum()), int((cause == 1).sum()))
    assert one.by.startswith("its values")
    assert one.auc == pytest.approx(roc_auc_score(cause[alone] == 1, values[alone]), abs=1e-12)
    assert found["any"][0].events == int((cause > 0).sum())
    rare = outcome_separations(frame, {"none": np.zeros(3_000, dtype=int)}, np.arange(3_000), fewest=30, seed=1)
    assert rare == {"none": []}
