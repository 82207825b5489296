from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from servicelift.core.errors import DataError
from servicelift.features.sources.csv_form import CsvForm, csv_form


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_splits_every_line_alike(tmp_path: Path, delimiter):
    rows = [["id", "name, first", "amount"], ["1", "x, y; z", "1.5"], ["2", "", "2"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    (tmp_path / "a.csv").write_text(text)
    assert csv_form(tmp_path / "a.csv").delimiter == delimiter


@pytest.mark.parametrize(
    ("encoding", "text"), [("utf-8", "é"), ("latin-1", "é"), ("utf-16", "é"), ("windows-1252", "5 €")]
)
def test_the_encoding_is_told_by_its_bytes(tmp_path: Path, encoding, text):
    codec = "cp1252" if encoding == "windows-1252" else encoding
    (tmp_path / "a.csv").write_bytes(f"id,word\n1,{text}\n".encode(codec))
    assert csv_form(tmp_path / "a.csv") == CsvForm(",", encoding)


def test_a_packed_file_is_read(tmp_path: Path):
    with gzip.open(tmp_path / "a.csv.gz", "wt") as stream:
        stream.write("a;b\n1;2\n")
    assert csv_form(tmp_path / "a.csv.gz").delimiter == ";"


@pytest.mark.parametrize(("content", "fault"), [(b"", "an empty file"), (b"a\0b,c\n", "binary data")])
def test_what_is_no_table_is_refused(tmp_path: Path, content, fault):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=fault):
        csv_form(tmp_path / "a.csv")
