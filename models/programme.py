"""The programme against none: from natural-course effects to effects with every later action set to none.

An effect on the natural course counts what the action changes in later actions: a customer kept today is offered
more tomorrow. Summed over repeated treatments those later actions count again. A structural nested mean model with one
constant blip an action (Robins 1994, "Correcting for non-compliance in randomized trials using structural nested mean
models"; Vansteelandt & Joffe 2014, "Structural nested models and G-estimation") separates them. With blip_b the
value of one decision of b when nothing follows, and D[a, b] what a decision of a adds to the discounted count of later
decisions of b,

    tau_a = blip_a + sum_b D[a, b] blip_b,   so   blip = (I + D)^-1 tau.

Limits: a blip does not change with the customer, the time or earlier actions; later decisions are counted over the
follow-up only; a later decision's value is taken whole although part of it falls beyond the horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..core.errors import ModelError
from .aipw import AverageEffect
from .design import Floats
from .inference import EffectEstimate

__all__ = ["EstimatedAction", "blip_effects", "later_decisions", "programme_effects"]


class EstimatedAction(Protocol):
    """An action with its natural-course effect and the cross-fitted estimator behind it."""

    @property
    def effect(self) -> EffectEstimate:
        """Natural-course effect on the treated."""

    @property
    def fitted(self) -> AverageEffect:
        """Estimator on the action's decisions."""


def blip_effects(natural: ArrayLike, later: ArrayLike) -> Floats:
    """Return the blip of each action, (..., k), solving (I + D) blip = tau.

    Parameters
    ----------
    natural
        Natural-course effects tau, (..., k); leading axes are bootstrap draws.
    later
        D, (..., k, k): row a, column b, what a decision of a adds to the discounted count of later decisions of b.

    Raises
    ------
    ModelError
        Shapes do not fit, or actions call each other forth so strongly that they cannot be told apart.
    """
    tau, d = np.asarray(natural, dtype=float), np.asarray(later, dtype=float)
    k = tau.shape[-1] if tau.ndim else 0
    if d.shape != (*tau.shape, k) or k == 0:
        raise ModelError(f"expected k effects and a k x k matrix for each, got shapes {tau.shape} and {d.shape}")
    system = np.eye(k) + d
    if not np.isfinite(system).all() or np.linalg.cond(system).max() > 1e4:
        raise ModelError("later actions follow each other so closely that their effects cannot be told apart")
    return np.asarray(np.linalg.solve(system, tau[..., None])[..., 0])


def later_decisions(effect: AverageEffect, later: pd.DataFrame, actions: list[str]) -> Floats:
    """Return what one decision adds to the discounted count of later decisions of each of ``actions``, (k,).

    Estimated like the effect itself, on the treated; 0 for an action that never follows.

    Parameters
    ----------
    effect
        Fitted on the n decisions of one action.
    later
        Discounted counts of later decisions, one row a decision, one column an action.
    """
    row = np.zeros(len(actions))
    for position, action in enumerate(actions):
        if action in later and later[action].to_numpy(dtype=float).any():
            row[position] = effect.with_outcome(later[action].to_numpy(dtype=float), quick=True).estimate()
    return row


def programme_effects(effects: Mapping[str, EstimatedAction], later: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Return the effect of one decision with all later actions set to none, by action.

    Parameters
    ----------
    effects
        Natural-course effects by action.
    later
        For each action the discounted counts of later decisions, rows as in its estimator, columns actions.
        Later decisions of actions without an effect of their own cannot be taken out, and stay in.
    """
    actions = list(effects)
    if not actions:
        return {}
    matrix = np.vstack([later_decisions(effects[a].fitted, later[a], actions) for a in actions])
    blips = blip_effects([effects[a].effect.estimate for a in actions], matrix)
    return dict(zip(actions, blips.tolist(), strict=True))
