"""A table as a workbook that people open: values of their kind, a frozen header, filters, and texts that stay texts.

Nothing in a cell is ever a formula: a text that begins as one is stored as text and marked as such, so that it stays
text where a person edits the cell. The same table gives the same bytes, whenever it is written.
"""

from __future__ import annotations

import importlib.util
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from babel.numbers import get_currency_precision, get_currency_symbol

from ...core.locale import Locale

__all__ = ["MOST_ROWS", "Kind", "can_write", "number_format", "write_workbook"]

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""

_NARROWEST, _WIDEST, _LOOKED_AT = 8, 42, 500
_LINE = 15.0
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(<)")
_STAMP = rb"\g<1>2000-01-01T00:00:00Z\g<3>"


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    SHARE = "share"
    DATE = "date"


def can_write() -> bool:
    """Return whether workbooks can be written: openpyxl is there."""
    return importlib.util.find_spec("openpyxl") is not None


def number_format(kind: Kind, locale: Locale) -> str:
    """Return how a workbook shows values of a kind; decimal marks are those of whoever opens it.

    Examples
    --------
    >>> number_format(Kind.MONEY, Locale("en")), number_format(Kind.DATE, Locale("fr"))
    ('"€"#,##0.00', 'dd/mm/yyyy')
    """
    if kind is Kind.MONEY:
        symbol = get_currency_symbol(locale.currency, locale.language).replace('"', "")
        digits = get_currency_precision(locale.currency)
        amount = "#,##0" + ("." + "0" * digits if digits else "")
        after = locale.language == "fr" or symbol.isalpha()
        return f'{amount}\u00a0"{symbol}"' if after else f'"{symbol}"{amount}'
    formats = {Kind.WHOLE: "0", Kind.NUMBER: "#,##0.##", Kind.TEXT: "@", Kind.LONG_TEXT: "@"}
    if kind is Kind.SHARE:
        return "0.0\u00a0%" if locale.language == "fr" else "0.0%"
    if kind is Kind.DATE:
        return "dd/mm/yyyy" if locale.language == "fr" else "d mmm yyyy"
    return formats[kind]


def write_workbook(
    path: Path,
    frame: pd.DataFrame,
    kinds: Mapping[str, Kind],
    locale: Locale,
    *,
    sheet: str,
    notes: tuple[str, Sequence[str]],
) -> None:
    """Write a table as the first sheet of a workbook, and lines to read as the second.

    Parameters
    ----------
    path
        File to write.
    frame, kinds
        The table, n rows under the headings that people read, and what each column holds.
    locale
        How money and dates are shown.
    sheet, notes
        Names of the sheets, and the lines of the second.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(max(len(frame.columns), 1))}{len(frame) + 1}"
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
    page.print_title_rows = "1:1"
    for place, name in enumerate(map(str, frame.columns), start=1):
        page.column_dimensions[get_column_letter(place)].width = _width(name, frame[name], kinds[name], locale)
    page.row_dimensions[1].height = 2 * _LINE
    page.append([_heading(page, name) for name in frame.columns])
    shapes = [(kinds[str(name)], number_format(kinds[str(name)], locale)) for name in frame.columns]
    for place, row in enumerate(frame.itertuples(index=False, name=None), start=2):
        page.row_dimensions[place].height = _LINE * _lines(row, shapes)
        page.append([_cell(page, value, kind, shape) for value, (kind, shape) in zip(row, shapes, strict=True)])
    second = book.create_sheet(notes[0])
    second.column_dimensions["A"].width = 110
    for line in notes[1]:
        second.append([_cell(second, line, Kind.LONG_TEXT, "@")])
    written = io.BytesIO()
    book.save(written)
    path.write_bytes(_without_clock(written.getvalue()))


def _heading(page: Any, name: object) -> Any:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = _cell(page, str(name), Kind.TEXT, "@")
    cell.font = Font(name="Calibri", size=11, bold=True)
    cell.fill = PatternFill("solid", fgColor="E8EDF2")
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _cell(page: Any, value: Any, kind: Kind, shape: str) -> Any:
    """Return a cell that holds the value as what it is; a text is never taken for a formula."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value is None or pd.isna(value):
        return None
    cell = WriteOnlyCell(page)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@", "\t", "\r")
        shape = "@"
    else:
        cell.value = value.item() if hasattr(value, "item") else value
    cell.number_format = shape
    cell.alignment = _placed(kind is Kind.LONG_TEXT, isinstance(value, str))
    return cell


@cache
def _placed(wrap: bool, text: bool) -> Any:
    """Return how a cell holds its value; the workbook finds one that it has met before many times faster."""
    from openpyxl.styles import Alignment

    # A text that begins at the edge of its cell would touch the figure before it.
    return Alignment(vertical="top", wrap_text=wrap, indent=int(text))


def _lines(row: Sequence[Any], shapes: Sequence[tuple[Kind, str]]) -> int:
    """Return over how many lines the longest of a row's texts runs: programs do not all find out by themselves."""
    texts = (value for value, (kind, _) in zip(row, shapes, strict=True) if kind is Kind.LONG_TEXT)
    return max((-(-len(text) // (_WIDEST - 4)) for text in texts if isinstance(text, str) and text), default=1)


def _width(name: str, column: pd.Series, kind: Kind, locale: Locale) -> float:
    """Return a width at which a column can be read: of its longest text, within limits."""
    words = max((len(word) for word in name.split()), default=0) + 3  # the filter's arrow covers the end of a heading
    if kind is Kind.MONEY:
        texts = [len(locale.money(float(value))) for value in column.head(_LOOKED_AT)]
    elif kind in (Kind.SHARE, Kind.DATE):
        texts = [10]
    else:
        texts = [len(str(value)) for value in column.head(_LOOKED_AT) if not pd.isna(value)]
    return float(min(max([words, _NARROWEST, *(length + 2 for length in texts)]), _WIDEST))


def _without_clock(content: bytes) -> bytes:
    """Return a workbook without the moment at which it was written."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(_STAMP, part)
            after.writestr(zipfile.ZipInfo(name, _EPOCH), part, zipfile.ZIP_DEFLATED)
    return kept.getvalue()
