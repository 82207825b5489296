"""Where a store's files lie after its folder was moved, mounted elsewhere or copied: beside the store.

MLflow remembers each place of a file as it was when it was written, from the root of the disk on. A SQLite store of
ours has its files in ``mlartifacts`` beside it. Readers look there first; before something is written, the places that
the store remembers are put right, so that a copy never writes into the folder of the original.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .core.config.store import SQLITE, artefacts_beside
from .core.errors import ConfigError

__all__ = ["Places"]

_REMEMBERED = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
)
_SECONDS = 60.0


class Places:
    """The files of one experiment in a store.

    Parameters
    ----------
    uri
        The store.
    recorded
        Where the store remembers the experiment's files to be.

    Attributes
    ----------
    moved
        Whether they lie elsewhere by now, or will: the store is a file of ours that has another folder than it had.

    Examples
    --------
    >>> Places("http://host:5000", "mlflow-artifacts:/1").moved
    False
    """

    def __init__(self, uri: str, recorded: str) -> None:
        self._uri = uri
        self._recorded = recorded.rstrip("/")
        self._beside = artefacts_beside(uri) or ""
        ours = bool(self._beside) and self._recorded.startswith("file:") and _name(recorded) == _name(self._beside)
        self.moved = (
            ours
            and self._recorded != self._beside
            and (_path(self._beside).is_dir() or not _path(self._recorded).is_dir())
        )

    def here(self, location: str) -> Path | None:
        """Return where what the store remembers at ``location`` lies on this machine; None where it does not.

        MLflow would write a note of its own beside the files of a version that it reads.
        """
        if self.moved and location.startswith(f"{self._recorded}/"):
            place = _path(self._beside) / unquote(location.removeprefix(f"{self._recorded}/"))
        elif location.startswith("file:"):
            place = _path(location)
        else:
            return None
        return place if place.exists() else None

    def put_right(self) -> None:
        """Let the store remember where its files lie now: one transaction, all of them or none.

        Raises
        ------
        ConfigError
            The store cannot be written.
        """
        file = self._uri.removeprefix(SQLITE).partition("?")[0]
        connection = sqlite3.connect(file, timeout=_SECONDS)
        try:
            with connection:
                for table, column in _REMEMBERED:
                    connection.execute(
                        f"UPDATE {table} SET {column} = ? || substr({column}, ?)"
                        f" WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                        (
                            self._beside,
                            len(self._recorded) + 1,
                            self._recorded,
                            len(self._recorded) + 1,
                            f"{self._recorded}/",
                        ),
                    )
        except sqlite3.Error as error:
            raise ConfigError(
                f"tracking.uri: '{file}' was moved, and the places of its files cannot be put right ({error}); allow"
                " writing there"
            ) from error
        finally:
            connection.close()
        self._recorded, self.moved = self._beside, False


def _name(location: str) -> str:
    return location.rstrip("/").rpartition("/")[2]


def _path(location: str) -> Path:
    return Path(unquote(urlsplit(location).path))
