"""Keys of every type point to keys of every type: 1, 1.0, "1" and Decimal("1") are one, "01" is a text of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from servicelift.core.config.business import Config
from servicelift.core.contract import Kind
from servicelift.core.errors import DataError
from servicelift.features.contract.casts import ReadSettings, parsed, typed
from servicelift.features.contract.keys import joinable, key_type
from servicelift.features.tables.tables import tables_from_frames

WHOLE = [1, 2, 120]
NUMBERS: dict[str, Any] = {
    **{name: pa.array(WHOLE, getattr(pa, name)()) for name in ("int8", "int16", "int32", "int64")},
    **{name: pa.array(WHOLE, getattr(pa, name)()) for name in ("uint8", "uint16", "uint32", "uint64")},
    **{name: pa.array(WHOLE, getattr(pa, name)()) for name in ("float32", "float64")},
    "decimal(9, 0)": pa.array([Decimal(n) for n in WHOLE], pa.decimal128(9, 0)),
    "decimal(9, 2)": pa.array([Decimal(n) for n in WHOLE], pa.decimal128(9, 2)),
    "decimal(38, 0)": pa.array([Decimal(n) for n in WHOLE], pa.decimal128(38, 0)),
}
TYPES = NUMBERS | {"string": pa.array(["1", "2", "120"]), "binary": pa.array([b"1", b"2", b"120"])}


def stored(values: pa.Array) -> Any:
    """The identifiers of a column as the contract keeps them."""
    rows = ibis.memtable(pa.table({"key": values}))
    reading = ReadSettings()
    return rows.select(key=typed(Kind.ID, parsed(Kind.ID, rows.key, reading), reading))


def pointing(connection: Any, values: pa.Array, kind: Any) -> Any:
    rows = stored(values)
    return connection.execute(rows.select(key=joinable(rows.key, kind)))["key"]


@pytest.mark.parametrize("key", TYPES)
def test_each_of_fifteen_types_of_keys_is_met_by_all_fifteen(connection: Any, key: str) -> None:
    customers = connection.create_table(f"keys_{list(TYPES).index(key)}", stored(TYPES[key]))
    kind = key_type(ibis.memtable(pa.table({"key": TYPES[key]})).key.type())
    assert customers.key.type() == kind
    sources = {name: stored(values) for name, values in TYPES.items()}
    named = [rows.select(name=ibis.literal(name), key=joinable(rows.key, kind)) for name, rows in sources.items()]
    joined = ibis.union(*named).join(customers, "key")
    found = connection.execute(joined.group_by("name").aggregate(rows=joined.count())).set_index("name")["rows"]
    assert found.to_dict() == dict.fromkeys(TYPES, len(WHOLE))


@pytest.mark.parametrize("key", ["int32", "float64", "decimal(9, 2)", "string"])
def test_keys_of_a_few_types_are_met_on_each_engine(engine: Any, key: str) -> None:
    kind = key_type(ibis.memtable(pa.table({"key": TYPES[key]})).key.type())
    for name in ("int64", "float32", "decimal(9, 0)", "string"):
        found = pointing(engine, TYPES[name], kind)
        assert [float(value) for value in found] == WHOLE, name
    texts = pointing(engine, pa.array(["01", "1.0", "2", "x"]), kind)
    if not kind.is_string():
        assert texts.isna().tolist() == [True, False, False, True]


@pytest.mark.parametrize("kind", ["int64", "uint8", "float32", "float64", "decimal(9, 0)", "decimal(9, 2)"])
@pytest.mark.parametrize(
    "values",
    [
        pa.array(["01", "1e0", "1.5", "x", ""]),
        pa.array([1.5, -0.5, 1e300]),
        pa.array([Decimal("1.005"), Decimal("0.999")], pa.decimal128(9, 3)),
    ],
)
def test_what_is_no_exact_number_points_nowhere(connection: Any, kind: str, values: pa.Array) -> None:
    if str(stored(values).key.type()) != kind:
        assert pointing(connection, values, ibis.dtype(kind)).isna().all()


def test_numbers_that_floats_cannot_tell_apart_point_nowhere(connection: Any) -> None:
    large = pa.array([2**53, 2**53 + 1], pa.int64())
    assert pointing(connection, large, ibis.dtype("float64")).isna().tolist() == [False, True]
    assert pointing(connection, pa.array([2**24, 2**24 + 1]), ibis.dtype("float32")).isna().tolist() == [False, True]
    exact = pa.array([Decimal(2**60 + 1)], pa.decimal128(38, 0))
    assert pointing(connection, exact, ibis.dtype("int64")).tolist() == [2**60 + 1]
    assert pointing(connection, exact, ibis.dtype("string")).tolist() == [str(2**60 + 1)]


CUSTOMERS = pd.DataFrame({"customer_id": [1.0, 2.0], "signed_up_at": "2023-01-01"})
PAYMENTS = pd.DataFrame(
    {"payment_id": [1, 2], "customer_id": ["1", "2"], "paid_at": "2024-01-01", "amount": 10, "method": "card"}
)


def test_tables_of_float_keys_and_text_keys_join_and_a_padded_one_is_named() -> None:
    config = Config.model_validate({"tables": {"customers": "-", "payments": "-"}})
    tables = tables_from_frames({"customers": CUSTOMERS, "payments": PAYMENTS}, config)
    assert tables.execute(tables["payments"].count()) == 2
    padded = PAYMENTS.assign(customer_id=["01", "2"])
    with pytest.raises(DataError, match=r"payments.customer_id: unknown customer: 1 of 2 rows \(50.0%\), e.g. 1"):
        tables_from_frames({"customers": CUSTOMERS, "payments": padded}, config)
    mixed = PAYMENTS.assign(customer_id=pd.Series(["1", 2], dtype=object))
    with pytest.raises(DataError, match=r"column 'customer_id': expected one type in each column, got a mixture"):
        tables_from_frames({"customers": CUSTOMERS, "payments": mixed}, config)
