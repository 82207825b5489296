"""A model that an earlier day saved still loads with MLflow alone, and says what it said then."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/MLmodel"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_yesterdays_model_says_what_it_said(folder):
    import mlflow

    model = mlflow.pyfunc.load_model(str(folder))
    got = model.predict(pd.read_csv(folder / "rows.csv"))
    expected = pd.read_csv(folder / "expected.csv")
    assert list(got.columns) == list(expected.columns)
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)
    assert np.unique(got.to_numpy()).size > 5


def test_there_is_one_of_each_model():
    assert {folder.name.partition("-")[0] for folder in FOLDERS} == {"churn", "clv", "incremental"}


def test_moved_classes_live_where_the_table_says():
    from servicelift.serving import _MOVED

    for module in _MOVED.values():
        importlib.import_module(f"servicelift.{module}")
