"""Whom to give which arm, when arms cost money, and what that is worth on customers the rule did not learn from.

The personal rule gives each customer the arm of the highest predicted net value, and none where nothing is predicted
to pay. Its value, and that of giving one arm to everybody, is read off doubly robust scores of customers that were
predicted by models of earlier parts (:mod:`.sequential`), never off the predictions. The personal rule is advised only
if its lead over every simpler one is shown, an arm for everybody only if its net effect is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy import stats

from ...core.arrays import Floats, Positions
from ...core.short_repr import ShortRepr
from ..effects.individual import IndividualEffect
from .arm_effects import Together
from .sequential import Sequential

__all__ = ["Advice", "RuleValue", "choose_arm", "net_predictions", "rule_value"]


class Advice(StrEnum):
    """What the evidence allows to do."""

    PERSONAL = "personal"
    ONE_ARM = "one_arm"
    NOBODY = "nobody"


@dataclass(frozen=True)
class RuleValue(ShortRepr):
    """What rules are worth, in money a customer against giving nobody anything.

    Parameters
    ----------
    table
        One row a rule: ``rule`` (``personal``, ``one_arm`` or ``nobody``), ``arm`` (its place, 0 where none),
        ``treated_share``, ``cost``, ``value`` with ``low`` and ``high``, and ``lead``, by how much the personal rule is
        worth more, with ``lead_low`` and ``lead_high``.
    judged
        Customers that the values are means over.
    advice, arm
        What the evidence allows, and which arm where it is one for everybody, else 0.

    Examples
    --------
    >>> table = pd.DataFrame({"rule": ["personal"], "value": [1.2], "low": [0.3], "high": [2.1]})
    >>> RuleValue(table, 4_000, Advice.PERSONAL, 0).advice.value
    'personal'
    """

    table: pd.DataFrame
    judged: int
    advice: Advice
    arm: int


def choose_arm(net: Floats) -> Positions:
    """Return for each customer the place of the arm of highest predicted net value, 0 where none is above 0, (n,).

    Parameters
    ----------
    net
        Predicted net value of arms 1 to K, (n, K).

    Examples
    --------
    >>> choose_arm(np.array([[1.0, 2.0], [-1.0, -0.5]])).tolist()
    [2, 0]
    """
    return np.where(net.max(axis=1) > 0, net.argmax(axis=1) + 1, 0)


def net_predictions(models: Sequence[IndividualEffect], X: pd.DataFrame, worth: float, costs: Floats) -> Floats:
    """Return the predicted net value of each arm for each customer, (n, K), in money."""
    return np.column_stack([model.predict(X) for model in models]) * worth - costs


def rule_value(
    draws: Sequence[tuple[Sequential, Floats]],
    worth: float,
    costs: Floats,
    net_effects: Together,
    *,
    level: float = 0.95,
) -> RuleValue:
    """Return the value of the personal rule, of each arm for everybody, and of nobody, with the advice.

    Parameters
    ----------
    draws
        One or more draws of the parts: predictions by models of earlier parts, and doubly robust scores of each arm's
        effect, (n, K), in units of the outcome. Values and half-widths are averaged over them.
    worth
        Money that one unit of the outcome is worth.
    costs
        Money that each arm costs a customer, (K,).
    net_effects
        Net effects of the arms in money with their joint intervals, of all customers.
    level
        Coverage.
    """
    z = float(stats.norm.ppf((1 + level) / 2))
    tables = [_values(turns, scores, worth, costs, z) for turns, scores in draws]
    table = tables[0].copy()
    figures = _COLUMNS[2:]
    table[figures] = np.mean([each[figures].to_numpy(dtype=float) for each in tables], axis=0)
    advice, arm = _advice(table, net_effects)
    return RuleValue(table, int(draws[0][0].judged.sum()), advice, arm)


def _values(turns: Sequential, scores: Floats, worth: float, costs: Floats, z: float) -> pd.DataFrame:
    """Return the value of every rule on the customers of one draw that were predicted."""
    judged = turns.judged
    earned = scores[judged] * worth - costs
    chosen = choose_arm(turns.effect[judged] * worth - costs)
    values: list[tuple[Advice, int, Positions, Floats]] = [(Advice.PERSONAL, 0, chosen, _of(chosen, earned))]
    for arm in range(1, earned.shape[1] + 1):
        everybody = np.full(len(earned), arm)
        values.append((Advice.ONE_ARM, arm, everybody, _of(everybody, earned)))
    values.append((Advice.NOBODY, 0, np.zeros_like(chosen), np.zeros(len(earned))))
    paid, rows = np.append(0.0, costs), []
    for rule, arm, given, value in values:
        mean, half = _mean(value, z)
        lead, lead_half = _mean(values[0][3] - value, z)
        rows.append(
            (
                *(rule.value, arm, float((given > 0).mean()), float(paid[given].mean())),
                *(mean, mean - half, mean + half, lead, lead - lead_half, lead + lead_half),
            )
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = [
    *("rule", "arm", "treated_share", "cost", "value", "low", "high"),
    *("lead", "lead_low", "lead_high"),
]


def _of(chosen: Positions, earned: Floats) -> Floats:
    """Return what each customer's arm earned, 0 without one."""
    return np.where(chosen > 0, earned[np.arange(len(chosen)), np.maximum(chosen - 1, 0)], 0.0)


def _mean(values: Floats, z: float) -> tuple[float, float]:
    return float(values.mean()), z * float(values.std(ddof=1)) / len(values) ** 0.5


def _advice(table: pd.DataFrame, net_effects: Together) -> tuple[Advice, int]:
    """Return what is shown: the lead of the personal rule over all others, or one arm's net effect, or nothing.

    All leads have to be shown at once, so their number costs nothing (an intersection-union test).
    """
    if (table["lead_low"].iloc[1:] > 0).all():
        return Advice.PERSONAL, 0
    shown = np.flatnonzero(net_effects.low_together > 0)
    if len(shown) == 0:
        return Advice.NOBODY, 0
    middle = (net_effects.low_together + net_effects.high_together) / 2
    return Advice.ONE_ARM, int(shown[np.argmax(middle[shown])]) + 1
