from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.contract import CONTRACT
from servicelift.features.validation.tables_page import describe, main


def test_the_committed_page_is_the_contract_s(pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs" / "tables.md").read_text(encoding="utf-8")
    assert page == describe(), "write it anew: python -m servicelift.features.validation.tables_page docs/tables.md"


def test_every_column_code_and_known_instant_is_on_the_page() -> None:
    page = describe()
    for table in CONTRACT.values():
        section = page.partition(f"## {table.name}\n")[2].partition("\n## ")[0]
        for column in table.columns:
            line = next(line for line in section.splitlines() if line.startswith(f"| `{column.name}`"))
            assert (f"`{column.name}`?" in line) == column.optional
            assert all(code in line for code in column.codes)
            assert line.endswith(f"| `{column.known}` |" if column.known else "| with its row |")


def test_the_page_is_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    assert capsys.readouterr().out == describe()
    main([str(tmp_path / "tables.md")])
    assert (tmp_path / "tables.md").read_text(encoding="utf-8") == describe()
