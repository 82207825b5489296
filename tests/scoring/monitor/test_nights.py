"""Which night is tonight, which are compared, and which answer for their scores."""

from __future__ import annotations

import json
from itertools import pairwise

import pandas as pd
import pytest
from servicelift.core.errors import ConfigError
from servicelift.scoring.monitor.nights import Nights, ScoresFolder, night_sample

DAY = pd.Timedelta(days=1)


def days(nights):
    return [f"{night.as_of:%m-%d}" for night in nights]


def test_nights_are_those_of_the_look_back_each_once(monthly, night_at):
    again = night_at("2023-05-01", version=9)
    nights = Nights.until([*monthly(), again], pd.Timestamp("2023-08-01"), 120)
    assert days(nights.all) == ["05-01", "06-01", "07-01", "08-01"]
    assert nights.all[0] is again
    assert days([nights.tonight, nights.before]) == ["08-01", "07-01"]
    assert nights.spacing == 31


def test_the_reference_is_the_first_night_of_the_model(monthly, night_at):
    old = [night_at(f"2023-0{month}-01", version=1) for month in (1, 2, 3)]
    nights = Nights.until([*old, *monthly(version=2)[2:]], pd.Timestamp("2023-08-01"), 730)
    assert days([nights.reference]) == ["04-01"]
    assert Nights.until([night_at("2023-08-01")], pd.Timestamp("2023-08-01"), 730).reference is None


def test_without_nights_there_is_nothing():
    nights = Nights.until([], pd.Timestamp("2023-08-01"), 730)
    assert nights.tonight is nights.reference is nights.before is None
    assert nights.answering(90) == []
    assert nights.spacing == 1


def test_the_nights_of_a_chain_lie_a_horizon_apart_and_all_chains_take_turns(night_at):
    night = night_at("2023-02-01")
    every = [type(night)(pd.Timestamp("2023-01-01") + DAY * k, night.frame) for k in range(500)]
    seen = set()
    for last in (400, 401, 420, 460):  # as nights pass, the nights that answer stay the same
        chains = Nights.until(every, every[last].as_of, 330).answering(90)
        assert len(chains) == 3
        for chain in chains:
            assert {after.as_of - before.as_of for before, after in pairwise(chain)} == {90 * DAY}
        seen |= {night.as_of for chain in chains for night in chain}
    assert {after - before for before, after in pairwise(sorted(seen))} == {30 * DAY}


def test_monthly_nights_take_turns_too(monthly):
    chains = Nights.until(monthly(), pd.Timestamp("2024-01-01"), 730).answering(60)
    assert [days(chain) for chain in chains] == [
        ["02-01", "05-01", "08-01", "11-01"],
        ["03-01", "06-01", "09-01"],
        ["04-01", "07-01", "10-01"],
    ]


def test_a_folder_of_scores_is_a_night(tmp_path, night_at):
    night = night_at("2023-05-01")
    night.frame.to_parquet(tmp_path / "scores.parquet")
    with pytest.raises(ConfigError, match=r"no 'scores\.parquet' with its run\.json"):
        ScoresFolder.of(tmp_path, "press")
    (tmp_path / "run.json").write_text(json.dumps({"as_of": "2023-05-01T00:00:00+00:00", "business": "press"}))
    found = ScoresFolder.of(tmp_path, "press")
    assert found.as_of == night.as_of
    assert len(found.scores(["clv"])) == len(night.frame)
    with pytest.raises(ConfigError, match="business 'radio'"):
        ScoresFolder.of(tmp_path, "radio")


def test_a_sample_is_always_the_same_customers(night_at):
    frame = night_at("2023-05-01").frame
    drawn = night_sample(frame, 300)
    assert 220 < len(drawn) < 380
    later = night_sample(night_at("2023-06-01").frame, 300)
    both = set(drawn["customer_id"]) & set(later["customer_id"])
    assert len(both) > 0.6 * len(drawn)
    assert len(night_sample(frame, 10**6)) == len(frame)
