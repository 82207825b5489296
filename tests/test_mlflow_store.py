"""An MLflow store is opened whole, and whatever is wrong with it is one line without a secret, soon."""

from __future__ import annotations

import http.server
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from servicelift import mlflow_store
from servicelift.core.config import store as addresses
from servicelift.core.errors import ConfigError, ModelError
from servicelift.mlflow_store import Guarded, StoreError, key
from servicelift.tracking import Tracker


class Half:
    """The least that can be registered."""

    columns = ("x",)

    def predict_frame(self, frame):
        return frame[["x"]] / 2


@pytest.fixture
def tracker(tmp_path):
    return Tracker(f"sqlite:///{tmp_path}/mlflow.db", "press")


@pytest.fixture
def registered(tracker):
    with tracker.run("train"):
        stored = tracker.store(Half(), "press-churn", pd.DataFrame({"x": [1.0]}))
        version = tracker.publish(stored, "press-churn", {})
        tracker.set_alias("press-churn", "champion", version)
    return tracker


def model_file(tmp_path):
    return next((tmp_path / "mlartifacts").rglob("model.pkl"))


class Other(http.server.BaseHTTPRequestHandler):
    """A server of another kind."""

    def do_GET(self):
        self.send_error(404)

    do_POST = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(addresses, "_PATIENCE", 0.3)
    monkeypatch.setattr(addresses, "_PAUSE", 0.1)


def test_a_server_that_is_no_mlflow_is_one_line(port):
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        with pytest.raises(ConfigError, match="it answers, but not as MLflow does") as error:
            Tracker(f"http://user:secret@127.0.0.1:{port}", "press")
        other.shutdown()
    assert "secret" not in str(error.value)


def test_a_server_that_is_gone_or_hangs_is_one_line(port, hasty):
    with pytest.raises(ConfigError, match=r"cannot open the server 127\.0\.0\.1 .*\(no answer\)"):
        Tracker(f"http://user:secret@127.0.0.1:{port}", "press")
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", port))
        mute.listen()
        with pytest.raises(ConfigError, match="no answer"):
            Tracker(f"http://user:secret@127.0.0.1:{port}", "press")


def test_a_server_that_restarts_is_waited_for(port):
    def late():
        time.sleep(0.8)
        with http.server.ThreadingHTTPServer(("127.0.0.1", port), Other) as other:
            other.timeout = 5
            other.handle_request()

    thread = threading.Thread(target=late)
    thread.start()
    addresses.reach_server(f"http://127.0.0.1:{port}")
    thread.join()


def test_a_server_that_goes_in_the_midst_shows_no_password(monkeypatch):
    from mlflow.exceptions import MlflowException

    class Client:
        def get_run(self, run_id):
            raise MlflowException(
                f"API request to http://me:p%40ss@host:5000/{run_id} failed with Pool: Max retries exceeded"
            )

        def tell(self):
            raise MlflowException("Bad thing at http://me:p%40ss@host:5000 for p@ss\n" + "x" * 500)

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    client = Guarded(Client(), "http://me:p%40ss@host:5000")
    with pytest.raises(StoreError, match="the server host refused") as error:
        client.tell()
    assert not error.value.passing
    for said in (str(error.value), repr(error.value)):
        assert "p@ss" not in said
        assert "p%40ss" not in said
    assert len(str(error.value)) < 300
    with pytest.raises(StoreError) as error:
        client.get_run("1")
    assert error.value.__suppress_context__


def test_jobs_that_start_together_create_one_store(tmp_path):
    """Each would run MLflow's migrations on the half-made file of the other."""
    (tmp_path / ".mlflow.db.new-left").write_bytes(b"of a killed job")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(mlflow_store._create, [uri] * 4))
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]
    assert Tracker(uri, "press").past() == []


def test_a_store_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"whatever")
    mlflow_store._create(f"sqlite:///{tmp_path}/mlflow.db")
    assert (tmp_path / "mlflow.db").read_bytes() == b"whatever"


def test_a_half_created_store_is_one_line(tmp_path, capfd):
    with sqlite3.connect(tmp_path / "mlflow.db") as base:
        base.execute("create table experiments (experiment_id integer primary key)")
    with pytest.raises(ConfigError, match="creation or an upgrade was not finished; if it is new, remove it"):
        Tracker(f"sqlite:///{tmp_path}/mlflow.db", "press")
    assert capfd.readouterr().err == ""


def test_names_that_mlflow_refuses_are_taken_and_stay_apart(tracker):
    names = ["offre d'essai (-10%)", "offre d'essai (-10$)", "a//b", "../up", "/x", "y" * 300, "plain_name"]
    assert len({key(name) for name in names}) == len(names)
    assert key("plain_name") == "plain_name"
    with tracker.run("train") as run:
        run.metrics(dict.fromkeys(names, 1.0))
        run.params(dict.fromkeys(names, "a"))
        run.tags(dict.fromkeys(names, "a"))
    (past,) = tracker.past()
    assert set(past.metrics) == {key(name) for name in names}


def test_an_experiment_that_was_deleted_is_one_line(tmp_path, tracker):
    tracker._client.delete_experiment(tracker._experiment)
    with pytest.raises(ConfigError, match=r"holds 'press' as deleted; bring it back .* or name another"):
        Tracker(f"sqlite:///{tmp_path}/mlflow.db", "press")


