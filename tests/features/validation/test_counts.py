"""Many counts in one query: each as one query alone would give it."""

from __future__ import annotations

from typing import Any

import ibis
import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.features.tables.tables import open_tables
from servicelift.features.validation.counts import counted, rows_of
from servicelift.simulation.write import simulate

QUERIES_A_TABLE = 3
"""Beside storing: personal data, its rules and keys, and where its identifiers point."""

QUERIES = 8
"""Of the business as a whole."""


@pytest.fixture
def table() -> Any:
    return ibis.memtable({"a": [1, 2, None, 4], "b": ["x", "y", "y", None]})


def test_aggregates_of_one_table_keep_their_names_whatever_they_are(table: Any) -> None:
    numbers = {"all rows": table.count(), "a > 1": (table.a > 1).sum(), "b's": table.b.nunique()}
    assert counted(ibis.duckdb.connect(), table, numbers) == {"all rows": 4, "a > 1": 2, "b's": 2}
    assert counted(ibis.duckdb.connect(), table, {}) == {}


def test_the_sum_of_no_row_is_no_row(table: Any) -> None:
    nothing = table.filter(table.a > 10)
    assert counted(ibis.duckdb.connect(), nothing, {"n": (nothing.a > 1).sum()}) == {"n": 0}


def test_tables_are_counted_apart_and_empty_ones_are_0(table: Any) -> None:
    parts = {"all": table, "none": table.filter(table.a > 10), "two": table.filter(table.b == "y")}
    assert rows_of(ibis.duckdb.connect(), parts) == {"all": 4, "none": 0, "two": 2}
    assert rows_of(ibis.duckdb.connect(), {"two": parts["two"]}) == {"two": 2}
    assert rows_of(ibis.duckdb.connect(), {}) == {}


def test_opening_asks_few_queries_of_each_table(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of opening small tables is that of writing queries: a new check joins one of those that are there."""
    config: Config = load_config(simulate(tmp_path / "w", customers=100, seed=3, truth=False).config)
    asked = list[str]()
    backend = ibis.backends.duckdb.Backend
    for name in ("execute", "to_pyarrow"):
        inner = getattr(backend, name)

        def spied(self: Any, *given: Any, inner: Any = inner, **named: Any) -> Any:
            asked.append("query")
            return inner(self, *given, **named)

        monkeypatch.setattr(backend, name, spied)
    open_tables(config)
    assert 0 < len(asked) <= QUERIES_A_TABLE * len(config.tables) + QUERIES
