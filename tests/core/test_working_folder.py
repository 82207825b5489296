"""Working copies of tables go with their process, however it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from servicelift.core.files import complete_folder
from servicelift.core.working_folder import WorkingFolder, hold, let_go, sweep

WORK = (
    "import time\n"
    "from pathlib import Path\n"
    "from servicelift.core.working_folder import WorkingFolder\n"
    "folder = WorkingFolder()\n"
    "Path(folder.name, 'tables.duckdb').write_text('rows of customers')\n"
    "print(folder.name, flush=True)\n"
    "time.sleep(60)\n"
)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def test_a_killed_process_leaves_nothing_to_the_next(temporary):
    with subprocess.Popen([sys.executable, "-c", WORK], stdout=subprocess.PIPE, text=True) as other:
        left = Path(other.stdout.readline().strip())
        with WorkingFolder() as mine:
            assert (left / "tables.duckdb").exists()
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert (left / "tables.duckdb").exists()
    with WorkingFolder() as mine:
        assert [str(place) for place in temporary.iterdir()] == [mine]
    assert list(temporary.iterdir()) == []


def test_what_was_never_held_stays(temporary):
    (temporary / "servicelift-mine").mkdir()
    (temporary / "servicelift-mine" / "notes").touch()
    (temporary / "servicelift-link").symlink_to(temporary / "servicelift-mine")
    WorkingFolder().cleanup()
    assert (temporary / "servicelift-mine" / "notes").exists()
    assert (temporary / "servicelift-link").is_symlink()


def test_it_goes_with_what_keeps_it(temporary):
    kept = [WorkingFolder()]
    assert Path(kept[0].name).is_dir()
    kept.clear()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_was_let_go_bears_no_sign_and_is_not_swept(tmp_path):
    folder = tmp_path / "servicelift-x"
    folder.mkdir()
    lock = hold(folder)
    sweep(tmp_path, "servicelift-")
    assert folder.is_dir()
    let_go(folder, lock)
    sweep(tmp_path, "servicelift-")
    assert list(folder.iterdir()) == []


def test_half_a_result_of_a_killed_run_is_removed_by_the_next_and_that_of_a_live_one_stays(tmp_path):
    (tmp_path / ".servicelift-killed").mkdir()
    (tmp_path / ".servicelift-killed" / ".held").touch()
    (tmp_path / ".servicelift-killed" / "scores.parquet").touch()
    with complete_folder(tmp_path) as first, complete_folder(tmp_path) as second:
        assert sorted(tmp_path.iterdir()) == sorted([first, second])
        (first / "a").touch()
        (second / "b").touch()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a", "b"]


class Killed(BaseException):
    """Stands for SIGKILL at a place that no signal can be timed to."""


@pytest.mark.parametrize("after", range(4))
def test_killed_while_it_removes_its_folder_it_leaves_what_the_next_one_finds(temporary, monkeypatch, after):
    folder = WorkingFolder()
    for name in ("a", "b", "c"):
        Path(folder.name, name).touch()
    unlink, done = os.unlink, []

    def killed(path, **options):
        if len(done) == after:
            raise Killed
        done.append(path)
        unlink(path, **options)

    with monkeypatch.context() as patched:
        patched.setattr("os.unlink", killed)
        with pytest.raises(Killed):
            folder.cleanup()
    folder._lock.release()
    folder._folder._finalizer.detach()
    assert Path(folder.name).is_dir()
    with WorkingFolder() as mine:
        assert [str(place) for place in temporary.iterdir()] == [mine]


def test_an_empty_folder_of_nobody_is_removed_when_it_is_no_longer_young(temporary):
    young, old = temporary / "servicelift-young", temporary / "servicelift-old"
    young.mkdir()
    old.mkdir()
    os.utime(old, (0, 0))
    WorkingFolder().cleanup()
    assert young.is_dir()
    assert not old.exists()


def test_nobody_makes_temporary_folders_that_are_never_swept():
    """A killed process would leave them for ever: what is ours lies in a working folder."""
    root = Path(__file__).parents[2]
    places = (file for file in root.rglob("*.py") if not {"tests", "benchmarks", ".venv", ".types"} & set(file.parts))
    call = re.compile(r"^(?!\s*>>>).*\b(TemporaryDirectory|mkdtemp|NamedTemporaryFile|mkstemp)\(", re.MULTILINE)
    made = {str(file.relative_to(root)) for file in places if call.search(file.read_text(encoding="utf-8"))}
    assert made == {"core/working_folder.py"}
