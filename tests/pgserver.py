"""A private PostgreSQL server for tests: its own folder, port and password, gone afterwards."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from adbc_driver_postgresql import dbapi

OWNER = "owner"


@dataclass(frozen=True)
class Server:
    """A running server; ``password`` is random, so that no output holds it by chance."""

    port: int
    password: str

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}/postgres"

    def open(self) -> Any:
        return dbapi.connect(f"postgresql://{OWNER}:{self.password}@{self.place}", autocommit=True)

    def run(self, *statements: str) -> None:
        with self.open() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def load(self, schema: str, name: str, table: pa.Table) -> None:
        with self.open() as connection, connection.cursor() as cursor:
            cursor.adbc_ingest(name, table, mode="create", db_schema_name=schema)


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version first."""
    named = Path("/usr/lib/postgresql").glob("*/bin")
    folders = sorted(named, key=lambda path: [int(n) for n in re.findall(r"\d+", path.parent.name)], reverse=True)
    on_path = shutil.which("pg_ctl")
    folders += [Path(on_path).resolve().parent] if on_path else []
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Start a server on a free port of this machine and stop it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="servicelift-pg-", dir="/tmp"))
    user = _user()
    password = secrets.token_hex(12)
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o600)
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, user)
    data = str(folder / "data")
    try:
        login = ["-U", OWNER, "--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        _run(user, folder, [str(programs / "initdb"), "-D", data, *login, "-E", "UTF8", "--locale=C", "--no-sync"])
        port = _started(programs, user, folder, data)
        yield Server(port, password)
    finally:
        _run(user, folder, [str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop"], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _started(programs: Path, user: str | None, folder: Path, data: str) -> int:
    """Start the server and return its port; another process may take a free port first, so try again."""
    for last in (False, False, True):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        options = f"-p {port} -h 127.0.0.1 -c unix_socket_directories='' -c fsync=off -c shared_buffers=64MB"
        command = [str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start"]
        if _run(user, folder, command, check=last):
            return port
    raise AssertionError


def _user() -> str | None:
    """An unprivileged user where we are root, whom the server refuses."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(user: str | None, folder: Path, command: Sequence[str], *, check: bool = True) -> bool:
    if user and shutil.which("runuser"):
        command = ["runuser", "-u", user, "--", *command]
    elif user:
        command = ["su", user, "-s", "/bin/sh", "-c", shlex.join(command)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with (folder.parent / f"{folder.name}.out").open("w+") as out:
        done = subprocess.run(command, stdout=out, stderr=out, cwd="/", env=clean)
        out.seek(0)
        text = out.read()
    Path(out.name).unlink()
    assert done.returncode == 0 or not check, f"{command} failed: {text}"
    return done.returncode == 0
