"""The win-back offer: an action for customers whose subscription ended, in worlds that are set to have one."""

from __future__ import annotations

import numpy as np

from ..core.arrays import Bools, Floats
from .action_rules import RULES, SIGHTS, chosen
from .actions import ActionRule, Offer, View
from .settings import WorldConfig
from .state import Draw, sigmoid
from .win_back_settings import WinBackSettings

__all__ = ["WIN_BACK", "draw_count", "rules_of"]


def rules_of(config: WorldConfig) -> tuple[ActionRule, ...]:
    """Return the actions of a world, in the order of their day in the month."""
    return RULES if config.win_back is None else (*RULES, WIN_BACK)


def draw_count(config: WorldConfig) -> int:
    """Return how many uniforms a customer-month takes; those of the win-back offer come last."""
    return int(Draw.COUNT) if config.win_back is None else WIN_BACK.draws[2] + 1


def _settings(config: WorldConfig) -> WinBackSettings:
    return config.win_back or WinBackSettings()


def _anyone(view: View) -> Bools:
    return np.ones(len(view.rows), dtype=bool)


def _choice(view: View) -> Floats:
    settings = _settings(view.setting.config)
    return chosen(view, settings.logit, settings.sees)


def _success(offer: Offer) -> Floats:
    settings = _settings(offer.setting.config)
    logit = (
        settings.accept
        + settings.accept_loyalty * offer.state.loyalty[offer.rows]
        + settings.accept_recent * SIGHTS["ended_90d"](offer)
    )
    return offer.treated * sigmoid(logit)


def _effect(offer: Offer) -> None:
    """Let who accepts start again at this month's billing, as who comes back by himself does."""
    offer.state.pause_left[offer.rows[offer.success]] = 1


WIN_BACK = ActionRule(
    name="win_back",
    slot=6,
    possible=_anyone,
    choice=_choice,
    treated_share=lambda config: _settings(config).treated_share,
    costs=lambda config: (_settings(config).cost, _settings(config).cost_accepted),
    success=_success,
    effect=_effect,
    first_month=lambda config: _settings(config).first_month,
    accepted=True,
    lapsed=True,
)
"""Decided after every other action of the month, and before its contacts."""
