"""Writing a world: the same seed gives the same files, and nothing of a person's is ever replaced unasked."""

from __future__ import annotations

import pytest
from servicelift.core.errors import ConfigError
from servicelift.simulation.write import simulate

SMALL = {"customers": 100, "truth": False}


def test_a_world_is_written_anew_over_a_world(tmp_path):
    simulate(tmp_path, seed=1, **SMALL)
    first = (tmp_path / "customers.parquet").read_bytes()
    simulate(tmp_path, seed=2, **SMALL)
    assert (tmp_path / "customers.parquet").read_bytes() != first
    simulate(tmp_path, seed=1, **SMALL)
    assert (tmp_path / "customers.parquet").read_bytes() == first


def test_an_edited_configuration_is_kept_unless_forced(tmp_path):
    config = simulate(tmp_path, seed=1, **SMALL).config
    mine = config.read_text(encoding="utf-8").replace("horizon_days: 90", "horizon_days: 60")
    config.write_text(mine, encoding="utf-8")
    tables = (tmp_path / "customers.parquet").read_bytes()
    with pytest.raises(ConfigError, match=r"press\.yaml' was edited .* --force"):
        simulate(tmp_path, seed=2, **SMALL)
    assert config.read_text(encoding="utf-8") == mine
    assert (tmp_path / "customers.parquet").read_bytes() == tables
    simulate(tmp_path, seed=2, force=True, **SMALL)
    assert "horizon_days: 90" in config.read_text(encoding="utf-8")


def test_tables_of_ones_own_are_kept(tmp_path):
    (tmp_path / "payments.parquet").write_bytes(b"mine")
    with pytest.raises(ConfigError, match=r"payments\.parquet' is no table of a simulation"):
        simulate(tmp_path, seed=1, **SMALL)
    assert [file.name for file in tmp_path.iterdir()] == ["payments.parquet"]


def test_other_files_in_the_folder_are_no_hindrance(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    simulate(tmp_path, seed=1, **SMALL)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
