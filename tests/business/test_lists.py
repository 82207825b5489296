"""Scores and target lists through the front door, with and without a place of one's own."""

from __future__ import annotations

import gc

import pandas as pd
import pytest
import servicelift as sl
from servicelift.business.lists import _read_list
from servicelift.core.progress import no_progress

AT = "2024-07-01"
pytestmark = [pytest.mark.xdist_group("front_door"), pytest.mark.usefixtures("tables_read_once")]


@pytest.fixture(scope="module")
def b(trained_press):
    return sl.open(trained_press, progress=no_progress)


@pytest.fixture(scope="module")
def scores(b):
    return b.score(AT)


def test_scores_are_frames_and_files(scores):
    pd.testing.assert_frame_equal(scores.customers, pd.read_parquet(scores.out / "scores.parquet"))
    assert "retention_offer" in set(scores.action_values["action"])
    assert scores.facts["customers"] == len(scores.customers)
    assert "customers scored" in scores.summary()


def test_a_temporary_folder_lives_as_long_as_its_result(b, scores):
    made = b.targets(budget=100, scores=scores)
    file = made.out
    assert file.is_file()
    del made
    gc.collect()
    assert not file.parent.exists()


def test_targets_take_the_scores_they_are_given(b, scores, tmp_path):
    made = b.targets(budget=100, scores=scores, out=tmp_path / "list.csv")
    assert made.contact["cost"].sum() + made.holdout["cost"].sum() <= 100
    assert set(made.contact["arm"]) == {"treated"}
    again = b.targets(budget=100, scores=scores.out)
    pd.testing.assert_frame_equal(again.contact, made.contact)
    assert again.out.parent != tmp_path


def test_targets_take_the_latest_scores_or_score_at_the_end(trained_press):
    fresh = sl.open(trained_press, progress=no_progress)
    assert set(fresh.targets(budget=60).contact["decided_at"]) == {"2024-07-01T00:00:00Z"}
    fresh.score("2024-06-01")
    assert set(fresh.targets(budget=60).contact["decided_at"]) == {"2024-06-01T00:00:00Z"}


def test_lists_keep_the_type_of_customers_whatever_the_decimal_mark(b, scores, tmp_path):
    made = b.targets(budget=100, scores=scores)
    known = scores.customers["customer_id"]
    assert made.contact["customer_id"].dtype == known.dtype
    assert set(made.contact["customer_id"]) <= set(known)
    french = tmp_path / "french.csv"
    made.contact.to_csv(french, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    pd.testing.assert_frame_equal(_read_list(french, scores.out), made.contact)
