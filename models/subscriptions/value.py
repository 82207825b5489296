"""Lifetime value of running and ended subscriptions, from the landmark hazard and the dates of payment.

With S_k the probability to run at the end of lead month k, h_c(k) the hazard of cause c, d the discount factor, and t
the term boundaries in month k, the value of a running customer over H months is

    V = sum over k <= H of   margin price S_k sum of d(t)
                           + (extras(k) - costs(k)) (S_{k-1} + S_k) / 2  d(k - 1/2)
                           + S_{k-1} sum over c of h_c(k) d(k) W_c(0, H - k)

A customer lost in a month does not pay at its boundary. W is what an ended customer is still worth
(:class:`ReactivationValue`). A customer who ended j months ago is worth W(j, H); one who never
had a subscription 0. What ended customers buy without a subscription is not in here: make it a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone

from ...core.arrays import Floats, Positions, SmallFloats
from ...core.contract_state import ContractState
from ...core.errors import ModelError
from ...core.renamed import RenamedAttributes
from ...core.short_repr import ShortRepr
from ..fitting.trees import tree_params
from .cash_flow import PaidCounts, PaidShare, RunningPaths
from .contract import ContractLike, read_contract
from .hazard import HazardWorkspace, LandmarkHazard, read_weights
from .interval import ValueInterval
from .monthly_money import MoneySpread, MonthlyRate, RateWorkspace, read_money
from .person_months import Features, design_columns, encode
from .reactivation import NewCustomer, ReactivationCurve, ReactivationValue, month_discount

__all__ = ["ClvWorkspace", "ContractualCLV"]


_CHUNK = 50_000
_RATE_TREES, _RATE_LEARNING = 40, 0.1
_NEW_MONTHS = 3.0
_NEW_ROWS = 2_000


@dataclass(frozen=True)
class ClvWorkspace(ShortRepr):
    """Prepared landmarks for any number of refits; it holds customers' rows: never save it with a model."""

    hazard: HazardWorkspace
    rates: RateWorkspace
    ancillary: Floats
    costs: Floats
    paid: PaidCounts | None
    reactivations: pd.DataFrame | None


