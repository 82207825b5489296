"""Files that are not what their ending says, or that break off, are refused by name."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servicelift.core.errors import DataError
from servicelift.features.sources.file_kind import check_kind

CSV = b"payment_id,amount\n" + b"".join(b"%d,10.5\n" % n for n in range(5_000))


def archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        made.writestr("p.csv", CSV)
    return kept.getvalue()


def parquet() -> bytes:
    kept = io.BytesIO()
    pq.write_table(pa.table({"payment_id": [1, 2]}), kept)
    return kept.getvalue()


def told(value: object) -> str:
    """The id of a test: archives hold the time they were made at, and two workers have to say the same."""
    return value[:4].hex() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("p.csv", CSV),
        ("p.csv", b""),
        ("p.tsv", b"\xef\xbb\xbf" + CSV),
        ("p.csv.gz", gzip.compress(CSV)),
        ("p.parquet", parquet()),
        ("p.csv", CSV.decode().encode("utf-16")),
    ],
    ids=told,
)
def test_files_that_are_what_they_say_pass(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    check_kind("payments", str(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("p.csv.gz", gzip.compress(CSV)[:-30], "breaks off, or is damaged"),
        ("p.csv.gz", gzip.compress(CSV)[:12], "breaks off, or is damaged"),
        ("p.csv.gz", CSV, "is not compressed, though its name ends in .gz"),
        ("p.csv", gzip.compress(CSV), "is compressed; let its name end in .csv.gz"),
        ("p.csv", archive(), "is an archive or a workbook; unpack it"),
        ("p.csv", archive()[:-40], "is an archive or a workbook; unpack it"),
        ("p.csv", parquet(), "let its name end in .parquet"),
        ("p.parquet", parquet()[:-100], "breaks off: its end is missing"),
        ("p.parquet", b"PA", "is no Parquet file"),
        ("p.parquet", CSV, "is no Parquet file"),
        ("p.csv", b"\n<!DOCTYPE html><html></html>", "is a web page or XML"),
        ("p.csv", b'[{"payment_id": 1}]', "is JSON, no table"),
        ("p.csv", CSV.decode().encode("utf-16-le"), "encoding: utf-16-le"),
        ("p.csv", CSV.decode().encode("utf-16-be"), "encoding: utf-16-be"),
    ],
    ids=told,
)
def test_others_are_refused_with_what_to_do(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError) as error:
        check_kind("payments", str(tmp_path / name))
    assert str(error.value).startswith(f"payments: '{tmp_path / name}' ")
    assert expected in str(error.value)


def test_letters_of_a_declared_encoding_are_not_judged(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(CSV.decode().encode("utf-16-le"))
    check_kind("payments", str(tmp_path / "p.csv"), utf8=False)
