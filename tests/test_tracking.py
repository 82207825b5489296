"""The store: what is asked for and missing is said; examples hold no customer."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ConfigError, ModelError
from servicelift.tracking import Tracker, Version, typical_row


def test_an_example_is_made_of_medians_and_modes():
    frame = pd.DataFrame(
        {
            "tenure": [1.0, 2.0, 30.0],
            "count": [0, 4, 5],
            "auto": [True, True, False],
            "method": ["iban", "card", "iban"],
            "empty": [np.nan, np.nan, np.nan],
        }
    )
    row = typical_row(frame)
    assert len(row) == 1
    assert row.loc[0, ["tenure", "count", "auto", "method"]].tolist() == [2.0, 4.0, 1.0, "iban"]
    assert row["empty"].isna().all()


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/deep/mlflow.db"


@pytest.fixture(scope="module")
def tracker(uri):
    return Tracker(uri, "test")


def test_telemetry_is_off(tracker):
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_a_series_is_one_run_with_a_step_a_day(uri):
    tracker = Tracker(uri, "series")
    for day, value in ((19_000, 1.0), (19_001, 2.0)):
        with tracker.run("monitor", again=True) as run:
            run.metrics({"alarms": value, "missing": float("nan")}, step=day)
    (kept,) = tracker.past(name="monitor")
    assert kept.status == "FINISHED"
    assert kept.metrics == {"alarms": 2.0}
    history = tracker._client.get_metric_history(kept.run_id, "alarms")
    assert [(each.step, each.value) for each in history] == [(19_000, 1.0), (19_001, 2.0)]


def test_two_jobs_that_open_an_empty_store_at_once_share_one_experiment(uri, monkeypatch):
    from mlflow import MlflowClient

    first = Tracker(uri, "shared")
    look, late = MlflowClient.get_experiment_by_name, iter([None])
    monkeypatch.setattr(
        MlflowClient, "get_experiment_by_name", lambda self, name: next(late, "looked") and look(self, name)
    )
    second = Tracker(uri, "shared")
    for each in (first, second):
        with each.run("one"):
            pass
    assert len(first.past()) == 2


def test_an_experiment_knows_whether_its_statements_were_kept_from_its_first_day(uri):
    from mlflow import MlflowClient

    assert Tracker(uri, "new").statements_kept
    MlflowClient(tracking_uri=uri).create_experiment("older")
    assert not Tracker(uri, "older").statements_kept


def test_an_unknown_model_is_none_or_one_clear_line(tracker):
    assert tracker.find("press-churn") is None
    with pytest.raises(ModelError, match="servicelift train"):
        tracker.load("press-churn")
    assert tracker.versions("press-churn") == []


def test_a_model_that_was_not_promoted_is_one_clear_line(tracker, monkeypatch):
    version = Version(3, ("challenger",), "r", None, {})
    monkeypatch.setattr(tracker, "versions", lambda name: [version])
    with pytest.raises(ModelError, match=r"version 3, was not promoted .*--promote churn:3 --reason"):
        tracker.load("press-churn")


def test_a_failed_run_is_marked_and_raises(tracker):
    import mlflow

    def fail():
        with tracker.run("broken") as run:
            run.metrics({"loss": 1.0, "unknown": float("nan")})
            raise ModelError("no")

    with pytest.raises(ModelError):
        fail()
    found = mlflow.search_runs(experiment_names=["test"])
    assert found["status"].tolist() == ["FAILED"]
    assert found["metrics.loss"].tolist() == [1.0]
    assert "metrics.unknown" not in found.columns


@pytest.mark.parametrize(
    "raised", [KeyboardInterrupt(), pytest.param("wrapped", id="wrapped by a library"), pytest.param("in context")]
)
def test_a_stopped_run_is_marked_killed(tracker, raised):
    import mlflow

    def stop():
        with tracker.run("stopped"):
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt as error:
                if raised == "wrapped":
                    raise RuntimeError("Query interrupted") from error
                if raised == "in context":
                    raise RuntimeError("Query interrupted")  # noqa: B904
                raise

    with pytest.raises((KeyboardInterrupt, RuntimeError)):
        stop()
    newest = mlflow.search_runs(experiment_names=["test"], filter_string="attributes.run_name = 'stopped'")
    assert newest["status"].iloc[0] == "KILLED"
    assert mlflow.active_run() is None


def test_a_store_that_cannot_be_opened_is_one_clear_line(tmp_path):
    (tmp_path / "text.db").write_text("no database, but long enough to be read as one" * 50, encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    for uri, place in (
        (f"sqlite:///{tmp_path}/text.db", "text.db"),
        (f"sqlite:///{tmp_path}/file/mlflow.db", "mlflow.db"),
        ("http://user:secret@localhost:1", "the server localhost"),
    ):
        with pytest.raises(ConfigError, match=r"^tracking\.uri: cannot open") as error:
            Tracker(uri, "test")
        assert place in str(error.value)
        assert "secret" not in str(error.value)
        assert "\n" not in str(error.value)
