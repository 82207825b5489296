"""Readings: counted by the end of their data, unknown where the store is older, and held by a wider interval."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from servicelift.models.refutation.verdict import judge
from servicelift.scoring.statement.readings import (
    RUN,
    Readings,
    earlier_readings,
    reading_columns,
    reading_tags,
)
from servicelift.tracking import Tracker

OFFER = ("action", "offer", None, "randomised")
SWITCH = ("action", "bascule été", "spring", "observational")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


def leave(tracker: Tracker, day: str, keys: list) -> None:
    with tracker.run(RUN, tags=reading_tags(pd.Timestamp(day), keys)):
        pass


def test_earlier_ends_of_data_are_counted_once_each_by_what_was_read(store):
    tracker = Tracker(store, "read")
    for day, keys in (("2024-01-01", [OFFER]), ("2024-02-01", [OFFER, SWITCH]), ("2024-02-01", [OFFER])):
        leave(tracker, day, keys)
    with pytest.raises(ZeroDivisionError), tracker.run(RUN, tags=reading_tags(pd.Timestamp("2023-12-01"), [OFFER])):
        raise ZeroDivisionError  # a statement that was never written
    found = earlier_readings(tracker, pd.Timestamp("2024-03-01"))
    assert (found.of(OFFER), found.of(SWITCH), found.of(("action", "gift", None, "randomised"))) == (2, 1, 0)
    same = earlier_readings(tracker, pd.Timestamp("2024-02-01"))
    assert (same.of(OFFER), same.of(SWITCH)) == (1, 0)


def test_a_store_older_than_the_record_knows_no_zero(store):
    from mlflow import MlflowClient

    MlflowClient(tracking_uri=store).create_experiment("older")
    tracker = Tracker(store, "older")
    assert earlier_readings(tracker, pd.Timestamp("2024-03-01")).of(OFFER) is None
    leave(tracker, "2024-01-01", [OFFER])
    found = earlier_readings(tracker, pd.Timestamp("2024-03-01"))
    assert (found.of(OFFER), found.of(SWITCH), found.complete) == (1, None, False)


def test_many_readings_are_kept_in_texts_that_a_tag_can_hold(store):
    tracker = Tracker(store, "many")
    keys = [("action", "a" * 60, f"initiative {n}", "randomised") for n in range(300)]
    tags = reading_tags(pd.Timestamp("2024-01-01"), keys)
    assert len(tags) > 3
    assert max(len(text) for text in tags.values()) <= 8_000
    leave(tracker, "2024-01-01", keys)
    found = earlier_readings(tracker, pd.Timestamp("2024-03-01"))
    assert [found.of(key) for key in keys] == [1] * 300


@pytest.fixture(scope="module")
def offer(fitted_world):
    return fitted_world(0.0)[0].effect


def columns(effect, cost, readings=None, key=OFFER):
    verdict = judge(effect.effect, cost, failed=())
    return verdict, reading_columns(effect, 7, verdict, cost, 500, readings or Readings(), key)


def test_the_wider_interval_stands_beside_the_fixed_one_and_changes_no_verdict(offer):
    held = offer.effect
    verdict, found = columns(offer, held.low - 0.1 * held.std_error)
    assert (verdict.verdict, found["verdict_always"]) == ("pays", "not proven")
    assert found["effect_per_treated_always_low"] < held.low < held.high < found["effect_per_treated_always_high"]
    assert found["incremental_clv_always_low"] == pytest.approx(7 * found["effect_per_treated_always_low"])
    sure, found = columns(offer, max(held.low - 3 * held.std_error, 0.0))
    assert sure.verdict == found["verdict_always"] == "pays"
    assert columns(offer, held.high + 5 * held.std_error)[1]["verdict_always"] == "loses"


def test_what_nobody_recorded_is_empty(offer):
    assert np.isnan(columns(offer, 1.0)[1]["earlier_readings"])
    found = columns(offer, 1.0, Readings({OFFER: 4}, complete=True))[1]
    assert (found["earlier_readings"], found["earlier_readings_complete"]) == (4.0, True)


def test_a_contrast_is_held_against_nothing(offer):
    key = ("contrast", "quick", None, "observational")
    assert columns(offer, 0.0, key=key)[1]["verdict_always"] == "effect shown"
    unsure = replace(offer, effect=replace(offer.effect, std_error=offer.effect.estimate / 2.5))
    assert columns(unsure, 0.0, key=key)[1]["verdict_always"] == "effect not shown"
