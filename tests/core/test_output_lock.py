"""One run at a time in one place, and no killed run in the way of the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from servicelift.core.errors import BusyError, ConfigError
from servicelift.core.files import complete_folder
from servicelift.core.output_lock import locked_file, locked_folder, locked_training

HOLD = (
    "import sys, time\n"
    "from servicelift.core.output_lock import locked_folder\n"
    "with locked_folder(sys.argv[1]):\n"
    "    print('held', flush=True)\n"
    "    time.sleep(60)\n"
)


@pytest.fixture
def held(tmp_path):
    """A folder that another process holds, and that process."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "out")], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        yield tmp_path / "out", other
        other.kill()


def test_the_second_run_ends_with_who_holds_the_place(held):
    folder, other = held
    with pytest.raises(
        BusyError, match=rf"another run is at work in '.*out' \(process {other.pid} of .* on .*, since "
    ):
        locked_folder(folder).__enter__()
    assert BusyError.exit_code == 4


def test_a_killed_run_holds_nothing(held):
    folder, other = held
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (folder / ".servicelift.lock").exists()
    with locked_folder(folder), complete_folder(folder) as place:
        (place / "run.json").write_text("{}")
    assert [file.name for file in folder.iterdir()] == ["run.json"]


def test_a_run_that_fails_leaves_no_folder(tmp_path):
    def fail():
        with locked_folder(tmp_path / "deep" / "out"):
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_lists_beside_each_other_do_not_wait_for_each_other(tmp_path):
    held = rf"'.*a\.csv' \(process {os.getpid()} "
    with (
        locked_file(tmp_path / "a.csv"),
        locked_file(tmp_path / "b.csv"),
        pytest.raises(BusyError, match=held),
        locked_file(tmp_path / "a.csv"),
    ):
        pytest.fail("two hold one list")
    assert list(tmp_path.iterdir()) == []


def test_a_holder_that_has_not_said_its_name_still_holds(tmp_path):
    with locked_folder(tmp_path):
        (tmp_path / ".servicelift.holder.json").write_text("{")
        with pytest.raises(BusyError, match=r"at work in '[^']*'; wait"):
            locked_folder(tmp_path).__enter__()


def test_a_place_that_cannot_be_locked_is_one_line(tmp_path):
    (tmp_path / ".servicelift.lock").mkdir()
    with pytest.raises(ConfigError, match="cannot lock"):
        locked_folder(tmp_path).__enter__()


def test_trainings_of_one_business_into_one_file_are_one_at_a_time(tmp_path):
    store = tmp_path / "new" / "mlflow.db"
    with locked_training(store, "press: 1/2"):
        with pytest.raises(BusyError, match=rf"at work in '.*new/mlflow\.db' \(process {os.getpid()} of"):
            locked_training(store, "press: 1/2").__enter__()
        with locked_training(store, "other"), locked_training(store.with_name("2"), "press: 1/2"):
            pass
        with locked_training(None, "press: 1/2"), locked_training(None, "press: 1/2"):
            pass
    with locked_training(store, "press: 1/2"):
        pass
    assert list((tmp_path / "new").iterdir()) == []


def test_a_training_that_may_not_write_beside_its_models_says_so(tmp_path, read_only):
    with read_only(tmp_path):
        for folder in (tmp_path, tmp_path / "new"):
            with pytest.raises(ConfigError, match="Permission denied"):
                locked_training(folder / "mlflow.db", "press").__enter__()
