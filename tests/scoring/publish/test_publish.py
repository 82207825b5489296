"""Nights in a DuckDB file: replaced whole, identifiers as they are, and refusals that change nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import BusyError, ConfigError, DataError
from servicelift.core.locale import Locale
from servicelift.scoring.publish.destination import quoted
from servicelift.scoring.publish.duckdb_file import DuckDBFile
from servicelift.scoring.publish.publish import publish
from servicelift.scoring.publish.tables import NIGHT_TABLES, NightTable, plain_type
from servicelift.scoring.publish.words import PUBLISH_WORDS

SOURCES = {"customers": "customers.parquet", "payments": "payments.parquet"}


def config(folder: Path, **wish: object) -> Config:
    settings = {"connection": "duckdb:out/nights.duckdb", **wish}
    return Config.model_validate({"tables": SOURCES, "publish": settings, "folder": folder})


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder / "out" / "nights.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_night_is_there_with_keys_and_texts_as_they_are(tmp_path, night):
    outcome = publish(config(tmp_path), [night("2024-05-31"), night("2024-06-01", clv=11)])
    assert outcome.rows["2024-06-01"] == {"scores": 3, "action_values": 3, "targets": 2, "nights": 1}
    assert rows(tmp_path, "SELECT customer_id, clv FROM servicelift.scores ORDER BY as_of, customer_id")[3:] == [
        ("007", 11.0), ("b", 11.0), ("c", 11.0)
    ]  # fmt: skip
    listed = rows(
        tmp_path, "SELECT customer_id, action, arm FROM servicelift.targets WHERE as_of = '2024-06-01 00:00Z'"
    )
    assert sorted(listed) == [("007", "offre d'été", "targets.csv"), ("b", "offre d'été", "targets.holdout.csv")]
    said = rows(tmp_path, "SELECT manifest FROM servicelift.nights ORDER BY day")
    assert json.loads(str(said[1][0]))["customers"] == 3
    with (
        duckdb.connect(str(tmp_path / "out" / "nights.duckdb")) as connection,
        pytest.raises(duckdb.ConstraintException),
    ):
        connection.execute("INSERT INTO servicelift.scores BY NAME SELECT * FROM servicelift.scores")


def test_a_night_made_again_replaces_its_rows_and_the_same_one_is_left(tmp_path, night):
    first = night("2024-06-01")
    publish(config(tmp_path), [first])
    assert publish(config(tmp_path), [first]).there == ("2024-06-01",)
    fewer = night("2024-06-01", revision=2, customers=("007", "z"), lists=False)
    assert publish(config(tmp_path), [fewer]).rows["2024-06-01"]["targets"] == 0
    assert rows(tmp_path, "SELECT customer_id FROM servicelift.scores ORDER BY 1") == [("007",), ("z",)]
    assert rows(tmp_path, "SELECT count(*) FROM servicelift.targets") == [(0,)]
    assert rows(tmp_path, "SELECT revision FROM servicelift.nights") == [(2,)]


def test_later_nights_may_bring_columns_and_whole_numbers(tmp_path, night):
    publish(config(tmp_path), [night("2024-05-31")])
    publish(config(tmp_path), [night("2024-06-01", clv=7, grade="A", version=3)])
    found = rows(
        tmp_path, "SELECT day, clv, grade, version FROM servicelift.scores s JOIN servicelift.nights USING (as_of)"
    )
    assert sorted(set(found), key=str) == [("2024-05-31", 10.0, None, None), ("2024-06-01", 7.0, "A", 3)]
    assert "reason_1" not in {c for (c,) in rows(tmp_path, "SELECT column_name FROM information_schema.columns")}


def test_a_column_of_another_type_is_refused_and_nothing_changes(tmp_path, night):
    publish(config(tmp_path), [night("2024-05-31")])
    numbered = night("2024-06-01", customers=(1, 2, 3))
    with pytest.raises(DataError, match=r"expected column customer_id .* to hold BIGINT, it holds TEXT"):
        publish(config(tmp_path), [numbered])
    assert rows(tmp_path, "SELECT count(*), min(day) FROM servicelift.nights") == [(1, "2024-05-31")]


def test_a_key_that_stands_twice_ends_in_one_line_and_the_old_night_stays(tmp_path, night):
    publish(config(tmp_path), [night("2024-06-01")])
    with pytest.raises(DataError, match="did not take the night"):
        publish(config(tmp_path), [night("2024-06-01", revision=2, customers=("x", "x"))])
    assert rows(tmp_path, "SELECT count(*) FROM servicelift.scores") == [(3,)]


def test_a_reader_that_stops_in_the_midst_leaves_the_old_night(tmp_path, night):
    publish(config(tmp_path), [night("2024-06-01")])

    def dies(one):
        raise KeyboardInterrupt

    changed = [*NIGHT_TABLES[:3], NightTable("nights", ("as_of",), dies)]
    again = night("2024-06-01", revision=2, customers=("x",))
    with DuckDBFile(tmp_path / "out" / "nights.duckdb", "servicelift") as file, pytest.raises(KeyboardInterrupt):
        file.replace(again.as_of, ((table, table.rows(again)) for table in changed))
    assert rows(tmp_path, "SELECT count(*) FROM servicelift.scores") == [(3,)]


def test_a_file_that_another_process_has_open_is_busy(tmp_path, night):
    file = tmp_path / "out" / "nights.duckdb"
    publish(config(tmp_path), [night("2024-06-01")])
    code = f"import duckdb, sys; kept = duckdb.connect({str(file)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BusyError, match="another process has"):
            publish(config(tmp_path), [night("2024-06-01")])
        other.terminate()


def test_another_file_and_no_database_are_one_line(tmp_path, night):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "nights.duckdb").write_text("a text" * 1000, encoding="utf-8")
    with pytest.raises(DataError, match="expected a DuckDB file"):
        publish(config(tmp_path), [night("2024-06-01")])
    with pytest.raises(ConfigError, match="expected a database under publish"):
        publish(config(tmp_path, connection=None), [])


def test_names_are_quoted(tmp_path, night):
    odd = 'a"; DROP TABLE x; --'
    publish(config(tmp_path, schema=odd), [night("2024-06-01")])
    assert rows(tmp_path, f"SELECT count(*) FROM {quoted(odd)}.scores") == [(3,)]


@pytest.mark.parametrize("wish", [{"connection": "mysql://x/y"}, {"connection": "postgresql://u:secret@h/d"},
                                  {"connection": "duckdb:"}, {"schema": "x" * 64}])  # fmt: skip
def test_the_section_refuses_what_cannot_be(tmp_path, wish):
    with pytest.raises(ValueError, match=r"expected|password") as caught:
        config(tmp_path, **wish)
    assert "secret" not in str(caught.value)


def test_types_are_those_that_databases_hold():
    assert plain_type(pa.dictionary(pa.int32(), pa.large_string())) == pa.string()
    assert plain_type(pa.null()) is None
    with pytest.raises(DataError, match="list"):
        plain_type(pa.list_(pa.int64()))


def test_it_says_in_both_languages_what_was_published(tmp_path, night):
    one = night("2024-06-01")
    said = {}
    for language in ("en", "fr"):
        wish = config(tmp_path, schema=language).model_copy(update={"language": language})
        said[language] = [*publish(wish, [one]).lines(), *publish(wish, [one]).lines()]
    assert said["en"][0].endswith("3 customers, 3 customer-action values, 2 rows of lists")
    assert said["en"][1].startswith("1 night is in ")
    assert said["fr"][0].endswith("3 clients, 3 valeurs d'action par client, 2 lignes de listes")
    assert said["fr"][1].endswith("déjà dans 'X' à l'identique".replace("'X'", f"'{tmp_path}/out/nights.duckdb'"))


def test_several_nights_are_said_in_the_plural():
    place = {"n": 2, "place": "db"}
    assert PUBLISH_WORDS.say(Locale(), "there", **place) == "2 nights are in db as they are"
    assert PUBLISH_WORDS.say(Locale("fr"), "there", **place) == "2 nuits se trouvent déjà dans db à l'identique"


def test_a_night_that_is_replaced_while_it_is_published_is_not_kept(tmp_path, night, monkeypatch):
    """Its first tables would be of one revision and its last of another."""
    publish(config(tmp_path), [night("2024-06-01")])
    second, ingest = night("2024-06-01", revision=2, clv=20.0), DuckDBFile.ingest

    def replaced(self, table, rows):
        done = ingest(self, table, rows)
        if table == "scores":
            night("2024-06-01", revision=3, clv=30.0)
        return done

    monkeypatch.setattr(DuckDBFile, "ingest", replaced)
    with pytest.raises(ConfigError, match="was replaced or removed while it was published; publish again"):
        publish(config(tmp_path), [second])
    assert rows(tmp_path, "SELECT DISTINCT clv FROM servicelift.scores") == [(10.0,)]
    assert rows(tmp_path, "SELECT revision FROM servicelift.nights") == [(1,)]
