"""The names of ibis' types are the types of what the tables hold."""

from __future__ import annotations

import ibis
from servicelift.features.expressions import Backend, BooleanValue, Column, DataType, Rows, Scalar, Value


def test_the_names_are_those_of_what_an_engine_returns() -> None:
    backend = ibis.duckdb.connect()
    rows = backend.create_table("payments", ibis.memtable({"amount": [1.0, 2.0]}))
    assert isinstance(backend, Backend)
    assert isinstance(rows, Rows)
    assert isinstance(rows.amount, Column)
    assert isinstance(rows.amount > 1, BooleanValue)
    assert isinstance(rows.amount.sum(), Scalar)
    assert isinstance(rows.amount, Value)
    assert isinstance(rows.amount.sum(), Value)
    assert isinstance(rows.amount.type(), DataType)
