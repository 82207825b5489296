"""Customer lifetime value over all lines of a business, and its bootstrap models.

A business has at most one contractual part (running subscriptions: landmark hazard) and any number of
non-contractual lines (BG/NBD and Gamma-Gamma). Value adds over lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import norm

from ..core.arrays import Floats, Positions
from ..core.contract_state import ContractState
from ..core.money import Horizon
from ..core.records import ClvInputs
from ..core.renamed import RenamedAttributes
from ..core.short_repr import ShortRepr
from .fitting.encoding import SharedRows
from .purchases.value import NonContractualCLV
from .subscriptions.cash_flow import RunningPaths
from .subscriptions.contract import read_contract
from .subscriptions.loss_by_cause import taken_by_cause
from .subscriptions.outlook import outlook
from .subscriptions.value import ContractualCLV

__all__ = ["AT_RISK", "ClvModel", "PortfolioCLV", "Valuation", "at_risk", "parameter_error"]


AT_RISK = ("at_risk_voluntary", "at_risk_involuntary")
"""Columns of :func:`at_risk`: money over the horizon."""


@dataclass(frozen=True)
class Valuation(ShortRepr):
    """What n customers are worth over a horizon.

    Parameters
    ----------
    value, low, high
        Expected value, and the ends of its prediction interval, each (n,), in money.
    at_risk
        What each cause of loss takes from it, (n, 2), as :func:`at_risk`; without columns where nobody has contracts.
    """

    value: Floats
    low: Floats
    high: Floats
    at_risk: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return clv, clv_low and clv_high, one row a customer."""
        columns = {"clv": self.value, "clv_low": self.low, "clv_high": self.high}
        return pd.DataFrame(columns, index=self.at_risk.index)


