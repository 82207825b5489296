"""Whom to treat with what: one action a customer at most, under a budget and capacities; and what a policy earns.

The choice maximises the sum of net value (Sinha & Zoltners 1979 call it the multiple-choice knapsack). Prices for the
budget and each capacity come from the Lagrangian dual, minimised by cutting planes (Kelley 1960); customers are then
served in the order of net value minus those prices. Any prices bound the optimum from above, so the plan
comes with a proof of how far it can be from the best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.optimize import linprog

from ..core.errors import ModelError
from .design import Floats
from .inference import clustered_std_error

__all__ = ["Plan", "PolicyValue", "choose_actions", "policy_value", "standard_policies"]

_STEPS = 200
_CLOSE = 1e-4


@dataclass(frozen=True)
class Plan:
    """Which pairs of customer and action to carry out.

    Parameters
    ----------
    chosen
        Mask over the pairs, (n,).
    value, cost
        Sums of net value and cost over the chosen pairs.
    upper_bound
        No plan within budget and capacities is worth more.
    """

    chosen: NDArray[np.bool_]
    value: float
    cost: float
    upper_bound: float

    @property
    def gap(self) -> float:
        """Share of the upper bound that the plan may miss, in [0, 1]."""
        return max(0.0, 1 - self.value / self.upper_bound) if self.upper_bound > 0 else 0.0


@dataclass(frozen=True)
class _Pairs:
    """Worthwhile pairs sorted by customer; ``use`` (m, r) is what each takes of each scarce resource."""

    value: Floats
    use: Floats
    starts: NDArray[np.intp]
    owner: NDArray[np.intp]
    position: NDArray[np.intp]


def choose_actions(
    customers: ArrayLike,
    actions: ArrayLike,
    net_value: ArrayLike,
    cost: ArrayLike,
    *,
    budget: float = np.inf,
    capacities: Mapping[str, int] | None = None,
    capacity: int | None = None,
) -> Plan:
    """Return the plan for n eligible pairs of customer and action.

    A pair whose net value is not above 0 is never chosen, so nothing happens where nothing pays.

    Parameters
    ----------
    customers, actions
        Whom and what each pair is about, (n,).
    net_value
        Incremental CLV minus the action's own cost, (n,); NaN counts as not worthwhile.
    cost
        What the pair takes from the budget, (n,), 0 or more.
    budget
        Most that may be spent in all.
    capacities
        Most customers for an action, by action; actions without an entry are not limited.
    capacity
        Most customers in all.

    Raises
    ------
    ModelError
        Lengths differ, a customer or a cost is missing, or a cost or limit is negative.
    """
    value, price = np.asarray(net_value, dtype=float), np.asarray(cost, dtype=float)
    who, what = pd.factorize(np.asarray(customers))[0], np.asarray(actions)
    if not len(who) == len(what) == len(value) == len(price):
        raise ModelError("expected one customer, action, net value and cost a pair; lengths differ")
    if not (price >= 0).all():
        raise ModelError("cost: expected 0 or more for every pair")
    limits = {name: float(most) for name, most in (capacities or {}).items()}
    if (who < 0).any():
        raise ModelError(f"customers: expected one for every pair, {int((who < 0).sum())} are missing")
    if not all(most >= 0 for most in (budget, *limits.values(), capacity or 0)):
        raise ModelError(f"expected a budget and capacities of 0 or more, got {budget}, {capacity}, {limits}")
    kept = np.flatnonzero(value > 0)
    uses, most = [price[kept]], [float(budget)]
    if capacity is not None:
        uses, most = [*uses, np.ones(len(kept))], [*most, float(capacity)]
    for name, limit in limits.items():
        uses, most = [*uses, (what[kept] == name).astype(float)], [*most, limit]
    use, limit_of = np.column_stack(uses), np.array(most)
    scarce = use.sum(axis=0) > limit_of
    pairs = _by_customer(kept, who, value, use[:, scarce])
    bound, prices = _dual(pairs, limit_of[scarce])
    chosen = np.zeros(len(value), dtype=bool)
    chosen[_serve(pairs, prices, limit_of[scarce])] = True
    return Plan(chosen, float(value[chosen].sum()), float(price[chosen].sum()), bound)


def _by_customer(kept: NDArray[np.intp], who: NDArray[np.intp], value: Floats, use: Floats) -> _Pairs:
    order = np.argsort(who[kept], kind="stable")
    owner = who[kept][order]
    starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(owner) else np.empty(0, dtype=np.intp)
    return _Pairs(value[kept][order], use[order], starts, owner, kept[order])


def _dual(pairs: _Pairs, limits: Floats) -> tuple[float, Floats]:
    """Return the least upper bound found and its prices, (r,).

    ``D(p) = p limits + sum over customers of max(0, max over actions of value - p use)`` is convex and piecewise
    linear; each step adds the tangent at the current prices and minimises the model made of all tangents.
    """
    r = len(limits)
    if len(pairs.value) == 0:
        return 0.0, np.zeros(r)
    top, use_top = _best(pairs, np.zeros(r))
    if r == 0:
        return top, np.zeros(0)
    smallest = np.where(pairs.use > 0, pairs.use, np.inf)
    scale = np.clip((pairs.value[:, None] / smallest).max(axis=0), 1e-12, 1e12)
    best, prices, at = np.inf, np.zeros(r), np.zeros(r)
    tangents: list[Floats] = []
    constants: list[float] = []
    for _ in range(_STEPS):
        worth, used = (top, use_top) if not tangents else _best(pairs, at)
        level, slope = worth + at @ limits, limits - used
        if level < best:
            best, prices = float(level), at
        tangents.append(slope)
        constants.append(float(level - slope @ at))
        model = linprog(
            np.append(np.zeros(r), 1.0),
            A_ub=np.column_stack([np.array(tangents) * scale, -np.ones(len(tangents))]),
            b_ub=-np.array(constants),
            bounds=[(0, 1)] * r + [(None, None)],
        )
        if not model.success or best - model.fun <= _CLOSE * abs(best):
            break
        at = model.x[:r] * scale
    return best, prices


def _best(pairs: _Pairs, prices: Floats) -> tuple[float, Floats]:
    """Return the sum of customers' best reduced values at ``prices``, and the resources they then use, (r,)."""
    reduced = pairs.value - pairs.use @ prices
    most = np.maximum(np.maximum.reduceat(reduced, pairs.starts), 0.0)
    sizes = np.diff(np.append(pairs.starts, len(reduced)))
    winner = (reduced == np.repeat(most, sizes)) & (reduced > 0)
    first = winner & ~_repeated(winner, pairs.owner)
    return float(most.sum()), pairs.use[first].sum(axis=0)


