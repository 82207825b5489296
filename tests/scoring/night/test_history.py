"""The history of nights: what is found, in which order, and that nothing half or mixed is ever read."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from servicelift.core.errors import ConfigError
from servicelift.scoring.night.history import History

DAYS = ["2024-05-30", "2024-05-31", "2024-06-01"]


@pytest.fixture
def history(tmp_path, night):
    for day in reversed(DAYS):
        night(tmp_path / f"as_of={day}", day)
    return History(tmp_path)


def test_nights_come_in_the_order_of_their_days(history):
    assert [each.day for each in history.partitions()] == DAYS
    assert history.latest().day == DAYS[-1]
    assert history.partition(DAYS[0]).as_of == pd.Timestamp(DAYS[0])
    assert history.partition("2024-05-29") is None


def test_the_end_of_a_period_is_left_out(history):
    since, until = pd.Timestamp(DAYS[1]), pd.Timestamp(DAYS[2])
    assert [each.day for each in history.partitions(since, until)] == [DAYS[1]]
    assert [each.day for each in history.partitions(since=since)] == DAYS[1:]
    assert [each.day for each in history.partitions(until=since)] == DAYS[:1]


def test_a_folder_that_is_not_there_holds_no_nights(tmp_path):
    assert History(tmp_path / "none").partitions() == []
    assert History(tmp_path / "none").latest() is None


def test_frames_have_a_zone_and_no_column_of_the_path(history):
    scores = history.latest().scores()
    assert str(scores["as_of"].dtype).endswith("UTC]")
    assert list(scores) == ["customer_id", "as_of", "churn_probability"]
    assert list(history.latest().action_values(["customer_id"])) == ["customer_id"]


def test_parts_are_read_together_in_their_order(history, tmp_path):
    folder = tmp_path / f"as_of={DAYS[0]}" / "scores"
    more = pd.DataFrame({"customer_id": [9], "as_of": [pd.Timestamp(DAYS[0], tz="UTC")], "churn_probability": [0.9]})
    more.to_parquet(folder / "part-00001.parquet")
    assert history.partition(DAYS[0]).scores()["customer_id"].tolist() == [0, 1, 2, 9]


def test_what_is_staged_or_has_no_manifest_is_no_night(history, tmp_path, night):
    night(tmp_path / ".night-as_of=2024-06-02", "2024-06-02")
    (tmp_path / "as_of=2024-06-03").mkdir()
    (tmp_path / "latest").symlink_to("as_of=2024-06-01")
    assert [each.day for each in history.partitions()] == DAYS


def test_a_night_that_lies_aside_is_read_until_the_new_one_is_there(history, tmp_path, night):
    (tmp_path / f"as_of={DAYS[2]}").rename(tmp_path / f".replaced-as_of={DAYS[2]}")
    assert [each.day for each in history.partitions()] == DAYS
    assert history.latest().scores()["churn_probability"].eq(0.1).all()
    night(tmp_path / f"as_of={DAYS[2]}", DAYS[2], revision=2)
    assert history.latest().revision == 2


@pytest.mark.parametrize("gone", [False, True])
def test_a_night_that_was_replaced_or_removed_is_not_read_as_if_it_were_the_old_one(history, tmp_path, night, gone):
    found, folder = history.latest(), tmp_path / f"as_of={DAYS[2]}"
    shutil.rmtree(folder)
    if not gone:
        night(folder, DAYS[2], revision=2)
    with pytest.raises(ConfigError, match="was replaced or removed while it was read"):
        found.scores()


@pytest.mark.parametrize("text", ["{", "[]", '{"day": "2024-06-01"}'])
def test_a_manifest_that_is_none_is_one_line(history, tmp_path, text):
    (tmp_path / f"as_of={DAYS[2]}" / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="manifest"):
        history.latest()


def test_a_night_without_parts_is_one_line(history, tmp_path):
    (tmp_path / f"as_of={DAYS[2]}" / "scores" / "part-00000.parquet").unlink()
    with pytest.raises(ConfigError, match=r"expected 'scores/part-\*.parquet'"):
        history.latest().scores()


def test_a_repr_shows_no_manifest(history):
    assert "revision" not in repr(history.latest())
    assert json.dumps(history.latest().manifest)
