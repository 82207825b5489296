"""The bridge from the naive figure to the effect: who was chosen, when, what nobody saw, and what counts twice.

    naive - selection - regression to the mean - unseen - forecast = effect (natural course);
    effect - double counting = programme

The naive figure is the plain difference between the treated and untreated customers of the same months. Adjusting for
what customers lastingly are takes out *selection*. Adjusting for what has just happened to them too takes out
*regression to the mean*: whoever is picked at a low recovers on his own, and whoever is picked at a high falls back.
*Unseen* is what held-out controls show beyond all that the tables can adjust for. *Forecast* is what mature decisions
take off what was predicted for them. *Double counting* is the value of
later actions, which each of them will claim again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.arrays import Floats
from ...core.records import TrialData
from ..effects.average import AverageEffect

__all__ = ["Bridge", "bridge_between", "lasting_effect"]


@dataclass(frozen=True)
class Bridge:
    """Steps that lead from ``naive`` to ``effect`` and on to ``programme``, each added; money a treated customer.

    NaN where a step is not known: without an observational estimate there is no adjusting step.
    """

    naive: float
    selection: float
    regression_to_mean: float
    unseen: float
    forecast: float
    effect: float
    double_counting: float
    programme: float


def lasting_effect(trial: TrialData, outcome: Floats, lasting: Sequence[str], *, folds: int, seed: int) -> float:
    """Return the effect on the treated adjusted for the columns ``lasting`` of an observational trial alone.

    Raises
    ------
    ModelError
        As :meth:`AverageEffect.fit`.
    """
    columns = [name for name in trial.features.columns if name in set(lasting)]
    effect = AverageEffect(folds=folds, repeats=1, seed=seed)
    effect.fit(trial.features[columns], trial.treated, outcome, groups=trial.units["customer_id"])
    return effect.estimate()


def bridge_between(
    *,
    naive: float,
    lasting: float,
    adjusted: float,
    effect: float,
    programme: float,
    randomised: bool,
    forecast: float = 0.0,
) -> Bridge:
    """Return the bridge between figures, each for one treated customer.

    Parameters
    ----------
    naive
        Plain difference to untreated customers.
    lasting, adjusted
        Observational effects, adjusted for lasting features and for all; NaN without an observational estimate.
    effect
        The headline.
    programme
        The effect with all later actions set to none; NaN where unknown.
    randomised
        Whether the headline compares with customers held out at random.
    forecast
        What mature decisions added to the headline; all but it and the programme are as forecast.
    """
    return Bridge(
        naive=naive,
        selection=lasting - naive,
        regression_to_mean=adjusted - lasting,
        unseen=effect - forecast - adjusted if randomised else 0.0,
        forecast=forecast,
        effect=effect,
        double_counting=programme - effect,
        programme=programme,
    )
