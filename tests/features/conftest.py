"""Helpers beside the tests, loaded once: random worlds, the brute-force oracle and the laws of the time rule."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, settings
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.engines.choose import connect
from servicelift.features.engines.java import require_java

settings.register_profile(
    "worlds", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
)
"""A few large worlds rather than many small ones: an engine and its queries cost a second each."""


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"feature_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def random_worlds() -> ModuleType:
    _beside("worlds_around")
    return _beside("worlds")


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    for part in ("past", "oracle_service", "oracle_around", "oracle_terms"):
        _beside(part)
    return _beside("oracle")


@pytest.fixture(scope="session")
def indicator_oracle() -> ModuleType:
    _beside("oracle_indicators")
    return _beside("oracle_indicators_around")


@pytest.fixture(scope="session")
def corruptions() -> ModuleType:
    """What draws a corrupted world from a seed; its parts are loaded in their order."""
    for part in ("corruptions", "damages", "damaged_files"):
        _beside(part)
    return _beside("corruptcase")


@pytest.fixture(scope="session")
def laws() -> ModuleType:
    return _beside("laws")


@pytest.fixture(scope="session")
def duckdb() -> Any:
    return ibis.duckdb.connect(threads=2)


@pytest.fixture(scope="session")
def connection(duckdb: Any) -> Any:
    return duckdb


@pytest.fixture(scope="session")
def spark() -> Any:
    """A connection to Spark on two threads of this machine; one Spark serves every test of a process."""
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'servicelift[spark]'")
    try:
        require_java()
    except ConfigError as error:
        pytest.skip(str(error))
    # Compiling a query costs more than the few rows of a test.
    interpreted = {"codegen.wholeStage": "false", "codegen.factoryMode": "NO_CODEGEN", "shuffle.partitions": "1"}
    options = " ".join(f"--conf spark.sql.{key}={value}" for key, value in interpreted.items())
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"{options} pyspark-shell")
    engine = {"name": "spark", "memory": "1GB", "threads": 2}
    return connect(Config.model_validate({"tables": {"customers": "-", "payments": "-"}, "engine": engine}))


@pytest.fixture(
    scope="session",
    params=["duckdb", pytest.param("spark", marks=[pytest.mark.slow, pytest.mark.xdist_group("spark")])],
)
def engine(request: pytest.FixtureRequest) -> Any:
    """A connection to each engine in turn; Spark's turn is slow."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def tables_of(random_worlds: ModuleType, connection: Any) -> Callable[..., Any]:
    """Tables from rows written by hand: columns not named are null, those under ``missing`` are not there."""

    def make(rows: dict[str, list[dict[str, Any]]], *, missing: Any = (), late: Any = (), **config: Any) -> Any:
        rows = {"customers": [{"customer_id": 1, "signed_up_at": "2020-01-01"}]} | rows
        rows = {table: [{"customer_id": 1} | row for row in found] for table, found in rows.items()}
        config = random_worlds.config_of(**({"static": ()} | config))
        return random_worlds.World(rows, frozenset(missing), frozenset(late), config=config).tables(connection)

    return make


@pytest.fixture(scope="session")
def features_at(tables_of: Callable[..., Any]) -> Callable[..., Any]:
    """The features of customer 1 at one instant, None for null; in the order of ``names``."""

    def look(rows: dict[str, list[dict[str, Any]]], as_of: str, *names: str, **options: Any) -> list[Any]:
        spine = pd.DataFrame({"customer_id": [1], "as_of": pd.to_datetime([as_of])})
        found = build_features(tables_of(rows, **options), spine, list(names)).iloc[0]
        return [None if pd.isna(value) else value for value in found]

    return look
