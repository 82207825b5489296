from __future__ import annotations

from pathlib import Path

import pandas as pd
from servicelift.onboarding.joins import match_share
from servicelift.onboarding.sniff import sniff


def test_the_share_counts_different_keys_whatever_their_type(tmp_path: Path):
    pd.DataFrame({"id": ["1", "2", "3"], "x": 0}).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame({"customer": [1.0, 1.0, 2.0, 9.0, None], "x": 0}).to_parquet(tmp_path / "b.parquet")
    found = sniff([str(tmp_path)], tmp_path)
    parent, child = found.tables
    assert match_share(found.connection, child, "customer", parent, "id") == 2 / 3


def test_an_empty_column_matches_nothing(tmp_path: Path):
    pd.DataFrame({"id": ["a"], "x": [None]}).to_parquet(tmp_path / "a.parquet")
    found = sniff([str(tmp_path)], tmp_path)
    (table,) = found.tables
    assert match_share(found.connection, table, "x", table, "id") == 0.0
