from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import DataError
from servicelift.features.sources.excel import excel_sheets, read_excel
from servicelift.features.tables.tables import open_tables

pytest.importorskip("openpyxl", reason="openpyxl is not installed: servicelift[excel]")


def book(path: Path, **sheets: list[list[object]]) -> Path:
    import openpyxl

    work = openpyxl.Workbook()
    work.remove(work.active)
    for name, rows in sheets.items():
        sheet = work.create_sheet(name)
        for row in rows:
            sheet.append(row)
    work.save(path)
    return path


ROWS = [[None, None], ["id", "at", "n"], [1, dt.datetime(2024, 1, 2, 3), "x"], [None, None, None], [2, None, 4.0]]


def test_cells_keep_their_type_and_mixtures_are_texts(tmp_path: Path):
    table = read_excel("payments", book(tmp_path / "a.xlsx", one=ROWS), "one")
    assert table.column("id").to_pylist() == [1, 2]
    assert table.column("at").to_pylist() == [dt.datetime(2024, 1, 2, 3), None]
    assert table.column("n").to_pylist() == ["x", "4"]


def test_sheets_without_values_are_left_out(tmp_path: Path):
    assert excel_sheets(book(tmp_path / "a.xlsx", one=ROWS, empty=[])) == ("one",)


def test_faults_are_said_in_one_line(tmp_path: Path):
    path = book(tmp_path / "a.xlsx", one=ROWS)
    with pytest.raises(DataError, match="has no sheet 'two'"):
        read_excel("payments", path, "two")
    (tmp_path / "b.xlsx").write_text("no workbook")
    with pytest.raises(DataError, match="not readable as an Excel workbook"):
        read_excel("payments", tmp_path / "b.xlsx", None)
    with pytest.raises(DataError, match="found none"):
        read_excel("payments", tmp_path / "absent.xlsx", None)


def test_a_workbook_is_a_source(tmp_path: Path):
    customers = pd.DataFrame({"customer_id": [1, 2], "signed_up_at": pd.to_datetime(["2023-01-01", "2023-02-01"])})
    payments = [
        ["payment_id", "customer_id", "paid_at", "amount", "method"],
        [1, 1, dt.datetime(2023, 5, 1), 9.5, "card"],
    ]
    rows = [list(customers.columns), *[[k, v.to_pydatetime()] for k, v in customers.itertuples(index=False)]]
    book(tmp_path / "a.xlsx", clients=rows, pay=payments)
    (tmp_path / "b.yaml").write_text("tables: {customers: {excel: a.xlsx}, payments: {excel: a.xlsx, sheet: pay}}")
    tables = open_tables(load_config(tmp_path / "b.yaml"))
    assert tables.execute(tables["payments"])["amount"].astype(float).tolist() == [9.5]
    assert tables.execute(tables["customers"].count()) == 2


def test_a_column_that_stands_twice_is_refused(tmp_path: Path):
    book(tmp_path / "a.xlsx", one=[["customer_id", "signed_up_at", "customer_id"], [1, dt.datetime(2023, 1, 1), 2]])
    (tmp_path / "b.yaml").write_text("tables: {customers: {excel: a.xlsx}, payments: p.csv}")
    with pytest.raises(DataError, match="'customer_id' once, got it 2 times"):
        open_tables(load_config(tmp_path / "b.yaml"))
