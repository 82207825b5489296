"""The cost curve: what a policy earns on decisions it did not learn from, at every budget.

Sverdrup, Wu, Athey & Wager (2025, "Qini curves for multi-armed treatment rules", Journal of Computational and Graphical
Statistics): with several actions of different cost, the best policy within every budget spends along the upper hull of
each unit's predicted (cost, value), the steepest steps of all units first. What the steps earn is read off doubly
robust scores, never off the predictions that chose them. Steps of equal priority are carried out in equal shares, so a
policy that tells nobody apart is the random one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr
from ..fitting.half_sampling import half_samples

__all__ = ["Steps", "best_steps", "cost_curves", "ranked_steps"]


@dataclass(frozen=True)
class Steps(ShortRepr):
    """The order in which a policy spends, one entry a step, each (m,), the most urgent first.

    Parameters
    ----------
    unit
        Position of the unit that the step is about.
    priority
        What decides the order; equal ones are carried out together, in equal shares.
    cost, gain
        What the step adds to the unit's cost, and to its net value by the doubly robust scores.
    begins
        Whether the unit was untreated before the step: 1, or 0 where one action replaces another.

    Examples
    --------
    >>> ranked_steps([1.0, 3.0], [1.0, 1.0], [5.0, 9.0])
    Steps(unit=ndarray(2), priority=ndarray(2), cost=ndarray(2), gain=ndarray(2), begins=ndarray(2))
    """

    unit: Positions
    priority: Floats
    cost: Floats
    gain: Floats
    begins: Floats


def best_steps(predicted: ArrayLike, cost: ArrayLike, scores: ArrayLike) -> Steps:
    """Return the steps of the policy that trusts ``predicted``, until nothing more is predicted to pay.

    Parameters
    ----------
    predicted
        Predicted net value (effect minus cost) of each action for each unit, (n, actions), from data other than
        these; NaN where the action is not possible.
    cost
        What the action costs, (n, actions), 0 or more.
    scores
        Doubly robust scores of the effect, cost not taken off, (n, actions); needed where ``predicted`` is given.

    Raises
    ------
    ModelError
        Shapes differ, a cost is negative, or a score is missing where a prediction is given.

    Examples
    --------
    >>> steps = best_steps([[5.0, 7.0], [-1.0, 2.0]], [[1.0, 6.0], [1.0, 1.0]], [[6.0, 13.0], [0.0, 3.0]])
    >>> steps.unit.tolist(), steps.cost.tolist()
    ([0, 1, 0], [1.0, 1.0, 5.0])
    """
    worth, price, score = (np.asarray(a, dtype=float) for a in (predicted, cost, scores))
    if worth.ndim != 2 or not worth.shape == price.shape == score.shape:
        raise ModelError(f"expected predictions, costs and scores (units, actions), got {worth.shape}, {price.shape}")
    known = np.isfinite(worth)
    if not (np.isfinite(score[known]).all() and (price[known] >= 0).all()):
        raise ModelError("expected a finite score and a cost of 0 or more for every predicted unit and action")
    units = np.arange(len(worth))
    at_cost, at_worth, at_net = np.zeros(len(worth)), np.zeros(len(worth)), np.zeros(len(worth))
    done: list[tuple[Positions, Floats, Floats, Floats, Floats]] = []
    net = np.where(known, score - price, 0.0)
    for number in range(worth.shape[1]):
        # The next corner of the hull: the steepest rise from where the unit stands; of equal ones the farthest.
        rise, run = worth - at_worth[:, None], price - at_cost[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(known & (rise > 0) & (run >= 0), np.where(run > 0, rise / run, np.inf), -np.inf)
        best = slope.max(axis=1, keepdims=True)
        steepest = (slope == best) & (slope > -np.inf)
        chosen = np.where(steepest, rise, -np.inf).argmax(axis=1)
        moves = np.flatnonzero(steepest.any(axis=1))
        if len(moves) == 0:
            break
        to = chosen[moves]
        done.append(
            (
                units[moves],
                slope[moves, to],
                price[moves, to] - at_cost[moves],
                net[moves, to] - at_net[moves],
                np.full(len(moves), float(number == 0)),
            )
        )
        at_cost[moves], at_worth[moves], at_net[moves] = price[moves, to], worth[moves, to], net[moves, to]
    return _in_order(*(np.concatenate(part) for part in zip(*done, strict=True))) if done else _nothing()


def ranked_steps(ranking: ArrayLike, cost: ArrayLike, scores: ArrayLike) -> Steps:
    """Return the steps of a policy that treats the highest ``ranking`` first, whatever it costs or earns; each (n,).

    A constant ranking is the random policy.

    Raises
    ------
    ModelError
        Lengths differ, or a value is missing.

    Examples
    --------
    >>> ranked_steps([1.0, 3.0, 2.0], [1.0, 1.0, 1.0], [5.0, 9.0, 0.5]).gain.tolist()
    [8.0, -0.5, 4.0]
    """
    r, c, s = (np.asarray(a, dtype=float) for a in (ranking, cost, scores))
    if not r.shape == c.shape == s.shape or r.ndim != 1:
        raise ModelError(f"expected one ranking, cost and score a unit, got {r.shape}, {c.shape} and {s.shape}")
    if not (np.isfinite(r).all() and np.isfinite(s).all() and (c >= 0).all()):
        raise ModelError("expected finite rankings and scores and costs of 0 or more")
    return _in_order(np.arange(len(r)), r, c, s - c, np.ones(len(r)))


def _in_order(unit: Positions, priority: Floats, cost: Floats, gain: Floats, begins: Floats) -> Steps:
    order = np.argsort(-priority, kind="stable")
    return Steps(unit[order], priority[order], cost[order], gain[order], begins[order])


def _nothing() -> Steps:
    empty = np.empty(0)
    return Steps(np.empty(0, dtype=np.intp), empty, empty, empty, empty)


def cost_curves(
    policies: Mapping[str, Steps],
    *,
    budgets: ArrayLike,
    groups: ArrayLike,
    seed: int,
    weight: ArrayLike | None = None,
    draws: int = 200,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return what each policy earns at each budget, with intervals by half-sampling whole customers.

    Parameters
    ----------
    policies
        Steps over the same n units, by name; the first is the one that the others are compared with.
    budgets
        Money a unit, (b,).
    groups
        Customer of each unit, (n,).
    seed, draws, level
        Of the halves, see :func:`~.halves.half_samples`, and the coverage. How far a budget reaches is found anew in
        every half, so its error is in the interval.
    weight
        Weight of each unit in the population that the value is the mean of, (n,); all the same if None.

    Returns
    -------
    pandas.DataFrame
        One row a policy and budget: ``policy``, ``budget``, ``treated_share``, ``value`` (net, a unit, against treating
        nobody) with ``std_error``, ``low`` and ``high``; ``lead``, by how much the first policy is worth more, with
        ``lead_low`` and ``lead_high``.

    Raises
    ------
    ModelError
        Fewer than 4 customers, or a weight that is negative.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> effect = rng.normal(2, 2, 400)
    >>> cost, scores = np.ones((400, 1)), effect[:, None] + rng.normal(size=(400, 1))
    >>> policies = {
    ...     "effect": best_steps(effect[:, None] - cost, cost, scores),
    ...     "random": ranked_steps(np.zeros(400), cost[:, 0], scores[:, 0]),
    ... }
    >>> curves = cost_curves(policies, budgets=[0.25, 0.5], groups=np.arange(400), seed=0)
    >>> curves[["policy", "budget", "treated_share", "value"]].round(1)
       policy  budget  treated_share  value
    0  effect     0.2            0.2    0.9
    1  effect     0.5            0.5    1.3
    2  random     0.2            0.2    0.2
    3  random     0.5            0.5    0.5
    """
    at, ids = np.asarray(budgets, dtype=float), np.asarray(groups)
    w = np.ones(len(ids)) if weight is None else np.asarray(weight, dtype=float)
    if w.shape != (len(ids),) or not (w >= 0).all():
        raise ModelError(f"weight: expected {len(ids)} weights of 0 or more")
    masks = [np.ones(len(ids), dtype=bool), *half_samples(ids, draws=draws, seed=seed)]
    readings = {name: np.array([_read(steps, w * mask, at) for mask in masks]) for name, steps in policies.items()}
    z = float(stats.norm.ppf((1 + level) / 2))
    first = next(iter(readings.values()))
    frames = []
    for name, read in readings.items():
        value, share = read[0, 0], read[0, 1]
        error = read[1:, 0].std(axis=0, ddof=1)
        lead = first[0, 0] - value
        half = z * (first[1:, 0] - read[1:, 0]).std(axis=0, ddof=1)
        columns = {"policy": name, "budget": at, "treated_share": share, "value": value, "std_error": error}
        columns |= {"low": value - z * error, "high": value + z * error}
        frames.append(pd.DataFrame(columns | {"lead": lead, "lead_low": lead - half, "lead_high": lead + half}))
    return pd.concat(frames, ignore_index=True)


def _read(steps: Steps, weight: Floats, budgets: Floats) -> Floats:
    """Return value and share treated at each budget, (2, b), for units weighted by ``weight``."""
    if len(steps.unit) == 0:
        return np.zeros((2, len(budgets)))
    ends = np.flatnonzero(np.append(steps.priority[1:] != steps.priority[:-1], True))
    w = weight[steps.unit] / weight.sum()
    spent, gained, treated = (
        np.append(0.0, np.cumsum(w * part)[ends]) for part in (steps.cost, steps.gain, steps.begins)
    )
    return np.stack([np.interp(budgets, spent, gained), np.interp(budgets, spent, treated)])
