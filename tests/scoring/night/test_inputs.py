"""What a night is made from: what has a part in it changes the text, what has none does not, and no secret is in it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.timeline.known_fingerprint import KnownTable
from servicelift.scoring.night.inputs import Inputs, changed_inputs, changed_tables, config_hash

TABLES = {"customers": "customers.parquet", "payments": {"path": "payments.parquet"}}
VERSIONS = {"churn": 1, "clv": None, "incremental": 2}


def config(**more: object) -> Config:
    return Config.model_validate({"tables": TABLES} | more)


@pytest.mark.parametrize(
    "more",
    [
        {"engine": {"threads": 1, "memory": "1GB"}},
        {"tracking": {"uri": "http://user:word@host:5000"}},
        {"data_until": "2024-06-01"},
        {"nightly": {"out": "elsewhere", "look_back": 3, "keep": 9, "files": "0600"}},
        {"tables": TABLES | {"customers": "moved/customers.parquet"}},
    ],
)
def test_where_work_is_done_has_no_part(more):
    assert config_hash(config(**more)) == config_hash(config())


@pytest.mark.parametrize(
    "more",
    [
        {"currency": "USD"},
        {"language": "fr"},
        {"value": {"margin_rate": 0.2}},
        {"nightly": {"budget": 100}},
        {"tables": TABLES | {"payments": {"path": "payments.parquet", "dayfirst": True}}},
        {"drop": {"customers": ["phone"]}},
    ],
)
def test_what_changes_results_has_one(more):
    assert config_hash(config(**more)) != config_hash(config())


def test_the_address_of_a_database_has_no_part():
    def of(connection: str) -> str:
        source = {"connection": connection, "table": "payments"}
        return config_hash(config(tables=TABLES | {"payments": source}))

    assert of("postgresql://one@a/db") == of("postgresql://two:${WORD}@b/db")


@pytest.fixture
def inputs() -> Callable[..., Inputs]:
    def make(payments="3:aa", config="c", versions=VERSIONS, method="m", last="2024-05-31 10:00") -> Inputs:
        rows = int(payments.partition(":")[0])
        return Inputs({"payments": KnownTable(payments, rows, pd.Timestamp(last))}, config, versions, method)

    return make


def test_a_night_differs_in_what_changed_and_in_nothing_else(inputs):
    manifest = {"inputs": inputs().facts()}
    assert changed_inputs(manifest, inputs()) == {}
    assert changed_inputs(manifest, inputs(payments="4:ab")) == {"tables": {"payments": [3, 4]}}
    assert changed_inputs(manifest, inputs(payments="3:ab")) == {"tables": {"payments": [3, 3]}}
    assert changed_inputs(manifest, inputs(config="d")) == {"config": True}
    found = changed_inputs(manifest, inputs(versions=VERSIONS | {"churn": 2}))
    assert found == {"versions": [VERSIONS, VERSIONS | {"churn": 2}]}


def test_fingerprints_of_another_method_are_not_compared_but_rows_are(inputs):
    manifest = {"inputs": inputs(method="duckdb 1").facts()}
    assert changed_inputs(manifest, inputs("3:ff", method="duckdb 2")) == {}
    assert changed_tables(manifest, inputs("4:ff", method="duckdb 2")) == {"payments": [3, 4]}
    assert changed_tables(manifest, inputs("3:ff", method="duckdb 2", last="2024-05-30")) == {"payments": [3, 3]}


def test_tables_that_came_or_went_are_changed(inputs):
    without = Inputs({}, "c", VERSIONS, "m")
    assert changed_tables({"inputs": without.facts()}, inputs()) == {"payments": [None, 3]}
    assert changed_tables({"inputs": inputs().facts()}, without) == {"payments": [3, None]}
    assert changed_tables({}, inputs()) == {"payments": [None, 3]}


def test_equal_inputs_have_one_key_and_facts_have_a_zone(inputs):
    assert inputs().key(day="d") == inputs().key(day="d")
    others = (inputs().key(day="e"), inputs("3:ab").key(day="d"), inputs(config="d").key(day="d"))
    assert len({inputs().key(day="d"), *others}) == 4
    assert inputs().facts()["tables"]["payments"]["last"] == "2024-05-31T10:00:00+00:00"
