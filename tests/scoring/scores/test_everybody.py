"""Everybody is scored alike: on the cores of this machine, and part by part by the workers of an engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from servicelift.core.config.business import Config, EngineConfig, load_config
from servicelift.core.errors import DataError, ModelError
from servicelift.core.time import instant
from servicelift.features.engines.choose import connect
from servicelift.features.engines.duckdb import DuckDBEngine
from servicelift.scoring.scores import everybody, pieces
from servicelift.scoring.scores.score import score

DAY = "2024-06-01"
FILES = ("scores.parquet", "action_values.parquet", "reason_features.parquet")


class WithWorkers(DuckDBEngine):
    """DuckDB as if it had workers."""

    workers = True

    def write_parts(self, rows: Any, folder: Path, by: str | None = None) -> None:
        found = self.backend.to_pyarrow(rows)
        parts = {folder: found}
        if by is not None:
            values = set(found[by].to_pylist())
            parts = {folder / f"{by}={value}": found.filter(pc.equal(found[by], value)).drop([by]) for value in values}
        for place, part in parts.items():
            place.mkdir(parents=True, exist_ok=True)
            pq.write_table(part, place / "part-0.parquet")

    def on_workers(self, work: Callable[[int], bytes], count: int) -> list[bytes]:
        return [work(place) for place in range(count)]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few customers in a piece, and in a part, that there are many of both."""
    monkeypatch.setattr(pieces, "PIECE", 256)
    monkeypatch.setattr(everybody, "PIECE", 256)
    monkeypatch.setattr(everybody, "_PIECES_A_PART", 2)


def scored(config: Config, out: Path, monkeypatch: pytest.MonkeyPatch | None = None) -> dict[str, pd.DataFrame]:
    """Score, with workers where they are given, and return what the files hold."""
    if monkeypatch is not None:
        monkeypatch.setattr("servicelift.features.tables.tables.engine_of", WithWorkers)
    score(config, instant(DAY, config.timezone), out)
    return {name: pd.read_parquet(out / name) for name in FILES}


def assert_alike(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame], within: float) -> None:
    """Pieces begin elsewhere, so that sums of floats may round otherwise; all else is equal."""
    for name in FILES:
        pd.testing.assert_frame_equal(found[name], expected[name], rtol=within, atol=0)


def test_workers_write_the_same(
    trained_press: Path, small_pieces: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(trained_press)
    here = scored(config, tmp_path / "here")
    there = scored(config, tmp_path / "there", monkeypatch)
    assert_alike(there, here, 1e-12)
    facts = [json.loads((tmp_path / name / "run.json").read_text()) for name in ("here", "there")]
    assert facts[0] | {"files": 0} == facts[1] | {"files": 0}
    assert facts[0]["customers"] > 256
    assert sorted(file.name for file in tmp_path.iterdir()) == ["here", "there"]
    assert not [file for file in (tmp_path / "there").iterdir() if file.name.startswith(".")]


def test_an_error_of_a_worker_is_told_as_here(
    trained_press: Path, small_pieces: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise DataError("expected a part, got none")

    monkeypatch.setattr(everybody, "score_piece", lambda *_: stop())
    with pytest.raises(DataError, match=r"^expected a part, got none$"):
        scored(load_config(trained_press), tmp_path / "out", monkeypatch)
    assert not (tmp_path / "out").exists()


def test_nobody_to_score_is_refused_on_workers(
    trained_press: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(trained_press)
    monkeypatch.setattr("servicelift.features.tables.tables.engine_of", WithWorkers)
    with pytest.raises(ModelError, match=r"expected customers to score at 1999-01-01, found none"):
        score(config, pd.Timestamp("1999-01-01"), tmp_path / "out")


@pytest.mark.slow
@pytest.mark.xdist_group("spark")
def test_spark_writes_what_duckdb_writes(trained_press: Path, small_pieces: None, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'servicelift[spark]'")
    config = load_config(trained_press)
    on_spark = config.model_copy(update={"engine": EngineConfig(name="spark", memory="1GB", threads=2)})
    connect(on_spark)
    here, there = scored(config, tmp_path / "here"), scored(on_spark, tmp_path / "there")
    assert_alike(there, here, 1e-9)
