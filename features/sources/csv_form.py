"""What a CSV file is made of, from its first bytes: encoding, delimiter, and whether its first line names columns."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import DataError

__all__ = ["CsvForm", "csv_form"]

_BYTES = 1_000_000
_LINES = 200
_DELIMITERS = ",;\t|"
_C1 = frozenset(range(0x80, 0xA0))
"""Bytes that hold signs in Windows-1252 and none in Latin-1."""


@dataclass(frozen=True)
class CsvForm:
    """How a CSV file is written.

    Parameters
    ----------
    delimiter
        The sign between columns.
    encoding
        As the configuration names it.
    """

    delimiter: str
    encoding: str


def csv_form(path: Path) -> CsvForm:
    """Return how a CSV file is written.

    Raises
    ------
    DataError
        The file is empty or holds no text.
    """
    raw = _head(path)
    if not raw.strip():
        raise DataError(f"expected a table with column names, got an empty file '{path.name}'")
    encoding = _encoding(raw)
    text = raw.decode(encoding, errors="ignore").lstrip("\ufeff")
    if "\0" in text:
        raise DataError(f"expected text in '{path.name}', got binary data; is it a table?")
    return CsvForm(_delimiter(text), encoding)


def _head(path: Path) -> bytes:
    """Return the first bytes up to the end of a line."""
    with (gzip.open if path.name.lower().endswith(".gz") else open)(path, "rb") as stream:
        raw = bytes(stream.read(_BYTES))
    return raw if len(raw) < _BYTES else raw[: raw.rfind(b"\n") + 1]


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252" if _C1 & set(raw) else "latin-1"
    return "utf-8"


def _delimiter(text: str) -> str:
    """Return the sign that splits most lines into the same number of columns, and into most of them."""
    lines = [line for line in text.splitlines()[:_LINES] if line.strip()]
    return max(_DELIMITERS, key=lambda sign: _evenness(lines, sign))


def _evenness(lines: list[str], sign: str) -> tuple[float, int]:
    try:
        widths = [len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=sign) if row]
    except csv.Error:
        return (0.0, 0)
    if not widths or widths[0] < 2:
        return (0.0, 0)
    return (sum(width == widths[0] for width in widths) / len(widths), widths[0])
