"""Causal effects of actions: average and individual, with the checks that refute them and the verdict.

An effect is refused before it is believed: overlap, balance, a placebo, the surrogate check, the sensitivity to a
hidden confounder. :func:`judge` is the one written rule from an effect, its cost and its failed checks to a verdict.
"""

from __future__ import annotations

from .models.actions.dynamic import DynamicEffects, dynamic_effects
from .models.designs.rollout import RolloutEffect, rollout_effect
from .models.designs.threshold import ThresholdEffect, threshold_effect
from .models.effects.average import AverageEffect
from .models.effects.individual import IndividualEffect
from .models.effects.inference import EffectEstimate, difference_in_means
from .models.effects.stepped import SteppedEffect
from .models.effects.surrogate import SurrogateCheck, surrogate_check, surrogate_outcome
from .models.effects.value_at_risk import ValueAtRiskEffect
from .models.refutation.overlap import Balance, Overlap, balance, overlap, placebo
from .models.refutation.sensitivity import Sensitivity, sensitivity
from .models.refutation.stability import Stability, stability
from .models.refutation.verdict import Verdict, failed_checks, judge

__all__ = [
    "AverageEffect",
    "Balance",
    "DynamicEffects",
    "EffectEstimate",
    "IndividualEffect",
    "Overlap",
    "RolloutEffect",
    "Sensitivity",
    "Stability",
    "SteppedEffect",
    "SurrogateCheck",
    "ThresholdEffect",
    "ValueAtRiskEffect",
    "Verdict",
    "balance",
    "difference_in_means",
    "dynamic_effects",
    "failed_checks",
    "judge",
    "overlap",
    "placebo",
    "rollout_effect",
    "sensitivity",
    "stability",
    "surrogate_check",
    "surrogate_outcome",
    "threshold_effect",
]
