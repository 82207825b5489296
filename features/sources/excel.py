"""Sheets of Excel workbooks, through openpyxl: the first row with values names the columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...core.errors import DataError, TableError, did_you_mean
from ..expressions import Value

__all__ = ["excel_sheets", "read_excel"]

_FAILURES = ("BadZipFile", "InvalidFileException")
"""What openpyxl raises on a file that is no workbook, by name: the package may not be there."""


def excel_sheets(path: str | Path) -> tuple[str, ...]:
    """Return the names of a workbook's sheets that hold any value.

    Raises
    ------
    DataError
        openpyxl is not installed, or the file is no workbook.
    """
    book = _book(path)
    try:
        return tuple(s.title for s in book.worksheets if any(any(_cells(c) for c in row) for row in _rows(s)))
    finally:
        book.close()


def read_excel(
    table: str,
    path: str | Path,
    sheet: str | None,
    most: int | None = None,
    check: Callable[[tuple[str, ...]], None] = lambda _: None,
) -> pa.Table:
    """Return a sheet as an Arrow table, a column of several types as texts.

    Parameters
    ----------
    table
        What messages call it.
    path, sheet
        The workbook, and which sheet; None: the first.
    most
        Most rows to read; None: all.
    check
        Sees the names of the header as they stand, before doubled ones are numbered.

    Raises
    ------
    DataError
        openpyxl is not installed, the file is no workbook or has no such sheet, or no row names columns.
    """
    book = _book(path)
    try:
        names = [each.title for each in book.worksheets]
        if sheet is not None and sheet not in names:
            raise TableError(table, f"'{path}' has no sheet '{sheet}'{did_you_mean(sheet, names)}")
        rows = _rows(book[sheet] if sheet is not None else book.worksheets[0])
        header = next((row for row in rows if any(_cells(cell) for cell in row)), None)
        if header is None:
            raise TableError(table, f"expected a row of column names in '{path}', got an empty sheet")
        cells = list(islice((row for row in rows if any(_cells(cell) for cell in row)), most))
    finally:
        book.close()
    check(tuple(str(cell) for cell in header if _cells(cell)))
    names = _unique(header)
    columns = {name: _column([row[i] if i < len(row) else None for row in cells]) for i, name in enumerate(names)}
    return pa.table({name: values for name, values in columns.items() if name})


def _book(path: str | Path) -> Any:
    try:
        import openpyxl
    except ImportError:
        openpyxl = None
    if openpyxl is None:
        raise DataError("reading Excel needs openpyxl; pip install 'servicelift[excel]'")
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except FileNotFoundError:
        raise DataError(f"expected a workbook at '{path}', found none; check the path") from None
    except Exception as error:
        if type(error).__name__ in _FAILURES or isinstance(error, OSError | KeyError | ValueError):
            raise DataError(f"'{path}' is not readable as an Excel workbook (.xlsx); save it as one") from None
        raise


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    yield from sheet.iter_rows(values_only=True)


def _cells(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _unique(header: Sequence[Any]) -> list[str]:
    """Return the names of the columns; empty for those without a name, numbered where one stands twice."""
    seen: dict[str, int] = {}
    names = []
    for cell in header:
        name = str(cell).strip() if _cells(cell) else ""
        times = seen[name.lower()] = seen.get(name.lower(), -1) + 1
        names.append(f"{name}_{times}" if name and times else name)
    return names


def _column(cells: list[Any]) -> Any:
    """Return one column in the type of its cells."""
    values = [cell if _cells(cell) else None for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} or kinds == {bool}:
        return (
            pa.array(values, pa.float64() if float in kinds else None) if kinds else pa.nulls(len(values), pa.string())
        )
    if kinds <= {dt.datetime, dt.date}:
        return pa.array(values, pa.timestamp("us"))
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Value) -> str:
    """Return a cell as text, dates as ISO 8601, whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else str(value)