@dataclass(frozen=True)
class PortfolioCLV(ShortRepr):
    """E[V(s, s + H)] of a customer, summed over the lines of a business.

    Parameters
    ----------
    contractual
        Model of the running subscriptions; it knows margin and discount rates. None without contracts.
    lines
        Models of the non-contractual lines, in revenue.
    margin_rate, annual_discount_rate
        Turn a line's revenue into discounted margin.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from servicelift.core.records import ClvInputs
    >>> from servicelift.models.purchases.simulate import draw_customers, leaves_by_purchase
    >>> rng = np.random.default_rng(0)
    >>> leaves = leaves_by_purchase(500, 0.8, 4.0, rng)
    >>> shop = draw_customers(np.full(500, 400.0), 0, leaves, r=0.6, alpha=60.0, rng=rng, spend=(5.0, 4.5, 25.0))
    >>> line = NonContractualCLV().fit(shop)
    >>> model = PortfolioCLV(None, {"shop": line}, margin_rate=0.4, annual_discount_rate=0.1)
    >>> inputs = ClvInputs(pd.DataFrame(index=shop.index), None, {"shop": shop})
    >>> model.predict_horizons(inputs, months=(12, 36)).shape
    (500, 2)
    """

    contractual: ContractualCLV | None
    lines: Mapping[str, NonContractualCLV]
    margin_rate: float
    annual_discount_rate: float

    def predict(self, inputs: ClvInputs, *, horizon_months: float, late_hazard: float = 1.0) -> Floats:
        """Return the discounted value expected over ``horizon_months`` from each ``as_of``, shape (n,).

        Arguments as in :meth:`predict_horizons`.
        """
        return self.predict_horizons(inputs, months=(horizon_months,), late_hazard=late_hazard)[:, 0]

    def predict_horizons(
        self,
        inputs: ClvInputs,
        *,
        months: tuple[float, ...],
        late_hazard: float = 1.0,
        paths: Iterable[tuple[Positions, RunningPaths]] | None = None,
        shared: SharedRows | None = None,
    ) -> Floats:
        """Return the value expected over each of several horizons, shape (n, len(months)), in one pass.

        Parameters
        ----------
        inputs
            What is known of each customer.
        months
            Horizons in months; between two whole months the value is interpolated.
        late_hazard
            Factor on the hazards beyond the last observed lead.
        paths
            Lead months of the running customers (:meth:`ContractualCLV.running_paths`) over the longest horizon or
            more, where they are at hand already.
        shared
            The features of ``inputs``, where other models read them too.
        """
        whole = sorted({end for m in months for end in (int(np.floor(m)), int(np.ceil(m - 1e-9)))})
        value = np.zeros((len(inputs), len(whole)))
        if self.contractual is not None and inputs.contract is not None and whole[-1] > 0:
            months_of = tuple(whole)
            value += (
                self.contractual.predict_cumulative(
                    shared or inputs.features, inputs.contract, months=months_of, late_hazard=late_hazard
                )
                if paths is None
                else _along(self.contractual, read_contract(inputs.contract, len(inputs)), months_of, paths)
            )
        for name, line in self.lines.items():
            value += self.margin_rate * line.predict_months(
                inputs.summaries[name], months=whole, annual_discount_rate=self.annual_discount_rate
            )
        return np.column_stack([_interpolate(m, whole, value) for m in months])

    def predict_interval(
        self, inputs: ClvInputs, *, horizon_months: int, level: float = 0.95, parameter_error: float = 0.0
    ) -> tuple[Floats, Floats]:
        """Return low and high ends of a prediction interval, each of shape (n,), as :meth:`valuation`."""
        valued = self.valuation(inputs, horizon_months=horizon_months, level=level, parameter_error=parameter_error)
        return valued.low, valued.high

    def valuation(
        self, inputs: ClvInputs, *, horizon_months: int, level: float = 0.95, parameter_error: float = 0.0
    ) -> Valuation:
        """Return value, prediction interval and value at risk of n customers, from one pass over their months.

        Within a line the interval comes from its own distribution; lines are taken as independent, so
        their distances from the mean add in quadrature. So does ``parameter_error``, the standard error of the
        contractual expectation as a share of it (:func:`parameter_error`).
        """
        mean = np.zeros(len(inputs))
        below, above = np.zeros(len(inputs)), np.zeros(len(inputs))
        risk = pd.DataFrame(index=inputs.features.index)
        if self.contractual is not None and inputs.contract is not None:
            part = outlook(
                self.contractual, inputs.features, inputs.contract, horizon_months=horizon_months, level=level
            )
            unsure = (norm.ppf((1 + level) / 2) * parameter_error * part.value) ** 2
            mean += part.value
            below += np.maximum(part.value - part.low, 0) ** 2 + unsure
            above += np.maximum(part.high - part.value, 0) ** 2 + unsure
            risk = _at_risk(part.taken, inputs)
        rate = self.annual_discount_rate
        for name, line in self.lines.items():
            summary = inputs.summaries[name]
            value = line.predict(summary, horizon_months=horizon_months, annual_discount_rate=rate)
            mean += self.margin_rate * value
            low, high = line.predict_interval(
                summary, horizon_months=horizon_months, annual_discount_rate=rate, level=level
            )
            below += (self.margin_rate * np.maximum(value - low, 0)) ** 2
            above += (self.margin_rate * np.maximum(high - value, 0)) ** 2
        return Valuation(mean, mean - np.sqrt(below), mean + np.sqrt(above), risk)


def parameter_error(
    final: ContractualCLV, draws: Sequence[ContractualCLV], inputs: ClvInputs, *, horizon_months: int
) -> float:
    """Return how uncertain a customer's expected value is for want of data, as a share of the mean value.

    The root mean square, over customers, of the standard deviation between bootstrap models, over the mean value.

    Parameters
    ----------
    final, draws
        The model and its twins, two or more.
    inputs
        Customers to take it from, running ones.
    horizon_months
        H.
    """
    if inputs.contract is None or len(draws) < 2 or not len(inputs):
        return 0.0
    shared = SharedRows(inputs.features)
    values = [m.predict(shared, inputs.contract, horizon_months=horizon_months) for m in (final, *draws)]
    mean = float(np.mean(values[0]))
    spread = float(np.sqrt(np.var(values[1:], axis=0, ddof=1).mean()))
    return spread / mean if mean > 0 else 0.0


