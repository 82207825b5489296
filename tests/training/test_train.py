"""The training job on a small world: killed at any point it goes on, and the same input gives the same model."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.progress import Step
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.outcomes.clv_inputs import clv_inputs
from servicelift.features.tables.tables import open_tables
from servicelift.features.timeline.spine import running_spine
from servicelift.models.portfolio import at_risk
from servicelift.tracking import CHAMPION, Tracker
from servicelift.training import churn
from servicelift.training.registry_by_hand import compare, promote_refused
from servicelift.training.train import train

pytestmark = [pytest.mark.xdist_group("training_job"), pytest.mark.usefixtures("tables_read_once")]
COMMAND = Path(sys.executable).parent / "servicelift"
NAME = "press-churn"

KILLED = """
import os, signal, sys
from servicelift.core.config.business import load_config
from servicelift.training import train
from servicelift.tracking import Tracker

place, when = sys.argv[2].split()

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def after(method):
    def run(self, *arguments, **named):
        result = method(self, *arguments, **named)
        die()
        return result
    return run

if place == "step":
    train.train(load_config(sys.argv[1]), only="churn", say=lambda step: die() if when in step else None)
owner = {"store": Tracker, "publish": Tracker, "set_alias": Tracker, "tag": Tracker}[place]
setattr(owner, place, die if when == "before" else after(getattr(owner, place)))
train.train(load_config(sys.argv[1]), only="churn")
"""


def killed(config, place):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(config), place], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def statuses(tracker, name="train"):
    return [run.status for run in tracker.past(name=name)]


@pytest.fixture(scope="module")
def alone(press):
    """A churn model trained without disturbance: its config and its outcome."""
    config = load_config(press("alone"))
    heard = []
    return config, train(config, only="churn", say=heard.append), heard


@pytest.fixture(scope="module")
def asked(alone):
    """Features of today's customers."""
    tables = open_tables(alone[0])
    return build_features(tables, running_spine(tables, [pd.Timestamp("2024-06-01")]))


def check_whole(config, alone, asked):
    """One version, champion, decided, the same predictions as undisturbed; every run ended."""
    tracker = Tracker.of(config)
    (version,) = tracker.versions(NAME)
    assert version.aliases == (CHAMPION,)
    assert version.tags["servicelift.decision"] == "champion: first model"
    assert tracker.history(NAME) == [version.number]
    assert statuses(tracker) == ["FINISHED", "KILLED"]
    assert "RUNNING" not in statuses(tracker, None)
    assert tracker.artefact(version.tags["servicelift.run"], "model_card.md").startswith("# press-churn\n")
    ours = tracker.load(NAME).model.predict_frame(asked)
    theirs = Tracker.of(alone[0]).load(NAME).model.predict_frame(asked)
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)


PLACES = ("step fit", "store before", "store after", "publish after", "set_alias after", "tag after")


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_killed_anywhere_it_goes_on_with_one_version(press, alone, asked, place):
    config = press(f"killed-{place.replace(' ', '-')}")
    killed(config, place)
    assert statuses(Tracker.of(load_config(config))) == ["RUNNING"]
    outcome = train(load_config(config), only="churn")
    assert outcome.lines()[0].startswith("press-churn version 1: champion")
    assert any("closed as killed" in note for note in outcome.notes)
    assert ("kept" in "".join(outcome.lines())) == (place == "tag after")
    check_whole(load_config(config), alone, asked)


