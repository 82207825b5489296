"""Where models are kept: the section ``tracking:`` and the forms of an MLflow store's address."""

from __future__ import annotations

import http.client
import re
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from pydantic import Field, field_validator

from ..errors import ConfigError
from .section import Section

__all__ = [
    "NOT_WRITTEN",
    "SQLITE",
    "TrackingConfig",
    "artefacts_beside",
    "check_store",
    "check_written",
    "not_opened",
    "reach_database",
    "reach_server",
    "sqlite_file",
]

SQLITE = "sqlite:///"
NOT_WRITTEN = "cannot be written; allow whoever runs this to write there, or name another store"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9.-]*)(\+[a-z0-9]+)?:")
_SERVERS = ("http", "https")
_DATABASES = ("postgresql", "mysql", "mssql")
_PATIENCE, _PAUSE = 8.0, 0.5
"""Seconds that a server has to answer, and between two tries."""
_HALF_MADE = ("out-of-date database schema", "already exists", "no such column", "no such table")
_NO_WAL = "PRAGMA journal_mode=DELETE"
_UNFINISHED = "its creation or an upgrade was not finished; if it is new, remove it, else run `mlflow db upgrade`"
_WRITE = "write sqlite:///mlflow.db for a file beside the config, or the address of a server such as http://host:5000"


def check_store(uri: str) -> str:
    """Return ``uri`` if MLflow keeps models there: an SQLite file, a server, or a database server.

    Raises
    ------
    ValueError
        Another form; shows no more of it than its scheme, since an address may hold a password.
    """
    if uri.startswith(SQLITE):
        path = uri.removeprefix(SQLITE).partition("?")[0]
        if path.startswith("file:"):
            raise ValueError(
                f"expected a path after {SQLITE}, got file:, which a store that is only read needs not; {_WRITE}"
            )
        if not path.strip("/ ") or path.endswith("/") or "\0" in path:
            raise ValueError(f"expected a file after {SQLITE}, got none; {_WRITE}")
        return uri
    scheme = _SCHEME.match(uri)
    name = scheme[1].lower() if scheme else ""
    if name not in (*_SERVERS, *_DATABASES):
        came = f"an address that begins with {name}:" if name else "a path: MLflow keeps no models in a plain folder"
        raise ValueError(f"got {came if uri.strip() else 'nothing'}; {_WRITE}")
    if not _host(uri):
        raise ValueError(f"expected a host after {name}://, got none; {_WRITE}")
    return uri


def _host(uri: str) -> str | None:
    """Return the host of an address; None without one, or with a port that is no number."""
    try:
        parts = urlsplit(uri)
        return None if parts.port == 0 else parts.hostname
    except ValueError:
        return None


def reach_server(uri: str) -> None:
    """Return if the server behind an ``http`` address answers within eight seconds; MLflow would try for minutes.

    One that restarts is asked again until then.

    Raises
    ------
    OSError
        It does not answer. Where a proxy is set, and for other addresses, nothing is tried.
    """
    parts = urlsplit(uri)
    if parts.scheme not in _SERVERS or getproxies():
        return
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            _ask(parts.scheme == "https", str(parts.hostname), parts.port, max(end - time.monotonic(), _PAUSE))
            break
        except (ConnectionError, http.client.HTTPException):
            if time.monotonic() + _PAUSE > end:
                raise ConnectionRefusedError(0, "no answer") from None
            time.sleep(_PAUSE)


def _ask(secure: bool, host: str, port: int | None, timeout: float) -> None:
    """Return if a server answers; of a secure one it is enough that it listens, since only MLflow knows its keys."""
    if secure:
        socket.create_connection((host, port or 443), timeout=timeout).close()
        return
    connection = http.client.HTTPConnection(host, port or 80, timeout=timeout)
    try:
        connection.request("GET", "/health")
        connection.getresponse()
    except TimeoutError as error:
        raise TimeoutError(0, "no answer") from error
    finally:
        connection.close()


