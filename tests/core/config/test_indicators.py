"""The section ``indicators:``: its defaults, and what it refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from servicelift.core.config.indicators import IndicatorsConfig


def test_defaults_are_those_of_the_trade():
    config = IndicatorsConfig()
    assert (config.fcr_days, config.service_level.formula, config.ces_version) == (7, "late_abandoned", "2.0")
    assert (config.agents.show, config.agents.least) == (False, 50)


@pytest.mark.parametrize(
    "broken",
    [
        {"fcr_days": 0},
        {"service_level": {"formula": "best"}},
        {"by": ["shoe_size"]},
        {"agents": {"least": 1}},
        {"target": {"csat": 0.9}},
    ],
)
def test_what_cannot_be_is_refused(broken):
    with pytest.raises(ValidationError):
        IndicatorsConfig.model_validate(broken)
