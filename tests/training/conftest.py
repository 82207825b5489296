"""Small things to train and register with: a world of a few hundred customers, a saved model, an empty store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from servicelift.serving import read_model
from servicelift.simulation.write import simulate
from servicelift.tracking import Tracker

GOLDEN = Path(__file__).parents[1] / "golden" / "churn-0.1.0"


@pytest.fixture(scope="session")
def press(tmp_path_factory: pytest.TempPathFactory, empty_store: Callable[[Path], None]) -> Callable[..., Path]:
    """A config of one small world; each name has a store of its own, ``uri`` names another."""
    folder = tmp_path_factory.mktemp("press")
    simulate(folder, customers=700, seed=3, truth=False)
    text = (folder / "press.yaml").read_text(encoding="utf-8")
    small = "  follow_up_days: 180\n  bootstrap: 10\n  cross_fits: 1"
    text = text.replace("  follow_up_days: 180", small)

    def make(name: str, uri: str | None = None) -> Path:
        path = folder / f"{name}.yaml"
        if uri is None:
            empty_store(folder / name / "mlflow.db")
        path.write_text(text.replace("sqlite:///mlflow.db", uri or f"sqlite:///{name}/mlflow.db"), encoding="utf-8")
        return path

    return make


@pytest.fixture(scope="session")
def saved() -> Any:
    """A fitted churn model."""
    return read_model(GOLDEN, "the golden model")


@pytest.fixture(scope="session")
def saved_rows() -> pd.DataFrame:
    """Rows that it can predict."""
    return pd.read_csv(GOLDEN / "rows.csv")


@pytest.fixture
def tracker(tmp_path: Path, empty_store: Callable[[Path], None]) -> Tracker:
    """An empty store."""
    empty_store(tmp_path / "mlflow.db")
    return Tracker(f"sqlite:///{tmp_path}/mlflow.db", "press")
