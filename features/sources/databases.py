"""Tables of databases, staged: Arrow batches in Parquet files of a private folder that any engine reads.

Staging bounds memory whatever a table's size, and is one path for every engine. Of all the tables of one
connection one snapshot is taken: they are read in one go at the first that is asked for.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow.parquet as pq

from ...core.config.business import Config, DatabaseSource
from ...core.config.connection import filled, place
from ...core.contract import CONTRACT
from ...core.errors import ConfigError, DataError, TableError
from ...core.working_folder import WorkingFolder, own_place
from ..contract.entry import entry_columns
from ..contract.mapping import contract_columns, source_name
from .postgres import DatabaseSnapshot, Stream

__all__ = ["Databases"]


class Databases(AbstractContextManager["Databases"]):
    """The database tables of one configuration, staged while the block runs; then the files are removed.

    Parameters
    ----------
    config
        Names connections and tables, what is dropped, and the columns that the contract takes.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._sources = {n: s for n, s in config.tables.items() if isinstance(s, DatabaseSource)}
        self._staged: dict[str, Path | str] = {}
        self._folder: WorkingFolder | None = None

    def __exit__(self, *_: object) -> None:
        """Remove the files."""
        if self._folder:
            self._folder.cleanup()

    def staged(self, table: str) -> str:
        """Return the path of the Parquet file that holds a table of the contract whose source is a database.

        Columns that the config drops, and those that neither the contract takes nor the privacy scan can read,
        are not in it: they never leave the database.

        Raises
        ------
        DataError
            The database or the table cannot be read; one line without user, password or any value.
        """
        if table not in self._staged:
            self._read(self._sources[table].connection)
        staged = self._staged[table]
        if isinstance(staged, str):
            raise TableError(f"tables.{table}", staged)
        return str(staged)

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that :meth:`staged` would hold of a table, without reading its rows.

        Raises
        ------
        DataError
            As :meth:`staged`.
        """
        try:
            uri = filled(self._sources[table].connection)
            with DatabaseSnapshot(uri, place(uri)) as snapshot, self._stream(snapshot, table) as stream:
                return tuple(stream.schema.names)
        except (ConfigError, DataError) as error:
            raise TableError(f"tables.{table}", str(error)) from None

    def _read(self, connection: str) -> None:
        """Stage every table of one connection, or keep why it could not be."""
        names = [name for name, source in self._sources.items() if source.connection == connection]
        try:
            uri = filled(connection)
            with DatabaseSnapshot(uri, place(uri)) as snapshot:
                for name in names:
                    self._staged[name] = self._one(snapshot, name)
        except (ConfigError, DataError) as error:
            self._staged |= {name: str(error) for name in names if name not in self._staged}

    def _one(self, snapshot: DatabaseSnapshot, name: str) -> Path | str:
        """Stage one table, or return why it could not be."""
        path = self._path(name)
        try:
            with self._stream(snapshot, name) as stream:
                _write(stream, path)
        except DataError as error:
            return str(error)
        return path

    def _stream(self, snapshot: DatabaseSnapshot, name: str) -> Stream:
        """Return the rows of one table in the columns that are wanted of it."""
        contract = contract_columns(self._config, CONTRACT[name])
        needed = {each for c in contract for each in (source_name(self._config, name, c.name), *c.also)}
        source = self._sources[name]
        mapped = needed | entry_columns(source)
        unread = (*self._config.drop.get(name, ()), *(column for column in source.drop if column not in mapped))
        return snapshot.stream(source.table, mapped, unread)

    def _path(self, name: str) -> Path:
        if self._folder is None:
            self._folder = WorkingFolder(own_place())
        return Path(self._folder.name) / f"{name}.parquet"


def _write(stream: Stream, path: Path) -> None:
    """Write one batch after another, so that only one is in memory."""
    try:
        with pq.ParquetWriter(path, stream.schema, compression="zstd") as writer:
            for batch in stream:
                writer.write_batch(batch)
    except OSError as error:
        raise DataError(f"no room to stage the table in '{path.parent}': {error.strerror}; set TMPDIR") from None
