"""Contrasts: what a business wants to know of things that are no action with an arm."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from ..contract import METHODS
from .sources import Section

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
    """One contrast: treated are the customers to whom ``exposure`` happened, controls those like them to whom not.

    ``payment_method``: a move ``from`` some methods (default any other) ``to`` one; what happened in the ``lead_days``
    before it, such as a proposal, belongs to the move. ``answered_within``: a contact's first answer within ``hours``.
    ``resolved_at_first_contact``: solved within ``days`` (7), and no other contact on its reason in that time.
    ``contact_in_first_month``: a contact within ``days`` (30) of sign-up. ``agent_training``: the contact's agent was
    trained before it.

    ``eligible`` is a condition on features known before the exposure, as for actions; ``most_units`` bounds the
    customers' moments that are looked at.
    """

    exposure: Exposure
    origin: tuple[str, ...] = Field((), alias="from")
    to: str = "iban"
    lead_days: int = Field(2, ge=0)
    hours: float = Field(2.0, gt=0)
    days: int | None = Field(None, gt=0)
    eligible: str | None = None
    most_units: int = Field(20_000, ge=100)

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
