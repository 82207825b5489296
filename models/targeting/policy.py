"""Whom to treat with what: one action a customer at most, under a budget and capacities.

The choice maximises the sum of net value (Sinha & Zoltners 1979 call it the multiple-choice knapsack). Prices for the
budget and each capacity come from the Lagrangian dual, minimised by cutting planes (Kelley 1960): with one of them that
binds, the order of value minus price times cost is the marginal-value-over-cost order of Zemel (1980). Customers are
then served in that order, ties in the shares of the primal solution (Dantzig & Wolfe 1960). Any prices bound the
optimum from above, and the least such bound is that of the linear programme, so the plan comes with a proof of how far
it can be from the best. Few pairs are solved exactly, by HiGHS.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, vstack

from ...core.arrays import Bools, Floats, Positions
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr

__all__ = ["Capacity", "Plan", "choose_actions"]

_STEPS = 200
_CLOSE = 1e-4
_SMALL = 2_000
"""Worthwhile pairs up to which a plan is solved exactly."""

_NODES = 20_000
"""Nodes after which the exact search ends: a number, not a time, so that the same pairs give the same plan."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what HiGHS writes past Python to the process's standard output, display on or off, out of the results."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
        library = ctypes.CDLL(None)
    except (OSError, AttributeError, TypeError, ValueError):  # no such output, or no such system
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    try:
        yield
    finally:
        library.fflush(None)
        os.dup2(kept, 1)
        os.close(kept)


@dataclass(frozen=True)
class Capacity:
    """At most ``most`` customers over all of ``actions``; None: over all actions there are.

    Examples
    --------
    >>> Capacity(2_000, frozenset({"iban_switch"}))
    Capacity(most=2000, actions=frozenset({'iban_switch'}))
    """

    most: int
    actions: frozenset[str] | None = None


@dataclass(frozen=True)
class Plan(ShortRepr):
    """Which pairs of customer and action to carry out.

    Parameters
    ----------
    chosen
        Mask over the pairs, (n,).
    value, cost
        Sums of net value and cost over the chosen pairs.
    upper_bound
        No plan within budget and capacities is worth more.
    budget_price
        What one more unit of budget would add to the value, at the margin; 0 where the budget is not used up.
    exact
        Whether the best plan of all was found.
    reduced
        Net value of each pair less what it takes of the budget and the capacities at their prices, (n,): above 0 for
        those whom the prices alone would choose.

    Examples
    --------
    >>> plan = choose_actions(["a", "b"], ["call", "call"], [9.0, 6.0], [4.0, 4.0], budget=5)
    >>> plan.exact, plan.gap
    (True, 0.0)
    """

    chosen: Bools
    value: float
    cost: float
    upper_bound: float
    budget_price: float
    exact: bool
    reduced: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def gap(self) -> float:
        """Share of the upper bound that the plan may miss, in [0, 1]."""
        return max(0.0, 1 - self.value / self.upper_bound) if self.upper_bound > 0 else 0.0


@dataclass(frozen=True)
class _Pairs(ShortRepr):
    """Worthwhile pairs sorted by customer; ``use`` (m, r) is what each takes of each scarce resource."""

    value: Floats
    use: Floats
    starts: Positions
    owner: Positions
    position: Positions


