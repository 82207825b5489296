from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import duckdb
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.sources.csv import CsvForm, read_csv
from servicelift.features.tables.tables import validate

PLAIN = "id,town\n1,Évry\n2,\n"
ROWS = [("1", "Évry"), ("2", None)]


def rows(
    connection: Any, path: Path, content: bytes, delimiter: str = ",", encoding: str = "utf-8", skip: int = 0
) -> list[Any]:
    path.write_bytes(content)
    return table(connection, [path], delimiter, encoding, skip)


def table(
    connection: Any, paths: list[Path], delimiter: str = ",", encoding: str = "utf-8", skip: int = 0
) -> list[Any]:
    raw = read_csv(connection, "customers", [str(p) for p in paths], CsvForm(delimiter, encoding, skip))
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
    raw = read_csv(connection, "customers", [str(path)], CsvForm())
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


SIGNS = "\u0152uvre \u20ac d\u2019ici"
OFFICE = f"id;town\n1;{SIGNS}\n2;\n"
WIDE = ("cp1252", "utf-16", "utf-32", "gb18030")
"""Encodings that hold these signs."""


@pytest.mark.parametrize("encoding", [*WIDE, "cp1250", "iso-8859-15", "mac_roman", "cp1251"])
@pytest.mark.parametrize("packed", [False, True])
def test_any_encoding_that_python_knows_is_read(connection: Any, tmp_path: Path, encoding: str, packed: bool) -> None:
    text = OFFICE if encoding in WIDE else OFFICE.replace(SIGNS, "a b")
    content = text.encode(encoding)
    path = tmp_path / ("c.csv.gz" if packed else "c.csv")
    found = rows(connection, path, gzip.compress(content) if packed else content, ";", encoding)
    assert found == [("1", text.split("1;")[1].split("\n")[0]), ("2", None)]


@pytest.mark.parametrize(
    ("content", "encoding", "named"),
    [
        (OFFICE.encode("cp1252"), "utf-8", r"not in utf-8; .*encoding: cp1252 \(Windows\)"),
        (OFFICE.encode("cp1252"), "latin-1", "set encoding: cp1252"),
        (OFFICE.encode("utf-8"), "cp1252", "not in cp1252|got UTF-8"),
        ("id;town\n1;\u00c9vry\n".encode(), "latin-1", "got UTF-8"),
        (OFFICE.encode("utf-16"), "utf-8", "encoding: utf-16"),
        (b"id;town\n1;\x81\n", "cp1252", "not in cp1252"),
    ],
)
def test_another_encoding_is_named(connection: Any, tmp_path: Path, content: bytes, encoding: str, named: str) -> None:
    with pytest.raises(DataError, match=named):
        rows(connection, tmp_path / "c.csv", content, ";", encoding)


def test_an_encoding_nobody_knows_is_refused_where_it_is_written(tmp_path: Path) -> None:
    for name in ("windows-french", "hex", "rot13"):
        (tmp_path / "b.yaml").write_text(f"tables: {{customers: {{csv: c.csv, encoding: {name}}}, payments: p.csv}}")
        with pytest.raises(ConfigError, match="expected an encoding such as utf-8, cp1252"):
            load_config(tmp_path / "b.yaml")


@pytest.mark.parametrize("line", ["sep=;\n", '"sep=;"\n', "SEP=;\r\n", "\ufeffsep=;\n"])
def test_the_line_that_names_the_delimiter_is_obeyed(connection: Any, tmp_path: Path, line: str) -> None:
    assert rows(connection, tmp_path / "c.csv", (line + "id;town\n1;Lyon\n").encode()) == [("1", "Lyon")]


def test_lines_before_the_header_are_left_out_when_declared_and_named_when_not(connection: Any, tmp_path: Path) -> None:
    content = b"Export of customers\nmade on 3 May; by the desk\n\nid;town\n1;Lyon\n2;Nice\n3;Metz\n"
    assert rows(connection, tmp_path / "c.csv", content, ";", skip=3)[0] == ("1", "Lyon")
    with pytest.raises(DataError, match=r"has 1 values, the lines after it have 2; if lines .* skip_lines"):
        rows(connection, tmp_path / "d.csv", content, ";")
    assert rows(connection, tmp_path / "e.csv", b"note\nsep=,\nid,town\n1,Lyon\n", ";", skip=1) == [("1", "Lyon")]


def test_mixed_line_ends_and_files_that_break_off_are_named(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("payment_id,customer_id,paid_at,amount,method\n1,1,2024-01-01,5,card\n")
    (tmp_path / "b.yaml").write_text("tables: {customers: c.csv, payments: p.csv}")
    for ending, named in ((b"\r\n1,2023-01-01\n2,2023-01-01\r\n", "mixes line ends"), (b'\n1,"2023', "Line: 2")):
        (tmp_path / "c.csv").write_bytes(b"customer_id,signed_up_at" + ending)
        assert named in validate(load_config(tmp_path / "b.yaml")).errors[0].message
    (tmp_path / "c.csv").write_bytes(b"customer_id,signed_up_at\n" + b"1,2023-01-01\n" * 9_999 + b"2,\xe9\n")
    assert "Line: 10001; not in UTF-8" in validate(load_config(tmp_path / "b.yaml")).errors[0].message
