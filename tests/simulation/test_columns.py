"""The recorder's tools: columns that grow, identifiers that sort, instants and labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.simulation.columns import Columns, identifiers, instants, labels


def test_columns_keep_every_row_in_the_order_of_adding():
    columns = Columns("day", "who")
    assert columns.frame().shape == (0, 2)
    assert columns.add(day=1.5, who=np.array([3, 1])).tolist() == [0, 1]
    assert columns.add(day=np.array([2.0, 2.5, 3.0]), who=7).tolist() == [2, 3, 4]
    assert columns.length == 5
    assert columns.frame().to_dict("list") == {"day": [1.5, 1.5, 2.0, 2.5, 3.0], "who": [3, 1, 7, 7, 7]}


def test_what_was_added_does_not_change_with_the_array_it_came_from():
    columns, days = Columns("day"), np.array([1.0, 2.0])
    columns.add(day=days)
    days[:] = 9.0
    assert columns.column("day").tolist() == [1.0, 2.0]


def test_a_batch_without_a_column_is_refused():
    with pytest.raises(KeyError, match="who"):
        Columns("day", "who").add(day=np.array([1.0]))


def test_identifiers_sort_as_their_numbers_and_none_is_missing():
    named = identifiers("C", np.array([0, 8, 99, -1]), 100)
    assert named.tolist()[:3] == ["C001", "C009", "C100"]
    assert named.isna().tolist() == [False, False, False, True]
    assert named[:3].is_monotonic_increasing


def test_days_become_instants_to_the_second():
    made = instants(np.array([0.0, 1.25, 31 + 1 / 86_400, np.nan]))
    assert made.dtype == np.dtype("datetime64[us]")
    assert pd.DatetimeIndex(made[:3]).tolist() == [
        pd.Timestamp("2022-01-01"),
        pd.Timestamp("2022-01-02 06:00"),
        pd.Timestamp("2022-02-01 00:00:01"),
    ]
    assert np.isnat(made[3])


def test_labels_have_the_shape_of_their_codes():
    assert labels(["a", None, "b"], np.array([[2, 0], [1, 2]])).tolist() == [["b", "a"], [None, "b"]]
