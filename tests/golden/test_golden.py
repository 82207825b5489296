"""A model that an earlier day saved still loads with MLflow alone, and says what it said then."""

from __future__ import annotations

import importlib
import io
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
    from servicelift.serving import _MOVED, _MOVED_ALONE

    for module in _MOVED.values():
        importlib.import_module(f"servicelift.{module}")
    for (_, name), module in _MOVED_ALONE.items():
        home = f"servicelift.{module}"
        assert getattr(importlib.import_module(home), name).__module__ == home


@pytest.mark.parametrize("module", ["models.periods", "models.subscriptions.contract"])
def test_a_class_that_moved_alone_is_found_from_every_former_home(module):
    """Protocol 0 names a class by its module in plain text: ``c`` module, class, and the end."""
    from servicelift.core.contract_state import ContractState
    from servicelift.serving import _Unpickler

    stored = f"cservicelift.{module}\nContractState\n.".encode()
    assert _Unpickler(io.BytesIO(stored)).load() is ContractState
