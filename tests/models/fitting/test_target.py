from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.models.fitting.target import read_target


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 0, 0], "no churner to learn from: all 3 rows are of one class, 0"),
        ([False, False], "no churner to learn from"),
        ([1, 1], "no stayer to learn from: all 2 rows are of one class, 1"),
        ([True, True, True], "no stayer to learn from"),
        ([2.0, 2.0], "no stayer to learn from"),
        (["left", "left"], "no second class to learn from"),
    ],
)
def test_who_is_missing_is_named(labels, expected):
    with pytest.raises(DataError) as error:
        read_target(labels, None, len(labels))
    assert expected in str(error.value)


def test_a_class_without_weight_is_no_class():
    with pytest.raises(DataError, match="no stayer"):
        read_target([0, 1, 1], np.array([0.0, 1.0, 1.0]), 3)
    target = read_target([0, 1, 2], np.array([0.0, 1.0, 1.0]), 3)
    assert target.classes.tolist() == [1, 2]
