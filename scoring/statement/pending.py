"""One estimate of a statement, as a piece of work for a process of its own.

What such a process has to import is here and no more: neither tables nor features, which take seconds to load.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...core.errors import ServiceliftError
from ...core.messages import Message
from ...core.records import RowKind, StudyDesign, TrialData
from ...core.refusals import reason_of
from ...core.short_repr import ShortRepr
from ...models.actions.effect import ActionEffect, EffectSettings, estimate_action
from ...models.portfolio import ClvModel

__all__ = ["LeftOut", "Pending", "estimate_one"]


@dataclass(frozen=True)
class LeftOut:
    """An action or a contrast that could not be estimated: its name, under which design, of which initiative, and why.

    ``reason`` is one of :data:`~servicelift.core.refusals.REFUSALS` with its figures.

    ``design`` None: under none; ``initiative`` None: of none, or of all.
    """

    name: str
    design: StudyDesign | None
    reason: Message
    initiative: str | None = None


@dataclass(frozen=True)
class Pending(ShortRepr):
    """An estimate to be made: what it is of, its decisions and how they are estimated."""

    kind: RowKind
    initiative: str | None
    headline: bool
    trial: TrialData
    settings: EffectSettings

    @property
    def stage(self) -> str:
        """What is said when it begins."""
        if self.kind == RowKind.CONTRAST:
            return f"contrast: {self.trial.action}"
        of = f" of {self.initiative}" if self.initiative else ""
        return f"effect: {self.trial.action} ({self.trial.design}){of}"


def estimate_one(clv: ClvModel, one: Pending) -> ActionEffect | LeftOut:
    """Return the effect, or why there is none: a piece of work for a process of its own."""
    decomposition = one.headline or one.kind == RowKind.CONTRAST
    try:
        return estimate_action(one.trial, clv, one.settings, decomposition=decomposition)
    except ServiceliftError as error:
        design = None if one.kind == RowKind.CONTRAST else StudyDesign(one.trial.design)
        return LeftOut(one.trial.action, design, reason_of(error), one.initiative)
