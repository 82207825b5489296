"""Writing results so that nothing half-written is ever seen."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ConfigError

__all__ = ["complete_folder"]


@contextmanager
def complete_folder(target: str | Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``target``; on success its files move into ``target``, one by one.

    On an error nothing in ``target`` changes. Files of the same name are replaced, others stay.

    Raises
    ------
    ConfigError
        ``target`` exists and is no folder, or cannot be written.
    """
    final = Path(target)
    if final.exists() and not final.is_dir():
        raise ConfigError(f"expected a folder for the results, got the file '{target}'; choose another place")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    except OSError as error:
        raise ConfigError(f"cannot write results to '{target}': {error.strerror}") from error
    try:
        yield place
        for file in sorted(place.rglob("*")):
            if file.is_file():
                goal = final / file.relative_to(place)
                goal.parent.mkdir(parents=True, exist_ok=True)
                file.replace(goal)
    finally:
        shutil.rmtree(place, ignore_errors=True)
