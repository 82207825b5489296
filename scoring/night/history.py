"""The history of nights: one folder an instant, each whole, read by whoever looks back.

``OUT/as_of=2024-06-01/`` holds ``scores/part-*.parquet`` and ``action_values/part-*.parquet``, what ``targets`` wrote
in ``targets/``, what was watched in ``monitor/``, and ``manifest.json``. ``OUT/latest`` points to the last day. A night
writes into a hidden folder beside them and appears by one rename; where a night replaces another, readers find the old
one or the new one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.errors import ConfigError
from ...core.short_repr import ShortRepr
from ...core.time import instant

__all__ = [
    "ACTION_VALUES",
    "ASIDE",
    "LATEST",
    "MANIFEST",
    "MONITOR",
    "PARTITION",
    "SCORES",
    "TARGETS",
    "History",
    "Partition",
    "read_manifest",
]

SCORES, ACTION_VALUES, TARGETS, MONITOR = "scores", "action_values", "targets", "monitor"
MANIFEST = "manifest.json"
LATEST = "latest"
PARTITION = "as_of="
"""What the name of a night's folder begins with; its day follows."""

ASIDE = ".replaced-"
"""What the name of a folder begins with that another is about to replace."""


@dataclass(frozen=True)
class Partition(ShortRepr):
    """One night.

    Parameters
    ----------
    as_of
        The instant that customers were looked at from, naive UTC.
    day
        Its day on the business's calendar, YYYY-MM-DD.
    folder
        Where its files lie.
    manifest
        What its ``manifest.json`` says.
    """

    as_of: pd.Timestamp
    day: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def revision(self) -> int:
        """How often it was written: 1 the first time."""
        return int(self.manifest.get("revision", 1))

    def scores(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row a customer; ``as_of`` has its zone.

        Parameters
        ----------
        columns
            Those wanted; None: all.

        Raises
        ------
        ConfigError
            The partition has been replaced or removed since it was found.
        """
        return self._frame(SCORES, columns)

    def action_values(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row an eligible pair of customer and action; ``as_of`` has its zone.

        Parameters
        ----------
        columns
            Those wanted; None: all.

        Raises
        ------
        ConfigError
            The partition has been replaced or removed since it was found.
        """
        return self._frame(ACTION_VALUES, columns)

    def _frame(self, name: str, columns: Sequence[str] | None) -> pd.DataFrame:
        wanted = None if columns is None else list(columns)
        parts = sorted((self.folder / name).glob("part-*.parquet"))
        try:
            frames = [pd.read_parquet(part, columns=wanted, partitioning=None) for part in parts]
            same = read_manifest(self.folder) == self.manifest
        except FileNotFoundError:
            same = False
        if not same:
            raise ConfigError(f"'{self.folder}' was replaced or removed while it was read; read the history again")
        if not frames:
            raise ConfigError(f"expected '{name}/part-*.parquet' in '{self.folder}', found none; run this night again")
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


class History:
    """All nights below one folder; nothing is kept in memory, each call looks anew.

    Parameters
    ----------
    root
        The folder that nights are written to; it may not exist yet.

    Examples
    --------
    >>> History(Path("nowhere")).latest() is None
    True
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.root)!r})"

    def partitions(self, since: pd.Timestamp | None = None, until: pd.Timestamp | None = None) -> list[Partition]:
        """Return the nights from ``since`` on and before ``until``, the oldest first.

        Parameters
        ----------
        since, until
            Instants, naive UTC; None: no limit.

        Raises
        ------
        ConfigError
            A manifest cannot be read.
        """
        found = (self.partition(day) for day in self._days())
        return [
            each
            for each in found
            if each is not None and (since is None or each.as_of >= since) and (until is None or each.as_of < until)
        ]

    def latest(self) -> Partition | None:
        """Return the night of the last day; None where there is none.

        Raises
        ------
        ConfigError
            Its manifest cannot be read.
        """
        found = (self.partition(day) for day in reversed(self._days()))
        return next((each for each in found if each is not None), None)

    def partition(self, day: str | dt.date) -> Partition | None:
        """Return the night of a day, YYYY-MM-DD; None where there is none.

        Raises
        ------
        ConfigError
            Its manifest cannot be read.
        """
        name = f"{PARTITION}{day}"
        for folder in (self.root / name, self.root / f"{ASIDE}{name}", self.root / name):
            try:  # one that is being replaced lies aside for a moment, and the new one is there afterwards
                manifest = read_manifest(folder)
            except FileNotFoundError:
                continue
            return Partition(instant(manifest["as_of"]), str(day), folder, manifest)
        return None

    def _days(self) -> list[str]:
        names = {
            each.name.removeprefix(ASIDE).removeprefix(PARTITION)
            for start in (PARTITION, f"{ASIDE}{PARTITION}")
            for each in self.root.glob(f"{start}*")
        }
        return sorted(names)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what the manifest of a night says.

    Raises
    ------
    FileNotFoundError
        There is none.
    ConfigError
        It cannot be read, or is not one.
    """
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(str(file)) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"'{file}' is no manifest that can be read; remove its folder and run again") from error
    if not isinstance(manifest, dict) or "as_of" not in manifest:
        raise ConfigError(f"expected the manifest of a night in '{file}', got something else; run this night again")
    return manifest
