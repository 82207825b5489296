"""A workbook: values of their kind, a frozen header with filters, and texts that are never formulas."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from servicelift.core.locale import Locale
from servicelift.scoring.targets.spreadsheet import Kind, number_format, write_workbook

openpyxl = pytest.importorskip("openpyxl", reason="servicelift[excel] is not installed")

KINDS = {"Client": Kind.TEXT, "Gain": Kind.MONEY, "Risque": Kind.SHARE, "Le": Kind.DATE, "Mot": Kind.LONG_TEXT}


@pytest.fixture
def table():
    rows = [("007", 1234.5, 0.123, dt.date(2024, 7, 1), "=1+1"), ("+33", -2.0, None, None, "a\x00b" + "x" * 100)]
    return pd.DataFrame(rows, columns=list(KINDS))


def written(path, table, language="fr"):
    write_workbook(path, table, KINDS, Locale(language), sheet="Liste", notes=("À lire", ["=2+2", "deux"]))
    return openpyxl.load_workbook(path)


def test_values_keep_their_kind_and_no_cell_is_a_formula(tmp_path, table):
    book = written(tmp_path / "a.xlsx", table)
    page = book["Liste"]
    assert [cell.value for cell in page[1]] == list(KINDS)
    assert [cell.value for cell in page[2]] == ["007", 1234.5, 0.123, dt.datetime(2024, 7, 1), "=1+1"]
    assert [page["D2"].number_format, page["C2"].number_format] == ["dd/mm/yyyy", "0.0\u00a0%"]
    assert page["B2"].number_format == '#,##0.00\u00a0"€"'
    assert page["E3"].value.startswith("a b")
    assert not any(cell.data_type == "f" for sheet in book for row in sheet for cell in row)
    assert page["E2"].quotePrefix
    assert page["A3"].quotePrefix
    assert book["À lire"]["A1"].value == "=2+2"


def test_the_header_is_frozen_with_filters_and_long_texts_have_room(tmp_path, table):
    page = written(tmp_path / "a.xlsx", table)["Liste"]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:E3"
    assert page.column_dimensions["E"].width > page.column_dimensions["A"].width
    assert page.row_dimensions[3].height > page.row_dimensions[2].height


def test_the_same_table_gives_the_same_bytes(tmp_path, table, monkeypatch):
    written(tmp_path / "a.xlsx", table)
    monkeypatch.setattr("time.time", lambda: 2e9)
    written(tmp_path / "b.xlsx", table)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_money_stands_as_its_readers_write_it():
    assert number_format(Kind.MONEY, Locale("en", currency="CHF")) == '#,##0.00\u00a0"CHF"'
    assert number_format(Kind.MONEY, Locale("en", currency="JPY")) == '"¥"#,##0'
