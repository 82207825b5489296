"""Results appear whole or not at all."""

from __future__ import annotations

import errno
import os
import pathlib
import subprocess
from contextlib import suppress

import pytest
from servicelift.core.errors import ConfigError
from servicelift.core.files import complete_folder, digests, other_than, settle, try_file, try_folder


def test_files_appear_at_the_end(tmp_path):
    target = tmp_path / "deep" / "out"
    with complete_folder(target) as place:
        (place / "truth").mkdir()
        (place / "truth" / "a.txt").write_text("a")
        assert not target.exists()
    assert (target / "truth" / "a.txt").read_text() == "a"
    assert [p.name for p in target.parent.iterdir()] == ["out"]


def test_an_error_changes_nothing(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "a.txt").write_text("old")

    def write():
        with complete_folder(target) as place:
            (place / "a.txt").write_text("new")
            raise RuntimeError("stopped half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        write()
    assert (target / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_other_files_stay(tmp_path):
    (tmp_path / "kept.txt").write_text("kept")
    with complete_folder(tmp_path) as place:
        (place / "new.txt").write_text("new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kept.txt", "new.txt"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ConfigError, match="expected a folder"), complete_folder(tmp_path / "out"):
        pass


NEW = {"action_values.parquet": "new", "run.json": "new", "scores.parquet": "new"}


def contents(folder):
    return {file.name: file.read_text() for file in folder.iterdir() if file.is_file()}


def written(target, files=NEW):
    with complete_folder(target) as place:
        for name, text in files.items():
            (place / name).write_text(text)


@pytest.fixture
def night(tmp_path):
    """A folder with the results of the night before."""
    written(tmp_path / "night", dict.fromkeys(NEW, "old"))
    return tmp_path / "night"


def elsewhere(*names):
    """Return what os does where source and goal lie on different file systems."""

    def refuse(*args, **kwargs):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    return {f"os.{name}": refuse for name in names}


@pytest.mark.parametrize("there", [True, False])
def test_results_reach_a_place_where_nothing_can_be_renamed_to(tmp_path, night, monkeypatch, there):
    target = night if there else tmp_path / "fresh"
    for name, refuse in elsewhere("rename", "replace").items():
        monkeypatch.setattr(name, refuse)
    written(target)
    assert contents(target) == NEW
    assert [p.name for p in target.iterdir() if p.is_dir()] == []


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_a_stop_between_two_moves_is_made_good_by_whoever_comes_next(night, monkeypatch, moves):
    """Old scores beside new action values would steer a list: the next reader and the next writer finish first."""
    replace, done = os.replace, []

    def stopped(source, goal, **kwargs):
        if len(done) == moves:
            raise KeyboardInterrupt
        done.append(goal)
        return replace(source, goal, **kwargs)

    monkeypatch.setattr("os.replace", stopped)
    monkeypatch.setattr(pathlib.Path, "replace", lambda self, goal: stopped(self, goal))
    with pytest.raises(KeyboardInterrupt):
        written(night)
    monkeypatch.undo()
    assert contents(night)["run.json"] == "old"
    settle(night)
    assert contents(night) == NEW
    assert [p.name for p in night.iterdir() if p.is_dir()] == []


def test_a_stop_before_everything_is_written_leaves_the_old(night):
    def write():
        with complete_folder(night) as place:
            (place / "scores.parquet").write_text("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    settle(night)
    assert set(contents(night).values()) == {"old"}


def test_a_file_that_cannot_be_moved_is_one_line_and_the_results_stay_whole(night):
    (night / "scores.parquet").unlink()
    (night / "scores.parquet").mkdir()
    with pytest.raises(ConfigError, match=r"cannot move results into .* they lie complete in"):
        written(night)
    (night / "scores.parquet").rmdir()
    settle(night)
    assert contents(night) == NEW


def test_a_failed_command_leaves_no_empty_folders(tmp_path):
    def write():
        with complete_folder(tmp_path / "a" / "b" / "c"):
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_place_is_tried_before_the_work_and_nothing_stays(tmp_path, monkeypatch):
    try_folder(tmp_path / "deep" / "out")
    try_file(tmp_path / "deep" / "list.csv")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("a file")
    with pytest.raises(ConfigError, match=r"'.*file' above '.*out' is a file"):
        try_folder(tmp_path / "file" / "out")
    with pytest.raises(ConfigError, match="expected a file for the results, got the folder"):
        try_file(tmp_path)

    def read_only(self, *args, **kwargs):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(pathlib.Path, "mkdir", read_only)
    with pytest.raises(ConfigError, match=r"cannot write results to '.*out': Read-only file system"):
        try_folder(tmp_path / "out")


@pytest.fixture
def mounted(tmp_path):
    """A file system of its own, mounted in a folder; skips where this user may not mount."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
def test_results_go_into_a_mount_point_and_into_folders_with_mounts_in_them(mounted):
    written(mounted)
    written(mounted)
    assert contents(mounted) == NEW
    written(mounted.parent, {"mounted.txt": "beside"})
    with complete_folder(mounted.parent) as place:
        (place / "mounted").mkdir()
        (place / "mounted" / "scores.parquet").write_text("across")
    assert contents(mounted)["scores.parquet"] == "across"


@pytest.mark.slow
def test_a_read_only_mount_is_one_line_before_the_work(mounted):
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    for target in (mounted, mounted / "night"):
        with pytest.raises(ConfigError, match="Read-only file system"):
            try_folder(target)
        with pytest.raises(ConfigError, match="Read-only file system"), complete_folder(target):
            pytest.fail("no work may begin")


@pytest.fixture
def full(mounted):
    """A disk of its own on which nothing is left."""
    subprocess.run(["mount", "-o", "remount,size=1m", mounted], check=True)
    with suppress(OSError):
        (mounted / "filler").write_bytes(bytes(2 << 20))
    return mounted


@pytest.mark.slow
def test_a_full_disk_is_one_line_before_the_work_and_in_the_midst_of_it(full):
    with pytest.raises(ConfigError, match=r"cannot write results to .*: No space left on device"):
        try_folder(full)
    os.truncate(full / "filler", 0)
    try_folder(full)
    written(full, dict.fromkeys(NEW, "old"))
    with pytest.raises(ConfigError, match=r"No space left on device; nothing there was changed"):
        written(full, dict.fromkeys(NEW, "n" * (1 << 20)))
    assert {name: text for name, text in contents(full).items() if name in NEW} == dict.fromkeys(NEW, "old")


def test_a_place_that_takes_names_but_no_bytes_is_one_line_before_the_work(tmp_path, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pathlib.Path, "write_bytes", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        try_folder(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_tells_files_of_other_runs(tmp_path):
    for name in ("a", "b", "run.json"):
        (tmp_path / name).write_text(name)
    made = digests(tmp_path)
    assert made["a"] == {"bytes": 1, "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}
    assert list(made) == ["a", "b"]
    assert other_than(made, tmp_path, ("a", "b", "gone")) == []
    (tmp_path / "b").write_text("x")
    assert other_than(made, tmp_path, ("a", "b", "gone")) == ["b"]
    assert other_than({}, tmp_path, ("a", "b")) == []
