"""Who comes on a list with which action: effects that hold first, trials of refused ones from what is kept for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...core.action_cost import ActionCost
from ...core.arrays import Bools, Floats
from ...core.config.business import Config
from ...core.errors import ConfigError, DataError
from ...core.hashing import uniform_hash
from ...core.short_repr import ShortRepr
from ...models.effects.doubt import Evidence
from ...models.targeting.policy import Capacity, Plan, choose_actions
from ..scores.score import ACTION_VALUES, SCORES
from .holdout import Holdout, drawn_holdout
from .scored import run_facts, stored
from .threshold import ListCut, list_cut
from .trials import NotSpentOn, drawn_trials, reserved, spendable

__all__ = ["Chosen", "check_costs", "choose", "cost_rules", "pairs_of"]


@dataclass(frozen=True)
class Chosen(ShortRepr):
    """The customers of a list: n rows, those that it spends on first, then those of its trials.

    ``cut`` is that of the rows that it spends on. ``held`` and ``trial`` are masks over the rows, ``propensity`` the
    chance of being contacted; ``priced`` are the actions that could have been chosen.
    """

    rows: pd.DataFrame
    held: Bools
    trial: Bools
    propensity: Floats
    plan: Plan
    cut: ListCut
    drawn: Holdout
    told: tuple[NotSpentOn, ...]
    priced: pd.Series


def choose(config: Config, scores: Path, pairs: pd.DataFrame, budget: float, capacity: int | None) -> Chosen:
    """Choose whom to contact with what: effects that hold first, trials of those that were refused from the rest.

    Parameters
    ----------
    config, scores
        The business, and the folder of its scores.
    pairs
        Customers and actions that the list may choose, see :func:`pairs_of`.
    budget, capacity
        Most that may be spent, and most customers in all; None: no limit.
    """
    doubts, limits = run_facts(scores).get("action_doubts", {}), _capacities(config, capacity)
    kept = spendable(pairs, config)
    sure, refused = pairs[kept].reset_index(drop=True), pairs[~kept].reset_index(drop=True)
    part = config.incremental.explore_share * budget if np.isfinite(budget) else np.inf
    for_trials = reserved(refused, doubts, part)
    plan = choose_actions(
        sure["customer_id"],
        sure["action"],
        sure["net_value"],
        sure["cost"],
        budget=budget - for_trials,
        capacities=limits,
    )
    main = sure[plan.chosen].sort_values(["net_value", "customer_id"], ascending=[False, True], ignore_index=True)
    drawn = drawn_holdout(main["customer_id"], main["action"], main["net_value"], config.incremental.holdout)
    others = refused[~refused["customer_id"].isin(main["customer_id"])]
    trials = drawn_trials(others, doubts, config, for_trials, [_left(one, main["action"]) for one in limits])
    rows = pd.concat([main, trials.chosen], ignore_index=True)
    trial = np.arange(len(rows)) >= len(main)
    untried = [_untried(name, doubts) for name in sorted(set(refused["action"]) - {one.action for one in trials.told})]
    allowed = [
        NotSpentOn(name, tuple(doubts[name]["failed"]), reason=reason)
        for name, one in config.incremental.actions.items()
        if (reason := one.spend_although_refused) and doubts.get(name, {}).get("evidence") == Evidence.REFUSED
    ]
    return Chosen(
        rows=rows,
        held=np.concatenate([drawn.held, trials.held.held]),
        trial=trial,
        propensity=1 - np.where(trial, trials.held.share, drawn.share),
        plan=plan,
        cut=list_cut(sure, plan.reduced, plan.chosen, pd.Series(drawn.held, index=main["customer_id"])),
        drawn=drawn,
        told=(*trials.told, *untried, *allowed),
        priced=pairs["action"],
    )


def _untried(action: str, doubts: Mapping[str, Mapping[str, Any]]) -> NotSpentOn:
    return NotSpentOn(action, tuple(doubts.get(action, {}).get("failed", ())))


def _left(limit: Capacity, used: pd.Series) -> Capacity:
    """Return what a list leaves of a capacity."""
    taken = len(used) if limit.actions is None else int(used.isin(limit.actions).sum())
    return Capacity(max(limit.most - taken, 0), limit.actions)


def check_costs(config: Config, chosen: pd.DataFrame, budget: float) -> None:
    """Stop before a budget is spent on a list that costs nothing because nobody says what it costs.

    Raises
    ------
    ConfigError
        Every cost of the list is 0, and the config does not say of every action on it that it costs nothing.
    """
    if chosen.empty or not chosen["cost"].eq(0).all():
        return
    actions = config.incremental.actions
    free = [name for name, action in actions.items() if "cost" in action.model_fields_set and not action.cost]
    unsaid = sorted(set(chosen["action"]) - set(free))
    if unsaid:
        raise ConfigError(
            f"expected actions that cost something, every cost of the list is 0 ({', '.join(unsaid)}), so a budget of"
            f" {budget:,.0f} {config.currency} binds nothing; give cost under incremental: actions: {unsaid[0]}: (0 if"
            " it is free), or actions.cost in the tables, train and score again"
        )


def cost_rules(scores: Path, actions: pd.Series) -> dict[str, ActionCost]:
    """Return what an offer of each action costs and by which rule, as the scores were made."""
    facts = run_facts(scores).get("action_costs", {})
    return {action: ActionCost.from_facts(facts[action]) for action in sorted(set(actions)) if action in facts}


def _capacities(config: Config, everybody: int | None) -> list[Capacity]:
    """Return the capacities of actions, teams and channels, and of the whole list."""
    actions, shared = config.incremental.actions, config.incremental.capacities
    limits = [Capacity(a.capacity, frozenset({name})) for name, a in actions.items() if a.capacity is not None]
    for most, takes in (
        *((most, {n for n, a in actions.items() if a.team == team}) for team, most in shared.team.items()),
        *((most, {n for n, a in actions.items() if a.channel == way}) for way, most in shared.channel.items()),
    ):
        limits.append(Capacity(most, frozenset(takes)))
    return limits if everybody is None else [*limits, Capacity(everybody)]


def pairs_of(folder: Path, salt: str) -> pd.DataFrame:
    """Return customer-action values with the customers' scores.

    Customers stand in an order drawn by the salt: where many are worth the same, who is served first must not
    depend on when they signed up.
    """
    values = pd.read_parquet(stored(folder, ACTION_VALUES), partitioning=None)
    if values.empty:
        raise DataError(
            f"'{folder / ACTION_VALUES}' holds no eligible pair of customer and action; train the incremental model"
            " and score again"
        )
    if "evidence" not in values:  # scores of an earlier version: nobody checked the effects
        values["evidence"] = None
    columns = ["customer_id", "churn_probability", "clv", "churn_model_version"]
    scores = pd.read_parquet(stored(folder, SCORES), columns=columns, partitioning=None)
    pairs = values.merge(scores, on="customer_id", how="left", validate="many_to_one")
    drawn = uniform_hash(pairs["customer_id"], f"order/{salt}")
    return pairs.iloc[np.argsort(drawn, kind="stable")].reset_index(drop=True)
