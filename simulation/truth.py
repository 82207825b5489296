"""The truth: what each decision causes, by continuing the world both ways.

For a decision on action ``a`` at ``s``, the world goes on from the state just before it, once with ``a``
forced and once with ``a`` barred at ``s``; everything else takes its natural course in both, for the
horizon's months. Both worlds get the same uniforms for each customer and month (common random numbers),
leaving for good is a weight, and acceptance is averaged over its two outcomes: noise stays small. The same
with all later actions barred is the effect of the programme against none.

In a world with a win-back campaign nobody leaves for good: leaving is drawn, and noise is larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.arrays import Floats
from ..core.short_repr import ShortRepr
from .actions import ActionRule, carry_out, offer_to_all, success_chance
from .month import step
from .state import Setting, State
from .win_back import draw_count, rules_of

__all__ = ["Effects", "half_correlation", "natural_value", "standard_error", "true_effects"]

CHUNK = 8_192
"""Customers (times replicates) continued together: their state fits the processor's cache."""


@dataclass(frozen=True)
class Effects(ShortRepr):
    """Individual effects of one action, one column a replicate: (n, replicates), EUR over the horizon.

    ``natural``: later actions take their natural course. ``programme``: there are none.
    """

    natural: Floats
    programme: Floats


def standard_error(draws: Floats) -> Floats:
    """Return the simulation's standard error of the mean over replicates, (n,) of (n, replicates)."""
    return np.asarray(draws.std(axis=1, ddof=1) / np.sqrt(draws.shape[1]))


def half_correlation(draws: Floats) -> float:
    """Return the correlation between the means of two independent halves of the replicates; NaN if constant."""
    first, second = draws[:, ::2].mean(axis=1), draws[:, 1::2].mean(axis=1)
    if len(first) < 3 or first.std() < 1e-12 or second.std() < 1e-12:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


@dataclass(frozen=True)
class Branch(ShortRepr):
    """One way a decision goes on: its arm and outcome, and the signed probability it counts with (n,)."""

    treated: bool
    success: bool
    weight: Floats


def _branches(setting: Setting, state: State, rule: ActionRule, day: Floats) -> list[Branch]:
    """Return treated branches with positive, barred ones with negative weight; those of weight 0 are left out."""
    branches = []
    for treated, sign in ((True, 1.0), (False, -1.0)):
        chance = success_chance(rule, offer_to_all(setting, state, day, treated=treated))
        if rule.effect is None:
            chance = np.zeros(len(state))
        branches += [Branch(treated, True, sign * chance), Branch(treated, False, sign * (1.0 - chance))]
    return [branch for branch in branches if np.any(branch.weight != 0.0)]


def _merged(branches: list[Branch], rule: ActionRule) -> list[Branch]:
    """Return the branches with those joined that only the cool-down tells apart: without later actions equal."""
    if rule.success is None:
        return branches
    joined = [
        Branch(True, success, np.sum([b.weight for b in branches if b.success == success], axis=0))
        for success in (True, False)
    ]
    return [branch for branch in joined if np.ndim(branch.weight)]


def true_effects(
    setting: Setting, before: State, rule: ActionRule, *, at_snapshot: bool, seed: Sequence[int]
) -> Effects:
    """Return the true effects of one action on the customers of ``before``.

    Replicates are added until two independent halves of the individual effects correlate as wanted, or
    there are as many as allowed (both in :class:`~.settings.TruthSettings`).

    Parameters
    ----------
    before
        State just before the decision; customers may be in different months.
    at_snapshot
        True: the decision comes before all other slots of its month. False: the slots before the action's own
        are over, as in the log.
    seed
        Entropy of the uniforms; the same seed gives the same truth.
    """
    truth = setting.config.truth
    if len(before) == 0:
        return Effects(np.empty((0, truth.replicates_step)), np.empty((0, truth.replicates_step)))
    natural, programme = np.empty((len(before), 0)), np.empty((len(before), 0))
    most = truth.replicates_step if rule.effect is None else truth.replicates_most
    batch = 2 * int(np.clip(CHUNK // len(before), truth.replicates_step, most) // 2)
    while natural.shape[1] < most:
        more = _replicates(setting, before, rule, at_snapshot, [*seed, natural.shape[1]], batch)
        natural = np.column_stack([natural, more[0]])
        programme = np.column_stack([programme, more[1]])
        if not half_correlation(natural) < truth.correlation:
            break
    return Effects(natural, programme)


def _replicates(
    setting: Setting, before: State, rule: ActionRule, at_snapshot: bool, seed: Sequence[int], count: int
) -> Floats:
    """Return draws of the natural and the programme effect, (2, n, count)."""
    rows = np.tile(np.arange(len(before)), count)
    drawn = [
        _both_ways(setting, before.take(rows[i : i + CHUNK]), rule, at_snapshot, np.random.default_rng([*seed, i]))
        for i in range(0, len(rows), CHUNK)
    ]
    return np.concatenate(drawn, axis=1).reshape(2, count, len(before)).swapaxes(1, 2)


def _both_ways(
    setting: Setting, before: State, rule: ActionRule, at_snapshot: bool, rng: np.random.Generator
) -> Floats:
    """Continue every branch with the same uniforms; return signed sums of value, natural and programme, (2, n)."""
    day = setting.month_start[before.month] if at_snapshot else rule.day(setting, before)
    before.restart_books(day)
    branches = _branches(setting, before, rule, day)
    drawn = setting.config.win_back is not None
    rest = [
        other for other in rules_of(setting.config) if other is not rule and (at_snapshot or other.slot > rule.slot)
    ]
    with_later = [_begin(setting, before, rule, branch, day) for branch in branches]
    joined = _merged(branches, rule)
    without = [_begin(setting, before, rule, branch, day) for branch in joined]
    for months_on in range(setting.config.truth.horizon_months):
        uniforms = rng.random((draw_count(setting.config), len(before)))
        for world in with_later:
            step(setting, world, uniforms, drawn=drawn, rules=None if months_on else rest)
        for world in without:
            step(setting, world, uniforms, drawn=drawn, rules=())
    return np.stack([_signed_sum(branches, with_later), _signed_sum(joined, without)])


def _signed_sum(branches: list[Branch], worlds: list[State]) -> Floats:
    """Return the value of the worlds added up with the branches' signed weights (n,)."""
    values = [branch.weight * world.value for branch, world in zip(branches, worlds, strict=True)]
    return np.asarray(np.sum(values, axis=0))


def _begin(setting: Setting, before: State, rule: ActionRule, branch: Branch, day: Floats) -> State:
    """Return a copy of the state in which the branch's arm and outcome have happened at ``day`` (n,)."""
    world = before.take(slice(None))
    carry_out(rule, offer_to_all(setting, world, day, treated=branch.treated, success=branch.success))
    return world


def natural_value(setting: Setting, before: State, *, drawn: bool, seed: Sequence[int], replicates: int) -> Floats:
    """Return draws of V over the horizon when everything takes its natural course, (n, replicates).

    Parameters
    ----------
    drawn
        Whether leaving for good is drawn (as in the log) or a weight; both have the same mean.
    """
    draws = []
    for replicate in range(replicates):
        world = before.take(slice(None))
        world.restart_books(setting.month_start[world.month])
        rng = np.random.default_rng([*seed, replicate])
        for _ in range(setting.config.truth.horizon_months):
            step(setting, world, rng.random((draw_count(setting.config), len(world))), drawn=drawn)
        draws.append(world.value)
    return np.column_stack(draws)
