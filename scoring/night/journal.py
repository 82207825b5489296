"""What a night has done so far, beside the folder that it is made in: a killed run goes on from there.

A step counts as done when its files are written and the journal names them with their digests. Whatever lies in the
folder beside them is half a step and is removed. A journal of other inputs is worth nothing.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.files import file_digest
from .history import MANIFEST

__all__ = ["Done", "Journal"]


@dataclass(frozen=True)
class Done:
    """A step that is done: what it found, how long it took, and whether an earlier run did it."""

    facts: Mapping[str, Any]
    seconds: float
    resumed: bool


class Journal:
    """The steps of one night.

    Parameters
    ----------
    folder
        Where the night is made; it is there afterwards, and holds the files of the steps that are done.
    key
        What the night is made from, as a text: steps of another are done anew.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self._file = folder.with_name(f"{folder.name}.json")
        self._key = key
        self._steps = self._whole(self._read())
        folder.mkdir(mode=0o700, exist_ok=True)
        self._clear()

    def run(self, name: str, work: Callable[[], Mapping[str, Any]]) -> Done:
        """Do a step, or return what an earlier run found.

        Parameters
        ----------
        name
            Of the step.
        work
            Writes its files into the folder, and returns facts that JSON can hold.
        """
        if name in self._steps:
            kept = self._steps[name]
            return Done(kept["facts"], kept["seconds"], resumed=True)
        began = time.monotonic()
        facts = dict(work())
        seconds = round(time.monotonic() - began, 3)
        files = {each: file_digest(self.folder / each) for each in _files(self.folder) if each not in self.files}
        self._steps[name] = {"facts": facts, "seconds": seconds, "files": files}
        self._write()
        return Done(facts, seconds, resumed=False)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """The files of all steps that are done, by their path in the folder: how long each is and its SHA-256."""
        return {file: digest for step in self._steps.values() for file, digest in step["files"].items()}

    def close(self) -> None:
        """Forget the journal: the night has its place."""
        self._file.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return dict(kept["steps"]) if kept["key"] == self._key else {}
        except (OSError, ValueError, KeyError, TypeError):  # none, or one that was cut off
            return {}

    def _whole(self, steps: Mapping[str, Any]) -> dict[str, Any]:
        """Return the steps up to the first whose files are no longer those that it wrote."""
        there = _files(self.folder)
        whole: dict[str, Any] = {}
        for name, step in steps.items():
            files = step["files"]
            if not files.keys() <= there or any(file_digest(self.folder / each) != files[each] for each in files):
                break
            whole[name] = step
        return whole

    def _clear(self) -> None:
        """Remove what no step that is done has written."""
        for file in _files(self.folder) - self.files.keys():
            (self.folder / file).unlink()
        for place in sorted((each for each in self.folder.rglob("*") if each.is_dir()), reverse=True):
            if not any(place.iterdir()):
                shutil.rmtree(place)

    def _write(self) -> None:
        text = json.dumps({"key": self._key, "steps": self._steps}, indent=2)
        made = self._file.with_suffix(".part")
        made.write_text(text, encoding="utf-8")
        made.replace(self._file)


def _files(folder: Path) -> set[str]:
    """Return the files below a folder by their paths from there; the manifest is no step's."""
    files = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir())
    return {file for file in files if file != MANIFEST}
