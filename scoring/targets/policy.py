"""What choosing as this list does was worth on decisions that its models did not learn from.

Training values the policy on held-out decisions, doubly robust, at every budget, and keeps the curve with the model. A
list is a use of that policy: what it promises is a prediction, what the curve says was seen. The value is read at the
list's own share of what offering everything to everybody would cost.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.messages import Message
from ...core.short_repr import ShortRepr
from ...tracking import Tracker
from .words import LIST_WORDS

__all__ = ["NoBetterError", "PolicyValue", "Standing", "check_policy", "policy_value", "read_curve"]

CURVE = "tables/policy_value.csv"
"""Where training keeps the curve, among the files of its run."""

_OURS = "servicelift"


class NoBetterError(ConfigError):
    """On held-out decisions the policy was no better than contacting nobody, and nobody said to go on anyway.

    Examples
    --------
    >>> NoBetterError.exit_code
    2
    """


class Standing(StrEnum):
    """How the policy stands against contacting nobody."""

    BETTER = "better"
    UNPROVEN = "unproven"
    NO_BETTER = "no_better"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PolicyValue(ShortRepr):
    """The value of the policy on held-out decisions.

    Parameters
    ----------
    standing
        Against contacting nobody.
    value, low, high
        Money a decision at the budget of the list, net of cost, with its 95% interval; NaN where nobody knows.
    budget_share
        Of what offering everything to everybody would cost, as the curve has it.
    unlimited
        The value without a limit.
    others
        Of the usual lists at the same budget: value, low, high, by their name.
    """

    standing: Standing
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    budget_share: float = np.nan
    unlimited: float = np.nan
    others: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def message(self) -> Message:
        """Return what a user reads first."""
        figures: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high, "share": self.budget_share}
        return Message.of(f"policy_{self.standing.value}", **figures, unlimited=self.unlimited)

    def facts(self) -> dict[str, Any]:
        """Return it as plain values for a file."""
        names = ("value", "low", "high", "budget_share", "unlimited")
        figures = {name: _known(getattr(self, name)) for name in names}
        others = {
            name: dict(zip(("value", "low", "high"), map(_known, row), strict=True))
            for name, row in self.others.items()
        }
        return {"standing": self.standing.value, **figures, "unit": "money a decision, net", "others": others}


def policy_value(config: Config, versions: Mapping[str, int | None], share: float) -> PolicyValue:
    """Return what the policy of the scores was worth on held-out decisions.

    Parameters
    ----------
    config
        The business, whose store keeps the models.
    versions
        The models that scored, by kind.
    share
        What the list costs, over what offering everything to everybody would, in [0, 1].
    """
    number = versions.get("incremental")
    if not number:
        return PolicyValue(Standing.UNKNOWN)
    tracker = Tracker.of(config)
    version = next((one for one in tracker.versions(config.model_name("incremental")) if one.number == number), None)
    text = None if version is None or not version.run_id else tracker.artefact(version.run_id, CURVE)
    if text is None:
        return PolicyValue(Standing.UNKNOWN)
    return read_curve(pd.read_csv(io.StringIO(text)), share)


def read_curve(curve: pd.DataFrame, share: float) -> PolicyValue:
    """Return the value at a budget from a curve as training keeps it.

    It is no better than contacting nobody where its interval ends at 0 or below, or where it is not above 0 at this
    budget nor without a limit; it is better where its interval begins above 0.

    Parameters
    ----------
    curve
        One row a policy and budget: policy, budget_share, value, low, high.
    share
        As for :func:`policy_value`; the nearest budget above 0 is read.
    """
    shares = curve.loc[(curve["policy"] == _OURS) & (curve["budget_share"] > 0), "budget_share"]
    if shares.empty:
        return PolicyValue(Standing.UNKNOWN)
    at = float(shares.iloc[(shares - share).abs().argmin()])
    rows = curve[curve["budget_share"] == at].set_index("policy")
    figures = rows[["value", "low", "high"]].astype(float)
    value, low, high = figures.loc[[_OURS]].to_numpy()[0].tolist()
    whole = curve[curve["policy"] == _OURS].sort_values("budget_share")
    unlimited = float(whole["value"].iloc[-1])
    rest = figures.drop(index=[_OURS])
    others = {str(name): (middle, least, most) for name, middle, least, most in rest.itertuples(name=None)}
    if high <= 0 or max(value, unlimited) <= 0:
        standing = Standing.NO_BETTER
    else:
        standing = Standing.BETTER if low > 0 else Standing.UNPROVEN
    return PolicyValue(standing, value, low, high, at, unlimited, others)


def check_policy(config: Config, policy: PolicyValue, *, anyway: bool) -> None:
    """Stop where the policy was no better than contacting nobody, unless somebody says to go on.

    Raises
    ------
    NoBetterError
        It was not.
    """
    if policy.standing is Standing.NO_BETTER and not anyway:
        said = LIST_WORDS.write(config.locale, policy.message())
        raise NoBetterError(f"{said}; {LIST_WORDS.say(config.locale, 'ask_anyway')}")


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
