"""The place of a night: readers find the old one or the new one, wherever a run is killed, and the next run mends."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from servicelift.core.errors import ConfigError
from servicelift.core.swap import swap
from servicelift.scoring.night import partitions
from servicelift.scoring.night.history import History

DAY = "2024-06-01"


class Killed(BaseException):
    """What ends a run in a test: nothing in the package catches it."""


class Dying:
    """Lets so many changes of the file system happen, then ends the run before the next."""

    def __init__(self, patch: pytest.MonkeyPatch, changes: int) -> None:
        self.left = changes
        for owner, name in ((Path, "rename"), (Path, "replace"), (Path, "symlink_to"), (shutil, "rmtree")):
            patch.setattr(owner, name, self._counted(getattr(owner, name)))
        patch.setattr(partitions, "swap", self._counted(partitions.swap))

    def _counted(self, change):
        def counted(*arguments, **options):
            if self.left == 0:
                raise Killed
            self.left -= 1
            return change(*arguments, **options)

        return counted


def whole(root: Path) -> float:
    """The revision that readers find: manifest and both tables have to be of the same one."""
    found = History(root).partition(DAY)
    revisions = {round(each["churn_probability"].iloc[0] * 10) for each in (found.scores(), found.action_values())}
    assert revisions == {found.revision}
    assert [each.day for each in History(root).partitions()] == [DAY]
    return found.revision


@pytest.mark.parametrize("exchanges", [True, False], ids=["exchanged", "renamed"])
@pytest.mark.parametrize("changes", range(7))
def test_a_killed_run_leaves_the_old_night_or_the_new_one(tmp_path, night, monkeypatch, changes, exchanges):
    night(tmp_path / f"as_of={DAY}", DAY, revision=1)
    staged = night(partitions.staged_folder(tmp_path, DAY), DAY, revision=2)
    if not exchanges:
        monkeypatch.setattr(partitions, "swap", lambda first, second: False)
    with monkeypatch.context() as patch:
        Dying(patch, changes)
        try:
            partitions.bring_in(staged)
            partitions.point_latest(tmp_path)
            ended = True
        except Killed:
            ended = False
    seen = whole(tmp_path)
    assert seen == 2 or not ended
    assert ended or changes < 6
    partitions.recover(tmp_path)
    partitions.sweep_staged(tmp_path, [])
    assert partitions.point_latest(tmp_path)
    assert whole(tmp_path) == seen
    assert sorted(each.name for each in tmp_path.iterdir()) == [f"as_of={DAY}", "latest"]
    assert (tmp_path / "latest").resolve() == (tmp_path / f"as_of={DAY}").resolve()


def test_names_are_exchanged_or_nothing_changes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, encoding="utf-8")
    done = swap(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "file").read_text(encoding="utf-8") == ("b" if done else "a")
    assert not swap(tmp_path / "a", tmp_path / "none")
    assert (tmp_path / "a" / "file").exists()


def test_a_night_that_a_killed_run_left_aside_goes_back(tmp_path, night):
    night(tmp_path / f".replaced-as_of={DAY}", DAY)
    partitions.recover(tmp_path)
    assert whole(tmp_path) == 1
    night(tmp_path / f".replaced-as_of={DAY}", DAY, revision=2)
    partitions.recover(tmp_path)
    assert whole(tmp_path) == 1
    assert [each.name for each in tmp_path.iterdir()] == [f"as_of={DAY}"]


def test_nights_that_are_being_made_stay_for_the_run_that_makes_them(tmp_path, night):
    for day in (DAY, "2024-06-02"):
        night(partitions.staged_folder(tmp_path, day), day)
        (tmp_path / f".night-as_of={day}.json").write_text("{}", encoding="utf-8")
    (tmp_path / f".night-as_of={DAY}.part").write_text("{", encoding="utf-8")
    partitions.sweep_staged(tmp_path, [DAY])
    assert sorted(each.name for each in tmp_path.iterdir()) == [f".night-as_of={DAY}", f".night-as_of={DAY}.json"]


def test_so_many_days_are_kept_counted_from_the_last(tmp_path, night):
    for day in ("2024-05-01", "2024-05-30", "2024-05-31", DAY):
        night(tmp_path / f"as_of={day}", day)
    assert partitions.retire(tmp_path, None) == []
    assert partitions.retire(tmp_path, 2) == ["2024-05-01", "2024-05-30"]
    assert [each.day for each in History(tmp_path).partitions()] == ["2024-05-31", DAY]
    assert partitions.retire(tmp_path, 1) == ["2024-05-31"]
    assert partitions.retire(tmp_path / "none", 1) == []


def test_a_killed_removal_is_ended_by_the_next_run(tmp_path, night, monkeypatch):
    for day in ("2024-05-01", DAY):
        night(tmp_path / f"as_of={day}", day)
    with monkeypatch.context() as patch:
        Dying(patch, 1)
        with pytest.raises(Killed):
            partitions.retire(tmp_path, 1)
    assert [each.day for each in History(tmp_path).partitions()] == [DAY]
    partitions.recover(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [f"as_of={DAY}"]


def test_what_no_night_wrote_is_never_replaced(tmp_path):
    (tmp_path / f"as_of={DAY}").mkdir()
    with pytest.raises(ConfigError, match=r"is no night: it has no manifest\.json"):
        partitions.check_place(tmp_path, [DAY])
    partitions.check_place(tmp_path, ["2024-06-02"])
    (tmp_path / "latest").mkdir()
    with pytest.raises(ConfigError, match="expected a link to the last night"):
        partitions.check_place(tmp_path, [])


@pytest.mark.parametrize(("files", "modes"), [("0600", (0o600, 0o700)), ("0640", (0o640, 0o750))])
def test_files_and_folders_get_their_modes(tmp_path, night, files, modes):
    folder = night(tmp_path / "night", DAY)
    partitions.set_modes(folder, files)
    found = {(each.is_dir(), stat.S_IMODE(each.stat().st_mode)) for each in (folder, *folder.rglob("*"))}
    assert found == {(False, modes[0]), (True, modes[1])}
