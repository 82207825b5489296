"""A real PostgreSQL server that stops answering while a table is read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.slow

FROZEN = """
import sys
from servicelift.core.errors import DataError
from servicelift.features.sources import postgres

postgres._FIRST_ANSWER = postgres._NEXT_ROWS = 5.0
try:
    opened = postgres.DatabaseSnapshot(sys.argv[1], "the place")
    with opened as snapshot, snapshot.stream("ice.rows", None, ()) as rows:
        print("ready", flush=True)
        sys.stdin.readline()
        list(rows)
except DataError as error:
    print(error)
    sys.exit(2)
"""


def test_a_server_that_freezes_in_the_midst_is_given_up(postgres: Any) -> None:
    postgres.run(
        "CREATE SCHEMA IF NOT EXISTS ice",
        "CREATE TABLE ice.rows AS SELECT n AS customer_id, repeat('x', 1000) AS text FROM generate_series(1, 200000) n",
    )
    uri = f"postgresql://owner:{postgres.password}@{postgres.place}?application_name=reading"
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", FROZEN, uri], text=True, **pipes) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        with postgres.open() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'reading'")
            process = int(cursor.fetchone()[0])
        os.kill(process, signal.SIGSTOP)
        try:
            printed, errors = reader.communicate("go\n", timeout=300)
        finally:
            os.kill(process, signal.SIGCONT)
    assert (reader.returncode, errors) == (2, "")
    assert printed == (
        "'ice.rows' at the place could not be read: the server has stopped answering; look at it, and run again\n"
    )
