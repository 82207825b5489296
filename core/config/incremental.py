"""The section ``incremental:`` of a configuration: actions, capacities, holdout, and how effects are estimated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ..errors import did_you_mean
from .contrasts import ContrastConfig
from .sources import Money, Section, Share

__all__ = ["ActionConfig", "CapacitiesConfig", "HoldoutConfig", "IncrementalConfig"]

Count = Annotated[int, Field(ge=0)]


class HoldoutConfig(Section):
    """Share of recommended customers left alone at random, by a salted hash of the customer."""

    share: Share = 0.1
    salt: str = "servicelift"


class ActionConfig(Section):
    """One service action: its unit cost, how it is assigned, and who can get it.

    ``eligible`` is a condition on feature columns known before the decision, such as
    ``method != 'iban'``; it is added to the common rule (running, contactable, outside the cool-down).
    ``cluster`` names what was assigned where it is not the customer. ``capacity`` is the most customers a list
    may name; ``team`` and ``channel`` say whose capacity under ``capacities`` the action takes as well.
    """

    cost: Money = 0.0
    cost_if_accepted: Money = 0.0
    assignment: Literal["random", "chosen", "mixed"] = "chosen"
    eligible: str | None = None
    capacity: int | None = Field(None, ge=0)
    team: str | None = None
    channel: str | None = None
    cluster: Literal["customer", "agent"] = "customer"


class CapacitiesConfig(Section):
    """Most customers a list may name for each team and each channel, over all actions it carries out."""

    team: dict[str, Count] = Field(default_factory=dict)
    channel: dict[str, Count] = Field(default_factory=dict)


class IncrementalConfig(Section):
    """How incremental CLV is estimated and acted upon: the trials, the actions, the holdout."""

    follow_up_days: int = Field(180, gt=0)
    cool_down_days: int = Field(30, ge=0)
    holdout: HoldoutConfig = HoldoutConfig()
    actions: dict[str, ActionConfig] = Field(default_factory=dict)
    capacities: CapacitiesConfig = CapacitiesConfig()
    contrasts: dict[str, ContrastConfig] = Field(default_factory=dict)
    cross_fits: int = Field(5, ge=1)
    folds: int = Field(5, ge=2)
    bootstrap: int = Field(40, ge=10)
    controls_per_treated: float = Field(3.0, gt=0)

    @model_validator(mode="after")
    def _capacities_are_of_somebody(self) -> IncrementalConfig:
        for kind in ("team", "channel"):
            known = sorted({name for a in self.actions.values() if (name := getattr(a, kind)) is not None})
            for name in getattr(self.capacities, kind):
                if name not in known:
                    raise ValueError(f"capacities.{kind}: no action has {kind} '{name}'{did_you_mean(name, known)}")
        return self
