"""The duration of an experiment, by hand."""

from __future__ import annotations

from servicelift.scoring.experiments.plan import _Volume


def test_duration_by_hand():
    """500 wait and 40 come each month: 700 are decided upon when 540 + 160 have come, in the sixth month."""
    volume = _Volume(500, 40.0)
    assert volume.months_for(700, float("inf")) == 6
    assert volume.within(6, float("inf")) == 700
    assert volume.months_for(500, 100) == 5
    assert volume.months_for(10**6, float("inf")) is None
