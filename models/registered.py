"""What is registered: fitted models behind one flat frame in, one frame out.

Each holds the model in use and its evaluation model, fitted only on what was known before the held-out
snapshots, by which champion and challenger are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.action_cost import ActionCost
from ..core.arrays import Bools, Floats
from ..core.renamed import RenamedAttributes
from ..core.short_repr import ShortRepr
from .churn.competing import CompetingChurn
from .churn.logistic import LogisticChurn
from .effects.doubt import Doubt, Evidence
from .effects.stepped import SteppedEffect
from .effects.value_at_risk import ValueAtRiskEffect
from .fitting.encoding import SharedRows

__all__ = ["ActionModel", "ChurnModel", "IncrementalModel"]


_ROWS = 16_384
"""Customers whose features are encoded at once, for all actions."""


@dataclass(frozen=True)
class ChurnModel(RenamedAttributes, ShortRepr):
    """Churn within the horizon, voluntary and involuntary.

    Parameters
    ----------
    final, evaluation
        Fitted on all labelled rows; fitted before the held-out snapshots.
    columns
        Features that :meth:`predict_frame` needs.
    horizon_days
        The horizon of the label.
    """

    _old_names = {"point": "final", "judged": "evaluation"}

    final: CompetingChurn | LogisticChurn
    evaluation: CompetingChurn | LogisticChurn
    columns: tuple[str, ...]
    horizon_days: int

    def predict_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return churn_probability and its voluntary and involuntary parts, in [0, 1]."""
        causes = self.final.predict_causes(frame[list(self.columns)])
        return pd.DataFrame(
            {
                "churn_probability": causes[:, 1] + causes[:, 2],
                "churn_probability_voluntary": causes[:, 1],
                "churn_probability_involuntary": causes[:, 2],
            },
            index=frame.index,
        )

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the log-odds of churn, one column a feature."""
        return self.final.contributions(frame[list(self.columns)])[list(self.columns)]


@dataclass(frozen=True)
class ActionModel(ShortRepr):
    """The effect of one action on each customer, and what one offer costs on average.

    ``assignment`` says whether it rests on held-out controls (``randomised``) or on chosen ones
    (``observational``), ``rule`` where the cost comes from; None: a model of version 0.1, which took the config's.
    ``individual`` is a ``ValueAtRiskEffect`` in models that were trained before effects differed by steps.
    ``doubt`` is what the checks said of the average effect; None: a model that was not checked. ``state`` says whom it
    learnt from: customers whose subscription ran, or had ended (``lapsed``).
    """

    individual: SteppedEffect | ValueAtRiskEffect
    cost: float
    acceptance: float
    assignment: str
    rule: ActionCost | None = None
    doubt: Doubt | None = None
    state: str = "running"

    @property
    def evidence(self) -> Evidence:
        """What the effect rests on."""
        return Evidence(self.assignment) if self.doubt is None else self.doubt.evidence

    def predict(self, X: pd.DataFrame) -> Floats:
        """Return the effect for each customer, (n,), what the checks found taken off."""
        return self.predict_with_interval(SharedRows(X))[0]

    def predict_with_interval(self, X: SharedRows) -> tuple[Floats, Floats, Floats]:
        """Return the effect for each customer with its ends, each (n,), what the checks found taken off."""
        found = self.individual.predict_in_parts(X.frame, X)
        if self.doubt is None:
            return found.effect, found.low, found.high
        return self.doubt.of_customers(found.effect, found.low, found.high, found.beyond)


@dataclass(frozen=True)
class IncrementalModel(RenamedAttributes, ShortRepr):
    """Incremental CLV of each action for each customer.

    Parameters
    ----------
    final, evaluation
        Models by action, fitted on all matured decisions; on those before the held-out ones. An action
        with too few early decisions has no evaluation model.
    columns
        Features that :meth:`predict_frame` needs.
    """

    _old_names = {"point": "final", "judged": "evaluation"}

    final: Mapping[str, ActionModel]
    evaluation: Mapping[str, ActionModel]
    columns: tuple[str, ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions whose effects it knows."""
        return tuple(self.final)

    def costs(self) -> dict[str, float]:
        """Return the expected cost of one offer, by action."""
        return {action: model.cost for action, model in self.final.items()}

    def cost_rules(self) -> dict[str, ActionCost | None]:
        """Return where each cost comes from; None of a model of version 0.1, which took the config's."""
        return {action: model.rule for action, model in self.final.items()}

    def predict_frame(self, frame: pd.DataFrame, rows: Mapping[str, Bools] | None = None) -> pd.DataFrame:
        """Return ``<action>.incremental_clv`` with its interval's ends for every action.

        Parameters
        ----------
        frame
            Features of n customers.
        rows
            Whom to value, (n,) for each action; the others are NaN. None: everybody.
        """
        ends = [f"{action}.incremental_clv{end}" for action in self.final for end in ("", "_low", "_high")]
        result = np.full((len(ends), len(frame)), np.nan)
        for start in range(0, len(frame), _ROWS):
            part = slice(start, start + _ROWS)
            shared = SharedRows(frame[list(self.columns)].iloc[part])
            for place, (action, model) in enumerate(self.final.items()):
                asked = np.ones(len(shared.frame), dtype=bool) if rows is None else rows[action][part]
                if asked.any():
                    valued = np.stack(model.predict_with_interval(shared.of(asked)))
                    result[3 * place : 3 * place + 3, part][:, asked] = valued
        return pd.DataFrame(dict(zip(ends, result, strict=True)), index=frame.index)
