"""CSV files as raw texts: the header is read here, so that the engine has nothing to guess.

The engine reads UTF-8. Files in another encoding, or with lines before their header, are written anew for it in a
private temporary folder that goes with the backend.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import re
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import ibis

from ...core.errors import DataError, TableError
from ...core.working_folder import WorkingFolder, own_place
from ..engines.choose import engine_of
from ..expressions import Backend, Rows

__all__ = ["CsvForm", "read_csv"]

_DELIMITERS = ";\t|,"
_SEPARATOR = re.compile(r'\ufeff?"?sep=(.)"?\r?\n?', re.IGNORECASE)
_WINDOWS = re.compile("[\x80-\x9f]")
_FOLLOWING = 5
"""Lines after the header whose values are counted."""

_CHUNK = 1 << 20
"""Characters that are written at once."""


@dataclass(frozen=True)
class CsvForm:
    """How the files of a table are written.

    Parameters
    ----------
    delimiter
        Sign between two cells; a line ``sep=;`` in a file goes before it.
    encoding
        How letters are stored.
    skip_lines
        Lines before the header.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    skip_lines: int = 0

    @property
    def is_utf8(self) -> bool:
        """Whether the engine can read the letters as they are stored."""
        return codecs.lookup(self.encoding).name in ("utf-8", "ascii")


@dataclass(frozen=True)
class _Header:
    """Column names of a file, how many lines they end after, its delimiter, and how many lines stand before them."""

    names: tuple[str, ...]
    lines: int
    delimiter: str
    before: int


def read_csv(
    connection: Backend,
    table: str,
    files: list[str],
    form: CsvForm,
    check: Callable[[tuple[str, ...]], None] = lambda _: None,
) -> Rows:
    """Return CSV files as one raw table of texts; columns are matched by name, absent ones are null.

    ``check`` sees the names of each header as they stand, before doubled ones are numbered.

    Raises
    ------
    DataError
        A header cannot be read, or delimiter or encoding are others; names the table and the file.
    """
    groups: dict[_Header, list[str]] = {}
    for file in files:
        groups.setdefault(_header(table, file, form, check), []).append(file)
    parts = [_read(connection, table, header, named, form) for header, named in groups.items()]
    names = list(dict.fromkeys(name for header in groups for name in header.names))
    absent = ibis.null("string")
    even = [part.select(**{n: part[n] if n in part.columns else absent for n in names}) for part in parts]
    return ibis.union(*even, distinct=False) if len(even) > 1 else even[0]


def _read(connection: Backend, table: str, header: _Header, files: list[str], form: CsvForm) -> Rows:
    if header.before or not form.is_utf8:
        kept = WorkingFolder(own_place())
        weakref.finalize(connection, kept.cleanup)
        folder = Path(kept.name)
        places = [folder / f"{place}.csv" for place in range(len(files))]
        for file, place in zip(files, places, strict=True):
            _write_anew(table, file, place, form, header.before)
        files = [str(place) for place in places]
    lines = header.lines - header.before
    return engine_of(connection).read_csv(files, header.names, lines, header.delimiter)


def _header(table: str, file: str, form: CsvForm, check: Callable[[tuple[str, ...]], None]) -> _Header:
    """Return the first line that is not blank, after those that stand before it."""
    following: list[list[str]] = []
    try:
        with _opened(file, form.encoding) as stream:
            delimiter, before = _beginning(stream, form)
            reader = csv.reader(stream, delimiter=delimiter)
            cells = next((row for row in reader if any(cell.strip() for cell in row)), None)
            lines = reader.line_num
            following = [row for row in itertools.islice(reader, _FOLLOWING) if row]
    except UnicodeError:
        raise _other_encoding(table, file, form.encoding) from None
    except (csv.Error, OSError, EOFError, TypeError):
        raise TableError(table, f"the header of '{file}' is not readable as CSV; check the file") from None
    if cells is None:
        raise TableError(table, f"expected a line of column names in '{file}', got none")
    _check_cells(table, file, delimiter, cells, following)
    check(tuple(cells))
    return _Header(_unique(cells), before + lines, delimiter, before)


def _beginning(stream: TextIO, form: CsvForm) -> tuple[str, int]:
    """Read past the lines before the header; return the file's delimiter and how many lines those are."""
    before = form.skip_lines
    skipped = [stream.readline() for _ in range(before)]
    told = [_SEPARATOR.fullmatch(line) for line in skipped]
    place = stream.tell()
    told.append(_SEPARATOR.fullmatch(stream.readline()))
    if told[-1]:
        before += 1
    else:
        stream.seek(place)
    return next((line[1] for line in told if line), form.delimiter), before


def _check_cells(table: str, file: str, delimiter: str, cells: list[str], following: list[list[str]]) -> None:
    """Refuse a header that was split at another sign, or a line that stands before the header."""
    other = next((sign for sign in _DELIMITERS if sign in cells[0] and sign != delimiter), None)
    counts = Counter(len(row) for row in following)
    common, times = counts.most_common(1)[0] if counts else (0, 0)
    if len(cells) < common and times > 1:
        raise TableError(
            table,
            f"the line of column names in '{file}' has {len(cells)} values, the lines after it have {common};"
            " if lines stand before the names, name the file under csv: with skip_lines:",
        )
    if len(cells) == 1 and other is not None:
        raise TableError(
            table,
            f"expected columns split by {delimiter!r}, got a single column that holds {other!r};"
            f" name it under csv: with delimiter: {other!r}",
        )


def _other_encoding(table: str, file: str, encoding: str) -> DataError:
    with (gzip.open if file.lower().endswith(".gz") else open)(file, "rb") as raw:
        wide = raw.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    choice = "utf-16" if wide else "cp1252 (Windows), latin-1, or utf-16"
    return TableError(table, f"'{file}' is not in {encoding}; name it under csv: with encoding: {choice}")


def _write_anew(table: str, file: str, place: Path, form: CsvForm, before: int) -> None:
    """Write a file in UTF-8, without the lines before its header.

    Raises
    ------
    DataError
        It is in another encoding than the one named.
    """
    name = codecs.lookup(form.encoding).name
    narrow = not name.startswith("utf")
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")() if narrow else None
    beyond = windows = False
    try:
        with _opened(file, form.encoding) as stream, place.open("w", encoding="utf-8", newline="") as out:
            for _ in range(before):
                stream.readline()
            while text := stream.read(_CHUNK):
                windows |= name == "iso8859-1" and _WINDOWS.search(text) is not None
                if utf8 is not None:
                    utf8, beyond = _still_utf8(utf8, text, name, beyond)
                out.write(text)
    except UnicodeError:
        raise _other_encoding(table, file, form.encoding) from None
    if utf8 is not None and beyond:
        raise TableError(
            table, f"expected '{file}' in {form.encoding}, got UTF-8; leave encoding: out, or set encoding: utf-8"
        )
    if windows:
        raise TableError(
            table, f"'{file}' holds signs that {form.encoding} does not have and Windows does; set encoding: cp1252"
        )


def _still_utf8(
    utf8: codecs.IncrementalDecoder, text: str, name: str, beyond: bool
) -> tuple[codecs.IncrementalDecoder | None, bool]:
    """Return the decoder if all bytes so far are UTF-8 as well, else None; and whether some are beyond ASCII."""
    try:
        stored = text.encode(name)
        utf8.decode(stored)
    except UnicodeError:
        return None, beyond
    return utf8, beyond or not stored.isascii()


@contextmanager
def _opened(file: str, encoding: str) -> Iterator[TextIO]:
    """Open a file as text, gzip or not, a byte order mark left out."""
    name = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
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
