"""A horizon by hand: two years of which one is followed up, at 25 per cent a year."""

import pytest
from servicelift.core.money import Horizon


def test_a_horizon_knows_what_is_left_and_what_it_is_worth():
    horizon = Horizon(follow_up_days=365.25, horizon_months=24, annual_discount_rate=0.25)
    assert horizon.follow_up_months == 12
    assert horizon.remaining_months == 12
    assert horizon.discount_at_follow_up == 0.8


def test_without_discount_or_follow_up_nothing_is_taken_off():
    assert Horizon(90, 24, 0.0).discount_at_follow_up == 1
    assert Horizon(0, 24, 0.25).discount_at_follow_up == 1
    assert Horizon(0, 24, 0.25).remaining_months == 24
    assert Horizon(30.4375, 24, 0.25).remaining_months == pytest.approx(23)
