"""What a list came to, in figures and in the words of the business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...core.action_cost import ActionCost
from ...core.config.business import Config
from ...core.locale import Locale
from ...core.messages import Message
from .choose import Chosen
from .policy import PolicyValue
from .trials import NotSpentOn
from .words import LIST_WORDS

__all__ = ["TargetsOutcome", "outcome_of"]


@dataclass(frozen=True)
class TargetsOutcome:
    """The lists: how many to contact and to leave alone, what it costs and is expected to earn.

    ``gap`` is the share of the best plan's value that this one may miss, ``budget_price`` what one more unit of
    budget would add, ``costs`` what an offer of each listed action costs and by which rule. ``people`` are the files
    that people open, ``notes`` what they have to know about them, and ``left_out`` says who of the scores may not be
    contacted on the day of the list, and why. ``policy`` is what such a choice was worth on held-out decisions,
    ``facts`` the file that says all this to programs, and ``programs`` are the other files for them.

    ``net_value`` with its interval is that of the effects that passed their checks; errors of customers are added as if
    they went together, which those of an action's average do. Trials of refused effects (``refused``) count in
    ``contacted``, ``held_out`` and ``cost`` and promise nothing; an action that the config allows all the same promises
    what its checks leave.
    """

    out: Path
    holdout: Path
    contacted: int
    held_out: int
    cost: float
    net_value: float
    gap: float
    exact: bool
    budget_price: float
    balance: str
    currency: str
    costs: Mapping[str, ActionCost] = field(default_factory=dict)
    people: tuple[Path, ...] = ()
    net_value_low: float = np.nan
    net_value_high: float = np.nan
    refused: tuple[NotSpentOn, ...] = ()
    threshold: Path | None = None
    without_cut: tuple[Message, ...] = ()
    locale: Locale = field(default_factory=Locale)
    notes: tuple[str, ...] = ()
    left_out: tuple[Message, ...] = ()
    policy: PolicyValue | None = None
    facts: Path | None = None
    programs: tuple[Path, ...] = ()

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        say, locale = LIST_WORDS.say, self.locale
        plan = say(locale, "exact") if self.exact else say(locale, "near", gap=self.gap)
        binds = self.budget_price > 0
        budget = say(locale, "binds", one=1.0, price=self.budget_price) if binds else say(locale, "loose")
        programs = [*([self.facts] if self.facts else []), *self.programs]
        promise = ""
        if np.isfinite(self.net_value_low):
            ends = say(locale, "promise", low=self.net_value_low, high=self.net_value_high)
            promise = f" ({ends})"
        return [
            *([LIST_WORDS.write(locale, self.policy.message())] if self.policy else []),
            say(locale, "contact", n=self.contacted, cost=self.cost, out=str(self.out)),
            say(locale, "value", net_value=self.net_value, promise=promise, plan=plan, budget=budget),
            say(locale, "alone", n=self.held_out, out=str(self.holdout), balance=self.balance),
            *(LIST_WORDS.write(locale, one) for one in self.left_out),
            *(one.line(locale) for one in self.refused),
            *(say(locale, "cost", action=action, rule=rule.words(locale)) for action, rule in self.costs.items()),
            *([say(locale, "threshold", file=str(self.threshold))] if self.threshold else []),
            *(say(locale, why.code, **why.figures) for why in self.without_cut),
            *([say(locale, "people", files=[str(file) for file in self.people])] if self.people else []),
            *([say(locale, "programs", files=[str(file) for file in programs])] if programs else []),
            *self.notes,
        ]


def outcome_of(
    config: Config, out: Path, holdout: Path, chosen: Chosen, costs: Mapping[str, ActionCost]
) -> TargetsOutcome:
    """Return what a chosen list came to.

    Parameters
    ----------
    config, out, holdout
        The business, and where its lists lie.
    chosen, costs
        The list, and by which rule its offers cost what they do.
    """
    contacted, spent_on = chosen.rows[~chosen.held], chosen.rows[~chosen.held & ~chosen.trial]
    low, high = (float((spent_on[f"incremental_clv_{end}"] - spent_on["cost"]).sum()) for end in ("low", "high"))
    return TargetsOutcome(
        out=out,
        holdout=holdout,
        contacted=len(contacted),
        held_out=int(chosen.held.sum()),
        cost=float(contacted["cost"].sum()),
        net_value=float(spent_on["net_value"].sum()),
        gap=chosen.plan.gap,
        exact=chosen.plan.exact,
        budget_price=chosen.plan.budget_price,
        balance=chosen.drawn.line(config.locale),
        currency=config.currency,
        costs=costs,
        net_value_low=low,
        net_value_high=high,
        refused=chosen.told,
        locale=config.locale,
    )
