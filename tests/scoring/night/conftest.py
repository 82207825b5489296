"""Nights without scoring: small partitions as the job writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest


def write_night(folder: Path, day: str, revision: int = 1, customers: int = 3) -> Path:
    """Write a folder that holds what the folder of a night holds: scores say their revision."""
    at = pd.Timestamp(day, tz="UTC")
    for name in ("scores", "action_values"):
        (folder / name).mkdir(parents=True)
        frame = pd.DataFrame({"customer_id": range(customers), "as_of": at, "churn_probability": revision / 10})
        frame.to_parquet(folder / name / "part-00000.parquet", index=False)
    manifest = {"as_of": f"{day}T00:00:00+00:00", "day": day, "revision": revision}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture
def night() -> Callable[..., Path]:
    return write_night
