"""One fit of the CLV model to landmarks that are collected already, as a piece of work for a process of its own.

What such a process has to import is here and no more: neither tables nor features, which take seconds to load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sklearn.base import clone

from ..core.arrays import Floats
from ..core.config.business import Config
from ..core.errors import DataError
from ..core.hashing import customer_weights
from ..core.records import ClvInputs
from ..core.short_repr import ShortRepr
from ..models.portfolio import PortfolioCLV
from ..models.purchases.value import NonContractualCLV
from ..models.subscriptions.value import ClvWorkspace, ContractualCLV

__all__ = ["DRAW_COARSENESS", "Landmarks", "Refit", "weighted_fit"]

DRAW_COARSENESS = 4
"""Bootstrap models only have to tell how much a fit varies: a quarter of the trees at four times the rate will do."""


@dataclass(frozen=True)
class Landmarks(ShortRepr):
    """Landmarks with what was known at them and what came after.

    Parameters
    ----------
    customers
        Whose each landmark is, (n,).
    workspace
        The landmarks, ready for refits; None without contracts.
    columns
        Columns of the flat frame that a CLV model predicts from.
    line_customers, line_summaries
        For each non-contractual line its customers at the end of the data, and their purchases.
    sample
        Some running customers of the latest landmark.
    """

    customers: pd.Series
    workspace: ClvWorkspace | None
    columns: tuple[str, ...]
    line_customers: dict[str, pd.Series]
    line_summaries: dict[str, pd.DataFrame]
    sample: ClvInputs | None = None

    def contracts(self) -> ClvWorkspace:
        """Return the workspace.

        Raises
        ------
        DataError
            The business has no subscriptions.
        """
        if self.workspace is None:
            raise DataError("expected a business with contracts, its tables hold no subscriptions")
        return self.workspace


@dataclass(frozen=True)
class Refit(ShortRepr):
    """What every fit to the same landmarks needs: the contractual part, not fitted, and where lines start from."""

    config: Config
    contractual: ContractualCLV | None
    training: Landmarks
    purchase_models: Mapping[str, str]
    final: PortfolioCLV | None = None


def weighted_fit(refit: Refit, draw: int | None) -> PortfolioCLV:
    """Fit all lines; with ``draw`` more coarsely to that draw's weights, lines continuing from the final model."""
    config, training, final = refit.config, refit.training, refit.final

    def weights(customers: pd.Series) -> Floats | None:
        return None if draw is None else customer_weights(customers, config.seed, draw)

    contracts = None
    if refit.contractual is not None:
        coarseness = 1 if draw is None else DRAW_COARSENESS
        workspace, weight = training.contracts(), weights(training.customers)
        contracts = clone(refit.contractual).refit(workspace, weight, coarseness=coarseness)
    lines = {
        name: NonContractualCLV(
            refit.purchase_models[name], config.lines[name].covariates, config.lines[name].seasons
        ).fit(
            summary,
            sample_weight=weights(training.line_customers[name]),
            start=None if final is None else final.lines[name],
        )
        for name, summary in training.line_summaries.items()
    }
    return PortfolioCLV(contracts, lines, config.value.margin_rate, config.value.annual_discount_rate)