class ContractualCLV(RenamedAttributes, BaseEstimator):
    """E[V(s, s + H)] of subscribers: hazards by lead, payments at term boundaries, extras, costs, restarts.

    Parameters
    ----------
    margin_rate
        Share of a payment that is margin. Extras and refunds come as margin already.
    annual_discount_rate
        Yearly rate; a year has 365.25 days.
    grace_months
        After a loss, no restart counts within these months: the loss would be none.
    rate_half_life_months
        Months until half of what sets a customer's extras and costs apart from the mean is gone.
    max_horizon_months
        Longest horizon that can be predicted.
    hazard
        The hazard to fit; default ``LandmarkHazard(seed=seed, threads=threads)``.
    seed, threads
        Of LightGBM.

    Attributes
    ----------
    hazard_ : LandmarkHazard
        The fitted hazard, with ``calibration_`` by lead and ``last_lead_``.
    reactivation_curve_ : ReactivationCurve
        Restart hazards by months since the end.

    Examples
    --------
    >>> from servicelift.models.subscriptions.draws import draw_landmarks
    >>> world = draw_landmarks(400, np.random.default_rng(0))
    >>> model = ContractualCLV().fit(world.features, world.contract, world.leads, None, world.money)
    >>> model.predict(world.features, world.contract, horizon_months=24).shape
    (400,)
    """

    _old_names = {
        "extras_": "ancillary_",
        "restart_curve_": "reactivation_curve_",
        "restart_value_": "reactivation_value_",
    }

    def __init__(
        self,
        *,
        margin_rate: float = 1.0,
        annual_discount_rate: float = 0.10,
        grace_months: float = 1.0,
        rate_half_life_months: float = 24.0,
        max_horizon_months: int = 120,
        hazard: LandmarkHazard | None = None,
        seed: int = 7,
        threads: int = 1,
    ) -> None:
        self.margin_rate = margin_rate
        self.annual_discount_rate = annual_discount_rate
        self.grace_months = grace_months
        self.rate_half_life_months = rate_half_life_months
        self.max_horizon_months = max_horizon_months
        self.hazard = hazard
        self.seed = seed
        self.threads = threads

    @property
    def calibration_(self) -> pd.DataFrame:
        """Observed and predicted loss rates by lead on the training landmarks."""
        return self.hazard_.calibration_

    def fit(
        self,
        features: pd.DataFrame,
        contract: ContractLike,
        leads: pd.DataFrame,
        reactivations: pd.DataFrame | None,
        money: pd.DataFrame,
        *,
        sample_weight: ArrayLike | None = None,
    ) -> ContractualCLV:
        """Fit to n landmarks; returns self.

        Parameters
        ----------
        features, contract
            One row a landmark; see :func:`read_contract`.
        leads
            Long: row (position of a running landmark), lead, renewal, cause.
        reactivations
            Long: row (position of an ended landmark), lead, restarted; None if never observed.
        money
            One row a landmark: exposure_months (time it was seen running), and over that exposure undiscounted sums of
            extras and refunds (margin, refunds negative), contact_cost and action_cost; where there is a column
            subscription (margin of term payments), payments are scaled by the share of the full price that comes in.
        sample_weight
            Weight of each landmark, (n,); default 1.

        Raises
        ------
        DataError
            A frame lacks a column, or holds impossible values.
        ModelError
            Too few losses to learn from.
        """
        return self.refit(self.prepare(features, contract, leads, reactivations, money), sample_weight)

    def prepare(
        self,
        features: pd.DataFrame,
        contract: ContractLike,
        leads: pd.DataFrame,
        reactivations: pd.DataFrame | None,
        money: pd.DataFrame,
    ) -> ClvWorkspace:
        """Check, encode and bin the landmarks once, for any number of :meth:`refit`; as :meth:`fit`."""
        hazard = self.new_hazard()
        work = hazard.prepare(features, contract, leads)
        sums = read_money(money, len(features))
        exposure = np.where(work.state.running, sums["exposure_months"], 0.0)
        shown = hazard.shown(work.design, work.encoding)
        return ClvWorkspace(
            work,
            RateWorkspace.of(shown, exposure, work.since, self._rate_params(), work.encoding.categorical),
            sums["ancillary"] + sums["refunds"],
            sums["contact_cost"] + sums["action_cost"],
            PaidCounts.of_kept(work.state, work.person_months, sums, self.margin_rate),
            reactivations,
        )

    def refit(
        self, workspace: ClvWorkspace, sample_weight: ArrayLike | None = None, *, coarseness: int = 1
    ) -> ContractualCLV:
        """Fit to prepared landmarks with weights (n,); returns self. Raises as :meth:`fit`.

        ``coarseness`` divides the number of trees and multiplies their learning rate.
        """
        weight = read_weights(sample_weight, len(workspace.hazard.state))
        hazard, params = self.new_hazard(), self._rate_params() | {"learning_rate": _RATE_LEARNING * coarseness}
        hazard.set_params(trees=max(hazard.trees // coarseness, 1), learning_rate=hazard.learning_rate * coarseness)
        self.hazard_ = hazard.refit(workspace.hazard, weight)
        self.ancillary_ = MonthlyRate(self.rate_half_life_months)
        self.costs_ = MonthlyRate(self.rate_half_life_months, floor=0.0)
        residual = (workspace.ancillary - workspace.costs)[workspace.rates.rows]
        for sign, rate, total in ((1, self.ancillary_, workspace.ancillary), (-1, self.costs_, workspace.costs)):
            fitted = rate.fit(workspace.rates, total, weight, params, rounds=_RATE_TREES // coarseness)
            residual = residual - sign * fitted
        self.spread_ = MoneySpread(self.rate_half_life_months).fit(workspace.rates, residual, weight)
        self.paid_share_ = PaidShare().fit(workspace.paid, weight)
        self.reactivation_curve_ = ReactivationCurve().fit(workspace.reactivations, workspace.hazard.state, weight)
        self.reactivation_value_ = ReactivationValue(
            self.reactivation_curve_,
            self._new_customer(workspace.hazard, weight),
            self.grace_months,
            self.annual_discount_rate,
        )
        return self

    def predict(
        self,
        features: Features,
        contract: ContractLike,
        *,
        horizon_months: int,
        skip_months: int = 0,
        late_hazard: float = 1.0,
    ) -> Floats:
        """Return E[V] of events in (s + skip, s + horizon], discounted to s, (n,).

        Parameters
        ----------
        features, contract
            What is known at s, one row a customer; running or not. Several models read :class:`SharedRows` once.
        horizon_months, skip_months
            Whole months after s.
        late_hazard
            Factor on the hazards beyond the last observed lead.

        Raises
        ------
        DataError
            A column is missing.
        ModelError
            The horizon is no whole number of months in 1..``max_horizon_months``.
        """
        self._check_horizon(horizon_months, skip_months)
        until = self.predict_cumulative(
            features, contract, months=(skip_months, horizon_months), late_hazard=late_hazard
        )
        return until[:, 1] - until[:, 0]

    def predict_cumulative(
        self, features: Features, contract: ContractLike, *, months: tuple[int, ...], late_hazard: float = 1.0
    ) -> Floats:
        """Return E[V] over each of several horizons at the cost of the longest, (n, len(months)).

        Parameters and errors as in :meth:`predict`; ``months`` may hold 0.
        """
        longest = self._check_horizon(max(months), min(months))
        states = read_contract(contract, len(features))
        value = np.zeros((len(features), len(months)))
        for rows, paths in self.running_paths(features, states, longest, late_hazard=late_hazard):
            value[rows] = self.cumulative_of(paths, months)
        for rows, state in self.ended(states):
            for place, horizon in enumerate(months):
                value[rows, place] = np.matmul(*self.reactivation_value_.paths(state, horizon))
        return value

    def cumulative_of(self, paths: RunningPaths, months: tuple[int, ...]) -> Floats:
        """Return E[V] over each of several horizons along the paths of n running customers, (n, len(months))."""
        total = np.hstack([np.zeros((len(paths.payment), 1)), np.cumsum(paths.flow(), axis=1)])[:, list(months)]
        return total + np.column_stack([paths.after_loss(self.reactivation_value_.after_loss(m).mean) for m in months])

    def predict_components(
        self, features: pd.DataFrame, contract: ContractLike, *, horizon_months: int, late_hazard: float = 1.0
    ) -> pd.DataFrame:
        """Return the parts of E[V]: subscription, extras, costs (negative) and restarts; they add up to it.

        ``reactivations`` is all value that follows a restart. Parameters and errors as in :meth:`predict`.
        """
        longest = self._check_horizon(horizon_months, 0)
        states = read_contract(contract, len(features))
        parts = np.zeros((len(features), 4))
        for rows, paths in self.running_paths(features, states, longest, late_hazard=late_hazard):
            alive = paths.alive()
            parts[rows, 0] = paths.subscription().sum(axis=1)
            parts[rows, 1] = (paths.ancillary * alive).sum(axis=1)
            parts[rows, 2] = -(paths.costs * alive).sum(axis=1)
            parts[rows, 3] = paths.after_loss(self.reactivation_value_.after_loss(longest).mean)
        for rows, state in self.ended(states):
            parts[rows, 3] = np.matmul(*self.reactivation_value_.paths(state, longest))
        return pd.DataFrame(parts, columns=["subscription", "ancillary", "costs", "restarts"], index=features.index)

    def predict_interval(
        self, features: pd.DataFrame, contract: ContractLike, *, horizon_months: int, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Return low and high ends, each (n,), of the distribution of a customer's value; see :class:`ValueInterval`.

        Parameters and errors as in :meth:`predict`.
        """
        interval = self.interval(horizon_months, level)
        states = read_contract(contract, len(features))
        ends = np.zeros((2, len(features)))
        for rows, paths in self.running_paths(features, states, horizon_months):
            ends[:, rows] = interval.running(paths)
        for rows, state in self.ended(states):
            ends[:, rows] = interval.ended(state)
        return ends[0], ends[1]

    def interval(self, horizon_months: int, level: float) -> ValueInterval:
        """Return what makes intervals that cover ``level`` over ``horizon_months``; raises as :meth:`predict`."""
        return ValueInterval.of(
            self.reactivation_value_,
            self.spread_,
            months=self._check_horizon(horizon_months, 0),
            annual_rate=self.annual_discount_rate,
            level=level,
        )

    def survival(self, features: pd.DataFrame, contract: ContractLike, months: int) -> Floats:
        """Return the probability to run at the end of month 1..``months``, (n, months); 0 for ended customers."""
        chance = np.zeros((len(features), self._check_horizon(months, 0)))
        for rows, paths in self.running_paths(features, contract, months):
            chance[rows] = paths.survival[:, 1:]
        return chance

    def new_hazard(self) -> LandmarkHazard:
        """Return the hazard that a fit begins with."""
        if self.hazard is None:
            return LandmarkHazard(seed=self.seed, threads=self.threads)
        fresh: LandmarkHazard = clone(self.hazard)
        return fresh

    def _rate_params(self) -> dict[str, Any]:
        return tree_params(
            seed=self.seed,
            threads=self.threads,
            ridge=300.0,
            objective="regression",
            num_leaves=7,
            min_sum_hessian_in_leaf=300.0,
            feature_fraction=0.6,
        )

    def _check_horizon(self, longest: int, shortest: int) -> int:
        whole = int(longest) == longest and int(shortest) == shortest
        if not whole or not 0 <= shortest <= longest <= self.max_horizon_months or longest < 1:
            raise ModelError(
                f"expected whole months with 0 <= skip <= horizon <= {self.max_horizon_months}, got skip"
                f" {shortest} and horizon {longest}; raise max_horizon_months for longer ones"
            )
        return int(longest)

    def running_paths(
        self, features: Features, contract: ContractLike, months: int, *, late_hazard: float = 1.0
    ) -> Iterator[tuple[Positions, RunningPaths]]:
        """Yield positions of running customers and their lead months 1..``months``, some ten thousands at a time."""
        self._check_horizon(months, 0)
        state = read_contract(contract, len(features))
        running = np.flatnonzero(state.running)
        for start in range(0, len(running), _CHUNK):
            rows = running[start : start + _CHUNK]
            sub = state.take(rows)
            design = design_columns(encode(self.hazard_.encoding_, features, rows), sub)
            yield rows, self._paths(design, sub, months, late_hazard)

    def ended(self, state: ContractState) -> Iterator[tuple[Positions, ContractState]]:
        """Yield positions and states of customers whose subscription ended, some ten thousands at a time."""
        rows = np.flatnonzero(~state.running & np.isfinite(state.months_since_end))
        for start in range(0, len(rows), _CHUNK):
            yield rows[start : start + _CHUNK], state.take(rows[start : start + _CHUNK])

    def _paths(self, design: SmallFloats, state: ContractState, months: int, late_hazard: float) -> RunningPaths:
        boundaries = state.boundaries(months)
        hazards = self.hazard_.paths(design, state, boundaries, late_hazard=late_hazard)
        due = state.discounted_payments(boundaries, self.annual_discount_rate)
        middle = month_discount(np.arange(1, months + 1) - 0.5, self.annual_discount_rate)
        since = self.hazard_.since(design)
        return RunningPaths(
            hazards,
            hazards.survival(),
            self.margin_rate * (state.price * self.paid_share_.of(state))[:, None] * due,
            self.ancillary_.predict(design, since, months, self.threads) * middle,
            self.costs_.predict(design, since, months, self.threads) * middle,
        )

    def _new_customer(self, work: HazardWorkspace, weight: Floats) -> NewCustomer:
        """Return the mean path of landmarks that started a few months ago; of all running ones if they are few."""
        state = work.state
        new = np.flatnonzero(state.running & (state.months_since_start <= _NEW_MONTHS) & (weight > 0))
        if len(new) < 50:
            new = np.flatnonzero(state.running & (weight > 0))
        new = new[:: max(1, len(new) // _NEW_ROWS)]
        sub, load = state.take(new), weight[new] / weight[new].sum()
        paths = self._paths(work.design[new], sub, self.max_horizon_months, 1.0)
        return NewCustomer(
            float(self.margin_rate * (load @ sub.price)),
            load @ paths.flow(),
            np.einsum("n,cnm->cm", load, paths.lost()),
        )