def _along(
    model: ContractualCLV,
    contract: ContractState,
    months: tuple[int, ...],
    paths: Iterable[tuple[Positions, RunningPaths]],
) -> Floats:
    """Return E[V] over each of several horizons, (n, len(months)), where who runs was walked along already."""
    value = np.zeros((len(contract), len(months)))
    for rows, part in paths:
        value[rows] = model.cumulative_of(part, months)
    for rows, state in model.ended(contract):
        for place, horizon in enumerate(months):
            value[rows, place] = np.matmul(*model.reactivation_value_.paths(state, horizon))
    return value


def _interpolate(month: float, whole: list[int], value: Floats) -> Floats:
    """Return the value over ``month`` months, (n,), between its two whole neighbours."""
    low = int(np.floor(month))
    rest = month - low
    start = value[:, whole.index(low)]
    return start if rest <= 1e-9 else start + rest * (value[:, whole.index(low + 1)] - start)


@dataclass(frozen=True)
class ClvModel(RenamedAttributes, ShortRepr):
    """The CLV model of a business: the final model, its bootstrap models, and the evaluation model.

    Parameters
    ----------
    final
        Fitted on everything observed.
    bootstrap
        The same fit with the customers' weights of bootstrap draw 0, 1, ...
        (:func:`customer_weights` with ``seed``).
    evaluation
        Fitted on what was known before the held-out snapshot only: what champions are compared by.
    horizon_months
        H, the horizon that :meth:`predict_frame` scores.
    seed
        Seed of the bootstrap weights.
    columns
        Columns of the flat frame that :meth:`predict_frame` needs.
    parameter_error
        Of the contractual part, see :func:`parameter_error`; it widens the intervals.
    """

    _old_names = {"point": "final", "draws": "bootstrap", "judged": "evaluation"}

    final: PortfolioCLV
    bootstrap: tuple[PortfolioCLV, ...]
    evaluation: PortfolioCLV
    horizon_months: int
    seed: int
    columns: tuple[str, ...] = field(default=())
    parameter_error: float = 0.0

    def horizon(self, follow_up_days: float, annual_discount_rate: float | None = None) -> Horizon:
        """Return H with a follow-up in it; its discount rate is that of the final model unless another is given."""
        rate = self.final.annual_discount_rate if annual_discount_rate is None else annual_discount_rate
        return Horizon(follow_up_days, self.horizon_months, rate)

    def predict_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return clv, clv_low and clv_high for the flat frame of :meth:`ClvInputs.to_frame`."""
        return self.valuation(ClvInputs.from_frame(frame)).to_frame()

    def valuation(self, inputs: ClvInputs) -> Valuation:
        """Return value, interval and value at risk of n customers over the model's horizon."""
        return self.final.valuation(inputs, horizon_months=self.horizon_months, parameter_error=self.parameter_error)


def at_risk(model: PortfolioCLV, inputs: ClvInputs, *, horizon_months: int) -> pd.DataFrame:
    """Return what voluntary and involuntary loss take from each customer's expected value, (n, 2).

    Columns :data:`AT_RISK`, index of the features; 0 where no subscription runs. Without a contractual part there are
    no columns: nobody sees such a customer leave.
    """
    if model.contractual is None or inputs.contract is None:
        return pd.DataFrame(index=inputs.features.index)
    taken = np.zeros((len(inputs), len(AT_RISK)))
    after = model.contractual.reactivation_value_.after_loss(horizon_months)
    for rows, paths in model.contractual.running_paths(inputs.features, inputs.contract, horizon_months):
        taken[rows] = taken_by_cause(paths, after)
    return _at_risk(taken, inputs)


def _at_risk(taken: Floats, inputs: ClvInputs) -> pd.DataFrame:
    return pd.DataFrame(np.maximum(taken, 0.0), columns=list(AT_RISK), index=inputs.features.index)
