"""Bring nights into the configured database: those that it lacks, and those that were made again since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ...core.config.business import Config
from ...core.config.connection import filled, place
from ...core.config.publishing import DUCKDB
from ...core.errors import ConfigError
from ...core.locale import Locale
from ...core.progress import Say, silent
from ..night.history import ACTION_VALUES, SCORES, TARGETS, Partition, read_manifest
from .destination import Destination
from .duckdb_file import DuckDBFile
from .postgres import PostgresDatabase
from .tables import NIGHT_TABLES, NightTable, digest_of
from .words import PUBLISH_WORDS

__all__ = ["PublishOutcome", "publish"]


@dataclass(frozen=True)
class PublishOutcome:
    """What the database took.

    Parameters
    ----------
    place
        The database, as people read it.
    rows
        Rows of each table, by day, of the nights that were written.
    there
        Days that were there already, as they are.
    locale
        How figures are written.
    """

    place: str
    rows: dict[str, dict[str, int]]
    there: tuple[str, ...]
    locale: Locale

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        done = [
            PUBLISH_WORDS.say(
                self.locale, "night", day=day, place=self.place, scores=rows[SCORES], pairs=rows[ACTION_VALUES],
                listed=rows[TARGETS],
            )
            for day, rows in self.rows.items()
        ]  # fmt: skip
        if self.there:
            done.append(PUBLISH_WORDS.say(self.locale, "there", n=len(self.there), place=self.place))
        return done


def publish(config: Config, nights: Sequence[Partition], say: Say = silent) -> PublishOutcome:
    """Publish nights, each in one transaction: a reader sees all of it or nothing.

    Parameters
    ----------
    config
        Whose ``publish:`` names the database.
    nights
        The nights that ought to be there.
    say
        Told about each night.

    Raises
    ------
    ServiceliftError
        No database is named, it cannot be opened or refuses the rows, or another run publishes there. Nights before
        the one that failed are there; nothing of it is.
    """
    with _opened(config) as database:
        known = database.published()
        rows: dict[str, dict[str, int]] = {}
        there: list[str] = []
        for night in nights:
            if known.get(night.day) == _digest(night):
                there.append(night.day)
                continue
            say(f"publish: {night.day}")
            rows[night.day] = database.replace(night.as_of, _tables(night))
    return PublishOutcome(database.place, rows, tuple(there), config.locale)


def _tables(night: Partition) -> Iterator[tuple[NightTable, pa.RecordBatchReader | None]]:
    """Yield the tables of a night; at the end it has to be the night that it was, or nothing of it is kept."""
    before = _digest(night)
    try:
        for table in NIGHT_TABLES:
            yield table, table.rows(night)
    except FileNotFoundError:
        raise _replaced(night) from None
    if _digest(night) != before:
        raise _replaced(night)


def _digest(night: Partition) -> str:
    try:
        if read_manifest(night.folder) == night.manifest:
            return digest_of(night)
    except FileNotFoundError:
        pass
    raise _replaced(night)


def _replaced(night: Partition) -> ConfigError:
    return ConfigError(f"'{night.folder}' was replaced or removed while it was published; publish again")


def _opened(config: Config) -> Destination:
    wish = config.publish
    if wish.connection is None:
        raise ConfigError("expected a database under publish: connection:, found none; name one, or do not publish")
    if wish.connection.startswith(DUCKDB):
        return DuckDBFile(Path(config.resolve(wish.connection.removeprefix(DUCKDB))), wish.schema_name)
    uri = filled(wish.connection)
    return PostgresDatabase(uri, place(uri), wish.schema_name, wish.timeout_seconds)
