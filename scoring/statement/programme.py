"""The programme against none, from the estimates of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from ...core.records import TrialData
from ...models.actions.effect import ActionEffect
from ...models.actions.programme import ProgrammeEffect, later_over_horizon, programme_effects
from ...models.portfolio import ClvModel

__all__ = ["programme_of"]


class Headline(Protocol):
    """One action x initiative x design, estimated."""

    @property
    def headline(self) -> bool:
        """Whether this design is the one that speaks for the action."""

    @property
    def trial(self) -> TrialData:
        """The decisions."""

    @property
    def effect(self) -> ActionEffect:
        """The effect with its checks."""


def programme_of(
    estimated: Sequence[Headline], clv: ClvModel, *, annual_discount_rate: float
) -> dict[str, ProgrammeEffect]:
    """Return the effect of one decision with all later actions set to none, by action (headline rows).

    Later decisions are predicted for customers who run; offers to lapsed customers come to the others. So actions for
    lapsed customers have no such effect, and their later decisions stay in that of the others.

    Raises
    ------
    ModelError
        Actions follow each other so closely that their effects cannot be told apart.
    """
    headline = {one.trial.action: one for one in estimated if one.headline and not one.trial.lapsed}
    trials = {action: one.trial for action, one in headline.items()}
    usual = pd.concat([t.later for t in trials.values()]).mean() if trials else None
    return programme_effects(
        {action: one.effect for action, one in headline.items()},
        {
            a: later_over_horizon(t, clv, annual_discount_rate=annual_discount_rate, usual=usual)
            for a, t in trials.items()
        },
        costs={a: float(t.units.loc[t.treated == 1, "cost"].mean()) for a, t in trials.items()},
        seed=clv.seed,
    )
