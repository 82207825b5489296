"""What DuckDB runs as it stands is one statement that reads."""

from __future__ import annotations

import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.engines.choose import connect
from servicelift.features.engines.duckdb import DuckDBEngine


def engine() -> DuckDBEngine:
    return DuckDBEngine(connect(Config.model_validate({"tables": {"customers": "-", "payments": "-"}})))


@pytest.mark.parametrize(
    "query", ["select 1 as a", " with b as (select 1 as a) select * from b; ", "from (select 1 as a)"]
)
def test_one_query_that_reads_is_run(query: str) -> None:
    running = engine()
    assert running.backend.execute(running.query_view("mine", query))["a"].tolist() == [1]


@pytest.mark.parametrize(
    ("query", "came"),
    [
        ("select 1 as a; drop table t", "2 statements"),
        ("select 1 as a; select 2 as a", "2 statements"),
        ("create table other as select 1 as a", "CREATE"),
        ("copy (select 1) to 'out.csv'", "COPY"),
        ("delete from t", "DELETE"),
        ("insert into t values (1)", "INSERT"),
        ("attach 'x.db'", "ATTACH"),
        ("set threads = 1", "SET"),
        ("", "0 statements"),
    ],
)
def test_anything_else_is_refused_and_does_nothing(query: str, came: str) -> None:
    running = engine()
    running.backend.raw_sql("create table t as select 7 as a")
    with pytest.raises(DataError, match=f"expected one query that only reads, a select, got .*{came}"):
        running.query_view("mine", query)
    assert running.backend.execute(running.backend.table("t"))["a"].tolist() == [7]
