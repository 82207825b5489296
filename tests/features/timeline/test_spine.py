from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.timeline.spine import customer_spine, is_contractual, lapsed_spine, running_spine, spine_keys

AS_OFS = [pd.Timestamp("2024-03-01"), pd.Timestamp("2024-01-01")]


def subscription(key, customer, started, ended=None, **values):
    plain = {"product": "paper", "term_months": 1, "price": 10.0}
    return {"subscription_id": key, "customer_id": customer, "started_at": started, "ended_at": ended} | plain | values


@pytest.fixture
def tables(tables_of):
    signed = ["2023-06-01", "2023-12-31", "2024-01-01", "2024-02-01"]
    return tables_of(
        {
            "customers": [{"customer_id": n, "signed_up_at": day} for n, day in enumerate(signed)],
            "subscriptions": [
                subscription(1, 0, "2023-06-01"),
                subscription(2, 0, "2023-07-01", cancel_requested_at="2023-12-01"),
                subscription(3, 1, "2023-12-31", "2024-01-01"),
                subscription(4, 2, "2024-01-01"),
                subscription(5, 3, "2024-02-01", "2024-02-20"),
            ],
        }
    )


def test_the_running_spine_holds_each_subscriber_once(tables):
    spine = running_spine(tables, AS_OFS)
    assert spine.columns.tolist() == ["customer_id", "as_of"]
    assert spine["customer_id"].tolist() == [0, 1, 0, 2]
    assert spine["as_of"].tolist() == [AS_OFS[1]] * 2 + [AS_OFS[0]] * 2
    assert str(spine["as_of"].dtype) == "datetime64[us]"


def test_the_lapsed_spine_holds_who_had_a_subscription_and_runs_none(tables):
    """Customer 1 ended on the very day of the first instant, which is not known yet."""
    spine = lapsed_spine(tables, AS_OFS)
    assert spine["customer_id"].tolist() == [1, 3]
    assert spine["as_of"].tolist() == [AS_OFS[0]] * 2
    assert lapsed_spine(tables, []).shape == (0, 2)


def test_the_customer_spine_holds_who_signed_up_before(tables):
    spine = customer_spine(tables, AS_OFS)
    assert spine["customer_id"].tolist() == [0, 1, 0, 1, 2, 3]


def test_without_instants_the_spine_is_empty(tables):
    assert running_spine(tables, []).shape == (0, 2)


def test_pairs_are_made_distinct_and_spread_back(tables):
    days = pd.to_datetime(["2024-01-01", "2024-03-01", "2024-01-01"])
    spine = pd.DataFrame({"customer_id": [5, 1, 5], "as_of": days}, index=["x", "y", "x"])
    keys = spine_keys(tables, spine)
    assert len(keys) == 2
    pairs = tables.execute(keys.table.order_by("row"))
    back = keys.spread(pairs)
    assert back.index.equals(spine.index)
    assert back["customer_id"].tolist() == [5, 1, 5]
    assert back["as_of"].tolist() == days.tolist()


def test_aware_instants_are_read_in_utc(tables):
    local = pd.to_datetime(["2024-03-01"]).tz_localize("Europe/Paris")
    keys = spine_keys(tables, pd.DataFrame({"customer_id": [1], "as_of": local}))
    assert tables.execute(keys.table)["as_of"].tolist() == [pd.Timestamp("2024-02-29 23:00")]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"customer": [1], "as_of": AS_OFS[:1]}, "did you mean 'customer'"),
        ({"customer_id": [1], "as_of": ["2024-01-01"]}, "expected instants"),
        ({"customer_id": [1, 2], "as_of": [AS_OFS[0], pd.NaT]}, "1 are null"),
        ({"customer_id": ["1"], "as_of": AS_OFS[:1]}, "expected numbers as in customers, got text"),
        ({"customer_id": [1.5], "as_of": AS_OFS[:1]}, "got some that are not whole"),
        ({"customer_id": [float("inf")], "as_of": AS_OFS[:1]}, "got some that are not whole"),
        ({"customer_id": [True], "as_of": AS_OFS[:1]}, "expected numbers as in customers, got bool"),
        ({"customer_id": [b"1"], "as_of": AS_OFS[:1]}, "expected numbers as in customers, got binary"),
        ({"customer_id": AS_OFS[:1], "as_of": AS_OFS[:1]}, "expected numbers as in customers, got timestamp"),
        ({"customer_id": [1, "a"], "as_of": AS_OFS}, "expected numbers as in customers, got a mixture"),
        ({"customer_id": [[1], [2]], "as_of": AS_OFS}, "expected numbers as in customers, got a mixture"),
        ({"customer_id": [2**70, 1], "as_of": AS_OFS}, "expected numbers as in customers, got a mixture"),
        ({"customer_id": [1], "as_of": pd.Categorical(AS_OFS[:1])}, "expected instants"),
        ({0: [1], 1: AS_OFS[:1]}, "expected columns customer_id and as_of once each, got 0, 1"),
        ({}, "expected columns customer_id and as_of once each, got none"),
    ],
)
def test_a_malformed_spine_says_what_is_wrong(tables, columns, message):
    with pytest.raises(DataError, match=message):
        spine_keys(tables, pd.DataFrame(columns))


def test_what_is_no_frame_or_names_a_column_twice_is_refused(tables):
    spine = pd.DataFrame({"customer_id": [1], "as_of": AS_OFS[:1]})
    for wrong in ([1], None, spine["as_of"]):
        with pytest.raises(DataError, match="spine: expected a pandas DataFrame, got"):
            spine_keys(tables, wrong)
    with pytest.raises(DataError, match="once each, got customer_id, as_of, as_of"):
        spine_keys(tables, pd.concat([spine, spine["as_of"]], axis=1))


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series([0, 1, None], dtype=object),
        pd.Series([0, 1, None]),
        pd.Categorical([0, 1, None]),
        pd.array([0, 1, None], dtype="Int64"),
        pd.Series([Decimal(0), Decimal(1), None], dtype=object),
        np.array([0, 1, 2**62]),
    ],
)
def test_identifiers_of_any_number_type_find_their_customers(tables, ids):
    spine = pd.DataFrame({"customer_id": ids, "as_of": AS_OFS[0]}).set_axis([7, 7, 7])
    found = build_features(tables, spine, ["tenure_days"])
    assert found.index.tolist() == [7, 7, 7]
    assert found["tenure_days"].fillna(-1).tolist() == [274.0, 61.0, -1.0]


@pytest.mark.parametrize(
    ("kinds", "subscriptions", "expected"),
    [
        (("auto",), True, True),
        (("auto",), False, False),
        (("noncontractual",), True, False),
        (("contractual", "noncontractual"), False, True),
        (("auto", "noncontractual"), True, True),
    ],
)
def test_a_business_is_contractual_by_its_lines(tables_of, kinds, subscriptions, expected):
    lines = {f"line{n}": {"kind": kind} for n, kind in enumerate(kinds)}
    rows = {"subscriptions": []} if subscriptions else {}
    assert is_contractual(tables_of(rows, lines=lines)) is expected
