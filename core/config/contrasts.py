"""Contrasts: what a business wants to know of things that are no action with an arm."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from ..contract import METHODS
from .section import Days, Section, Unit, each_once

__all__ = ["ContrastConfig", "Exposure"]

Exposure = Literal[
    "payment_method", "answered_within", "resolved_at_first_contact", "contact_in_first_month", "agent_training"
]
"""What the treated of a contrast have in common, and its controls have not."""

_OWN: dict[str, tuple[str, ...]] = {
    "payment_method": ("origin", "to", "lead_days"),
    "answered_within": ("hours",),
    "resolved_at_first_contact": ("days",),
    "contact_in_first_month": ("days",),
    "agent_training": (),
}


class ContrastConfig(Section):
    """One contrast: treated are the customers to whom the exposure happened, controls those like them to whom not."""

    exposure: Exposure
    """What happened to the treated: a move between payment methods; a first answer within `hours`; a contact solved
    within `days` with no other on its reason; a contact within `days` of sign-up; a contact with a trained agent."""

    origin: Annotated[tuple[str, ...], AfterValidator(each_once)] = Field((), alias="from")
    """Payment methods that the move leaves; by default any other."""

    to: str = "iban"
    """Payment method that the move leads to."""

    lead_days: Annotated[int, Field(ge=0, le=36_525), Unit("days")] = 2
    """What happened in this time before the move, such as a proposal, belongs to it."""

    hours: Annotated[float, Field(gt=0, le=100_000), Unit("hours")] = 2.0
    """Within which the first answer came (`answered_within`)."""

    days: Days | None = None
    """Within which a contact was solved (7), or came after sign-up (30)."""

    eligible: str | None = None
    """Condition on features known before the exposure, as for actions."""

    most_units: Annotated[int, Field(ge=100, le=10**12), Unit("moments")] = 20_000
    """Most moments that are looked at; beyond, customers are left out at random."""

    @property
    def cluster(self) -> Literal["customer", "agent"]:
        """What is exposed: agents are what training is given to."""
        return "agent" if self.exposure == "agent_training" else "customer"

    @field_validator("origin", "to")
    @classmethod
    def _methods_of_the_contract(cls, value: tuple[str, ...] | str) -> tuple[str, ...] | str:
        for name in (value,) if isinstance(value, str) else value:
            if name not in METHODS:
                raise ValueError(f"expected payment methods among {', '.join(METHODS)}, got '{name}'")
        return value

    @model_validator(mode="after")
    def _parameters_of_its_exposure(self) -> ContrastConfig:
        foreign = {name for names in _OWN.values() for name in names} - set(_OWN[self.exposure])
        for name in sorted(foreign & self.model_fields_set):
            shown = {"origin": "from"}.get(name, name)
            raise ValueError(f"{shown}: the exposure {self.exposure} has none; leave it out")
        if self.to in self.origin:
            raise ValueError(f"from: expected other methods than '{self.to}', which the move leads to")
        return self
