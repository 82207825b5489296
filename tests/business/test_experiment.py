"""The front door for an experiment: a file or keys, a frame or a path, a temporary place or one's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import servicelift as sl
from servicelift.core.progress import no_progress

KEYS = {"arm": "g", "control": "a", "assignment": "random", "outcomes": {"y": "number"}}


@pytest.fixture
def table():
    return pd.DataFrame({"g": ["a", "b"] * 60, "y": np.tile([1.0, 2.0, 3.0, 5.0], 30)})


def test_results_live_as_long_as_they_are_held(table):
    found = sl.experiment(KEYS, table=table, progress=no_progress)
    assert (found.out / "effects.parquet").is_file()
    assert found.effects["estimate"].tolist() == [1.5]
    assert found.facts["advice"] is None
    assert "advice: none asked" in found.summary()
    assert found.plot().axes


def test_results_go_where_they_are_wanted(table, tmp_path):
    table.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "e.yaml").write_text(
        "table: t.parquet\narm: g\ncontrol: a\nassignment: random\noutcomes: {y: number}\n"
    )
    found = sl.experiment(tmp_path / "e.yaml", out=tmp_path / "out", progress=no_progress)
    assert pd.read_parquet(tmp_path / "out" / "effects.parquet").equals(found.effects)
    assert (tmp_path / "out" / "experiment.html").read_text() == found.page
