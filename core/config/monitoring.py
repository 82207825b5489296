"""What is watched and how often an alarm may be false: the section ``monitor:``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from .section import Days, Section, Share, Unit, repeated

__all__ = ["MonitorConfig", "Watched"]

Watched = Literal["inputs", "drift", "accuracy", "outcomes", "effects", "indicators"]
"""What `servicelift monitor` watches."""


class MonitorConfig(Section):
    """What `servicelift monitor` watches, and how often it may ring for nothing."""

    false_alarms_a_year: Annotated[float, Field(gt=0, le=366), Unit("alarms a year")] = 2.0
    """Most alarms a year that are to be expected while nothing changes, over all measures together."""

    measures: Annotated[tuple[Watched, ...], Field(min_length=1)] = (
        "inputs",
        "drift",
        "accuracy",
        "outcomes",
        "effects",
    )
    """What is watched: tables as they come in, drift of features and scores, accuracy expected before labels, outcomes
    against past scores, effects of past lists; `indicators`, if named, the latest known month of each service indicator
    against the twelve before. They share the false alarms evenly."""

    look_back_days: Days = 730
    """How far past nights are looked at."""

    sample: Annotated[int, Field(ge=100, le=10_000_000), Unit("customers")] = 20_000
    """Most customers of a night by whom drift and outcomes are judged; always the same ones, by a hash."""

    calibration_tolerance: Share = 0.05
    """Share by which churn rates may differ from the probabilities and count as right."""

    value_tolerance: Share = 0.1
    """Share by which realised value may differ from the value foreseen and count as right."""

    least_psi: Annotated[float, Field(ge=0, le=10), Unit("PSI")] = 0.2
    """Population stability index from which on a shift may ring, beside being beyond chance."""

    @field_validator("measures")
    @classmethod
    def _each_once(cls, value: tuple[Watched, ...]) -> tuple[Watched, ...]:
        twice = repeated(value)
        if twice is not None:
            raise ValueError(f"expected each once, got '{twice}' twice; keep one")
        return value
