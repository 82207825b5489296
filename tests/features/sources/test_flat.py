"""One flat table: its numbers, its words, who names the customer, and why a column cannot be learnt from."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.features.sources.flat import identifier_of, numbers_of, read_flat, why_no_feature, words_of


def code(values, decimal="."):
    why = why_no_feature(numbers_of(pd.Series(values), decimal))
    return why and why.code


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["1", "2", "2"], None),
        (["a", "b", "a"], None),
        (["a", "a", "a"], "one_value"),
        ([None, None, None], "empty"),
        ([f"text {i}" for i in range(200)], "levels"),
        (list(range(200)), "own_number"),
        (["1,5", "2,5", "1,5"], "decimal_comma"),
        (["a@b.org", "c@d.org", "e@f.org"], "personal"),
    ],
)
def test_why_a_column_cannot_be_learnt_from(values, why):
    assert code(values) == why


def test_a_decimal_comma_is_read_where_it_is_said():
    assert numbers_of(pd.Series(["1,5", "2"]), ",").tolist() == [1.5, 2.0]


def test_words_keep_missing_values_and_drop_the_point_of_whole_numbers():
    words = words_of(pd.Series([1.0, None, " a "], dtype=object))
    assert words.iloc[0] == "1"
    assert words.iloc[2] == "a"
    assert pd.isna(words.iloc[1])


def test_the_customer_is_named_by_a_column_of_such_a_name_with_its_own_values():
    frame = pd.DataFrame({"arm_id": ["a", "a"], "customer_id": [1, 2], "order_id": [3, 4]})
    assert identifier_of(frame) == "customer_id"
    assert identifier_of(frame, but=("customer_id",)) == "order_id"
    assert identifier_of(frame[["arm_id"]]) is None


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match="found none"):
        read_flat(tmp_path / "absent.csv")
