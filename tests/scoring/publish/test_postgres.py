"""Nights in a real PostgreSQL server: whole or not at all, for readers, too; time limits; no secret in any line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import BusyError, DataError
from servicelift.scoring.publish import postgres as module
from servicelift.scoring.publish.postgres import PostgresDatabase
from servicelift.scoring.publish.publish import publish
from servicelift.scoring.publish.tables import NIGHT_TABLES

pytestmark = pytest.mark.slow


@pytest.fixture
def config(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("NIGHT_PASSWORD", postgres.password)

    def made(**wish):
        settings = {"connection": f"postgresql://owner:${{NIGHT_PASSWORD}}@{postgres.place}", "timeout_seconds": 20}
        sources = {"customers": "c.parquet", "payments": "p.parquet"}
        return Config.model_validate({"tables": sources, "publish": {**settings, **wish}, "folder": tmp_path})

    return made


def found(postgres, query):
    with postgres.open() as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_nights_are_there_replaced_and_left(postgres, config, night):
    wish = config(schema="plain")
    outcome = publish(wish, [night("2024-05-31"), night("2024-06-01")])
    assert outcome.place == postgres.place
    assert outcome.rows["2024-06-01"] == {"scores": 3, "action_values": 3, "targets": 2, "nights": 1}
    assert publish(wish, [night("2024-06-01")]).there == ("2024-06-01",)
    publish(wish, [night("2024-06-01", revision=2, customers=("007",), lists=False, grade="A", clv=3)])
    assert found(postgres, "SELECT customer_id, clv, grade FROM plain.scores WHERE as_of = '2024-06-01Z'") == [
        ("007", 3.0, "A")
    ]
    assert found(postgres, "SELECT count(*) FROM plain.scores") == [(4,)]
    keys = "SELECT count(*) FROM information_schema.table_constraints WHERE table_schema = 'plain'"
    assert found(postgres, f"{keys} AND constraint_type = 'PRIMARY KEY'") == [(4,)]


def test_a_reader_sees_the_old_night_until_the_new_one_is_whole(postgres, config, night):
    wish = config(schema="readers")
    publish(wish, [night("2024-06-01")])
    again = night("2024-06-01", revision=2, customers=("x",))
    seen = []

    def looks(one):
        seen.append(found(postgres, "SELECT count(*) FROM readers.scores")[0][0])
        return NIGHT_TABLES[3].rows(one)

    uri = f"postgresql://owner:{postgres.password}@{postgres.place}"
    with PostgresDatabase(uri, postgres.place, "readers", 20) as database:
        database.replace(
            again.as_of, [(t, looks(again) if t.name == "nights" else t.rows(again)) for t in NIGHT_TABLES]
        )
    assert seen == [3]
    assert found(postgres, "SELECT count(*) FROM readers.scores") == [(1,)]


def test_a_server_process_that_is_killed_leaves_the_old_night(postgres, config, night):
    wish = config(schema="killed")
    publish(wish, [night("2024-06-01")])
    again = night("2024-06-01", revision=2, customers=("x",))
    uri = f"postgresql://owner:{postgres.password}@{postgres.place}"
    with PostgresDatabase(uri, postgres.place, "killed", 20) as database:
        own = database.query("SELECT pg_backend_pid()")[0][0]

        def rows():
            for table in NIGHT_TABLES:
                if table.name == "nights":
                    postgres.run(f"SELECT pg_terminate_backend({own}, 10000)")
                yield table, table.rows(again)

        with pytest.raises(DataError, match=r"did not take the night.*nothing there was changed"):
            database.replace(again.as_of, rows())
    assert found(postgres, "SELECT count(*) FROM killed.scores") == [(3,)]
    assert publish(wish, [again]).rows["2024-06-01"]["scores"] == 1


FROZEN = """
import os, signal, sys
from servicelift.core.errors import DataError
from servicelift.scoring.publish.postgres import PostgresDatabase

try:
    with PostgresDatabase(sys.argv[1], "the place", "frozen", 1) as database, database.transaction():
        os.kill(int(str(database.query("SELECT pg_backend_pid()")[0][0])), signal.SIGSTOP)
        database.query("SELECT 1")
except DataError as error:
    print(error)
    sys.exit(2)
"""


def test_a_server_that_freezes_is_not_waited_for_for_ever(postgres):
    uri = f"postgresql://owner:{postgres.password}@{postgres.place}?application_name=ice"
    done = subprocess.run([sys.executable, "-c", FROZEN, uri], capture_output=True, text=True, check=False, timeout=300)
    frozen = found(postgres, "SELECT pid FROM pg_stat_activity WHERE application_name = 'ice'")
    for (process,) in frozen:
        os.kill(process, signal.SIGCONT)
    assert len(frozen) == 1
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout == "the place does not answer within 1 s; look at the server, and run again\n"


def test_two_runs_do_not_write_one_night_together(postgres, night, monkeypatch):
    uri = f"postgresql://owner:{postgres.password}@{postgres.place}"
    one = night("2024-06-01")
    with (
        PostgresDatabase(uri, postgres.place, "busy", 60) as first,
        PostgresDatabase(uri, postgres.place, "busy", 1) as second,
    ):

        def rows():
            with pytest.raises(BusyError, match="another run publishes into 'busy'"):
                second.replace(one.as_of, [])
            yield from ((table, table.rows(one)) for table in NIGHT_TABLES)

        first.replace(one.as_of, rows())
    assert found(postgres, "SELECT count(*) FROM busy.scores") == [(3,)]


def test_refusals_say_what_to_do_and_nothing_secret(postgres, config, night, monkeypatch, tmp_path):
    postgres.run("CREATE ROLE nobody LOGIN PASSWORD 'n0body'")
    monkeypatch.setenv("NIGHT_PASSWORD", "n0body")
    weak = config(connection=f"postgresql://nobody:${{NIGHT_PASSWORD}}@{postgres.place}", schema="forbidden")
    with pytest.raises(DataError, match=r"GRANT CREATE ON DATABASE.*42501.*nothing there was changed") as caught:
        publish(weak, [night("2024-06-01")])
    monkeypatch.setenv("NIGHT_PASSWORD", "wr0ng")
    with pytest.raises(DataError, match="user or password was refused") as second:
        publish(config(), [night("2024-06-01")])
    monkeypatch.delenv("NIGHT_PASSWORD")
    with pytest.raises(ValueError, match="NIGHT_PASSWORD is not set"):
        publish(config(), [])
    for error in (caught, second):
        assert not any(word in str(error.value) for word in ("n0body", "wr0ng", "owner:"))
        assert error.value.__cause__ is None
        assert error.value.__context__ is None
    assert module.PostgresDatabase is PostgresDatabase
    assert not Path(tmp_path / "out").exists()
