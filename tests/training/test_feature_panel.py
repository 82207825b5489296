"""The panel holds what the features say, in half the memory and whatever the blocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.tables.tables import tables_from_frames
from servicelift.features.timeline.spine import running_spine
from servicelift.simulation.contract_tables import simulate_frames
from servicelift.training import feature_panel as panel
from servicelift.training.feature_panel import blocks, feature_panel


@pytest.fixture(scope="module")
def tables():
    kept = ("customers", "subscriptions", "payments", "payment_methods")
    frames = {name: frame for name, frame in simulate_frames(200, 5).tables.items() if name in kept}
    config = Config.model_validate(
        {
            "tables": {"customers": "c", "subscriptions": "s", "payments": "p"},
            "data_until": "2024-07-01",
            "features": {"windows_days": (90,)},
            "static": ["acquisition_channel"],
        }
    )
    return tables_from_frames(frames, config)


@pytest.mark.parametrize("rows", [1, 150, 10**6])
def test_the_panel_is_the_features_as_single_floats_and_categories(tables, monkeypatch, rows):
    monkeypatch.setattr(panel, "_ROWS", rows)
    spine = running_spine(tables, [pd.Timestamp(2023, month, 1) for month in (2, 5, 8)])
    spine.index = spine.index + 7
    found, plain = feature_panel(tables, spine), build_features(tables, spine)
    assert list(found.columns) == list(plain.columns)
    assert found.index.equals(spine.index)
    for name in plain:
        if isinstance(plain[name].dtype, pd.StringDtype):
            assert isinstance(found[name].dtype, pd.CategoricalDtype)
            pd.testing.assert_series_equal(found[name].astype(object), plain[name].astype(object))
        else:
            assert found[name].dtype == np.float32
            np.testing.assert_array_equal(found[name], plain[name].astype(np.float32))


def test_stretches_are_whole_instants():
    as_of = pd.Series(pd.to_datetime(["2024-01-01"] * 3 + ["2024-02-01"] * 2 + ["2024-03-01"] * 9))
    assert list(blocks(as_of, 5)) == [(0, 5), (5, 14)]
    assert list(blocks(as_of, 4)) == [(0, 3), (3, 5), (5, 14)]
    assert list(blocks(as_of, 100)) == [(0, 14)]
    assert list(blocks(as_of[:1], 1)) == [(0, 1)]
