"""The programme against none: from natural-course effects to effects with every later action set to none.

An effect on the natural course counts what the action changes in later actions: a customer kept today is offered more
tomorrow, one who was not treated today is treated next month instead. Summed over repeated treatments those later
actions count twice, or too little. A structural nested mean model with one blip an action (Robins 1994, "Correcting
for non-compliance in randomized trials using structural nested mean models"; Vansteelandt & Joffe 2014, "Structural
nested models and G-estimation") separates them. With blip_b the value of one decision of b when nothing follows,
cost_b what the decision itself costs (it is inside the value of whoever gets it later), and D[a, b] what a decision
of a adds to the discounted count of later decisions of b,

    tau_a = blip_a + sum_b D[a, b] (blip_b - cost_b),   so   (I + D) blip = tau + D cost.

It is the system of dynamic double machine learning (:mod:`.dynamic`) with periods alike: there tau and D come from
regressions of residuals, here from AIPW. D is observed over the follow-up; beyond it, counts are predicted from the
customer's state then.

Limits: a blip does not change with the customer, the time or earlier actions; a later decision's value is taken whole
although part of it falls beyond the horizon; beyond the follow-up decisions come at one rate to whoever is still there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.records import TrialData
from ..effects.average import AverageEffect
from ..effects.bootstrap import bootstrap_weights
from ..effects.inference import EffectEstimate
from ..portfolio import ClvModel

__all__ = ["EstimatedAction", "ProgrammeEffect", "blip_effects", "later_over_horizon", "programme_effects"]


class EstimatedAction(Protocol):
    """An action with its natural-course effect and what is behind it."""

    @property
    def effect(self) -> EffectEstimate:
        """Natural-course effect on the treated."""

    @property
    def fitted(self) -> AverageEffect:
        """Estimator on the action's decisions."""

    @property
    def bootstrap_outcomes(self) -> Sequence[Floats]:
        """Outcome of each decision by each of the CLV model's bootstrap models."""


@dataclass(frozen=True)
class ProgrammeEffect:
    """Effect of one decision with all later actions set to none, with its interval, in units of the outcome."""

    estimate: float
    low: float
    high: float


def blip_effects(natural: ArrayLike, later: ArrayLike, costs: ArrayLike | None = None) -> Floats:
    """Return the blip of each action, (..., k), solving (I + D) blip = tau + D cost.

    Parameters
    ----------
    natural
        Natural-course effects tau, (..., k); leading axes are bootstrap draws.
    later
        D, (..., k, k): row a, column b, what a decision of a adds to the discounted count of later decisions of b.
    costs
        Cost of a later decision of each action that its outcome already bears, (k,); none by default.

    Raises
    ------
    ModelError
        Shapes do not fit, or actions call each other forth so strongly that they cannot be told apart.
    """
    tau, d = np.asarray(natural, dtype=float), np.asarray(later, dtype=float)
    k = tau.shape[-1] if tau.ndim else 0
    c = np.zeros(k) if costs is None else np.asarray(costs, dtype=float)
    if d.shape != (*tau.shape, k) or k == 0 or c.shape != (k,):
        raise ModelError(f"expected k effects and a k x k matrix for each, got shapes {tau.shape} and {d.shape}")
    system = np.eye(k) + d
    if not np.isfinite(system).all() or np.linalg.cond(system).max() > 1e4:
        raise ModelError("later actions follow each other so closely that their effects cannot be told apart")
    return np.asarray(np.linalg.solve(system, (tau + d @ c)[..., None])[..., 0])


def later_over_horizon(trial: TrialData, clv: ClvModel, *, annual_discount_rate: float) -> pd.DataFrame:
    """Return the discounted count of later decisions over the whole horizon, one row a decision, one column an action.

    Over the follow-up they are counted. Beyond it they come at the mean rate of the follow-up to whoever is still
    there: the count falls as the value that the CLV model expects of him falls, and is nil for whoever has left.

    Parameters
    ----------
    trial
        The decisions.
    clv
        What the customers are expected to bring after the follow-up.
    annual_discount_rate
        Discounts counts as it does money.
    """
    horizon = clv.horizon(trial.follow_up_days, annual_discount_rate)
    months = (horizon.remaining_months, horizon.follow_up_months)
    future, next_one = clv.final.predict_horizons(trial.state, months=months).T
    lasting = np.clip(future / np.maximum(next_one, 1e-9), 0.0, months[0] / months[1])
    if trial.state.contract is not None:
        lasting = lasting * trial.state.contract.running
    beyond = horizon.discount_at_follow_up * lasting
    counts: pd.DataFrame = trial.later.astype(float)
    indirect = beyond[:, None] * counts.mean().to_numpy()[None, :]
    return counts.add(indirect)


def programme_effects(
    effects: Mapping[str, EstimatedAction],
    later: Mapping[str, pd.DataFrame],
    *,
    costs: Mapping[str, float],
    seed: int,
    level: float = 0.95,
) -> dict[str, ProgrammeEffect]:
    """Return the effect of one decision with all later actions set to none, by action.

    The interval is that of the natural-course effect, scaled by how much more (or less) the blip moves than the
    effect over the same bootstrap draws: what both share is known better from the effect's own error.

    Parameters
    ----------
    effects
        Natural-course effects by action.
    later
        For each action the discounted counts of later decisions, rows as in its estimator, columns actions.
        Later decisions of actions without an effect of their own cannot be taken out, and stay in.
    costs
        What a decision of each action costs, inside the value of whoever gets it later.
    seed
        Seed of the CLV model's bootstrap weights.
    level
        Coverage of the intervals.

    Raises
    ------
    ModelError
        Actions follow each other so closely that their effects cannot be told apart.
    """
    actions = list(effects)
    if not actions:
        return {}
    cost = [costs[a] for a in actions]
    counts = {a: _later_effects(effects[a].fitted, later[a], actions) for a in actions}
    blips = blip_effects(
        [effects[a].effect.estimate for a in actions],
        np.array([[0.0 if f is None else f.estimate() for f in counts[a]] for a in actions]),
        cost,
    )
    draws = min(len(effects[a].bootstrap_outcomes) for a in actions)
    tau, d = np.zeros((draws, len(actions))), np.zeros((draws, len(actions), len(actions)))
    for row, a in enumerate(actions):
        fitted = effects[a].fitted
        for draw in range(draws):
            weight = bootstrap_weights(fitted.groups_, draw=draw, seed=seed, clusters=fitted.clusters_)
            tau[draw, row] = fitted.estimate(effects[a].bootstrap_outcomes[draw], fitted.sample_weight_ * weight)
            for column, f in enumerate(counts[a]):
                d[draw, row, column] = 0.0 if f is None else f.estimate(None, f.sample_weight_ * weight)
    moved = blip_effects(tau, d, cost).std(axis=0)
    by_action = {}
    for at, a in enumerate(actions):
        effect, spread = effects[a].effect, float(tau[:, at].std())
        error = effect.std_error * float(moved[at]) / spread if spread > 0 else float(moved[at])
        half = float(stats.t.ppf((1 + level) / 2, effect.dof)) * error
        by_action[a] = ProgrammeEffect(float(blips[at]), float(blips[at]) - half, float(blips[at]) + half)
    return by_action


def _later_effects(effect: AverageEffect, later: pd.DataFrame, actions: list[str]) -> list[AverageEffect | None]:
    """Return the effect of one decision on the count of later ones of each action; None where none ever follows."""
    return [
        effect.with_outcome(later[action].to_numpy(dtype=float), quick=True)
        if action in later and later[action].to_numpy(dtype=float).any()
        else None
        for action in actions
    ]
