"""What a contrast is and whether its effect is shown, in words."""

from __future__ import annotations

from ...core.config.business import Config
from ...core.config.contrasts import ContrastConfig
from ...models.effects.inference import EffectEstimate
from ...models.refutation.verdict import Verdict

__all__ = ["contrast_sentence", "exposure_in_words", "is_shown", "shown_or_not"]


def is_shown(said: Verdict) -> bool:
    """Return whether a contrast's effect is shown: apart from 0 by the rule that holds an action's against its cost.

    That rule counts how many contrasts are judged together, and how strong a hidden cause would have to be.
    """
    return said.verdict != "not proven"


def shown_or_not(said: Verdict) -> str:
    """Return the verdict on a contrast: nothing was spent that could be compared with its effect."""
    return "effect shown" if is_shown(said) else "effect not shown"


def exposure_in_words(contrast: ContrastConfig) -> tuple[str, str]:
    """Return what happened to the treated of a contrast, and what it is compared with."""
    origin = " or ".join(contrast.origin) or "another method"
    return {
        "payment_method": (
            f"Moving from {origin} to {contrast.to}",
            "customers like them who paid as they had, and did not move at that moment",
        ),
        "answered_within": (
            f"A first answer within {contrast.hours:g} hours",
            "similar contacts answered later",
        ),
        "resolved_at_first_contact": (
            f"A first contact that solved the matter, with none after it within {contrast.days or 7} days,",
            "similar contacts that did not",
        ),
        "contact_in_first_month": (
            f"A contact within {contrast.days or 30} days of signing up",
            "similar new customers without one",
        ),
        "agent_training": (
            "An agent trained before the contact",
            "similar contacts of the same months with agents not trained yet, who had solved as much before",
        ),
    }[contrast.exposure]


def contrast_sentence(config: Config, name: str, effect: EffectEstimate, naive: float, said: Verdict) -> str:
    """Return what a contrast changed, compared with whom, and whether that is shown, in plain words."""
    what, others = exposure_in_words(config.incremental.contrasts[name])
    months, currency = config.value.horizon_months, config.currency
    # The rule speaks of costs and actions; a contrast is held against 0.
    reasons = (r.replace("the cost of 0.00", "0").replace("actions judged", "contrasts judged") for r in said.reasons)
    shown = "The effect is shown" if is_shown(said) else f"The effect is not shown: {'; '.join(reasons)}"
    return (
        f"{what} changed a customer's value over {months} months by {effect.estimate:,.2f} {currency} (95% interval"
        f" {effect.low:,.2f} to {effect.high:,.2f}) compared with {others} (observational). {shown}. The plain"
        f" difference, {naive:,.2f}, mixes the effect with who they are."
    )
