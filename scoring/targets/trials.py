"""What a list does with actions whose effect failed a check: a trial with half held out, or nothing.

A refused effect may still be true, so its customers are worth asking: not to earn by it, but to find out. Within
``explore_share`` of the budget the list takes those for whom it could be worth most (the upper end of what is left of
the effect), half of them held out by the same salted hash as every holdout: a customer of the lasting holdout is never
treated. An action with less than one chance in twenty to pay is not tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.config.business import Config
from ...core.locale import Locale
from ...core.short_repr import ShortRepr
from ...models.effects.doubt import Evidence
from ...models.targeting.knowing import Belief
from ...models.targeting.policy import Capacity, choose_actions
from ...models.targeting.power import WIDER, Terms
from .holdout import Holdout, drawn_holdout
from .words import LIST_WORDS

__all__ = ["NotSpentOn", "Trials", "chance_pays", "drawn_trials", "reserved", "spendable"]

_HELD = 0.5
_LEAST_CHANCE = 0.05


@dataclass(frozen=True)
class NotSpentOn:
    """A refused action, and what the list does about it.

    Parameters
    ----------
    action, failed
        Its name, and the codes of the checks that failed.
    customers, held_out, spent
        Of the trial; 0 where there is none.
    chance
        Chance that this trial alone shows whether the action pays; NaN where nobody knows how its outcome spreads.
    chance_pays
        Chance that it pays, as far as its checks tell; NaN of scores of an earlier version.
    reason
        Why the list spends on it all the same, by the config; "": it does not.
    """

    action: str
    failed: tuple[str, ...]
    customers: int = 0
    held_out: int = 0
    spent: float = 0.0
    chance: float = np.nan
    chance_pays: float = np.nan
    reason: str = ""

    def line(self, locale: Locale) -> str:
        """Return what is said of it beside the list."""
        checks = locale.listed([LIST_WORDS.say(locale, code) for code in self.failed])
        figures: dict[str, Any] = {"action": self.action, "checks": checks}
        if self.reason:
            return LIST_WORDS.say(locale, "allowed", reason=self.reason, **figures)
        if not self.customers:
            return LIST_WORDS.say(locale, "not_tried", **figures)
        figures |= {"n": self.customers, "held": self.held_out, "spent": self.spent}
        code = "trial" if np.isfinite(self.chance) else "trial_blind"
        return LIST_WORDS.say(locale, code, chance=self.chance, **figures)


@dataclass(frozen=True)
class Trials(ShortRepr):
    """The customers of all trials with their holdout, and what is said of each refused action."""

    chosen: pd.DataFrame
    held: Holdout
    told: tuple[NotSpentOn, ...]


def spendable(pairs: pd.DataFrame, config: Config) -> Bools:
    """Return which pairs a list may simply spend on: no check failed, or the config allows the action by name."""
    allowed = [name for name, one in config.incremental.actions.items() if one.spend_although_refused]
    return np.asarray((pairs["evidence"] != Evidence.REFUSED) | pairs["action"].isin(allowed), dtype=bool)


def _worth_trying(pairs: pd.DataFrame, doubts: Mapping[str, Any]) -> Bools:
    """Return the pairs of actions that could pay, for customers for whom it could be worth its cost."""
    costs = pairs.groupby("action")["cost"].mean().to_dict()
    tried = [name for name, cost in costs.items() if chance_pays(doubts.get(str(name)), cost) >= _LEAST_CHANCE]
    return np.asarray(pairs["action"].isin(tried) & (pairs["incremental_clv_high"] > pairs["cost"]), dtype=bool)


def chance_pays(doubt: Mapping[str, Any] | None, cost: float) -> float:
    """Return the chance that an action pays; NaN where nobody knows."""
    belief = _belief(doubt, cost)
    return np.nan if belief is None else 1 - belief.chance_below()


def _belief(doubt: Mapping[str, Any] | None, cost: float) -> Belief | None:
    if doubt is None:
        return None
    return Belief(doubt["corrected"] - cost, doubt["corrected_std_error"], counts=False)


def reserved(pairs: pd.DataFrame, doubts: Mapping[str, Any], explore: float) -> float:
    """Return what of the budget is kept for trials: ``explore`` at most, less where so much cannot be tried.

    Parameters
    ----------
    pairs
        Refused pairs.
    doubts
        Facts of the scores by action.
    explore
        The part of the budget that trials may take, in money.
    """
    worth = pairs[_worth_trying(pairs, doubts)]
    return min(explore, float((1 - _HELD) * worth.groupby("customer_id")["cost"].max().sum()))


def drawn_trials(
    pairs: pd.DataFrame,
    doubts: Mapping[str, Any],
    config: Config,
    explore: float,
    capacities: Sequence[Capacity],
) -> Trials:
    """Choose the customers of the trials and hold half of them out.

    Parameters
    ----------
    pairs
        Refused pairs of customers whom the list does not contact otherwise.
    doubts
        Facts of the scores by action; an action without any is not tried.
    config
        The business: its salt and its reasons to spend all the same.
    explore
        Most that the treated of the trials may cost, in money.
    capacities
        What the list leaves of them.
    """
    candidates = pairs[_worth_trying(pairs, doubts)]
    optimistic = candidates["incremental_clv_high"] - candidates["cost"]
    plan = choose_actions(
        candidates["customer_id"],
        candidates["action"],
        optimistic,
        candidates["cost"] * (1 - _HELD),
        budget=explore,
        capacities=capacities,
    )
    order = optimistic[plan.chosen].sort_values(ascending=False, kind="stable").index
    chosen = candidates.loc[order].reset_index(drop=True)
    half = config.incremental.holdout.model_copy(update={"share": _HELD})
    drawn = _draw(chosen, half)
    # Chance may treat more than half: the last ones are dropped then.
    inside = np.cumsum(np.where(drawn.held, 0.0, chosen["cost"])) <= explore * (1 + 1e-12)
    if not inside.all():
        chosen = chosen[np.logical_and.accumulate(inside)].reset_index(drop=True)
        drawn = _draw(chosen, half)
    told = [_told(name, part, drawn, chosen, doubts) for name, part in pairs.groupby("action", sort=True)]
    return Trials(chosen, drawn, tuple(told))


def _draw(chosen: pd.DataFrame, half: Any) -> Holdout:
    return drawn_holdout(chosen["customer_id"], chosen["action"], chosen["net_value"], half)


def _told(
    action: Any, pairs: pd.DataFrame, drawn: Holdout, chosen: pd.DataFrame, doubts: Mapping[str, Any]
) -> NotSpentOn:
    doubt, cost = doubts.get(action), float(pairs["cost"].mean())
    failed = tuple(doubt["failed"]) if doubt else ()
    own = (chosen["action"] == action).to_numpy(dtype=bool)
    n, held = int(own.sum()), int((own & drawn.held).sum())
    told = NotSpentOn(str(action), failed, chance_pays=chance_pays(doubt, cost))
    belief = _belief(doubt, cost)
    if n == 0 or belief is None or doubt is None:
        return told
    spent = float(chosen.loc[own & ~drawn.held, "cost"].sum())
    chance = np.nan
    if doubt["spread"] and 0 < held < n:
        chance = belief.chance_of_verdict(Terms(doubt["spread"] * WIDER, held / n).std_error(n))
    return replace(told, customers=n, held_out=held, spent=spent, chance=chance)