def choose_actions(
    customers: ArrayLike,
    actions: ArrayLike,
    net_value: ArrayLike,
    cost: ArrayLike,
    *,
    budget: float = np.inf,
    capacities: Sequence[Capacity] = (),
    exact_up_to: int = _SMALL,
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
        Most customers for actions: of an action, a team, a channel, or in all.
    exact_up_to
        Number of worthwhile pairs up to which the best plan is searched for exactly.

    Raises
    ------
    ModelError
        Lengths differ, a customer or a cost is missing, or a cost or limit is negative.

    Examples
    --------
    >>> who, what = ["a", "a", "b", "c"], ["call", "letter", "call", "call"]
    >>> plan = choose_actions(who, what, [9, 5, 6, -1], [4, 1, 4, 4], budget=5)
    >>> plan.chosen.tolist(), plan.value, plan.cost
    ([False, True, True, False], 11.0, 5.0)
    >>> limit = Capacity(1, frozenset({"call"}))
    >>> choose_actions(["a", "b"], ["call", "call"], [9, 6], [4, 4], capacities=[limit]).chosen.tolist()
    [True, False]
    """
    value, price = np.asarray(net_value, dtype=float), np.asarray(cost, dtype=float)
    who, what = pd.factorize(np.asarray(customers))[0], np.asarray(actions)
    _check_pairs(who, what, value, price, budget, capacities)
    kept = np.flatnonzero(value > 0)
    uses = [price]
    for capacity in capacities:
        takes = np.ones(len(value), dtype=bool)
        if capacity.actions is not None:
            takes = np.isin(what.astype(str), list(capacity.actions))
        uses.append(takes.astype(float))
    every, limit_of = np.column_stack(uses), np.array([float(budget), *(c.most for c in capacities)])
    use = every[kept]
    scarce = use.sum(axis=0) > limit_of
    pairs = _by_customer(kept, who, value, use[:, scarce])
    limits = limit_of[scarce]
    dual = _dual(pairs, limits)
    budget_price = float(dual.prices[0]) if scarce[0] else 0.0
    taken, bound, exact = _greedy(pairs, dual, limits), dual.bound, False
    if len(kept) <= exact_up_to:
        taken, bound, exact = _solve(pairs, limits, taken, dual)
    chosen = np.zeros(len(value), dtype=bool)
    chosen[pairs.position[taken]] = True
    reduced = value - every[:, scarce] @ dual.prices
    return Plan(chosen, float(value[chosen].sum()), float(price[chosen].sum()), bound, budget_price, exact, reduced)


def _check_pairs(
    who: Positions,
    what: NDArray[np.generic],
    value: Floats,
    price: Floats,
    budget: float,
    capacities: Sequence[Capacity],
) -> None:
    if not len(who) == len(what) == len(value) == len(price):
        raise ModelError("expected one customer, action, net value and cost a pair; lengths differ")
    if not (price >= 0).all():
        raise ModelError("cost: expected 0 or more for every pair")
    if (who < 0).any():
        raise ModelError(f"customers: expected one for every pair, {int((who < 0).sum())} are missing")
    if not all(most >= 0 for most in (budget, *(c.most for c in capacities))):
        raise ModelError(f"expected a budget and capacities of 0 or more, got {budget} and {list(capacities)}")


def _by_customer(kept: Positions, who: Positions, value: Floats, use: Floats) -> _Pairs:
    order = np.argsort(who[kept], kind="stable")
    owner = who[kept][order]
    starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(owner) else np.empty(0, dtype=np.intp)
    return _Pairs(value[kept][order], use[order], starts, owner, kept[order])


@dataclass(frozen=True)
class _Dual(ShortRepr):
    """The least upper bound found, its prices (r,), and the mixture of prices whose best pairs use up the limits."""

    bound: float
    prices: Floats
    mixture: list[tuple[float, Floats]]


def _dual(pairs: _Pairs, limits: Floats) -> _Dual:
    """Minimise ``D(p) = p limits + sum over customers of max(0, max over actions of value - p use)``.

    It is convex and piecewise linear; each step adds the tangent at the current prices and minimises the model made
    of all tangents. The multipliers of the tangents are the mixture.
    """
    r = len(limits)
    if len(pairs.value) == 0 or r == 0:
        bound = _best(pairs, np.zeros(r))[0] if len(pairs.value) else 0.0
        return _Dual(bound, np.zeros(r), [])
    smallest = np.where(pairs.use > 0, pairs.use, np.inf)
    scale = np.clip((pairs.value[:, None] / smallest).max(axis=0), 1e-12, 1e12)
    best, prices, at = np.inf, np.zeros(r), np.zeros(r)
    looked: list[Floats] = []
    tangents: list[Floats] = []
    constants: list[float] = []
    mixture: list[tuple[float, Floats]] = []
    for _ in range(_STEPS):
        worth, winners = _best(pairs, at)
        level, slope = worth + at @ limits, limits - pairs.use[winners].sum(axis=0)
        if level < best:
            best, prices = float(level), at
        looked.append(at)
        tangents.append(slope)
        constants.append(float(level - slope @ at))
        model = linprog(
            np.append(np.zeros(r), 1.0),
            A_ub=np.column_stack([np.array(tangents) * scale, -np.ones(len(tangents))]),
            b_ub=-np.array(constants),
            bounds=[(0, 1)] * r + [(None, None)],
        )
        if not model.success:
            break
        mixture = [(-share, at) for share, at in zip(model.ineqlin.marginals, looked, strict=True) if share < -1e-9]
        if best - model.fun <= _CLOSE * abs(best) + 1e-9 * constants[0]:
            break
        at = model.x[:r] * scale
    return _Dual(best, prices, mixture)


def _best(pairs: _Pairs, prices: Floats) -> tuple[float, Positions]:
    """Return the sum of customers' best reduced values at ``prices``, and the pairs that give them."""
    reduced = pairs.value - pairs.use @ prices
    most = np.maximum(np.maximum.reduceat(reduced, pairs.starts), 0.0)
    sizes = np.diff(np.append(pairs.starts, len(reduced)))
    winner = (reduced == np.repeat(most, sizes)) & (reduced > 0)
    return float(most.sum()), np.flatnonzero(winner & ~_repeated(winner, pairs.owner))


def _repeated(winner: Bools, owner: Positions) -> Bools:
    """Return which winners come after another winner of the same customer."""
    at = np.flatnonzero(winner)
    again = np.zeros(len(winner), dtype=bool)
    again[at[1:][owner[at[1:]] == owner[at[:-1]]]] = True
    return again


def _greedy(pairs: _Pairs, dual: _Dual, limits: Floats) -> Positions:
    """Return the better of two greedy plans: by reduced value, and the mixture of best pairs first."""
    by_value = np.lexsort((-pairs.value, -(pairs.value - pairs.use @ dual.prices)))
    plans = [_serve(pairs, by_value, limits)]
    if len(dual.mixture) > 1:
        first = np.zeros(len(by_value), dtype=bool)
        first[_mixed(pairs, dual.mixture)] = True
        first = first[by_value]
        plans.append(_serve(pairs, np.concatenate([by_value[first], by_value[~first]]), limits))
    return max(plans, key=lambda taken: float(pairs.value[taken].sum()))


def _mixed(pairs: _Pairs, mixture: list[tuple[float, Floats]]) -> Positions:
    """Return one of each customer's best pairs, or none, in the shares of the mixture.

    Customers with the same choices take them in turn, by multiples of the golden ratio, so that the shares hold in
    every such group.
    """
    ends = np.cumsum([share for share, _ in mixture])
    best_of = np.full((len(pairs.starts), len(mixture)), -1)
    customer = np.repeat(np.arange(len(pairs.starts)), np.diff(np.append(pairs.starts, len(pairs.value))))
    for place, (_, prices) in enumerate(mixture):
        winners = _best(pairs, prices)[1]
        best_of[customer[winners], place] = winners
    order = np.lexsort((best_of - pairs.starts[:, None]).T)
    turn = np.empty(len(order))
    turn[order] = (np.arange(len(order)) * 0.6180339887498949) % 1.0
    drawn = np.minimum(np.searchsorted(ends / ends[-1], turn, side="right"), len(mixture) - 1)
    taken = best_of[np.arange(len(order)), drawn]
    return np.asarray(taken[taken >= 0])


def _serve(pairs: _Pairs, order: Positions, limits: Floats) -> Positions:
    """Return the pairs taken in this order: each one that still fits."""
    left = (limits * (1 + 1e-12)).tolist()
    owners, uses = pairs.owner[order].tolist(), pairs.use[order].tolist()
    served = bytearray(int(pairs.owner.max()) + 1 if len(pairs.owner) else 0)
    taken = []
    for place, (owner, use) in enumerate(zip(owners, uses, strict=True)):
        if not served[owner] and all(u <= most for u, most in zip(use, left, strict=True)):
            served[owner] = True
            left = [most - u for u, most in zip(use, left, strict=True)]
            taken.append(place)
    return np.asarray(order[taken], dtype=np.intp)


def _solve(pairs: _Pairs, limits: Floats, greedy: Positions, dual: _Dual) -> tuple[Positions, float, bool]:
    """Return the best pairs, the least upper bound on their value, and whether they are proven to be the best.

    Only what the bound leaves open is searched. Where the search ends before its proof, the better of its plan and the
    greedy one is returned.
    """
    worth = float(pairs.value[greedy].sum())
    if len(pairs.value) == 0 or len(limits) == 0:
        return greedy, worth, True
    settled, open_ = _left_open(pairs, dual, worth)
    left = limits - pairs.use[settled].sum(axis=0)
    base = float(pairs.value[settled].sum())
    if (left < -1e-9 * (limits + 1)).any():
        return greedy, worth, True
    if len(open_) == 0:
        found, bound, proven = np.empty(0, dtype=np.intp), 0.0, True
    else:
        found, bound, proven = _searched(pairs, open_, np.maximum(left, 0.0))
    taken = np.sort(np.concatenate([settled, found]))
    inside = (pairs.use[taken].sum(axis=0) <= limits * (1 + 1e-9) + 1e-9).all()
    if not inside or pairs.value[taken].sum() < worth:
        taken = greedy
    if not proven:
        return taken, min(dual.bound, max(base + bound, worth)), False
    return taken, float(pairs.value[taken].sum()), True


def _left_open(pairs: _Pairs, dual: _Dual, worth: float) -> tuple[Positions, Positions]:
    """Return the pairs that every better plan takes, and those that it may take or leave.

    A plan that departs from a customer's best choice at the dual prices is worth the bound less the difference, at
    most. Departures that leave less than the greedy plan is worth are in no better plan.
    """
    reduced = pairs.value - pairs.use @ dual.prices
    sizes = np.diff(np.append(pairs.starts, len(reduced)))
    best = np.maximum(np.maximum.reduceat(reduced, pairs.starts), 0.0)
    room = dual.bound - worth + 1e-9 * (abs(dual.bound) + 1.0)
    possible = np.repeat(best, sizes) - reduced <= room
    choices = np.add.reduceat(possible.astype(int), pairs.starts) + (best <= room)
    alone = np.repeat(choices == 1, sizes) & possible
    return np.flatnonzero(alone), np.flatnonzero(possible & np.repeat(choices > 1, sizes))


def _searched(pairs: _Pairs, among: Positions, limits: Floats) -> tuple[Positions, float, bool]:
    """Return the best of some pairs under limits, an upper bound on their value, and whether they are the best."""
    n = len(among)
    customer = np.unique(pairs.owner[among], return_inverse=True)[1]
    once = coo_array((np.ones(n), (customer, np.arange(n)))).tocsr()
    with _quiet():
        solution = milp(
            -pairs.value[among],
            constraints=LinearConstraint(
                vstack([once, csr_array(pairs.use[among].T)]), ub=np.append(np.ones(once.shape[0]), limits)
            ),
            integrality=np.ones(n),
            bounds=Bounds(0, 1),
            options={"node_limit": _NODES, "mip_rel_gap": 0.0},
        )
    if solution.x is None:
        return np.empty(0, dtype=np.intp), np.inf, False
    return among[solution.x > 0.5], -float(solution.mip_dual_bound), solution.status == 0
