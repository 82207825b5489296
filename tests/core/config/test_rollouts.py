"""Rollouts of a configuration: units as texts, days as days, and what is no rollout is refused with its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError

TEXT = "tables: {customers: c.parquet, payments: p.parquet}\nstatic: [depot]\nincremental: {rollouts: {desk: %s}}\n"


def config_of(folder: Path, rollout: str) -> Path:
    file = folder / "business.yaml"
    file.write_text(TEXT % rollout, encoding="utf-8")
    return file


def test_numbers_that_name_units_are_texts(tmp_path: Path) -> None:
    config = load_config(config_of(tmp_path, "{by: depot, starts: {12: 2023-03-01, north: 2023-09-01}}"))
    rollout = config.incremental.rollouts["desk"]
    assert rollout.starts == {"12": dt.date(2023, 3, 1), "north": dt.date(2023, 9, 1)}
    assert (rollout.initiative, rollout.months_before) == (None, 12)


@pytest.mark.parametrize(
    ("rollout", "says"),
    [
        ("{by: depot}", "starts"),
        ("{by: depot, starts: {}}", "starts"),
        ("{by: depot, starts: {north: soon}}", "starts"),
        ("{by: depot, starts: {north: 2023-03-01}, months_before: 1}", "months_before"),
        ("{by: depot, start: {north: 2023-03-01}}", r"rollouts\.desk\.start'; did you mean 'starts'"),
    ],
)
def test_what_is_no_rollout_is_refused(tmp_path: Path, rollout: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_config(config_of(tmp_path, rollout))