def _repeated(winner: NDArray[np.bool_], owner: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which winners come after another winner of the same customer."""
    at = np.flatnonzero(winner)
    again = np.zeros(len(winner), dtype=bool)
    again[at[1:][owner[at[1:]] == owner[at[:-1]]]] = True
    return again


def _serve(pairs: _Pairs, prices: Floats, limits: Floats) -> NDArray[np.intp]:
    """Return positions chosen greedily by reduced value: each pair is taken if it still fits."""
    order = np.lexsort((-pairs.value, -(pairs.value - pairs.use @ prices)))
    left = limits * (1 + 1e-12)
    served = np.zeros(int(pairs.owner.max()) + 1 if len(pairs.owner) else 0, dtype=bool)
    taken = []
    for i in order:
        owner = pairs.owner[i]
        if not served[owner] and (pairs.use[i] <= left).all():
            served[owner] = True
            left = left - pairs.use[i]
            taken.append(pairs.position[i])
    return np.array(taken, dtype=np.intp)


@dataclass(frozen=True)
class PolicyValue:
    """Net value of a policy against treating nobody, a customer, with its interval.

    Parameters
    ----------
    estimate, std_error, low, high
        Mean over all judged decisions, treated or not by the policy, in units of the scores.
    treated_share
        Share of customers the policy treats.
    """

    estimate: float
    std_error: float
    low: float
    high: float
    treated_share: float


def policy_value(
    scores: ArrayLike,
    assigned: ArrayLike,
    cost: ArrayLike,
    *,
    groups: ArrayLike,
    against: ArrayLike | None = None,
    level: float = 0.95,
) -> PolicyValue:
    """Return the doubly robust value of a policy on held-out decisions: mean of assigned (score - cost).

    Scores are of decisions the policy did not learn from (Athey & Wager 2021, "Policy learning with observational
    data", equation 2.4); predicted uplift is never a value.

    Parameters
    ----------
    scores
        Doubly robust scores of the effect, (n,).
    assigned
        Whether (or with which chance) the policy treats each, (n,), in [0, 1].
    cost
        The action's own cost: a number, or (n,).
    groups
        Customer of each decision, (n,).
    against
        Another policy, (n,): the value is then the difference, with its own, usually smaller, error.

    Raises
    ------
    ModelError
        Lengths differ or a value is not finite.
    """
    s, a = np.asarray(scores, dtype=float), np.asarray(assigned, dtype=float)
    other = np.zeros_like(a) if against is None else np.asarray(against, dtype=float)
    if not s.shape == a.shape == other.shape or len(s) < 2:
        raise ModelError("expected one score and one assignment for each of at least two decisions")
    each = (a - other) * (s - np.asarray(cost, dtype=float))
    if not np.isfinite(each).all():
        raise ModelError("expected finite scores, assignments and costs")
    mean = float(each.mean())
    error = clustered_std_error((each - mean) / len(each), [np.asarray(groups)])
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    return PolicyValue(mean, error, mean - half, mean + half, float(a.mean()))


def standard_policies(assigned: ArrayLike, churn_risk: ArrayLike, clv: ArrayLike) -> dict[str, Floats]:
    """Return the policies every choice is judged against, each (n,).

    Nobody, everybody, and as many customers as ``assigned`` treats: those with the highest churn risk, those with
    the highest CLV.
    """
    chosen = np.asarray(assigned, dtype=float)
    treated = round(float(chosen.sum()))

    def highest(measure: ArrayLike) -> Floats:
        top = np.zeros(len(chosen))
        top[np.argsort(-np.asarray(measure, dtype=float), kind="stable")[:treated]] = 1.0
        return top

    return {
        "nobody": np.zeros(len(chosen)),
        "everybody": np.ones(len(chosen)),
        "highest churn risk": highest(churn_risk),
        "highest CLV": highest(clv),
    }
