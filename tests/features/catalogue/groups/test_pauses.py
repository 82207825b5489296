import dataclasses

import pandas as pd
import pytest
from servicelift.features.catalogue.catalogue import build_features, feature_names
from servicelift.features.catalogue.groups.pauses import PAUSES


def one(**values):
    plain = {"subscription_id": 1, "product": "paper", "term_months": 1, "price": 10.0, "started_at": "2024-01-01"}
    return {"subscriptions": [plain | values]}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("2024-01-10", [1, None, 5]), ("2024-01-15", [0, 0, 31]), ("2024-01-25", [0, 10, 21])],
)
def test_a_trial_is_over_at_its_end_and_the_first_term_begins_then(features_at, as_of, expected):
    names = ("in_trial", "days_since_trial_end", "days_to_renewal")
    assert features_at(one(trial_until="2024-01-15"), as_of, *names) == expected


def test_a_trial_of_several_months_renews_nothing_before_it_is_over(features_at):
    names = ("days_to_renewal", "renewals_done", "terms_done")
    assert features_at(one(trial_until="2024-04-01"), "2024-01-20", *names) == [72, 0, 0]
    assert features_at(one(trial_until="2024-04-01"), "2024-05-01", *names) == [31, 1, 1]


def test_a_trial_counts_until_the_end_of_the_subscription(features_at):
    rows = one(trial_until="2024-03-01", ended_at="2024-01-20")
    assert features_at(rows, "2024-01-30", "in_trial", "days_since_trial_end") == [0, 10]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2024-02-01", [0, 0, 0, None]),
        ("2024-02-11", [1, 1, 10, None]),
        ("2024-03-02", [1, 1, 30, None]),
        ("2024-03-12", [0, 1, 30, 10]),
        ("2025-02-11", [0, 0, 19, 346]),
    ],
)
def test_a_pause_is_known_as_it_happens(features_at, as_of, expected):
    """It is not seen at its own instant, and its end is not foreseen."""
    rows = one(paused_from="2024-02-01", paused_until="2024-03-02")
    names = ("is_paused", "pauses_365d", "days_paused_365d", "days_since_pause_end")
    assert features_at(rows, as_of, *names) == expected


def test_a_pause_over_before_it_began_is_none(features_at):
    rows = one(paused_from="2024-02-10", paused_until="2024-02-01")
    names = ("is_paused", "pauses_365d", "days_paused_365d", "days_since_pause_end")
    assert features_at(rows, "2024-03-01", *names) == [0, 0, 0, None]


def test_an_end_ends_the_pause(features_at):
    rows = one(paused_from="2024-02-01", ended_at="2024-02-11")
    names = ("is_paused", "days_paused_365d", "days_since_pause_end")
    assert features_at(rows, "2024-06-01", *names) == [0, 10, None]


def test_the_group_says_what_it_lacks(tables_of):
    tables = tables_of(one(), missing={"subscriptions.trial_until", "subscriptions.paused_from"})
    assert PAUSES.lacks(tables) == "needs subscriptions.trial_until or subscriptions.paused_from"
    assert PAUSES.lacks(tables_of(one())) is None


def test_empty_columns_change_no_other_feature(random_worlds, connection):
    """Tables without terms in days, trials and pauses have the same features as with those columns empty."""
    new = ("trial_until", "paused_from", "paused_until", "term_days")
    world = random_worlds.world_of(5)
    rows = [row | dict.fromkeys(new) | {"term_months": row["term_months"] or 1} for row in world.rows["subscriptions"]]
    world = world.with_rows(world.rows | {"subscriptions": rows})
    before = dataclasses.replace(world, missing=frozenset(f"subscriptions.{column}" for column in new))
    spine = random_worlds.spine_of(world, random_worlds.AS_OFS)
    tables, older = (w.tables(connection) for w in (world, before))
    names = feature_names(older)
    assert set(feature_names(tables)) - set(names) == {f.info.name for f in PAUSES.features(world.config)}
    pd.testing.assert_frame_equal(
        build_features(tables, spine, names), build_features(older, spine, names), check_exact=True
    )
