"""A tracking server with PostgreSQL and a folder of artefacts: two trainings at once, and a stranger's look."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from servicelift.core.config.business import load_config
from servicelift.tracking import CHALLENGER, CHAMPION, Tracker
from servicelift.training.registry_by_hand import listing, promote_by_hand, roll_back

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("training_job")]
BIN = Path(sys.executable).parent
NAME = "press-churn"


@pytest.fixture(scope="module")
def server(postgres, tmp_path_factory):
    """The URI of a server of this machine that runs until the tests are done."""
    pytest.importorskip("psycopg2", reason="the driver is not installed: servicelift[server]")
    postgres.run("create database mlflow")
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = postgres.place.replace("/postgres", "/mlflow")
    settings = {
        "MLFLOW_BACKEND_STORE_URI": f"postgresql+psycopg2://owner:{postgres.password}@{place}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    command = [BIN / "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--artifacts-destination", str(folder / "artefacts")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=os.environ | settings, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
        try:
            _wait(f"http://127.0.0.1:{port}/health", process, folder / "log")
            yield f"http://127.0.0.1:{port}", folder / "artefacts"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait(url, process, log):
    for _ in range(240):
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.5)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def trained(press, server):
    """Two trainings at once against the same empty registry, with another seed each."""
    paths = [press(name, server[0]) for name in ("left", "right")]
    right = paths[1]
    right.write_text(right.read_text(encoding="utf-8").replace("seed: 3", "seed: 4"), encoding="utf-8")
    started = [
        subprocess.Popen(
            [BIN / "servicelift", "train", path, "--only", "churn"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for path in paths
    ]  # fmt: skip
    done = [process.communicate(timeout=600) for process in started]
    assert [process.returncode for process in started] == [0, 0], done
    return paths, [out for out, _ in done]


def test_two_trainings_at_once_give_two_versions_and_one_champion(trained):
    paths, printed = trained
    tracker = Tracker.of(load_config(paths[0]))
    versions = tracker.versions(NAME)
    assert {v.number for v in versions} == {1, 2}
    assert len({v.tags["servicelift.job"] for v in versions}) == 2
    assert sum(CHAMPION in v.aliases for v in versions) == 1
    for v in versions:
        alias = CHAMPION if CHAMPION in v.aliases else CHALLENGER
        assert v.tags["servicelift.decision"].startswith((alias, "champion"))
        assert any(f"{NAME} version {v.number}: " in text for text in printed)
    assert [run.status for run in tracker.past(name="train")] == ["FINISHED"] * 2


def test_artefacts_lie_in_the_servers_folder_and_come_back_through_it(trained, server):
    assert {"model.pkl", "model_card.md", "environment.txt"} <= {p.name for p in server[1].rglob("*")}
    tracker = Tracker.of(load_config(trained[0][0]))
    assert tracker.load(NAME).model.horizon_days == 90


def test_promotion_and_rollback_go_through_the_server(trained):
    config = load_config(trained[0][0])
    tracker = Tracker.of(config)
    champion = tracker.version_of(NAME, CHAMPION)
    promote_by_hand(config, f"churn:{3 - champion}", "try the other")
    assert tracker.version_of(NAME, CHAMPION) == 3 - champion
    roll_back(config, "churn", "back to what worked")
    assert tracker.version_of(NAME, CHAMPION) == champion
    assert any(line.endswith("back to what worked") and f"version {champion} " in line for line in listing(config))
