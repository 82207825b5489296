"""Working copies of tables that do not outlive their process, however it ends.

A process holds a lock in each of its folders; the operating system lets go of it when the process ends. Whoever needs a
folder next removes those that nobody holds: a killed process cannot remove its own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["WorkingFolder", "empty", "hold", "let_go", "own_place", "sweep"]

_PREFIX = "servicelift-"
_HELD = ".held"
_YOUNG = 60.0
"""Seconds for which a folder that nobody holds yet may be somebody's that is about to."""


class WorkingFolder:
    """A new private folder below the temporary one, there until :meth:`cleanup` or the end of the process.

    It goes with this object, too. Folders that killed processes left are removed when it is made.

    Parameters
    ----------
    within
        Folder to lie in instead, hidden; one that other machines see too, where they are to work on what is in it.

    Attributes
    ----------
    name
        Its path.

    Examples
    --------
    >>> with WorkingFolder() as folder:
    ...     kept = Path(folder, "tables.duckdb").write_text("rows")
    >>> Path(folder).exists()
    False
    """

    def __init__(self, within: Path | None = None) -> None:
        parent, prefix = (Path(tempfile.gettempdir()), _PREFIX) if within is None else (within, f".{_PREFIX}")
        sweep(parent, prefix)
        self._folder, self._lock = _made(parent, prefix)
        self.name = self._folder.name

    def __enter__(self) -> str:
        """Return its path."""
        return self.name

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        self.cleanup()

    def cleanup(self) -> None:
        """Remove it and all that lies in it."""
        empty(self._folder.name)
        self._folder.cleanup()
        self._lock.release()


@cache
def _own() -> WorkingFolder:
    return WorkingFolder()


def own_place() -> Path:
    """Return a folder of this process for working copies that somebody reads who opens nothing outside of it."""
    return Path(_own().name)


def _made(parent: Path, prefix: str) -> tuple[tempfile.TemporaryDirectory[str], FileLock]:
    """Return a new folder and its lock; anew if somebody swept it between the two."""
    while True:
        folder = tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True)
        with suppress(Timeout, FileNotFoundError):
            return folder, hold(Path(folder.name))


def hold(folder: Path) -> FileLock:
    """Hold a folder that was just made, so that nobody sweeps it while this process lives.

    Raises
    ------
    Timeout
        Somebody is sweeping it at this moment.
    """
    lock = FileLock(folder / _HELD, timeout=0)
    lock.acquire()
    return lock


def let_go(folder: Path, lock: FileLock) -> None:
    """Hold a folder no longer, and leave no sign in it: it is never swept from now on."""
    (folder / _HELD).unlink(missing_ok=True)
    lock.release()


def sweep(parent: Path, prefix: str) -> None:
    """Remove the folders in ``parent`` whose names begin with ``prefix`` and whose process is gone.

    Others' folders stay, and what was never held; unless it is empty and a minute old: a process that is killed while
    it makes or removes a folder leaves that.
    """
    for folder in parent.glob(f"{prefix}*"):
        if folder.is_symlink() or not _ours(folder):
            continue
        if not (folder / _HELD).is_file():
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > _YOUNG:
                    folder.rmdir()
            continue
        lock = FileLock(folder / _HELD, timeout=0)
        with suppress(Timeout, OSError):
            lock.acquire()
            empty(folder)
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()


def empty(folder: str | Path) -> None:
    """Remove what lies in a folder but the sign that it is held: by that a killed process's folder is found."""
    with suppress(OSError):
        for each in Path(folder).iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each, ignore_errors=True)
            elif each.name != _HELD:
                with suppress(OSError):
                    each.unlink()


def _ours(folder: Path) -> bool:
    with suppress(OSError, AttributeError):
        return folder.stat().st_uid == os.getuid()
    return False
