from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.onboarding.sniff import sniff

ROWS = pd.DataFrame(
    {"id": [1, 2, 3], "when": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]), "n": [1, 1, 2]}
)


def test_every_kind_of_file_shows_the_same_columns(tmp_path: Path):
    ROWS.to_csv(tmp_path / "a.csv", index=False)
    ROWS.to_csv(tmp_path / "b.csv", index=False, sep=";")
    ROWS.to_parquet(tmp_path / "c.parquet")
    with duckdb.connect(str(tmp_path / "d.duckdb")) as connection:
        connection.register("frame", ROWS)
        connection.execute("create schema crm")
        connection.execute("create table crm.d as select * from frame")
    found = sniff([str(tmp_path)], tmp_path)
    assert [t.entry for t in found.tables] == [
        {"csv": "a.csv"},
        {"csv": "b.csv", "delimiter": ";"},
        {"path": "c.parquet"},
        {"duckdb": "d.duckdb", "table": "crm.d"},
    ]
    for table in found.tables:
        assert table.rows == 3
        assert [(c.name, c.unique, c.dates is not None) for c in table.columns] == [
            ("id", True, False),
            ("when", True, True),
            ("n", False, False),
        ]


def test_sheets_are_tables(tmp_path: Path):
    pytest.importorskip("openpyxl", reason="openpyxl is not installed: servicelift[excel]")
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        ROWS.to_excel(book, sheet_name="clients", index=False)
        ROWS.to_excel(book, sheet_name="paiements", index=False)
    found = sniff([str(tmp_path / "book.xlsx")], tmp_path)
    assert [(t.name, t.entry["sheet"], t.column("when").dates.form) for t in found.tables] == [
        ("clients", "clients", "typed"),
        ("paiements", "paiements", "typed"),
    ]


def test_files_whose_names_differ_in_digits_alone_are_one_table(tmp_path: Path):
    for year in (2023, 2024):
        ROWS.to_csv(tmp_path / f"pay_{year}.csv", index=False)
    ROWS.rename(columns={"n": "m"}).to_csv(tmp_path / "call_1.csv", index=False)
    ROWS.to_csv(tmp_path / "call_2.csv", index=False)
    found = sniff([str(tmp_path)], tmp_path)
    assert [(t.entry["csv"], t.rows) for t in found.tables] == [("call_1.csv", 3), ("call_2.csv", 3), ("pay_*.csv", 6)]


def test_a_repeated_key_beyond_the_head_is_seen(tmp_path: Path):
    pd.DataFrame({"id": [*range(30_000), 5]}).assign(x=1).to_parquet(tmp_path / "a.parquet")
    (table,) = sniff([str(tmp_path)], tmp_path).tables
    assert not table.column("id").unique


def test_what_is_no_table_is_passed_over_and_named(tmp_path: Path):
    ROWS.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "note.json").write_text("{}")
    (tmp_path / "values.csv").write_text("1,2024-01-01,5\n2,2024-01-01,6\n")
    found = sniff([str(tmp_path)], tmp_path)
    assert [t.name for t in found.tables] == ["a"]
    assert any("values.csv" in reason and "does not name columns" in reason for reason in found.passed_over)


def test_nothing_at_all_is_an_error(tmp_path: Path):
    with pytest.raises(DataError, match="found none"):
        sniff([str(tmp_path / "absent")], tmp_path)
    with pytest.raises(DataError, match="expected tables"):
        sniff([str(tmp_path)], tmp_path)


def test_a_database_is_looked_at(postgres, tmp_path: Path, monkeypatch):
    postgres.run("create table kunden (nr int, seit date)", "insert into kunden values (1, '2024-01-01')")
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    at = f"postgresql://owner@{postgres.place}"
    table = next(t for t in sniff([at], tmp_path).tables if t.name == "kunden")
    assert (table.rows, table.entry) == (1, {"connection": at, "table": "public.kunden"})
    assert [(c.name, c.unique, c.dates is not None) for c in table.columns] == [
        ("nr", True, False),
        ("seit", True, True),
    ]
