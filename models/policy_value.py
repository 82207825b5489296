"""What a policy earns: doubly robust value on decisions it did not learn from, and the usual lists to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ..core.errors import ModelError
from .design import Floats
from .inference import clustered_std_error

__all__ = ["PolicyValue", "policy_value", "standard_policies"]


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
