"""CSV files as raw texts: the header is read here, so that the engine has nothing to guess."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

import ibis

from ...core.errors import DataError
from ..engines.choose import engine_of
from ..expressions import Backend, Rows

__all__ = ["read_csv"]

_DELIMITERS = ";\t|,"


@dataclass(frozen=True)
class _Header:
    """Column names of a file, and how many lines they end after."""

    names: tuple[str, ...]
    lines: int


def read_csv(
    connection: Backend,
    table: str,
    files: list[str],
    delimiter: str,
    encoding: str,
    check: Callable[[tuple[str, ...]], None] = lambda _: None,
) -> Rows:
    """Return CSV files as one raw table of texts; columns are matched by name, absent ones are null.

    ``check`` sees the names of each header as they stand, before doubled ones are numbered.

    Raises
    ------
    DataError
        A header cannot be read, or the delimiter is another; names the table and the file.
    """
    groups: dict[_Header, list[str]] = {}
    for file in files:
        groups.setdefault(_header(table, file, delimiter, encoding, check), []).append(file)
    parts = [_read(connection, header, named, delimiter, encoding) for header, named in groups.items()]
    names = list(dict.fromkeys(name for header in groups for name in header.names))
    absent = ibis.null("string")
    even = [part.select(**{n: part[n] if n in part.columns else absent for n in names}) for part in parts]
    return ibis.union(*even, distinct=False) if len(even) > 1 else even[0]


def _read(connection: Backend, header: _Header, files: list[str], delimiter: str, encoding: str) -> Rows:
    return engine_of(connection).read_csv(files, header.names, header.lines, delimiter, encoding)


def _header(table: str, file: str, delimiter: str, encoding: str, check: Callable[[tuple[str, ...]], None]) -> _Header:
    """Return the first line that is not blank."""
    try:
        with _opened(file, encoding) as stream:
            reader = csv.reader(stream, delimiter=delimiter)
            cells = next((row for row in reader if any(cell.strip() for cell in row)), None)
            lines = reader.line_num
    except UnicodeError:
        raise DataError(
            f"{table}: '{file}' is not in {encoding}; name it under csv: with encoding: latin-1, or utf-16"
        ) from None
    except (csv.Error, OSError, EOFError, TypeError):
        raise DataError(f"{table}: the header of '{file}' is not readable as CSV; check the file") from None
    if cells is None:
        raise DataError(f"{table}: expected a line of column names in '{file}', got none")
    other = next((sign for sign in _DELIMITERS if sign in cells[0]), None)
    if len(cells) == 1 and other is not None:
        raise DataError(
            f"{table}: expected columns split by {delimiter!r}, got a single column that holds {other!r};"
            f" name it under csv: with delimiter: {other!r}"
        )
    check(tuple(cells))
    return _Header(_unique(cells), lines)


@contextmanager
def _opened(file: str, encoding: str) -> Iterator[TextIO]:
    """Open a file as text, gzip or not, a byte order mark left out."""
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    with (gzip.open if file.lower().endswith(".gz") else open)(file, "rb") as raw:
        yield io.TextIOWrapper(raw, encoding=name, newline="")


def _unique(cells: list[str]) -> tuple[str, ...]:
    """Return the names without blanks around, numbered where they are empty or stand twice."""
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(cells):
        name = cell.strip() or f"column{place}"
        seen[name.lower()] += 1
        names.append(name if seen[name.lower()] == 1 else f"{name}_{seen[name.lower()] - 1}")
    return tuple(names)
