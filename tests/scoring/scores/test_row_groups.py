"""Parquet from parts: the same bytes whatever the parts, groups of one size, and the columns of an empty file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servicelift.scoring.scores import row_groups
from servicelift.scoring.scores.row_groups import RowGroups

N = 250
ROWS = pd.DataFrame(
    {
        "customer_id": [f"C{i}" for i in range(N)],
        "as_of": pd.Timestamp("2024-01-01", tz="UTC"),
        "clv": np.where(np.arange(N) % 7, np.arange(N) / 3, np.nan),
        "version": pd.array([None] * N, dtype="Int64"),
        "reason": np.array([None] * 200 + ["pays late"] * 50, dtype=object),
    }
)


def written(file: Path, cuts: list[int]) -> bytes:
    with RowGroups(file, texts=("reason",)) as groups:
        for start, stop in zip([0, *cuts], [*cuts, N], strict=True):
            groups.write(ROWS.iloc[start:stop])
    return file.read_bytes()


def test_the_bytes_do_not_depend_on_the_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_groups, "ROWS", 100)
    whole = written(tmp_path / "whole", [])
    for cuts in ([100], [1, 2, 199, 201], [0, 0, 250], list(range(0, 250, 9))):
        assert written(tmp_path / "parts", cuts) == whole
    sizes = pq.ParquetFile(tmp_path / "whole").metadata
    assert [sizes.row_group(i).num_rows for i in range(sizes.num_row_groups)] == [100, 100, 50]
    back = pd.read_parquet(tmp_path / "whole")
    pd.testing.assert_frame_equal(back, ROWS.assign(reason=ROWS["reason"].astype("str")))


def test_rows_that_fill_a_group_leave_no_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_groups, "ROWS", N)
    written(tmp_path / "whole", [])
    assert pq.ParquetFile(tmp_path / "whole").metadata.num_row_groups == 1


def test_a_file_without_rows_has_its_columns_and_texts_are_texts(tmp_path: Path) -> None:
    with RowGroups(tmp_path / "rows", texts=("reason",)) as groups:
        groups.write(ROWS.iloc[:0])
    schema = pq.read_schema(tmp_path / "rows")
    assert schema.names == list(ROWS.columns)
    assert schema.field("reason").type == pa.string()


def test_after_an_error_what_is_left_is_not_written(tmp_path: Path) -> None:
    groups = RowGroups(tmp_path / "rows")
    groups.write(ROWS)
    groups.__exit__(ZeroDivisionError)
    assert not (tmp_path / "rows").exists()
