"""Publishing through the front door: nights of a history into the database that the config names."""

from __future__ import annotations

import json

import duckdb
import pandas as pd
import pytest
import servicelift as sl
from servicelift.core.config.business import load_config
from servicelift.core.config.publishing import PublishConfig
from servicelift.core.errors import ConfigError


def test_nights_of_a_period_are_published(trained_press, tmp_path):
    loaded = load_config(trained_press)
    wish = PublishConfig(connection=f"duckdb:{tmp_path}/nights.duckdb")
    b = sl.open(loaded.model_copy(update={"publish": wish}))
    for day in ("2024-05-31", "2024-06-01"):
        folder = tmp_path / "history" / f"as_of={day}"
        (folder / "scores").mkdir(parents=True)
        moment = pd.Timestamp(day, tz="UTC")
        pd.DataFrame({"customer_id": ["a"], "as_of": moment}).to_parquet(folder / "scores" / "part-0.parquet")
        said = {"as_of": moment.isoformat(), "revision": 1}
        (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    done = b.publish(tmp_path / "history", since="2024-06-01")
    assert list(done.rows) == ["2024-06-01"]
    assert done.summary().startswith("2024-06-01: published in ")
    with duckdb.connect(f"{tmp_path}/nights.duckdb") as connection:
        assert connection.execute("SELECT customer_id FROM servicelift.scores").fetchall() == [("a",)]
    with pytest.raises(ConfigError, match="found none in that period; run `servicelift nightly`"):
        b.publish(tmp_path / "history", since="2024-06-02")
