"""What a file is by its first and last bytes, where its ending says something else: named before it is read."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from ...core.errors import TableError

__all__ = ["check_kind"]

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_HEAD = 512
_CHUNK = 1 << 20


def check_kind(table: str, file: str, *, utf8: bool = True) -> None:
    """Refuse a file that is another thing than its ending says, or that breaks off.

    Parameters
    ----------
    table
        What messages call it.
    file
        Path of a Parquet or CSV file, compressed or not.
    utf8
        Whether its letters shall be UTF-8; else no byte of a text is judged.

    Raises
    ------
    TableError
        It is compressed, an archive, a web page, or no whole Parquet file; says what to do.
    """
    name = file.lower()
    with Path(file).open("rb") as stream:
        head = stream.read(_HEAD)
    if name.endswith((".parquet", ".pq")):
        reason = _parquet(file, head)
    elif name.endswith(".gz"):
        reason = _compressed(file, head)
    else:
        reason = _text(head, utf8)
    if reason:
        raise TableError(table, f"'{file}' {reason}")


def _parquet(file: str, head: bytes) -> str:
    if not head.startswith(_PARQUET):
        return "is no Parquet file; name it by what it is, or write it anew"
    with Path(file).open("rb") as stream:
        stream.seek(-min(len(_PARQUET), stream.seek(0, 2)), 2)
        whole = stream.read() == _PARQUET
    return "" if whole else "breaks off: its end is missing; copy or write it anew"


def _compressed(file: str, head: bytes) -> str:
    if not head.startswith(_GZIP):
        return "is not compressed, though its name ends in .gz; rename it"
    try:
        with gzip.open(file, "rb") as stream:
            while stream.read(_CHUNK):
                pass
    except (OSError, EOFError, zlib.error):
        return "breaks off, or is damaged: it cannot be unpacked whole; copy it anew"
    return ""


def _text(head: bytes, utf8: bool) -> str:
    if head.startswith(_GZIP):
        return "is compressed; let its name end in .csv.gz"
    if head.startswith(_ZIP):
        return "is an archive or a workbook; unpack it, or name a workbook under excel:"
    if head.startswith(_PARQUET):
        return "is a Parquet file; let its name end in .parquet"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"<":
        return "is a web page or XML, no table; the download may have failed"
    if start[:2] in (b"[{", b'{"'):
        return "is JSON, no table; write it as CSV or Parquet"
    zeros = head[:64]
    if utf8 and len(zeros) > 3 and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        if zeros[1::2].count(0) > len(zeros) // 3:
            return "is in UTF-16; name it under csv: with encoding: utf-16-le"
        if zeros[::2].count(0) > len(zeros) // 3:
            return "is in UTF-16; name it under csv: with encoding: utf-16-be"
    return ""
