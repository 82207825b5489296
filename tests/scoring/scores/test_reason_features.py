"""What reasons are found from: kept for who may come on a list, read back as it was, and never from another run."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.scoring.scores.reason_features import REASON_FEATURES, read_reason_features

COLUMNS = ["method", "tenure_days", "vip"]
FACTS = {"reason_features": REASON_FEATURES}


@pytest.fixture
def features():
    return pd.DataFrame(
        {
            "method": ["card", None, "iban", "card"],
            "tenure_days": [1.5, float("nan"), 3.0, 1 / 3],
            "vip": [True, False, True, False],
            "other": 1.0,
        }
    )


@pytest.fixture
def folder(tmp_path, features):
    kept = features.loc[[1, 3], COLUMNS].assign(customer_id=["b", "d"])
    kept.to_parquet(tmp_path / REASON_FEATURES, index=False)
    return tmp_path


def test_what_was_kept_comes_back_in_the_order_of_who_asks(folder, features):
    back = read_reason_features(folder, FACTS, pd.Series(["d", "b"]), COLUMNS)
    pd.testing.assert_frame_equal(back, features.loc[[3, 1], COLUMNS].reset_index(drop=True), check_exact=True)


def test_a_file_that_this_run_did_not_write_is_not_read(folder):
    for facts in ({}, {"reason_features": None}):
        assert read_reason_features(folder, facts, pd.Series(["b"]), COLUMNS) is None
    (folder / REASON_FEATURES).unlink()
    assert read_reason_features(folder, FACTS, pd.Series(["b"]), COLUMNS) is None


def test_a_customer_or_a_column_that_is_not_kept_sends_to_the_tables(folder):
    assert read_reason_features(folder, FACTS, pd.Series(["b", "c"]), COLUMNS) is None
    assert read_reason_features(folder, FACTS, pd.Series(["b"]), [*COLUMNS, "complaints_90d"]) is None
