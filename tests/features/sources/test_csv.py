from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import duckdb
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import DataError
from servicelift.features.sources.csv import read_csv
from servicelift.features.tables.tables import validate

PLAIN = "id,town\n1,Évry\n2,\n"
ROWS = [("1", "Évry"), ("2", None)]


def rows(connection: Any, path: Path, content: bytes, delimiter: str = ",", encoding: str = "utf-8") -> list[Any]:
    path.write_bytes(content)
    return table(connection, [path], delimiter, encoding)


def table(connection: Any, paths: list[Path], delimiter: str = ",", encoding: str = "utf-8") -> list[Any]:
    raw = read_csv(connection, "customers", [str(p) for p in paths], delimiter, encoding)
    assert all(kind.is_string() for kind in raw.schema().types)
    return [tuple(row.values()) for row in connection.to_pyarrow(raw.order_by(raw.columns[0])).to_pylist()]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PLAIN.encode(), "utf-8"),
        (PLAIN.encode("utf-8-sig"), "utf-8"),
        (PLAIN.encode("latin-1"), "latin-1"),
        (PLAIN.encode("utf-16"), "utf-16"),
        (PLAIN.replace("\n", "\r\n").encode(), "utf-8"),
        (PLAIN.replace("\n", "\r").encode(), "utf-8"),
        (("\n \n" + PLAIN).encode(), "utf-8"),
        (' id ,"town"\n"1",Évry\n2,\n'.encode(), "utf-8"),
    ],
)
def test_encodings_line_ends_and_blank_lines_do_not_matter(
    connection: Any, tmp_path: Path, content: bytes, encoding: str
) -> None:
    assert rows(connection, tmp_path / "c.csv", content, encoding=encoding) == ROWS


def test_compressed_files_are_read(connection: Any, tmp_path: Path) -> None:
    assert rows(connection, tmp_path / "c.csv.gz", gzip.compress(PLAIN.encode())) == ROWS


def test_quoted_values_may_hold_delimiters_quotes_and_line_ends(connection: Any, tmp_path: Path) -> None:
    content = b'id;note\n1;"a;b"\n2;"says ""no"""\n3;"two\nlines"\n'
    expected = [("1", "a;b"), ("2", 'says "no"'), ("3", "two\nlines")]
    assert rows(connection, tmp_path / "c.csv", content, ";") == expected


def test_files_are_joined_by_name_whatever_their_order(connection: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,town\n1,Lyon\n")
    (tmp_path / "b.csv").write_text("town,id,extra\nNice,2,x\n")
    (tmp_path / "c.csv").write_text("id,town\n3,Metz\n")
    found = table(connection, [tmp_path / f"{name}.csv" for name in "abc"])
    assert found == [("1", "Lyon", None), ("2", "Nice", "x"), ("3", "Metz", None)]


def test_empty_and_doubled_names_are_numbered(connection: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,Town,town,,\n1,a,b,c,d\n")
    raw = read_csv(connection, "customers", [str(path)], ",", "utf-8")
    assert raw.columns == ("id", "Town", "town_1", "column3", "column4")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\n\n", "expected a line of column names"),
        (b"   ", "expected a line of column names"),
        (b"id;town\n1;a\n", "expected columns split by ',', got a single column that holds ';'"),
        (bytes(range(256)), "is not in utf-8"),
        ("id,prénom\n".encode("latin-1"), "is not in utf-8"),
    ],
)
def test_headers_that_cannot_be_read(connection: Any, tmp_path: Path, content: bytes, expected: str) -> None:
    with pytest.raises(DataError, match="customers:") as error:
        rows(connection, tmp_path / "c.csv", content)
    assert expected in str(error.value)


def test_a_file_that_is_not_compressed_is_named(connection: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not readable as CSV"):
        rows(connection, tmp_path / "c.csv.gz", PLAIN.encode())


LATE = b"id,town\n" + b"1,a\n" * 5_000 + b"2,\xe9\n"  # not in utf-8, long after the header


@pytest.mark.parametrize("content", [b"id,town\n1,a,b\n", b"id,town\n1\n", b'id,town\n1,"a\n', LATE])
def test_a_broken_line_stops_the_engine_and_is_never_skipped(connection: Any, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(duckdb.Error):
        rows(connection, tmp_path / "c.csv", content)


BROKEN = {
    "too many values": b"customer_id,signed_up_at\n1,2023-01-01\n2,2023-01-02,jean@mail.fr\n",
    "no header": b"jean@mail.fr,2023-01-01\nlea@mail.fr,2023-01-02\n",
    "an open quote": b'customer_id,signed_up_at\njean@mail.fr,"2023-01-01\n',
    "a page": b"<html><body>please, log in</body></html>",
    "json": b'[{"customer_id": 1}]',
    "nothing but a header": b"customer_id,signed_up_at\n",
    "a null character": b"customer_id,signed_up_at\n1,2023\x00-01-01\n",
    "a very long line": b"customer_id,signed_up_at\n1,2023-01-01" + b"x" * 3_000_000,
    "a huge number": b"customer_id,signed_up_at\n" + b"9" * 400 + b",2023-01-32\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_no_file_gives_a_traceback_or_shows_a_value(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.csv").write_bytes(content)
    (tmp_path / "p.csv").write_text("payment_id,customer_id,paid_at,amount,method\na,1,2023-02-01,5,iban\n")
    (tmp_path / "b.yaml").write_text("tables: {customers: c.csv, payments: p.csv}")
    report = validate(load_config(tmp_path / "b.yaml"))
    assert any(finding.table == "customers" for finding in report.errors)
    assert not any("mail.fr" in line or "\n" in line for line in report.lines())
