"""Rollouts: initiatives that reached regions, sites or depots at different dates, without an arm a customer."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from .section import Count, Day, Section, Unit

__all__ = ["RolloutConfig"]


class RolloutConfig(Section):
    """One rollout: where it began when. Those not reached yet are what it is held against."""

    by: str = Field(min_length=1)
    """Column of `customers` that says to which region, site or depot a customer belongs; it stands under `static`."""

    starts: dict[str, Day] = Field(min_length=1)
    """First day in each of them, by its value in the column; one that is not named has not been reached."""

    initiative: str | None = Field(None, min_length=1)
    """Initiative whose costs (table `initiative_costs`) are what it cost; null: nobody says what it cost."""

    months_before: Annotated[Count, Field(ge=2, le=120), Unit("months")] = 12
    """Months before the first start by which it is seen whether all moved alike."""

    @field_validator("starts", mode="before")
    @classmethod
    def _values_are_texts(cls, value: object) -> object:
        """YAML reads a depot's number as a number."""
        return {str(name): day for name, day in value.items()} if isinstance(value, dict) else value
