"""By which path an action works: retention (voluntary, involuntary), spend, cost to serve.

The outcome of each decision is cut into four parts that add up to it, whatever happened. Money that a loss takes is
valued at what was known at the decision: R(t) is what one who stays was then expected to bring in over (t, s + H],
revenue minus costs. With p_c(t) the chance of a loss to cause c at t (1 where it happened in the follow-up), and W the
value that came, or is expected, after it,

    retention c   = - sum over t of p_c(t) (R(t) - W_c(t))
    spend         = revenue, realised and expected, + sum over causes and t of p_c(t) revenue in R(t)
    cost to serve = - costs, realised and expected, - sum over causes and t of p_c(t) costs in R(t)

An action that moves losses alone leaves spend and cost to serve as they are; one that moves money alone leaves
retention as it is, and what it moves counts as long as customers run. Both at once: the extra money of those who are
kept is spend. Retention is net of the service that a loss saves. Extra purchases, and lines without a contract, are
spend whoever makes them. Whose subscription had ended at the decision cannot be kept: nothing of the outcome is
retention, and what a new subscription brings is spend. Causes compete: who is spared a failed payment may yet leave of
himself, and that is taken off the voluntary path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...core.arrays import Floats, Positions
from ...core.contract_state import ContractState
from ...core.errors import ModelError
from ...core.records import Losses, TrialData
from ...core.short_repr import ShortRepr
from ..effects.average import AverageEffect
from ..effects.bootstrap import bootstrapped
from ..effects.inference import EffectEstimate
from ..subscriptions.cash_flow import RunningPaths
from ..subscriptions.value import ContractualCLV

__all__ = ["PATHS", "Stay", "additive", "estimate_parts", "path_values", "stay_of"]


PATHS = ("retention_voluntary", "retention_involuntary", "spend", "cost_to_serve")
"""The paths of an effect; they add up to it."""


@dataclass(frozen=True)
class Stay(ShortRepr):
    """What n customers were expected to bring in from month 0, 1, ..., H on, had they stayed; all (n, H + 1).

    Payments, extras and costs, each discounted to the decision.
    """

    payments: Floats
    ancillary: Floats
    costs: Floats

    def rest(self, paid_until: Floats, served_until: Floats) -> tuple[Floats, Floats]:
        """Return revenue and costs after given months, each of the shape of both arguments, (n, ...).

        A loss within a month takes the payment of that month, but extras and costs only from its instant on.
        """
        revenue = _at(self.payments, paid_until) + _at(self.ancillary, served_until)
        return revenue, _at(self.costs, served_until)


def stay_of(model: ContractualCLV | None, trial: TrialData, horizon_months: int) -> Stay | None:
    """Return what the customers of a trial were expected to bring in as stayers; None without contracts."""
    if model is None or trial.losses is None or trial.losses.contract is None:
        return None
    money = np.zeros((3, len(trial.features), horizon_months + 1))
    for rows, paths in model.running_paths(trial.features, trial.losses.contract, horizon_months):
        for place, flow in enumerate((paths.payment, paths.ancillary, paths.costs)):
            money[place, rows, :-1] = np.cumsum(flow[:, ::-1], axis=1)[:, ::-1]
    return Stay(*money)


def _at(rest: Floats, month: Floats) -> Floats:
    """Return the rest (n, H + 1) at each of ``month`` (n, ...), between its whole neighbours; 0 after H."""
    last = rest.shape[1] - 1
    at = np.clip(month, 0.0, last)
    low = np.minimum(at.astype(np.intp), last - 1)
    flat = low.reshape(len(rest), -1)
    start, end = (np.take_along_axis(rest, flat + step, axis=1).reshape(low.shape) for step in (0, 1))
    return np.asarray(start + (at - low) * (end - start))


def path_values(
    model: ContractualCLV | None,
    trial: TrialData,
    outcome: Floats,
    stay: Stay | None,
    *,
    factor: float,
    follow_up_months: float,
    remaining_months: float,
    paths: Iterable[tuple[Positions, RunningPaths]] | None = None,
) -> Floats:
    """Return the outcome of n decisions cut into :data:`PATHS`, (n, 4); rows add up to ``outcome``.

    Parameters
    ----------
    model
        Model of the running subscriptions that the outcome comes from; None without contracts.
    trial
        Decisions with their course.
    outcome
        Surrogate outcome of each decision, (n,).
    stay
        As of :func:`stay_of`; the same for the bootstrap models. None: no contracts, and all but costs is spend.
    factor
        d(F).
    follow_up_months, remaining_months
        F and H - F.
    paths
        Lead months of who runs at s + F over exactly H - F, rounded up, where they are at hand already.

    Raises
    ------
    ModelError
        The trial has no course.
    """
    if trial.losses is None:
        raise ModelError("expected a trial with its course to tell the paths of an effect apart, got none")
    parts = np.zeros((len(outcome), 4))
    spent = trial.realised["contact_cost"] + trial.realised["action_cost"]
    parts[:, 3] = -spent.to_numpy(dtype=float)
    if model is not None and stay is not None and trial.state.contract is not None:
        state = (trial.state.features, trial.state.contract)
        worth = _expected(model, *state, stay, factor, follow_up_months, remaining_months, paths)
        lost = np.isfinite(trial.losses.lost_months)
        parts[~lost] += worth.parts[~lost]
        if trial.losses.contract is not None:
            parts[~trial.losses.contract.running, :2] = 0.0
        parts[lost] = _lost(trial, trial.losses, stay, factor * worth.value)[lost]
    # The rest is revenue: payments, extra purchases, and lines without a contract.
    parts[:, 2] = 0.0
    parts[:, 2] = outcome - parts.sum(axis=1)
    return parts


@dataclass(frozen=True)
class _Expected(ShortRepr):
    """Expected after s + F: the value of the contract (n,), at s + F; the paths but spend of who runs, at s (n, 4)."""

    value: Floats
    parts: Floats


def _expected(
    model: ContractualCLV,
    features: pd.DataFrame,
    contract: ContractState,
    stay: Stay,
    factor: float,
    follow_up: float,
    remaining: float,
    known: Iterable[tuple[Positions, RunningPaths]] | None,
) -> _Expected:
    ends, weights = _whole_months(remaining)
    value, parts = np.zeros(len(features)), np.zeros((len(features), 4))
    longest = ends[-1]
    begins = follow_up + np.arange(longest)
    for rows, paths in model.running_paths(features, contract, longest) if known is None else known:
        place = np.broadcast_to(begins, (len(rows), longest))
        mine = Stay(*(money[rows] for money in (stay.payments, stay.ancillary, stay.costs)))
        revenue, costs = mine.rest(place, place + 0.5)
        lost, flow, served = paths.lost(), paths.flow(), paths.costs * paths.alive()
        for end, weight in zip(ends, weights, strict=True):
            worth = model.reactivation_value_.after_loss(end).mean
            value[rows] += weight * (flow[:, :end].sum(axis=1) + paths.after_loss(worth))
            gone = (costs * lost.sum(axis=0))[:, :end].sum(axis=1)
            parts[rows, 3] -= weight * (factor * served[:, :end].sum(axis=1) + gone)
            for cause in (0, 1):
                takes = (revenue - costs)[:, :end] - factor * worth[cause]
                parts[rows, cause] -= weight * (takes * lost[cause][:, :end]).sum(axis=1)
    ended = ~contract.running
    for end, weight in zip(ends, weights, strict=True):
        if ended.any() and end > 0:
            value[ended] += weight * model.predict(features[ended], contract.take(ended), horizon_months=end)
    return _Expected(value, parts)


def _whole_months(months: float) -> tuple[list[int], list[float]]:
    """Return the whole months around ``months`` with the weights at which values are interpolated."""
    low = int(np.floor(months + 1e-9))
    share = max(months - low, 0.0)
    return ([low], [1.0]) if share <= 1e-9 else ([low, low + 1], [1 - share, share])


def _lost(trial: TrialData, losses: Losses, stay: Stay, still: Floats) -> Floats:
    """Return the paths but spend of who was lost in the follow-up, (n, 4); ``still``: value expected at s + F, (n,)."""
    at = np.nan_to_num(losses.lost_months)
    # A month's very end is in it: its payment was due, and was not made.
    revenue, costs = stay.rest(np.maximum(np.ceil(at - 1e-9) - 1, 0.0), at)
    after = (trial.realised[list(losses.before.columns)] - losses.before).astype(float)
    came = after["subscription"] + after["refunds"] - after["contact_cost"] - after["action_cost"]
    spent = (losses.before["contact_cost"] + losses.before["action_cost"]).to_numpy(dtype=float)
    parts = np.zeros((len(at), 4))
    cause = losses.involuntary.astype(np.intp)
    parts[np.arange(len(at)), cause] = came.to_numpy() + still - (revenue - costs)
    parts[:, 3] = -spent - costs
    return parts


def additive(effect: AverageEffect, parts: Mapping[str, Floats]) -> dict[str, AverageEffect]:
    """Return the effect on each of several outcomes that add up to that of ``effect``; so do their estimates, exactly.

    All stand on the cross-fits of the median. Each part has a linear outcome model of its own, but the one that varies
    most: its model is that of the whole minus the others, which is as valid (any function of X is) and makes the sum
    exact where chance is largest.

    Parameters
    ----------
    effect
        Fitted on n decisions.
    parts
        Outcomes (n,) that add up to the outcome of ``effect``.

    Raises
    ------
    ModelError
        They do not add up to it.
    """
    total = np.sum(list(parts.values()), axis=0)
    if not np.allclose(total, effect.outcome_, rtol=1e-6, atol=1e-6):
        raise ModelError(
            f"expected parts that add up to the outcome, they miss it by {np.ptp(total - effect.outcome_)}"
        )
    middle = effect.at_median()
    closing = max(parts, key=lambda name: float(np.var(parts[name])))
    by_part = {name: middle.with_outcome(part, linear=True) for name, part in parts.items() if name != closing}
    rest = tuple(
        replace(
            whole,
            mu0=whole.mu0 - sum(one.nuisances_[k].mu0 for one in by_part.values()),
            mu1=whole.mu1 - sum(one.nuisances_[k].mu1 for one in by_part.values()),
        )
        for k, whole in enumerate(middle.nuisances_)
    )
    closed = middle.with_nuisances(parts[closing], rest)
    return {name: closed if name == closing else by_part[name] for name in parts}


def estimate_parts(
    effect: AverageEffect,
    parts: Mapping[str, Floats],
    *,
    draws: Sequence[tuple[Mapping[str, Floats], Floats]],
    seed: int,
) -> dict[str, EffectEstimate]:
    """Return the effect on each part with its interval; the estimates add up to that of ``effect``.

    Parameters
    ----------
    effect, parts
        As for :func:`additive`.
    draws, seed
        The parts as bootstrap draw 0, 1, ... of ``seed`` has them, with the draw's weights (n,).
    """
    by_part = {}
    for name, fitted in additive(effect, parts).items():
        values = [fitted.estimate(drawn[name], weight) for drawn, weight in draws]
        weights = [fitted.sample_weight_ * weight for _, weight in draws]
        by_part[name] = bootstrapped(fitted, values, seed=seed, weights=weights).effect
    return by_part
