"""The track: 0 and every known value stand on it, in order, and nothing unknown does."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.scoring.pages.drawings import Scale, ticks


def test_values_keep_their_order_and_zero_is_always_there():
    scale = Scale.over([3.0, 9.0, np.nan])
    assert 0 < scale.at(0) < scale.at(3) < scale.at(9) < 100
    assert scale.at(6) == pytest.approx((scale.at(3) + scale.at(9)) / 2)
    assert scale.known(np.nan) is None
    assert Scale.over([np.nan]) is None


def test_an_axis_has_as_many_round_values_as_it_can_hold():
    assert ticks(0, 23_000, most=4) == [0, 10_000, 20_000]
    assert len(ticks(0, 1, most=4)) <= 6
