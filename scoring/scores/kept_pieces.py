"""What a run that was stopped has scored already: the next one, made from the same, goes on from there.

A piece counts as done when all its files are written, and then a file that says so; a block when what was counted of
its features is kept too. Half a file is never taken for a whole one: each gets its name when it is complete.
"""

from __future__ import annotations

import os
import pickle
import shutil
import stat
from collections.abc import Container
from pathlib import Path
from typing import Any

from ... import __version__
from .one_piece import Scored

__all__ = ["KeptPieces", "pieces_folder"]

_DONE, _COUNTS = "done", "counts"


class KeptPieces:
    """The pieces of one folder.

    Parameters
    ----------
    folder
        Where the pieces lie.

    Examples
    --------
    >>> import tempfile
    >>> kept = KeptPieces(Path(tempfile.mkdtemp()))
    >>> kept.whole(0, 2)
    False
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self, places: Container[int] | None = None) -> list[Scored]:
        """Return what the pieces said that are done, of these numbers; None: all."""
        found = (int(file.stem) for file in self.folder.glob(f"*.{_DONE}"))
        return [self._read(f"{place}.{_DONE}") for place in sorted(found) if places is None or place in places]

    def keep(self, scored: Scored) -> Scored:
        """Remember that a piece is done, and return it."""
        self._write(f"{scored.place}.{_DONE}", scored)
        return scored

    def counts(self, first: int) -> dict[str, Any] | None:
        """Return what was counted of the block whose first piece this is; None where it was not counted."""
        found: dict[str, Any] | None = self._read(f"{first}.{_COUNTS}")
        return found

    def keep_counts(self, first: int, counted: dict[str, Any]) -> None:
        """Remember what was counted of a block."""
        self._write(f"{first}.{_COUNTS}", counted)

    def whole(self, first: int, pieces: int) -> bool:
        """Return whether so many pieces from this one on are done, and counted as a block."""
        return (self.folder / f"{first}.{_COUNTS}").is_file() and all(map(self.has, range(first, first + pieces)))

    def has(self, place: int) -> bool:
        """Return whether a piece is done."""
        return (self.folder / f"{place}.{_DONE}").is_file()

    def _read(self, name: str) -> Any:
        file = self.folder / name
        return pickle.loads(file.read_bytes()) if file.is_file() else None

    def _write(self, name: str, what: Any) -> None:
        made = self.folder / f"{name}.part"
        made.write_bytes(pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL))
        made.replace(self.folder / name)


def pieces_folder(parent: Path, key: str) -> Path:
    """Return the folder below ``parent`` for pieces made from what ``key`` says; those of others are removed.

    Nothing is read that somebody else could have put there: a folder of another owner, or that others may write into,
    is removed.
    """
    name = f"{__version__}-{key}"
    if parent.is_symlink() or (parent.exists() and not _private(parent)):
        parent.unlink() if parent.is_symlink() or parent.is_file() else shutil.rmtree(parent)
    parent.mkdir(mode=0o700, exist_ok=True)
    for other in parent.iterdir():
        if other.name != name or not _private(other):
            shutil.rmtree(other) if other.is_dir() and not other.is_symlink() else other.unlink()
    folder = parent / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _private(folder: Path) -> bool:
    """Return whether a folder is this user's, and nobody else may write into it."""
    found = folder.lstat()
    own = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return stat.S_ISDIR(found.st_mode) and own and not found.st_mode & 0o022
