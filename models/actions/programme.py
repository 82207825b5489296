"""The programme against none: from natural-course effects to effects with every later action set to none.

An effect on the natural course counts what the action changes in later actions: a customer kept today is offered more
tomorrow, one who was not treated today is treated next month instead. Summed over repeated treatments those later
actions count twice, or too little. A structural nested mean model with one blip an action (Robins 1994, "Correcting
for non-compliance in randomized trials using structural nested mean models"; Vansteelandt & Joffe 2014, "Structural
nested models and G-estimation") separates them. With blip_b the value of one decision of b when nothing follows,
cost_b what the decision itself costs (it is inside the value of whoever gets it later), D[a, b] what a decision of a
adds to the discounted count of later decisions of b, and W[a, b] what it adds to their worth in blips of b,

    tau_a = blip_a + sum_b (W[a, b] blip_b - D[a, b] cost_b),   so   (I + W) blip = tau + D cost.

A blip is no constant: an action can keep only what the customer would lose. A later decision is worth less to whom an
earlier one has made safe, and less the fewer months of the horizon are left. So with R_i(m) what halving the hazards of
customer i would keep within m months, a later decision at t counts R_i(H - t) over the mean of R(H). Where nobody has a
contract it counts one.

It is the system of dynamic double machine learning (:mod:`.dynamic`) with periods alike: there tau and D come from
regressions of residuals, here from AIPW. D and W are observed over the follow-up; beyond it, they are predicted from
the customer's state then.

Limits: given what is at risk, a blip does not change with the customer; beyond the follow-up decisions come at the
usual rate of all decisions' customers to whoever is still there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.money import Horizon
from ...core.records import TrialData
from ...core.short_repr import ShortRepr
from ..effects.average import AverageEffect
from ..effects.bootstrap import bootstrap_weights
from ..effects.inference import EffectEstimate
from ..portfolio import ClvModel
from ..subscriptions.cash_flow import RunningPaths
from ..subscriptions.hazard import HazardPaths

__all__ = [
    "EstimatedAction",
    "LaterDecisions",
    "ProgrammeEffect",
    "blip_effects",
    "later_over_horizon",
    "programme_effects",
]


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


@dataclass(frozen=True)
class LaterDecisions(ShortRepr):
    """Later decisions of n customers over the whole horizon, one row a decision, one column an action.

    Parameters
    ----------
    counts
        Discounted counts.
    worth
        The same, each in units of what a decision at the start of a whole horizon is worth to the average customer.
    """

    counts: pd.DataFrame
    worth: pd.DataFrame


def blip_effects(natural: ArrayLike, later: ArrayLike, spent: ArrayLike | None = None) -> Floats:
    """Return the blip of each action, (..., k), solving (I + W) blip = tau + spent.

    Parameters
    ----------
    natural
        Natural-course effects tau, (..., k); leading axes are bootstrap draws.
    later
        W, (..., k, k): row a, column b, what a decision of a adds to the worth of later decisions of b, in blips of b.
    spent
        What a decision of each action adds to the cost of later ones that the outcome already bears, (..., k); nothing
        by default.

    Raises
    ------
    ModelError
        Shapes do not fit, or actions call each other forth so strongly that they cannot be told apart.
    """
    tau, d = np.asarray(natural, dtype=float), np.asarray(later, dtype=float)
    k = tau.shape[-1] if tau.ndim else 0
    c = np.zeros_like(tau) if spent is None else np.asarray(spent, dtype=float)
    if d.shape != (*tau.shape, k) or k == 0 or c.shape != tau.shape:
        raise ModelError(f"expected k effects and a k x k matrix for each, got shapes {tau.shape} and {d.shape}")
    system = np.eye(k) + d
    if not np.isfinite(system).all() or np.linalg.cond(system).max() > 1e4:
        raise ModelError("later actions follow each other so closely that their effects cannot be told apart")
    return np.asarray(np.linalg.solve(system, (tau + c)[..., None])[..., 0])


def later_over_horizon(
    trial: TrialData, clv: ClvModel, *, annual_discount_rate: float, usual: pd.Series | None = None
) -> LaterDecisions:
    """Return the later decisions over the whole horizon, counted and in worth.

    Over the follow-up they are counted. Beyond it they come at the usual rate to whoever is still there: the count
    falls as the value that the CLV model expects of him falls, and is nil for whoever has left.

    Parameters
    ----------
    trial
        The decisions.
    clv
        What the customers are expected to bring after the follow-up.
    annual_discount_rate
        Discounts counts as it does money.
    usual
        Decisions of each action in a follow-up, by action; by default the mean of the trial's own.
    """
    horizon = clv.horizon(trial.follow_up_days, annual_discount_rate)
    steps = _steps(horizon)
    value = clv.final.predict_horizons(trial.state, months=(horizon.follow_up_months, *steps))
    came = np.clip(
        np.diff(value[:, 1:]) / np.maximum(value[:, :1], 1e-9), 0.0, np.diff(steps) / horizon.follow_up_months
    )
    if trial.state.contract is not None:
        came = came * trial.state.contract.running[:, None]
    came *= horizon.discount_at_follow_up
    within, beyond = _worth(trial, clv, horizon, steps)
    counts: pd.DataFrame = trial.later.astype(float)
    rate = (counts.mean() if usual is None else usual[counts.columns]).to_numpy(dtype=float)[None, :]
    return LaterDecisions(
        counts.add(came.sum(axis=1)[:, None] * rate),
        counts.mul(within, axis=0).add((came * beyond).sum(axis=1)[:, None] * rate),
    )


def _steps(horizon: Horizon) -> Floats:
    """Return the months after s + F at which follow-ups end, from 0 to H - F."""
    whole = np.arange(0.0, horizon.remaining_months, horizon.follow_up_months)
    return np.append(whole, horizon.remaining_months) if len(whole) else np.zeros(2)


def _worth(trial: TrialData, clv: ClvModel, horizon: Horizon, steps: Floats) -> tuple[Floats, Floats]:
    """Return what a decision within the follow-up is worth (n,), and one in each step after it (n, steps)."""
    ahead = horizon.remaining_months - (steps[:-1] + steps[1:]) / 2
    n, model, contract = len(trial.units), getattr(clv.final, "contractual", None), trial.state.contract
    if model is None or contract is None or not contract.running.any():
        return np.ones(n), np.ones((n, len(ahead)))
    months = np.append(horizon.horizon_months - horizon.follow_up_months / 2, ahead)
    kept = np.full((n, len(months)), np.nan)
    whole = np.zeros(n)
    for rows, paths in model.running_paths(trial.state.features, contract, horizon.horizon_months):
        within = _kept_by_half(paths)
        whole[rows] = within[:, -1]
        kept[rows] = _between(within, months)
    kept /= max(float(whole[contract.running].mean()), 1e-9)
    # Who has left by then had his decisions before: he counts like the average of those still there.
    filled = np.where(np.isfinite(kept), kept, np.nanmean(kept, axis=0))
    return filled[:, 0], filled[:, 1:]


def _kept_by_half(paths: RunningPaths) -> Floats:
    """Return what halving both hazards would keep within month 1, 2, ..., (n, months)."""
    hazards = HazardPaths(paths.hazards.voluntary / 2, paths.hazards.involuntary / 2)
    safer = dataclasses.replace(paths, hazards=hazards, survival=hazards.survival())
    return np.maximum(np.cumsum(safer.flow() - paths.flow(), axis=1), 0.0)


def _between(kept: Floats, months: Floats) -> Floats:
    """Return what is kept within each of ``months``, (n, len(months)), between whole months; nothing within 0."""
    whole = np.hstack([np.zeros((len(kept), 1)), kept])
    at = np.clip(months, 0.0, kept.shape[1])
    low = np.minimum(at.astype(np.intp), kept.shape[1] - 1)
    return np.asarray(whole[:, low] + (at - low) * (whole[:, low + 1] - whole[:, low]))


def programme_effects(
    effects: Mapping[str, EstimatedAction],
    later: Mapping[str, LaterDecisions],
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
        For each action the later decisions, rows as in its estimator, columns actions.
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
    worth = {a: _later_effects(effects[a].fitted, later[a].worth, actions) for a in actions}
    spent = {a: _spent_effect(effects[a].fitted, later[a].counts, costs) for a in actions}
    blips = blip_effects(
        [effects[a].effect.estimate for a in actions],
        np.array([[_effect_of(f) for f in worth[a]] for a in actions]),
        [_effect_of(spent[a]) for a in actions],
    )
    draws = min(len(effects[a].bootstrap_outcomes) for a in actions)
    tau, bears = np.zeros((2, draws, len(actions)))
    w = np.zeros((draws, len(actions), len(actions)))
    for row, a in enumerate(actions):
        fitted = effects[a].fitted
        for draw in range(draws):
            weight = bootstrap_weights(fitted.groups_, draw=draw, seed=seed, clusters=fitted.clusters_)
            tau[draw, row] = fitted.estimate(effects[a].bootstrap_outcomes[draw], fitted.sample_weight_ * weight)
            w[draw, row] = [_effect_of(f, weight) for f in worth[a]]
            bears[draw, row] = _effect_of(spent[a], weight)
    moved = blip_effects(tau, w, bears).std(axis=0)
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


def _spent_effect(effect: AverageEffect, counts: pd.DataFrame, costs: Mapping[str, float]) -> AverageEffect | None:
    """Return the effect of one decision on what later ones cost; None where none ever costs."""
    known = [name for name in costs if name in counts]
    spent = counts[known].to_numpy(dtype=float) @ np.asarray([costs[name] for name in known], dtype=float)
    return effect.with_outcome(spent, quick=True) if spent.any() else None


def _effect_of(fitted: AverageEffect | None, weight: Floats | None = None) -> float:
    if fitted is None:
        return 0.0
    return float(fitted.estimate() if weight is None else fitted.estimate(None, fitted.sample_weight_ * weight))