def test_a_version_that_was_deleted_is_no_champion(registered):
    assert registered.find("press-churn").model.columns == ("x",)
    registered._client.delete_model_version("press-churn", "1")
    assert registered.find("press-churn") is None
    with pytest.raises(ModelError, match="no files of it any more"):
        registered.read("press-churn", 1)


def test_a_model_whose_files_are_gone_or_other_is_one_line_and_nothing_of_it_is_run(registered, tmp_path, monkeypatch):
    file = model_file(tmp_path)
    written = file.read_bytes()

    def run_it(*_):
        pytest.fail("something of the file was run")

    monkeypatch.setattr("servicelift.serving._Unpickler", run_it)
    for other in (written[:-5], written + b"x", b""):
        file.write_bytes(other)
        with pytest.raises(ModelError, match="press-churn version 1: its file was changed after it was registered"):
            registered.find("press-churn")
    file.unlink()
    with pytest.raises(ModelError, match=r"no file 'model\.pkl' of it any more"):
        registered.find("press-churn")


def test_a_damaged_file_without_a_digest_is_one_line(registered, tmp_path):
    registered._client.delete_model_version_tag("press-churn", "1", "servicelift.sha256")
    file = model_file(tmp_path)
    assert registered.find("press-churn").model.columns == ("x",)
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(ModelError, match="its file is damaged"):
        registered.find("press-churn")


def in_wal_mode(folder):
    with sqlite3.connect(folder / "mlflow.db") as base:
        base.execute("PRAGMA journal_mode=WAL")
    base.close()


def stopped_in_the_midst(folder):
    """A process that is killed leaves a journal of what it had not yet done."""
    write = "import os, sqlite3, sys; base = sqlite3.connect(sys.argv[1]); base.execute('PRAGMA cache_size=1');"
    write += "base.execute('BEGIN IMMEDIATE'); base.execute('UPDATE alembic_version SET version_num = 1');"
    write += (
        "base.execute('CREATE TABLE a AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 99999)"
    )
    write += " SELECT i FROM n'); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", write, str(folder / "mlflow.db")], check=False)
    assert (folder / "mlflow.db-journal").stat().st_size


def unreadable(folder):
    (folder / "mlflow.db").chmod(0)


@pytest.mark.parametrize("experiment", ["press", "one that is not there yet"])
def test_a_store_that_cannot_be_written_is_read(registered, tmp_path, read_only, experiment):
    (run,) = registered.past()
    copied = tmp_path / "copied"  # where nothing has been opened for writing
    shutil.copytree(tmp_path / "mlartifacts", copied / "mlartifacts")
    shutil.copy(tmp_path / "mlflow.db", copied)
    uri = f"sqlite:///{copied}/mlflow.db"
    with read_only(tmp_path):
        tracker = Tracker(uri, experiment)
        assert tracker.load("press-churn").version == 1
        assert [each.number for each in tracker.versions("press-churn")] == [1]
        assert tracker.past_run(run.run_id).name == "train"
        assert len(tracker.past()) == (experiment == "press")
        with pytest.raises(ConfigError, match=r"mlflow\.db' cannot be written; allow"):
            tracker.tag("press-churn", 1, {"note": "x"})
        with pytest.raises(ConfigError, match=r"mlflow\.db' cannot be written; allow"):
            addresses.check_written(uri)
    before = (copied / "mlflow.db").read_bytes()
    addresses.check_written(uri)
    assert (copied / "mlflow.db").read_bytes() == before
    addresses.check_written("http://host:5000")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (in_wal_mode, r"it is in WAL mode and cannot be written; .* sqlite3 mlflow\.db 'PRAGMA journal_mode=DELETE'"),
        (stopped_in_the_midst, "a run was stopped in the midst of writing .* run `servicelift models CONFIG` once"),
        (unreadable, "Permission denied"),
    ],
)
def test_a_store_that_has_to_be_written_to_be_read_says_so_soon(registered, tmp_path, read_only, spoil, said):
    spoil(tmp_path)
    began = time.monotonic()
    with read_only(tmp_path), pytest.raises(ConfigError, match=said):
        Tracker(f"sqlite:///{tmp_path}/mlflow.db", "press")
    assert time.monotonic() - began < 10
    if spoil is not unreadable:
        assert Tracker(f"sqlite:///{tmp_path}/mlflow.db", "press").load("press-churn").version == 1


def test_a_model_that_may_not_be_read_is_one_line(registered, tmp_path, read_only):
    file = model_file(tmp_path)
    for place in (file, file.parent):
        with read_only(tmp_path):
            mode = place.stat().st_mode
            place.chmod(0)
            with pytest.raises(ModelError, match=r"version 1: its files cannot be read \(Permission denied"):
                registered.find("press-churn")
            place.chmod(mode)


def test_a_database_that_is_gone_or_restarts_is_told_soon(port, hasty):
    pytest.importorskip("psycopg2")
    began = time.monotonic()
    with pytest.raises(ConfigError, match=r"cannot open the server 127\.0\.0\.1 as a store of MLflow") as error:
        Tracker(f"postgresql+psycopg2://me:secret@127.0.0.1:{port}/mlflow", "press")
    assert "secret" not in str(error.value)
    assert time.monotonic() - began < 10
