"""How a night gets its place: staged beside the others, in by one rename, and old ones out.

Whoever is killed between two steps leaves a state that :func:`recover` knows: a night that lies aside goes back, one
that was taken out is removed. Nobody ever finds a night half written, and none is lost.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from ...core.errors import ConfigError
from ...core.interrupt import uninterrupted
from ...core.swap import swap
from .history import ASIDE, LATEST, MANIFEST, PARTITION, History

__all__ = [
    "STAGED",
    "bring_in",
    "check_place",
    "point_latest",
    "recover",
    "retire",
    "set_modes",
    "staged_folder",
    "staged_pieces",
    "sweep_staged",
]

STAGED = ".night-"
"""What the name of a folder begins with in which a night is being made."""

_PIECES = ".pieces"
_REMOVED, _LINK = ".removed-", f".{LATEST}-"
_FOLDERS = {"0600": 0o700, "0640": 0o750}


def staged_folder(root: Path, day: str) -> Path:
    """Return where the night of a day is made."""
    return root / f"{STAGED}{PARTITION}{day}"


def staged_pieces(folder: Path) -> Path:
    """Return where the pieces lie of which the scores of a night in ``folder`` are made."""
    return folder.with_name(f"{folder.name}{_PIECES}")


def check_place(root: Path, days: Collection[str]) -> None:
    """Stop where something lies that no night wrote and that one would replace.

    Raises
    ------
    ConfigError
        Something does.
    """
    latest = root / LATEST
    if latest.exists() and not latest.is_symlink():
        raise ConfigError(f"expected a link to the last night, '{latest}' is a file or folder of its own; move it away")
    for day in days:
        folder = root / f"{PARTITION}{day}"
        if folder.exists() and not (folder / MANIFEST).is_file():
            raise ConfigError(
                f"'{folder}' is no night: it has no {MANIFEST}, and would be replaced; move it away, or choose another"
                " nightly.out"
            )


def recover(root: Path) -> None:
    """Bring nights that a killed run left between two renames to their place; whoever calls it holds the lock."""
    for aside in root.glob(f"{ASIDE}{PARTITION}*"):
        final = root / aside.name.removeprefix(ASIDE)
        if (final / MANIFEST).is_file():
            _remove(aside)
        else:
            aside.rename(final)
    for removed in root.glob(f"{_REMOVED}*"):
        _remove(removed)
    for link in root.glob(f"{_LINK}*"):
        link.unlink()


def sweep_staged(root: Path, keep: Collection[str]) -> None:
    """Remove what killed runs left of nights that are not about to be made; ``keep`` are the days that are."""
    kept = {staged_folder(root, day).name for day in keep}
    for staged in root.glob(f"{STAGED}*"):
        if staged.name.removesuffix(".json").removesuffix(_PIECES) not in kept:
            _remove(staged) if staged.is_dir() else staged.unlink()


def bring_in(staged: Path) -> Path:
    """Give a complete night its place and return it; one that is there already goes at the same instant.

    Where the file system cannot exchange two names, the old one lies aside between two renames, and readers of
    :class:`History` find it there.
    """
    root = staged.parent
    final = root / staged.name.removeprefix(STAGED)
    with uninterrupted():
        if not final.exists():
            staged.rename(final)
        elif swap(staged, final):
            _remove(staged)
        else:
            aside = root / f"{ASIDE}{final.name}"
            final.rename(aside)
            staged.rename(final)
            _remove(aside)
    return final


def point_latest(root: Path) -> bool:
    """Let ``latest`` point to the last night; return False where the file system has no links."""
    last = History(root).latest()
    if last is None:
        return True
    made = root / f"{_LINK}{secrets.token_hex(4)}"
    try:
        made.symlink_to(last.folder.name)
        made.replace(root / LATEST)
    except OSError:
        made.unlink(missing_ok=True)
        return False
    return True


def retire(root: Path, keep_days: int | None) -> list[str]:
    """Remove the nights that lie ``keep_days`` or more before the last one, and return their days."""
    history = History(root)
    last = history.latest()
    if keep_days is None or last is None:
        return []
    limit = pd.Timestamp(last.day) - pd.Timedelta(days=keep_days)
    old = [each for each in history.partitions() if pd.Timestamp(each.day) <= limit]
    for each in old:
        out = root / f"{_REMOVED}{each.folder.name}"
        each.folder.rename(out)
        _remove(out)
    return [each.day for each in old]


def set_modes(folder: Path, files: str) -> None:
    """Give all files in a folder their mode, such as 0640, and the folders the one that goes with it."""
    for place, _, names in os.walk(folder):
        Path(place).chmod(_FOLDERS[files])
        for name in names:
            (Path(place) / name).chmod(int(files, 8))


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
