"""Writing results so that nothing half-written is ever seen, into whatever place a user names.

A folder that is new appears by one rename. Into one that is there already, such as a mount point, results are staged
in a hidden folder inside it. A mark in that folder says that they are complete; only then are they moved out, file by
file. Whoever is stopped before the mark has changed nothing. Whoever is stopped after it leaves the rest in the hidden
folder, and the next who writes there or reads from there moves it first (:func:`settle`): nobody acts on old and new
side by side. ``run.json`` moves last, so that others who wait for it find the rest; it holds the digests of the others
(:func:`digests`), so that a reader can tell a mixture (:func:`other_than`).
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .errors import ConfigError
from .working_folder import empty, hold, let_go, sweep

__all__ = ["complete_folder", "digest_of", "digests", "file_digest", "other_than", "settle", "try_file", "try_folder"]

_STAGED = ".servicelift-"
_COMPLETE = ".complete"
_LAST = "run.json"
_ELSEWHERE = (errno.EXDEV, errno.EBUSY)
"""Errors of a rename onto another file system, or onto a file that is a mount point itself."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of a place that takes no more, whoever writes there."""
_PROBE = 1 << 16
"""Bytes that are written to try a place: a full disk still takes the name of a folder."""


@contextmanager
def complete_folder(target: str | Path) -> Iterator[Path]:
    """Yield a temporary folder; on success its files move into ``target``, all of them.

    On an error nothing in ``target`` changes. Files of the same name are replaced, others stay.

    Raises
    ------
    ConfigError
        ``target`` exists and is no folder, cannot be written, or is full before everything is written.
    """
    final = Path(target)
    _no_file(final)
    made = [folder for folder in (final.parent, *final.parent.parents) if not folder.exists()]
    try:
        if final.is_dir():
            settle(final)
            sweep(final, _STAGED)
        place = _staged(final if final.is_dir() else final.parent)
        lock = hold(place)
    except OSError as error:
        _unmake(made)
        raise ConfigError(f"cannot write results to '{target}': {error.strerror}") from error
    try:
        yield place
        let_go(place, lock)
        _finish(place, final)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise ConfigError(
            f"cannot write results to '{target}': {os.strerror(error.errno)}; nothing there was changed. Free the place"
            " and run the command again"
        ) from error
    finally:
        if not (place / _COMPLETE).exists():
            empty(place)
            shutil.rmtree(place, ignore_errors=True)
        lock.release()
        _unmake(made)


def settle(folder: str | Path) -> None:
    """Move what an interrupted command left complete but hidden in ``folder`` to its place.

    Raises
    ------
    ConfigError
        A file cannot be moved; the results stay whole where they are.
    """
    final = Path(folder)
    for place in sorted(final.glob(f"{_STAGED}*")):
        if not (place / _COMPLETE).is_file():
            continue
        try:
            for file in _files(place):
                _move(file, final / file.relative_to(place))
        except OSError as error:
            raise ConfigError(
                f"cannot move results into '{folder}': {error.strerror}; they lie complete in '{place}'. Free the place"
                " and run the command again"
            ) from error
        shutil.rmtree(place, ignore_errors=True)


def try_folder(target: str | Path) -> None:
    """Stop before any work if a folder for results cannot be written; nothing is left behind.

    Raises
    ------
    ConfigError
        ``target`` exists and is no folder, or it, or where it would be made, cannot be written.
    """
    final = Path(target)
    _no_file(final)
    there = next(folder for folder in (final, *final.absolute().parents) if folder.exists())
    if not there.is_dir():
        raise ConfigError(f"expected a folder for the results, '{there}' above '{target}' is a file; choose another")
    try:
        place = there / f"{_STAGED}{secrets.token_hex(4)}"
        place.mkdir()
        lock = hold(place)
        try:
            (place / "tried").write_bytes(bytes(_PROBE))
        finally:
            empty(place)
            shutil.rmtree(place, ignore_errors=True)
            lock.release()
    except OSError as error:
        raise ConfigError(f"cannot write results to '{target}': {error.strerror}") from error


def try_file(target: str | Path) -> None:
    """Stop before any work if a file for results cannot be written; nothing is left behind.

    Raises
    ------
    ConfigError
        ``target`` is a folder, or the folder that it is to lie in cannot be written.
    """
    final = Path(target)
    if final.is_dir():
        raise ConfigError(f"expected a file for the results, got the folder '{target}'; name a file in it")
    try_folder(final.parent)


def digests(folder: Path) -> dict[str, dict[str, Any]]:
    """Return of each file in ``folder`` how long it is and its SHA-256, for the manifest that moves last."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name != _LAST and file.name[0] != ".")
    return {file.name: file_digest(file) for file in files}


def file_digest(file: Path) -> dict[str, Any]:
    """Return how long a file is and its SHA-256."""
    return {"bytes": file.stat().st_size, "sha256": digest_of(file)}


def other_than(written: Mapping[str, Mapping[str, Any]], folder: Path, names: Iterable[str]) -> list[str]:
    """Return those of the ``names`` that are in ``folder`` and are not the files that a manifest speaks of."""
    there = (name for name in names if name in written and (folder / name).is_file())
    return [name for name in there if digest_of(folder / name) != written[name].get("sha256")]


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _no_file(final: Path) -> None:
    if final.exists() and not final.is_dir():
        raise ConfigError(f"expected a folder for the results, got the file '{final}'; choose another place")


def _staged(folder: Path) -> Path:
    """Return a new hidden folder in ``folder``, with the permissions that any new folder has."""
    place = folder / f"{_STAGED}{secrets.token_hex(8)}"
    place.mkdir(parents=True)
    return place


def _finish(place: Path, final: Path) -> None:
    """Bring staged files to their place: by one rename where the target is new, else marked and moved."""
    if not _files(place):
        return
    if place.parent != final:
        with suppress(OSError):
            place.rename(final)
            return
        final.mkdir(exist_ok=True)
        inside = final / place.name
        try:
            shutil.copytree(place, inside)
        except BaseException:
            shutil.rmtree(inside, ignore_errors=True)
            raise
        place = inside
    (place / _COMPLETE).touch()
    settle(final)


def _files(place: Path) -> list[Path]:
    """Return the staged files in the order in which they move."""
    files = (file for file in place.rglob("*") if file.is_file() and file != place / _COMPLETE)
    return sorted(files, key=lambda file: (file.name == _LAST, file))


def _move(file: Path, goal: Path) -> None:
    """Move one file; another who settles the same folder may have done so already."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        try:
            file.replace(goal)
        except OSError as error:
            if error.errno not in _ELSEWHERE:
                raise
            shutil.copyfile(file, goal)
            file.unlink()


def _unmake(made: list[Path]) -> None:
    """Remove the folders that were made for nothing."""
    for folder in made:
        with suppress(OSError):
            folder.rmdir()
