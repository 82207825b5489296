"""Targeting: who gets which action under a budget, what a list is worth, and how large a trial has to be."""

from __future__ import annotations

from .models.targeting.cost_curve import Steps, cost_curves
from .models.targeting.policy import Capacity, Plan, choose_actions
from .models.targeting.power import Terms, intraclass_correlation, left_after_adjusting
from .models.targeting.rank_weighted import RankWeightedEffect, rank_weighted_effect, targeting_curve

__all__ = [
    "Capacity",
    "Plan",
    "RankWeightedEffect",
    "Steps",
    "Terms",
    "choose_actions",
    "cost_curves",
    "intraclass_correlation",
    "left_after_adjusting",
    "rank_weighted_effect",
    "targeting_curve",
]
