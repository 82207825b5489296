"""Results appear whole or not at all."""

from __future__ import annotations

import pytest
from servicelift.core.errors import ConfigError
from servicelift.core.files import complete_folder


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
