"""The section of what is watched."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from servicelift.core.config.monitoring import MonitorConfig


def test_defaults_ring_twice_a_year_for_nothing_at_most():
    config = MonitorConfig()
    assert config.false_alarms_a_year == 2
    assert config.measures == ("inputs", "drift", "accuracy", "outcomes", "effects")


@pytest.mark.parametrize(
    "broken",
    [
        {"false_alarms_a_year": 0},
        {"measures": []},
        {"measures": ["drift", "drift"]},
        {"measures": ["weather"]},
        {"sample": 10},
        {"calibration_tolerance": 1.2},
    ],
)
def test_what_is_out_of_bounds_is_refused(broken):
    with pytest.raises(ValidationError):
        MonitorConfig.model_validate(broken)
