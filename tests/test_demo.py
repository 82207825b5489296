"""The demo leaves what a person has in its folder alone. What it computes is tested where it is computed."""

from __future__ import annotations

import pytest
from servicelift.core.errors import ConfigError
from servicelift.core.progress import silent
from servicelift.demo import demo
from servicelift.simulation.write import simulate


def test_a_store_with_models_is_not_promoted_into(tmp_path):
    store = tmp_path / "world" / "mlflow.db"
    store.parent.mkdir()
    store.write_bytes(b"models")
    with pytest.raises(ConfigError, match=r"holds models already.*--force"):
        demo(tmp_path, customers=2_000, seed=7, say=silent)
    assert store.read_bytes() == b"models"
    assert [file.name for file in store.parent.iterdir()] == ["mlflow.db"]


def test_an_edited_configuration_stops_it_before_any_work(tmp_path):
    config = simulate(tmp_path / "world", customers=100, seed=1, truth=False).config
    config.write_text(config.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="was edited"):
        demo(tmp_path, customers=2_000, seed=7, say=silent)
    assert not (tmp_path / "scores").exists()
