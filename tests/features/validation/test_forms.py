"""Messages on values that cannot be read: words of codes, the forms of all else, and what they most often mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.config.business import load_config
from servicelift.features.tables.tables import validate

CUSTOMERS = "customer_id,signed_up_at\nA,2023-01-01\nB,2023-01-01\n"
HEAD = "payment_id,customer_id,paid_at,amount,method\n"


def lines(folder: Path, payments: list[str], entry: str = "payments.csv", extra: str = "") -> list[str]:
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "payments.csv").write_text(HEAD + "".join(f"{n},A,{row}\n" for n, row in enumerate(payments)), "utf-8")
    (folder / "b.yaml").write_text(f"tables: {{customers: customers.csv, payments: {entry}}}\n{extra}", "utf-8")
    return list(validate(load_config(folder / "b.yaml")).lines())


def test_unknown_codes_are_shown_with_their_counts(tmp_path: Path) -> None:
    rows = ["2024-01-01,10,PRLV"] * 3 + ["2024-01-01,10,Visa", "2024-01-01,10,iban"]
    (line, _) = lines(tmp_path, rows)
    assert line.startswith("error: payments.method: unknown code: 4 of 5 rows (80.0%), e.g. 0, 1, 2; there stands ")
    assert "there stands 'PRLV' (3), 'Visa' (1); expected iban, card, " in line


def test_words_of_a_column_that_holds_no_codes_are_masked(tmp_path: Path) -> None:
    rows = [f"2024-01-01,10,Zoë {n}x" for n in range(100, 160)]
    line, *_ = lines(tmp_path, rows)
    assert "there stands 'aaa 999a' (60); expected iban" in line
    assert "Zo" not in line


@pytest.mark.parametrize(
    ("written", "form", "remedy"),
    [
        ("31/12/2023", "99/99/9999", "if the day comes first, set dayfirst: true, else date_format: '%m/%d/%Y'"),
        ("20231231", "99999999", "such dates are date_format: '%Y%m%d'"),
        ("1703980800", "9999999999", "if they count seconds from 1970, set epoch: s"),
        ("1703980800000", "9999999999999", "if they count milliseconds from 1970, set epoch: ms"),
        ("12 janv. 2023", "99 aaaa. 9999", "set date_format or dayfirst for this table"),
    ],
)
def test_dates_are_shown_by_their_form_with_what_it_means(tmp_path: Path, written: str, form: str, remedy: str) -> None:
    (line, _) = lines(tmp_path, [f"{written},10,iban"] * 2)
    assert f"unparseable date: 2 of 2 rows (100.0%), e.g. 0, 1; there stands '{form}' (2); {remedy}" in line
    assert written not in line


def test_numbers_with_a_comma_say_what_to_set(tmp_path: Path) -> None:
    (line, _) = lines(tmp_path, ['2024-01-01,"12,5",iban'])
    assert "there stands '99,9' (1); if the comma is the decimal mark, set decimal: ','" in line


def test_a_missing_column_lists_what_the_file_holds_nearest_first(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path / "p.csv").write_text("zip,payment_id,paid_on,customer_id,total_amount,method\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("tables: {customers: customers.csv, payments: p.csv}\n", encoding="utf-8")
    report = validate(load_config(tmp_path / "b.yaml"))
    line, *_ = report.lines()
    assert line.startswith("error: payments: missing column paid_at (the source has no column 'paid_at'; did you mean")
    assert line.endswith("map yours under columns:")
    held = line.rpartition("it has ")[2]
    assert held.index("paid_on") < held.index("zip")
    assert held.index("total_amount") < held.index("zip")


def test_one_cause_is_one_line(tmp_path: Path) -> None:
    tables = ", ".join(
        f"{name}: {{duckdb: no.duckdb, table: {name}}}" for name in ("customers", "payments", "contacts")
    )
    (tmp_path / "b.yaml").write_text(f"tables: {{{tables}}}\n", encoding="utf-8")
    report = validate(load_config(tmp_path / "b.yaml"))
    line, last = report.lines()
    assert line.startswith("error: customers, payments, contacts: unreadable source; expected a DuckDB file at ")
    assert last.startswith("3 errors, 0 warnings")
