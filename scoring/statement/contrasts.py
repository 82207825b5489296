"""Contrasts: whether an effect of something that nobody decided is shown, and what the contrast compares."""

from __future__ import annotations

from enum import StrEnum

from ...core.config.contrasts import ContrastConfig
from ...core.messages import Message
from ...models.refutation.verdict import Ruling, Verdict

__all__ = ["ContrastRuling", "exposure_of", "ruling_of"]


class ContrastRuling(StrEnum):
    """What may be said of a contrast: nothing was spent that could be compared with its effect."""

    SHOWN = "effect shown"
    NOT_SHOWN = "effect not shown"


def ruling_of(verdict: Verdict) -> ContrastRuling:
    """Return whether a contrast's effect is shown: apart from 0 by the rule that holds an action's against its cost.

    That rule counts how many contrasts are judged together, and how strong a hidden cause would have to be.
    """
    return ContrastRuling.NOT_SHOWN if verdict.verdict == Ruling.NOT_PROVEN else ContrastRuling.SHOWN


def exposure_of(contrast: ContrastConfig) -> Message:
    """Return what happened to the treated of a contrast, with its figures."""
    figures: dict[str, dict[str, object]] = {
        "payment_method": {"origin": contrast.origin, "to": contrast.to},
        "answered_within": {"hours": contrast.hours},
        "resolved_at_first_contact": {"days": contrast.days or 7},
        "contact_in_first_month": {"days": contrast.days or 30},
        "agent_training": {},
    }
    return Message(contrast.exposure, figures[contrast.exposure])
