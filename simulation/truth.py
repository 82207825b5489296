"""The truth: what each decision causes, by continuing the world both ways.

For a decision on action ``a`` at ``s``, the world goes on from the state just before it, once with ``a``
forced and once with ``a`` barred at ``s``; everything else takes its natural course in both, for the
horizon's months. Both worlds get the same uniforms for each customer and month (common random numbers),
leaving for good is a weight, and acceptance is averaged over its two outcomes: noise stays small. The same
with all later actions barred is the effect of the programme against none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .actions import ActionRule, carry_out, offer_to_all, success_chance
from .rules import RULES
from .state import Draw, Floats, Setting, State
from .world import step

__all__ = ["Effects", "half_correlation", "natural_value", "standard_error", "true_effects"]

CHUNK = 8_192
"""Customers continued together: their state fits the processor's cache."""


@dataclass(frozen=True)
class Effects:
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
class Branch:
    """One way a decision goes on: its arm and outcome, and the signed probability it counts with (n,)."""

    treated: bool
    success: bool
    weight: Floats


def _branches(setting: Setting, state: State, rule: ActionRule) -> list[Branch]:
    """Return treated branches with positive, barred ones with negative weight; those of weight 0 are left out."""
    branches = []
    for treated, sign in ((True, 1.0), (False, -1.0)):
        chance = success_chance(rule, offer_to_all(setting, state, rule, treated=treated))
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
    natural, programme = np.empty((len(before), 0)), np.empty((len(before), 0))
    while natural.shape[1] < truth.replicates_most:
        done = natural.shape[1]
        more = [_replicate(setting, before, rule, at_snapshot, [*seed, done + r]) for r in range(truth.replicates_step)]
        natural = np.column_stack([natural, *(effects[0] for effects in more)])
        programme = np.column_stack([programme, *(effects[1] for effects in more)])
        correlation = half_correlation(natural)
        if rule.effect is None or not correlation < truth.correlation:
            break
    return Effects(natural, programme)


def _replicate(
    setting: Setting, before: State, rule: ActionRule, at_snapshot: bool, seed: Sequence[int]
) -> tuple[Floats, Floats]:
    """Return one draw of the natural and programme effects, both (n,)."""
    natural, programme = np.empty(len(before)), np.empty(len(before))
    for start in range(0, len(before), CHUNK):
        part = slice(start, start + CHUNK)
        rng = np.random.default_rng([*seed, start])
        natural[part], programme[part] = _both_ways(setting, before.take(part), rule, at_snapshot, rng)
    return natural, programme


def _both_ways(
    setting: Setting, before: State, rule: ActionRule, at_snapshot: bool, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Continue every branch with the same uniforms; return signed sums of value, natural and programme."""
    day = rule.day(setting, before)
    before.restart_books(setting.month_start[before.month] if at_snapshot else day)
    branches = _branches(setting, before, rule)
    rest = [other for other in RULES if other is not rule and (at_snapshot or other.slot > rule.slot)]
    with_later = [_begin(setting, before, rule, branch) for branch in branches]
    without = [_begin(setting, before, rule, branch) for branch in _merged(branches, rule)]
    for months_on in range(setting.config.truth.horizon_months):
        uniforms = rng.random((Draw.COUNT, len(before)))
        for _, world in with_later:
            step(setting, world, uniforms, drawn=False, rules=RULES if months_on else rest)
        for _, world in without:
            step(setting, world, uniforms, drawn=False, rules=())
    natural, programme = (
        np.sum([branch.weight * world.value for branch, world in worlds], axis=0) for worlds in (with_later, without)
    )
    return natural, programme


def _begin(setting: Setting, before: State, rule: ActionRule, branch: Branch) -> tuple[Branch, State]:
    """Return the branch with a copy of the state in which its arm and outcome have happened."""
    world = before.take(slice(None))
    carry_out(rule, offer_to_all(setting, world, rule, treated=branch.treated, success=branch.success))
    return branch, world


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
            step(setting, world, rng.random((Draw.COUNT, len(world))), drawn=drawn)
        draws.append(world.value)
    return np.column_stack(draws)
