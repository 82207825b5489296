"""What a stopped run scored: whole pieces only, of the same inputs only, and of nobody else."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from servicelift.scoring.scores.kept_pieces import KeptPieces, pieces_folder
from servicelift.scoring.scores.one_piece import Scored


def scored(place: int) -> Scored:
    return Scored(place, 2, np.array([0.1, 0.2]), {"offer": 1}, {})


def test_a_block_is_whole_when_it_is_counted_and_all_its_pieces_are_done(tmp_path: Path) -> None:
    kept = KeptPieces(tmp_path)
    kept.keep(scored(4))
    assert (kept.has(4), kept.has(5), kept.whole(4, 1)) == (True, False, False)
    kept.keep_counts(4, {"_seen": 2})
    assert kept.counts(4) == {"_seen": 2}
    assert kept.counts(5) is None
    assert (kept.whole(4, 1), kept.whole(4, 2)) == (True, False)
    kept.keep(scored(11))
    kept.keep(scored(5))
    assert kept.whole(4, 2)
    assert [one.place for one in kept.all()] == [4, 5, 11]
    assert [one.place for one in kept.all(range(10))] == [4, 5]


def test_half_a_file_is_no_piece(tmp_path: Path) -> None:
    kept = KeptPieces(tmp_path)
    (tmp_path / "3.done.part").write_bytes(pickle.dumps(scored(3))[:10])
    assert not kept.has(3)
    assert kept.all() == []


def test_pieces_of_other_inputs_go(tmp_path: Path) -> None:
    parent = tmp_path / "pieces"
    first = pieces_folder(parent, "a")
    KeptPieces(first).keep(scored(0))
    assert pieces_folder(parent, "a") == first
    assert KeptPieces(first).has(0)
    other = pieces_folder(parent, "b")
    assert [each.name for each in parent.iterdir()] == [other.name]
    assert (parent.stat().st_mode & 0o777, other.stat().st_mode & 0o777) == (0o700, 0o700)


@pytest.mark.parametrize("whose", ["parent", "folder"])
def test_what_others_could_have_written_is_never_read(tmp_path: Path, whose: str) -> None:
    parent = tmp_path / "pieces"
    folder = pieces_folder(parent, "a")
    (folder / "0.done").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (parent if whose == "parent" else folder).chmod(0o777)
    assert not KeptPieces(pieces_folder(parent, "a")).has(0)


def test_the_owner_is_this_user_and_links_are_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = tmp_path / "pieces"
    KeptPieces(pieces_folder(parent, "a")).keep(scored(0))
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert not KeptPieces(pieces_folder(parent, "a")).has(0)
    monkeypatch.setattr(os, "getuid", lambda: mine)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "link").symlink_to(elsewhere)
    assert pieces_folder(tmp_path / "link", "a").is_dir()
    assert not (tmp_path / "link").is_symlink()
    assert list(elsewhere.iterdir()) == []
