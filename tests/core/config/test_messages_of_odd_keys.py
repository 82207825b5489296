"""Odd configurations are refused with the real cause and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError

BASE = "tables: {customers: c.csv, payments: p.csv}\n"


def entry(keys: str) -> str:
    return f"tables: {{customers: c.csv, payments: {{csv: p.csv, {keys}}}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{BASE}value: {{margin_rate: true}}\n", "value.margin_rate: expected a number, got true"),
        (f"{BASE}seed: yes\n", "seed: expected a number, got true"),
        (
            f"{BASE}codes: {{payments.method: {{PRLV: iban}}}}\n",
            "codes.payments.method: unknown code 'PRLV'; write the code first: iban: [PRLV]",
        ),
        (f"{BASE}codes: {{method: {{iban: PRLV}}}}\n", "codes: unknown column 'method'"),
        (
            f"{BASE}columns: {{payments: {{date: paid_at}}}}\n",
            "columns.payments: the contract has no column 'date'; write the contract's name first: paid_at: date",
        ),
        (entry("where: {status: {nto: [x]}}"), "unknown key 'tables.payments.where.status.nto'; did you mean 'not'?"),
        (entry("excel: q.xlsx"), "tables.payments: csv: and excel: are two sources; keep one"),
        (entry("date_format: dd/mm/yyyy"), "date_format: expected a format with %, such as %d/%m/%Y"),
        (entry("late_failures: {failed: soon}"), "tables.payments.late_failures.failed: expected a whole number"),
        (
            "tables: {customers: c.csv, payments: p.csv, orders: o.csv}\n",
            "unknown table 'orders'; expected some of cust",
        ),
    ],
)
def test_a_message_says_what_to_write(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "b.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "b.yaml")
    assert expected in str(error.value)
    assert "Extra inputs" not in str(error.value)
