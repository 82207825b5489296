"""Nights through the front door."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import servicelift as sl
from servicelift.cli import app
from servicelift.core.config.business import Config
from servicelift.core.errors import ALARMED, ConfigError, ModelError
from servicelift.core.progress import no_progress
from servicelift.scoring.night import night
from servicelift.scoring.night.log import Log
from servicelift.scoring.night.steps import Alarm
from typer.testing import CliRunner


def test_the_history_lies_where_the_config_says_or_where_one_asks(trained_press, tmp_path):
    b = sl.open(trained_press, progress=no_progress)
    assert b.history().root == trained_press.parent / "night"
    assert b.history(tmp_path / "other").root == Path(tmp_path / "other")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a night that makes nothing and raises the alarms given; what follows it is real."""

    def run(*alarms, train=None, **config):
        outcome = night.NightOutcome(tmp_path, (), ("2024-06-01",), (), alarms)
        monkeypatch.setattr(night, "nightly", lambda *_, **__: outcome)
        loaded = Config.model_validate(
            {"tables": {"customers": "c", "payments": "p"}, "folder": tmp_path, "data_until": "2024-06-01", **config}
        )
        b, lines = sl.open(loaded, progress=no_progress), []
        monkeypatch.setattr(type(b), "train", train or (lambda self: pytest.fail("nobody asked for training")))
        return b.nightly("latest", log=Log(lines.append, run="r")), [line.partition(" ")[2] for line in lines]

    return run


MODELS = Alarm("monitor", "auc", "the order of customers is worse", models=True)


def test_training_that_is_due_is_said_and_done_where_it_is_allowed(run):
    def train(self):
        return SimpleNamespace(models=[1, 2], lines=("press-churn version 2: champion",))

    due = run(MODELS, nightly={"retrain": {"on_alarm": True}})[0]
    assert due.lines[-2].startswith("training is due")
    assert due.lines[-1] == "run `servicelift train`, or set nightly: retrain: allowed: true"
    done, lines = run(MODELS, train=train, nightly={"retrain": {"on_alarm": True, "allowed": True}})
    assert done.lines[-1] == "press-churn version 2: champion"
    assert lines[0].startswith("warning r retrain: training is due")
    assert lines[1].startswith("info r retrain: 2 models judged")
    quiet = run(nightly={"retrain": {"on_alarm": True, "allowed": True}})[0]
    assert (quiet.exit_code, len(quiet.lines)) == (0, 1)


def test_a_training_that_fails_and_a_database_that_is_gone_are_alarms_of_a_night_that_is_there(run, tmp_path):
    def train(self):
        raise ModelError("too few churners")

    wish, other = {"retrain": {"on_alarm": True, "allowed": True}}, tmp_path / "notes.txt"
    other.write_text("no database", encoding="utf-8")
    failed, lines = run(MODELS, train=train, nightly=wish, publish={"connection": f"duckdb:{other}"})
    assert failed.exit_code == ALARMED
    assert [text.partition(":")[0] for text in failed.alarms] == [
        "the order of customers is worse",
        "the nights are there, but the database lacks some",
        "the training that was due failed",
    ]
    assert failed.lines[-1] == "alarm: the training that was due failed: too few churners"
    assert lines[-1].startswith("info r run: done, 3 alarms")


def test_a_database_that_is_named_is_brought_up_to_date(run, tmp_path):
    done, lines = run(publish={"connection": f"duckdb:{tmp_path}/nights.duckdb"})
    assert done.exit_code == 0
    assert "nights.duckdb" in lines[0]


def test_a_day_or_a_period_is_needed(run):
    with pytest.raises(ConfigError, match="got neither"):
        sl.open(Config.model_validate({"tables": {"customers": "c", "payments": "p"}})).nightly()


def test_a_fault_of_our_own_is_an_error_in_the_log_before_its_traceback(tmp_path, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    config = tmp_path / "business.yaml"
    config.write_text("tables: {customers: c.parquet, payments: p.parquet}\n", encoding="utf-8")
    monkeypatch.setattr(night, "nightly", broken)
    ended = CliRunner().invoke(app, ["nightly", str(config), "--as-of", "2024-06-01", "--log", "json"])
    assert isinstance(ended.exception, ZeroDivisionError)
    said = json.loads(ended.stderr)
    assert (said["level"], said["message"]) == ("error", "our own fault (ZeroDivisionError); please report it")
