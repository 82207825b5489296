"""A list is made from scores of the right business and date, all of one run; anything else is one line."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.core.files import digests
from servicelift.scoring.targets.scored import check_scores, run_facts

AT = "2024-06-30 22:00:00"
"""The first midnight of July in Paris."""


def config(**changes):
    return Config.model_validate(
        {
            "tables": {"customers": "c", "payments": "p"},
            "business": "press",
            "timezone": "Europe/Paris",
            "data_until": "2024-07-01",
            **changes,
        }
    )


@pytest.fixture
def folder(tmp_path):
    frame = pd.DataFrame({"customer_id": ["a", "b"], "as_of": pd.Timestamp(AT)})
    frame.to_parquet(tmp_path / "scores.parquet")
    frame.assign(action="call").to_parquet(tmp_path / "action_values.parquet")
    write(tmp_path, {"business": "press", "as_of": AT, "data_until": AT})
    return tmp_path


def write(folder, facts):
    (folder / "run.json").write_text(json.dumps(facts), encoding="utf-8")


@pytest.mark.parametrize("at", [AT, "2024-07-01 00:00:00+02:00", "2024-06-30T22:00:00Z"])
def test_scores_of_this_business_and_date_pass_however_the_instant_is_written(folder, at):
    write(folder, {"business": "press", "as_of": at, "data_until": at})
    check_scores(config(), folder)


def test_a_folder_without_facts_is_judged_by_its_rows(folder):
    (folder / "run.json").unlink()
    assert run_facts(folder) == {}
    check_scores(config(), folder)
    with pytest.raises(ConfigError, match="data_until 2024-06-01"):
        check_scores(config(data_until="2024-06-01"), folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"business": "other"}, "expected scores of business 'other', .* holds those of 'press'"),
        ({"data_until": "2024-08-01"}, "scores at 2024-07-01 from data up to 2024-07-01, .* data_until 2024-08-01"),
        ({"timezone": "UTC"}, "data_until 2024-07-01"),
    ],
)
def test_scores_of_another_business_or_date_are_refused(folder, changes, message):
    with pytest.raises(ConfigError, match=message):
        check_scores(config(**changes), folder)


def test_without_data_until_any_date_will_do(folder):
    check_scores(config(data_until=None, timezone="UTC"), folder)


def test_files_of_two_runs_are_refused(folder):
    values = pd.read_parquet(folder / "action_values.parquet")
    values.assign(as_of=pd.Timestamp("2024-05-01")).to_parquet(folder / "action_values.parquet")
    with pytest.raises(ConfigError, match=r"instants \(2024-05-01 02:00 Europe/Paris, 2024-07-01 00:00 Europe/Paris\)"):
        check_scores(config(), folder)


def test_what_an_interrupted_run_left_complete_is_finished_first(folder):
    staged = folder / ".servicelift-0"
    staged.mkdir()
    (staged / ".complete").touch()
    values = pd.read_parquet(folder / "action_values.parquet")
    values.assign(action="letter").to_parquet(staged / "action_values.parquet")
    check_scores(config(), folder)
    assert set(pd.read_parquet(folder / "action_values.parquet")["action"]) == {"letter"}
    assert not staged.exists()


def test_missing_and_broken_files_are_one_line(folder):
    (folder / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="it is no JSON"):
        check_scores(config(), folder)
    (folder / "scores.parquet").unlink()
    with pytest.raises(ConfigError, match=r"expected 'scores\.parquet' in .* run `servicelift score`"):
        check_scores(config(), folder)


def test_files_of_two_runs_at_one_instant_are_refused(folder):
    """A night that was scored again, and stopped while its files moved: only their digests tell."""
    write(folder, {"business": "press", "as_of": AT, "data_until": AT, "files": digests(folder)})
    check_scores(config(), folder)
    values = pd.read_parquet(folder / "action_values.parquet")
    values.assign(action="letter").to_parquet(folder / "action_values.parquet")
    with pytest.raises(ConfigError, match=r"files of different runs: 'action_values\.parquet' is not the one"):
        check_scores(config(), folder)


def test_files_that_are_replaced_while_they_are_read_are_told(folder):
    read = check_scores(config(), folder)
    read.check()
    (folder / "new").write_bytes((folder / "scores.parquet").read_bytes())
    (folder / "new").replace(folder / "scores.parquet")
    with pytest.raises(ConfigError, match="written anew while it was read"):
        read.check()