def reach_database(uri: str) -> None:
    """Return if a database opens; MLflow would try for two minutes.

    A server that restarts is asked again for eight seconds. A file that is not there yet is none that does not open.

    Raises
    ------
    SQLAlchemyError
        It does not.
    ImportError
        Its driver is not installed.
    """
    file = sqlite_file(uri)
    if urlsplit(uri).scheme in _SERVERS or (file is not None and not (file.exists() and file.stat().st_size)):
        return
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.pool import NullPool

    timeout = {"connect_timeout": int(_PATIENCE)} if uri.startswith(("postgresql", "mysql")) else {}
    engine = create_engine(uri, poolclass=NullPool, connect_args=timeout)
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1" if file is None else "SELECT count(*) FROM sqlite_master"))
            break
        except OperationalError as error:
            passing = any(sign in str(error) for sign in ("refused", "starting up"))
            if file is not None or not passing or time.monotonic() + _PAUSE > end:
                raise
            time.sleep(_PAUSE)


def check_written(uri: str) -> None:
    """Return if a store that is a file can be written, before long work is done for it; of servers nobody knows before.

    Raises
    ------
    ConfigError
        It cannot.
    """
    file = sqlite_file(uri)
    if file is None or not file.exists():
        return
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE servicelift_tried (kept INTEGER)")  # and never committed
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return
            raise ConfigError(f"tracking.uri: '{file}' {NOT_WRITTEN}") from None


def sqlite_file(uri: str) -> Path | None:
    """Return the file of a store that is one, None of a server."""
    return Path(uri.removeprefix(SQLITE).partition("?")[0]) if uri.startswith(SQLITE) else None


def _why_unread(file: Path, error: Exception) -> str:
    """Return why a SQLite file that is there does not open."""
    try:
        with file.open("rb") as opened:
            if opened.read(20)[18:] == b"\2\2":
                return f"it is in WAL mode and cannot be written; where it can be: sqlite3 {file.name} '{_NO_WAL}'"
    except OSError as unread:
        return unread.strerror or str(unread)
    if file.with_name(f"{file.name}-journal").exists():
        return (
            "a run was stopped in the midst of writing to it, and it cannot be written; run `servicelift models CONFIG`"
            " once where it can be"
        )
    if "locked" in str(error):
        return "another program is writing to it; wait until that has ended"
    return str(getattr(error, "orig", None) or type(error).__name__)


def not_opened(uri: str, error: Exception) -> str:
    """Return in one line that a store was not opened, without user and password."""
    parts = urlsplit(uri)
    place = f"the server {parts.hostname}" if parts.hostname else f"'{parts.path.removeprefix('/')}'"
    if isinstance(error, ImportError):
        return f"tracking.uri: {place} needs the package {error.name}; install it"
    reason = getattr(error, "strerror", None) or type(error).__name__
    if any(sign in str(error) for sign in _HALF_MADE):
        return f"tracking.uri: cannot open {place} as a store of MLflow: {_UNFINISHED}"
    if "API request" in str(error):
        refused = re.search(r"error code (40[13])", str(error))
        reason = f"it wants user and password, code {refused[1]}" if refused else "it answers, but not as MLflow does"
    file = sqlite_file(uri)
    if file is not None and file.is_file() and not isinstance(error, OSError):
        reason = _why_unread(file, error)
    return f"tracking.uri: cannot open {place} as a store of MLflow ({reason}); check address and rights"


def artefacts_beside(uri: str) -> str | None:
    """Return where models lie: beside a sqlite store; None for a server, which knows its own place."""
    if not uri.startswith(SQLITE):
        return None
    return (Path(uri.removeprefix(SQLITE)).resolve().parent / "mlartifacts").as_uri()


class TrackingConfig(Section):
    """The MLflow store; models are registered there as `<business>-<model>`."""

    uri: str = "sqlite:///mlflow.db"
    """Address of the store: `sqlite:///FILE`, from the config's folder, or a server, `http://host:5000`."""

    experiment: str | None = Field(None, min_length=1)
    """MLflow's experiment; by default the business's name."""

    @field_validator("uri")
    @classmethod
    def _a_store(cls, value: str) -> str:
        return check_store(value)

    def resolved(self, folder: Path) -> str:
        """Return the address with a relative SQLite file taken from ``folder``."""
        if self.uri.startswith(SQLITE) and not self.uri.startswith(SQLITE + "/"):
            return SQLITE + str((folder / self.uri.removeprefix(SQLITE)).resolve())
        return self.uri
