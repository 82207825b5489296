"""The file of features is the same however many rows are built at a time, and holds one instant's rows in memory."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.timeline.spine import customer_spine
from servicelift.scoring.scores import export as written
from servicelift.scoring.scores.export import features_to_parquet

AS_OFS = [pd.Timestamp("2024-03-01"), pd.Timestamp("2024-01-15"), pd.Timestamp("2023-01-01")]


@pytest.fixture(scope="module")
def tables() -> Tables:
    frames = {
        "customers": pd.DataFrame(
            {"customer_id": range(1, 8), "signed_up_at": pd.date_range("2024-01-01", periods=7, freq="7D")}
        ),
        "payments": pd.DataFrame(
            {
                "payment_id": range(14),
                "customer_id": [1 + i % 7 for i in range(14)],
                "paid_at": pd.date_range("2024-01-05", periods=14, freq="5D"),
                "amount": [10.0 + i for i in range(14)],
                "method": ["card", "iban"] * 7,
            }
        ),
    }
    return tables_from_frames(frames, Config.model_validate({"tables": dict.fromkeys(frames, "-")}))


@pytest.mark.parametrize("size", [2, 7, 100])
def test_the_file_holds_every_instant_whatever_is_built_at_a_time(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    sizes = []
    build = written.build_features
    monkeypatch.setattr(written, "block_size", lambda _: size)
    monkeypatch.setattr(written, "build_features", lambda t, part: (sizes.append(len(part)), build(t, part))[1])
    rows = features_to_parquet(tables, AS_OFS, tmp_path / "features.parquet")
    found = pd.read_parquet(tmp_path / "features.parquet")
    spine = customer_spine(tables, AS_OFS)
    expected = pd.concat([spine, build_features(tables, spine)], axis=1)
    assert str(found["as_of"].dtype) == "datetime64[us, UTC]"
    expected["as_of"] = expected["as_of"].dt.tz_localize("UTC")
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert rows == len(spine) == sum(sizes)
    assert max(sizes) <= size


def test_before_the_first_customer_the_file_has_columns_and_no_row(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "block_size", lambda _: 2)
    early = [pd.Timestamp("2022-01-01"), pd.Timestamp("2022-06-01")]
    assert features_to_parquet(tables, early, tmp_path / "features.parquet") == 0
    found = pd.read_parquet(tmp_path / "features.parquet")
    assert not len(found)
    assert {"customer_id", "as_of", "tenure_days"} <= set(found.columns)
