"""Nights without models: what a history holds, written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from servicelift.scoring.night.history import History, Partition


@pytest.fixture
def night(tmp_path: Path) -> Callable[..., Partition]:
    """Write a night of three customers and return it."""

    def write(day: str, *, revision: int = 1, clv: float = 10.0, customers: tuple[object, ...] = ("007", "b", "c"),
              lists: bool = True, **columns: object) -> Partition:  # fmt: skip
        folder = tmp_path / "history" / f"as_of={day}"
        for name in ("scores", "action_values", "targets"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        moment = pd.Timestamp(day, tz="UTC").as_unit("us")
        scores = pd.DataFrame(
            {"customer_id": list(customers), "as_of": moment, "clv": clv, "reason_1": None, **columns}
        )
        scores.iloc[:2].to_parquet(folder / "scores" / "part-00000.parquet", index=False)
        scores.iloc[2:].to_parquet(folder / "scores" / "part-00001.parquet", index=False)
        pairs = pd.DataFrame({"customer_id": list(customers), "as_of": moment, "action": "offre d'été", "cost": 1.5})
        pairs.to_parquet(folder / "action_values" / "part-00000.parquet", index=False)
        for name, rows in (("targets.csv", pairs.iloc[:1]), ("targets.holdout.csv", pairs.iloc[1:2])):
            file = folder / "targets" / name
            file.unlink(missing_ok=True)
            if lists:
                rows.drop(columns="as_of").assign(arm=name).to_csv(file, index=False)
        said = {"as_of": f"{day}T00:00:00+00:00", "revision": revision, "customers": len(scores)}
        (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
        found = History(tmp_path / "history").partition(day)
        assert found is not None
        return found

    return write