def test_a_second_training_beside_the_first_ends_with_its_name_and_nothing_is_registered_twice(press, command):
    path = press("beside")
    first = subprocess.Popen([COMMAND, "train", path, "--only", "churn"], stderr=subprocess.PIPE, text=True)
    for line in first.stderr:
        if "tracking: open the store" in line:
            break
    second = command("train", path, "--only", "churn", code=4)
    assert f"another run is at work in '{path.parent}/beside/mlflow.db' (process {first.pid} of" in second.stderr
    first.communicate(timeout=600)
    assert first.returncode == 0
    tracker = Tracker.of(load_config(path))
    assert statuses(tracker, None) == ["FINISHED", "FINISHED"]
    assert [each.number for each in tracker.versions(NAME)] == [1]
    assert sorted(each.name for each in (path.parent / "beside").iterdir()) == ["mlartifacts", "mlflow.db"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_leaves_a_clean_state(press, number, code, command, monkeypatch):
    assert threading.current_thread() is threading.main_thread(), "signals are heard by the main thread alone"
    path = press(f"stopped-{code}")
    monkeypatch.setattr(churn, "feature_gate", lambda *_: os.kill(os.getpid(), number))
    done = command("train", path, "--only", "churn", code=code)
    only_the_stop_is_told(done.stdout, done.stderr, path)


@pytest.mark.slow
def test_ctrl_c_leaves_a_clean_state_as_a_process_of_its_own(press):
    path = press("stopped-alone")
    process = subprocess.Popen(
        [COMMAND, "train", path, "--only", "churn"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        if "look for leaks" in line:
            time.sleep(0.3)
            os.kill(process.pid, signal.SIGINT)
            break
    out, rest = process.communicate(timeout=600)
    assert process.returncode == 130, rest
    only_the_stop_is_told(out, rest, path)


def only_the_stop_is_told(out, rest, path):
    """Nothing is printed but the one line, no run stays open, and nothing is registered."""
    assert out == ""
    assert "Traceback" not in rest
    assert [line for line in rest.splitlines() if line.startswith("servicelift: stopped by ")] == rest.splitlines()[-1:]
    tracker = Tracker.of(load_config(path))
    assert statuses(tracker, None) == ["KILLED", "KILLED"]
    assert tracker.versions(NAME) == []


def test_the_run_tells_what_the_model_came_from(alone):
    config, outcome, _ = alone
    tracker = Tracker.of(config)
    (run,) = tracker.past(name="train")
    for name, word in {
        "config.json": '"horizon_days": 90',
        "fingerprint.json": run.tags["fingerprint"],
        "features.csv": "\ntenure_days,days,",
        "environment.txt": "\nlightgbm==",
        "durations.json": "churn: fit on all rows",
    }.items():
        assert word in tracker.artefact(run.run_id, name), name
    (child,) = tracker.past(name="churn")
    card = tracker.artefact(child.run_id, "model_card.md")
    for word in (
        "Fingerprint of the tables: " + run.tags["fingerprint"],
        "plots/calibration.png",
        "first model",
        "AUC",
    ):
        assert word in card
    assert json.loads(tracker.artefact(child.run_id, "judged.json"))["version"] == outcome.judged[0].version


def test_the_next_month_shows_the_time_left_and_a_draw_promotes_nobody(alone):
    config, _, heard = alone
    assert not any(isinstance(step, Step) for step in heard)
    again = []
    second = train(config, only="churn", say=again.append).judged[0]
    assert second.version == 2
    assert second.alias == "challenger"
    assert "(95% interval +0 to +0)" in second.decision
    known = [step for step in again if isinstance(step, Step)]
    assert len(known) > 4
    assert [step.done for step in known] == sorted(step.done for step in known)
    lines = compare(config, "churn:champion", "press-churn:2")
    assert lines[0].startswith("press-churn version 1 (champion) against version 2 (challenger): ")
    assert lines[2] == "  difference +0, 95% interval +0 to +0: no difference beyond noise"
    assert lines[3] == "  logged in training, on the same tables:"


@pytest.mark.slow
def test_all_three_models_are_bitwise_the_same_and_served_from_csv(press, processes):
    import mlflow

    predictions = []
    for name, threads in (("once", 2), ("twice", 1)):
        config = load_config(press(name))
        config = config.model_copy(update={"engine": config.engine.model_copy(update={"threads": threads})})
        promote_refused(config, train(config).judged, "a small world")
        tables = open_tables(config)
        spine = running_spine(tables, [pd.Timestamp("2024-06-01")])
        tracker = Tracker.of(config)
        models = {kind: tracker.load(config.model_name(kind)).model for kind in ("churn", "clv", "incremental")}
        inputs = clv_inputs(tables, spine)
        features = build_features(tables, spine)
        risk = at_risk(models["clv"].final, inputs, horizon_months=config.value.horizon_months)
        frames = {"clv": inputs.to_frame(), "incremental": pd.concat([features, risk], axis=1)}
        predictions.append({kind: m.predict_frame(frames.get(kind, features)) for kind, m in models.items()})
        for kind, found in predictions[-1].items():
            served = mlflow.pyfunc.load_model(f"models:/{config.model_name(kind)}@{CHAMPION}")
            text = io.StringIO(frames.get(kind, features).to_csv(index=False))
            np.testing.assert_allclose(served.predict(pd.read_csv(text)), found, rtol=1e-9, err_msg=kind)
    for kind, frame in predictions[0].items():
        np.testing.assert_array_equal(frame.to_numpy(), predictions[1][kind].to_numpy(), err_msg=kind)
