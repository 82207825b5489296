"""One run at a time in one place: a lock beside the results, with the name of whoever holds it.

The operating system holds the lock and lets go of it when its holder ends, however it ends: a lock file that a killed
run left behind stops nobody. The holder's name lies in a file of its own and only tells people who it is.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import BusyError, ConfigError
from .files import try_file, try_folder

__all__ = ["locked_file", "locked_folder", "locked_training"]

_LOCK, _HOLDER = "lock", "holder.json"


@contextmanager
def locked_folder(target: str | Path) -> Iterator[None]:
    """Keep a folder for results to one run: it is tried, made if need be, and held until the block ends.

    A folder that was made and got no results is removed again.

    Raises
    ------
    BusyError
        Another run holds it; says who, where and since when.
    ConfigError
        ``target`` exists and is no folder, or cannot be written.
    """
    final = Path(target)
    try_folder(final)
    made = [folder for folder in (final, *final.absolute().parents) if not folder.exists()]
    try:
        final.mkdir(parents=True, exist_ok=True)
        with _held(final, ".servicelift.", str(target)):
            yield
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def locked_file(target: str | Path) -> Iterator[None]:
    """Keep a file for results to one run; others may write other files beside it.

    Raises
    ------
    BusyError
        Another run is about to write it.
    ConfigError
        ``target`` is a folder, or the folder that it is to lie in cannot be written.
    """
    final = Path(target)
    try_file(final)
    made = [folder for folder in (final.absolute().parent, *final.absolute().parents) if not folder.exists()]
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with _held(final.parent, f".servicelift.{final.name}.", str(target)):
            yield
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def locked_training(store: Path | None, business: str) -> Iterator[None]:
    """Keep the models of one business in a store to one training; other businesses may train into it, too.

    Parameters
    ----------
    store
        The file that the store is; None: a server, which serves several trainings, each judged against the champion
        that it then finds.
    business
        Whose models.

    Raises
    ------
    BusyError
        Another training of the business holds it.
    ConfigError
        The folder of the store cannot be written.
    """
    if store is None:
        yield
        return
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"tracking.uri: cannot write '{store}': {error.strerror}") from error
    named = re.sub(r"[^\w-]", "_", business)
    with _held(store.parent, f".servicelift.{store.name}.{named}.", str(store)):
        yield


@contextmanager
def _held(folder: Path, prefix: str, target: str) -> Iterator[None]:
    place, holder = folder / f"{prefix}{_LOCK}", folder / f"{prefix}{_HOLDER}"
    lock = FileLock(place, timeout=0)
    try:
        lock.acquire()
        while not place.exists():  # its last holder removed it a moment ago: this one would be held by nobody else
            lock.release()
            lock.acquire()
    except Timeout:
        raise BusyError(
            f"another run is at work in '{target}'{_who(holder)}; wait until it has ended, or choose another place"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot lock '{target}' against other runs: {error.strerror}") from error
    try:
        with suppress(OSError):
            holder.write_text(json.dumps(_myself()), encoding="utf-8")
        yield
    finally:
        for file in (holder, place):
            with suppress(OSError):
                file.unlink()
        lock.release()


def _myself() -> dict[str, str | int]:
    """Return who holds a lock, for people."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid())
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"process": os.getpid(), "user": user, "host": socket.gethostname(), "since": since}


def _who(holder: Path) -> str:
    """Return what is known of a holder; nothing where it has not yet said who it is."""
    try:
        said = json.loads(holder.read_text(encoding="utf-8"))
        return f" (process {said['process']} of {said['user']} on {said['host']}, since {said['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
