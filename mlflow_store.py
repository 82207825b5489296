"""An MLflow store opened: created whole, and whatever is wrong with it told in one line without a secret.

MLflow takes seconds to import, so nothing of it is imported before the store is known to answer.
"""

from __future__ import annotations

import hashlib
import logging
import os
import posixpath
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

from .core.config.connection import without_userinfo
from .core.config.store import NOT_WRITTEN, SQLITE, not_opened, reach_database, reach_server
from .core.errors import ConfigError

__all__ = ["Guarded", "StoreError", "key", "open_store"]

_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
_PATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
"""Tries after 0, 2 and 4 seconds, for a server that restarts; MLflow's own would take minutes."""
_USERS = {name: os.environ[name] for name in _PATIENCE if name in os.environ}
_TRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
_REFUSED = re.compile(r"[^\w.\- :/]")
_LONGEST = 240
_SHOWN = 160
_SILENT = ("Max retries exceeded", "Connection refused", "Connection aborted", "timed out", "NameResolution")
_WAIT = 60.0


class StoreError(ConfigError):
    """The store refuses, fails or is gone.

    Attributes
    ----------
    reason
        MLflow's code, such as RESOURCE_DOES_NOT_EXIST; "" where MLflow gave none.
    passing
        Whether the store is only busy or gone for now: nothing is said about what lies in it.
    cause
        What MLflow raised; it may show a secret.
    """

    def __init__(self, uri: str, cause: Exception) -> None:
        complaint, self.passing = _complaint(uri, str(cause))
        if self.passing:
            os.environ[_TRIES] = "0"  # what is left to be said to it, such as that a run failed, is not said for long
        super().__init__(f"tracking.uri: {_place(uri)} {complaint}")
        self.reason = str(getattr(cause, "error_code", ""))
        self.cause = cause


class Guarded:
    """MLflow, or its client: whatever it is asked, what the store has against it is a :class:`StoreError`."""

    def __init__(self, of: Any, uri: str) -> None:
        self._of = of
        self._uri = uri

    def __getattr__(self, name: str) -> Any:
        """Return a part of it, guarded as well."""
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._of, name)
        if isinstance(found, ModuleType):
            return Guarded(found, self._uri)
        if not callable(found):
            return found

        @wraps(found)
        def asked(*args: Any, **kwargs: Any) -> Any:
            with _in_one_line(self._uri):
                return found(*args, **kwargs)

        return asked


def open_store(uri: str) -> tuple[Guarded, Guarded]:
    """Return MLflow and its client for a store, which is created if it is a file that is not there yet.

    Raises
    ------
    ConfigError
        It cannot be opened.
    """
    os.environ.update(_SETTINGS | _PATIENCE | _USERS)
    try:
        reach_server(uri)
    except OSError as error:
        raise ConfigError(not_opened(uri, error)) from None
    import mlflow

    for chatty in ("mlflow", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    logging.getLogger("mlflow.store").setLevel(logging.CRITICAL)  # it logs the traceback of what it also raises
    with opening(uri):
        reach_database(uri)
        if uri.startswith(SQLITE):
            _create(uri)
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
    return Guarded(mlflow, uri), Guarded(client, uri)


def key(name: str) -> str:
    """Return a name of a metric, parameter or tag in signs that MLflow takes; two names never become one.

    Examples
    --------
    >>> key("call_effect"), key("offre d'essai (-10%)")
    ('call_effect', 'offre d_essai _-10__ 718193')
    """
    taken = _REFUSED.sub("_", name)[:_LONGEST]
    if posixpath.normpath(taken) != taken or taken.startswith(("..", "/")) or taken == ".":
        taken = taken.replace("/", "_").lstrip(".") or "_"
    return taken if taken == name else f"{taken} {hashlib.sha256(name.encode()).hexdigest()[:6]}"


@contextmanager
def opening(uri: str) -> Iterator[None]:
    """Turn a store that cannot be opened into one line."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except StoreError as error:
        raise ConfigError(not_opened(uri, error.cause)) from None
    except (ImportError, MlflowException, SQLAlchemyError, OSError) as error:
        raise ConfigError(not_opened(uri, error)) from None


@contextmanager
def _in_one_line(uri: str) -> Iterator[None]:
    """Turn what MLflow raises into one line; its own traceback may show the address with user and password."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        raise StoreError(uri, error) from None


def _place(uri: str) -> str:
    parts = urlsplit(uri)
    return f"the server {parts.hostname}" if parts.hostname else f"'{uri.removeprefix(SQLITE)}'"


def _complaint(uri: str, text: str) -> tuple[str, bool]:
    """Return what is wrong with a store and what to do, by what MLflow says; and whether it may pass by itself."""
    if any(sign in text for sign in _SILENT):
        return "does not answer any more; start it again, then run the command again", True
    if "database is locked" in text:
        return "is locked by another program; wait until that has ended, then run the command again", True
    if "readonly database" in text:
        return NOT_WRITTEN, False
    return f"refused as a store of MLflow: {_without_secrets(uri, text)}; mend the store, or name another", False


def _without_secrets(uri: str, text: str) -> str:
    first = " ".join(without_userinfo(text).split())
    password = urlsplit(uri).password if "@" in uri else None
    for secret in {password, unquote(password)} if password else ():
        first = first.replace(secret, "***")
    return first if len(first) <= _SHOWN else first[:_SHOWN].rstrip() + " ..."


def _create(uri: str) -> None:
    """Create a new SQLite store beside its place and rename it in: jobs that start together find all of it, or none.

    A store that is there, however broken, is left alone.
    """
    file = Path(uri.removeprefix(SQLITE).partition("?")[0])
    if file.exists() and file.stat().st_size:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    place = file.with_name(f".{file.name}.lock")
    lock = FileLock(place, timeout=_WAIT)
    try:
        lock.acquire()
    except Timeout:
        raise OSError(f"another program has been creating it for {_WAIT:.0f} seconds") from None
    try:
        if not (file.exists() and file.stat().st_size):
            for left in file.parent.glob(f".{file.name}.new-*"):
                left.unlink(missing_ok=True)
            new = file.with_name(f".{file.name}.new-{secrets.token_hex(4)}")
            try:
                _fill(new)
                new.replace(file)
            finally:
                new.unlink(missing_ok=True)
    finally:
        with suppress(OSError):
            place.unlink()
        lock.release()


def _fill(file: Path) -> None:
    """Make MLflow create all its tables in a new file."""
    from mlflow.store.tracking import DEFAULT_LOCAL_FILE_AND_ARTIFACT_PATH
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(f"{SQLITE}{file}", DEFAULT_LOCAL_FILE_AND_ARTIFACT_PATH)
    store.engine.dispose()
