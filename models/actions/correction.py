"""Effects of several actions corrected by what mature decisions show: see :mod:`..effects.rectified`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...core.records import TrialData
from ...core.time import DAYS_PER_MONTH
from ..effects.rectified import Rectification, forecast_spread
from ..effects.surrogate import SurrogateCheck
from .decomposition import Decomposition
from .effect import ActionEffect

__all__ = ["binding_check", "corrected", "spread_of"]

_FEWEST = 3
"""Checks before their spread is believed."""


def spread_of(checks: Sequence[SurrogateCheck | None]) -> float:
    """Return the spread of forecasts' errors that the checks of several actions show; 0 of fewer than three."""
    known = [check for check in checks if check is not None]
    return forecast_spread(known) if len(known) >= _FEWEST else 0.0


def corrected(effects: Sequence[ActionEffect], trials: Sequence[TrialData]) -> list[ActionEffect]:
    """Return effects of one kind of design, each corrected by its own check with the spread that all show.

    What is added to the effect is added to its predicted part and, over the months of the window, to its course; its
    paths stay those of the surrogate. An effect without a check is left as it is.

    Parameters
    ----------
    effects, trials
        The effects as the surrogate gives them, and their decisions.
    """
    spread = spread_of([effect.surrogate_check for effect in effects])
    return [_corrected(effect, trial, spread) for effect, trial in zip(effects, trials, strict=True)]


def _corrected(effect: ActionEffect, trial: TrialData, spread: float) -> ActionEffect:
    if effect.surrogate_check is None:
        return effect
    found = Rectification(effect.effect, effect.surrogate_check, spread)
    parts = effect.decomposition
    return replace(
        effect,
        effect=found.effect,
        rectification=found,
        sensitivity=replace(effect.sensitivity, effect=found.effect),
        decomposition=None if parts is None else _course(parts, trial, found),
    )


def _course(parts: Decomposition, trial: TrialData, found: Rectification) -> Decomposition:
    """Return the predicted part and the months with the correction, which comes in evenly over the window."""
    if found.correction == 0:
        return parts
    since = (np.arange(len(parts.by_month)) * DAYS_PER_MONTH - trial.follow_up_days) / trial.beyond_days
    course = parts.by_month + found.correction * np.clip(since, 0.0, 1.0)
    course[-1] = parts.by_month[-1] + found.correction
    return replace(parts, predicted=found.added_to(parts.predicted), by_month=course)


def binding_check(effect: ActionEffect, cost: float) -> SurrogateCheck | None:
    """Return the surrogate check of an effect if its finding could move the verdict against ``cost``, else None."""
    found = effect.rectification
    if found is None:
        return effect.surrogate_check
    return found.check if found.could_move(cost) else None
