"""Landmark hazard: the monthly risk of losing a running subscription, by cause, at each lead month.

Features are frozen at the landmark s. In lead month k a customer who still runs is lost voluntarily with
h1(k), else by payment failure with q2(k), so the causes' hazards are h1 and (1 - h1) q2: they never sum above 1,
and the likelihood is that of the three outcomes stay, voluntary, involuntary. Each of h1 and q2 is

    logit h(k) = b(term class, renewal, pending, k) + f(features, bucket of k, renewal, renewal number)

with b a :class:`LeadCurve` and f trees (LightGBM) learnt on top of b from
person-months counted by (landmark, bucket of leads, renewal). Given f, b is fitted again, so that losses by
lead come out as observed. Landmarking: van Houwelingen 2007, Scandinavian Journal of Statistics 34(1);
discrete hazards by logistic regression on person-periods: Allison 1982, Sociological Methodology 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from sklearn.base import BaseEstimator

from ...core.arrays import Floats, Positions, SmallFloats
from ...core.contract_state import ContractState
from ...core.errors import DataError, ModelError
from ...core.one_thread import one_thread
from ...core.renamed import RenamedAttributes
from ...core.short_repr import ShortRepr
from ...core.time import DAYS_PER_MONTH
from ..fitting.encoding import FrameEncoding, learn_encoding
from ..fitting.trees import grow, tree_params
from .baseline_hazard import LeadCurve
from .contract import BUCKET_STARTS, ContractLike, read_contract, totals
from .lead_months import Ahead
from .person_months import PersonMonths, count_person_months, design_columns, encode, lead_columns
from .tail import Tail
from .time_since_event import Exposure, TimeSinceEvent

__all__ = ["HazardPaths", "HazardWorkspace", "LandmarkHazard"]


VOLUNTARY, INVOLUNTARY = 1, 2


@dataclass(frozen=True)
class HazardPaths(ShortRepr):
    """Hazards of n rows by lead month 1, 2, ...; given that the customer runs at the month's start.

    Parameters
    ----------
    voluntary, involuntary
        Shape (n, months); their sum is at most 1.
    """

    voluntary: Floats
    involuntary: Floats

    @property
    def total(self) -> Floats:
        """Hazard of any loss, (n, months)."""
        return self.voluntary + self.involuntary

    def survival(self) -> Floats:
        """Return the probability to run at the end of month 0, 1, ..., (n, months + 1)."""
        stays = np.cumprod(1 - self.total, axis=1)
        return np.hstack([np.ones((len(stays), 1)), stays])


@dataclass(frozen=True)
class HazardWorkspace(ShortRepr):
    """Encoded and binned landmarks, so that a refit with other weights costs the fit alone.

    It holds customers' rows: keep it while refitting, never save it with a model.
    """

    encoding: FrameEncoding
    state: ContractState
    design: SmallFloats
    since: Floats
    person_months: PersonMonths
    exposure: Exposure


@dataclass(frozen=True)
class _CauseModel(RenamedAttributes):
    """Baseline, trees and aftermath of one cause; trees are None where events were too few to learn from."""

    _old_names = {"aftermath": "since_event"}

    curve: LeadCurve
    trees: lgb.Booster | None
    since_event: TimeSinceEvent


class LandmarkHazard(RenamedAttributes, BaseEstimator):
    """Pooled landmark hazard of voluntary and involuntary loss.

    Parameters
    ----------
    trees, leaves, learning_rate, ridge
        Size and shrinkage of the trees; ``ridge`` is their L2 penalty on leaves. Landmarks of one customer see the same
        loss, so trees learn it by heart soon: these values keep the slope of held-out losses on the logit near 1.
    min_events
        Fewest losses to learn trees from; a cause with fewer keeps its baseline, a total below is an error.
    min_at_risk
        Person-months a lead needs to count as observed; later leads follow the tail.
    tail
        Shape beyond the last observed lead: ``"sbg"``, ``"bdw"`` or ``"flat"``.
    event_ages
        Names of features that count days since an event whose effect on the hazard must not be shrunk away, such as a
        service action: see :class:`TimeSinceEvent`.
    hidden
        Names of features that trees do not see, because clocks tell the same: frozen at the landmark, they would carry
        what an event does today into months in which it is over, and the clock could set that right on average only.
    seed, threads
        Of LightGBM. Results do not depend on ``threads``; with more threads than free cores it slows down a lot.

    Attributes
    ----------
    last_lead_ : int
        K, the last observed lead month.
    calibration_ : pandas.DataFrame
        For each lead of the training landmarks: lead, at_risk, observed and predicted loss rate, and both by
        cause.
    tail_ : Tail
        The shape used beyond ``last_lead_``.

    Examples
    --------
    >>> import numpy as np
    >>> from servicelift.models.subscriptions.draws import draw_landmarks
    >>> world = draw_landmarks(400, np.random.default_rng(0))
    >>> model = LandmarkHazard(min_at_risk=50).fit(world.features, world.contract, world.leads)
    >>> model.last_lead_
    12
    >>> model.calibration_[["lead", "observed", "predicted"]].head(2).round(2)
       lead  observed  predicted
    0     1      0.06       0.06
    1     2      0.07       0.07
    """

    _old_names = {"clocks": "event_ages"}

    def __init__(
        self,
        *,
        trees: int = 60,
        leaves: int = 8,
        learning_rate: float = 0.06,
        ridge: float = 5.0,
        min_events: int = 30,
        min_at_risk: int = 200,
        tail: str = "sbg",
        event_ages: tuple[str, ...] = (),
        hidden: tuple[str, ...] = (),
        seed: int = 7,
        threads: int = 1,
    ) -> None:
        self.trees = trees
        self.leaves = leaves
        self.learning_rate = learning_rate
        self.ridge = ridge
        self.min_events = min_events
        self.min_at_risk = min_at_risk
        self.tail = tail
        self.event_ages = event_ages
        self.hidden = hidden
        self.seed = seed
        self.threads = threads

    def fit(
        self,
        features: pd.DataFrame,
        contract: ContractLike,
        leads: pd.DataFrame,
        sample_weight: ArrayLike | None = None,
    ) -> LandmarkHazard:
        """Fit to n landmarks and their observed leads; returns self.

        Parameters
        ----------
        features, contract
            One row a landmark, (n, ...).
        leads
            Long: row (position of the landmark), lead (from 1), renewal (a term boundary falls in it), cause (0 stays,
            1 voluntary, 2 involuntary); only months wholly observed.
        sample_weight
            Weight of each landmark, (n,); default 1.

        Raises
        ------
        DataError
            A frame lacks a column or holds impossible values.
        ModelError
            Fewer than ``min_events`` losses.
        """
        return self.refit(self.prepare(features, contract, leads), sample_weight)

    def prepare(self, features: pd.DataFrame, contract: ContractLike, leads: pd.DataFrame) -> HazardWorkspace:
        """Encode and bin the landmarks once, for any number of :meth:`refit`; parameters as in :meth:`fit`."""
        state = read_contract(contract, len(features))
        encoding = learn_encoding(features)
        design = design_columns(encode(encoding, features), state)
        months = count_person_months(self.shown(design, encoding), state, leads, self._params(), encoding.categorical)
        since = _since(design, encoding, self.event_ages)
        return HazardWorkspace(encoding, state, design, since, months, Exposure.of(since, months.row, months.lead))

    def refit(self, workspace: HazardWorkspace, sample_weight: ArrayLike | None = None) -> LandmarkHazard:
        """Fit to prepared landmarks with weights (n,); returns self. Raises as :meth:`fit`."""
        months = workspace.person_months
        weight = read_weights(sample_weight, len(workspace.state))[months.row]
        self._check_events(months, weight)
        self.encoding_ = workspace.encoding
        self.last_lead_ = _last_lead(months.lead, self.min_at_risk)
        # Small systems: the threads of a linear-algebra library cost ten times what they solve.
        with one_thread():
            self.voluntary_, h1 = self._fit_cause(workspace, weight, VOLUNTARY)
            self.involuntary_, q2 = self._fit_cause(workspace, weight * (months.cause != VOLUNTARY), INVOLUNTARY)
            self.calibration_ = _calibration(months, weight, h1, (1 - h1) * q2)
            classes = months.cells.term_class[months.cell]
            self.tail_ = Tail(self.tail).fit(classes, months.period, months.cause, weight)
        return self

    def hazards(
        self, features: pd.DataFrame, contract: ContractLike, months: int, *, late_hazard: float = 1.0
    ) -> HazardPaths:
        """Return both hazards for lead months 1..``months`` of n running subscriptions.

        Parameters
        ----------
        features, contract
            One row a customer, as in :meth:`fit`.
        months
            Number of lead months.
        late_hazard
            Factor on the hazards beyond the last observed lead, for sensitivity analyses.

        Raises
        ------
        DataError
            A column is missing, or a subscription does not run.
        """
        state = read_contract(contract, len(features))
        if not state.running.all():
            ended = int((~state.running).sum())
            raise DataError(f"expected running subscriptions only, {ended} rows have ended; leave them out")
        design = design_columns(encode(self.encoding_, features), state)
        return self.paths(design, state, state.boundaries(months), late_hazard=late_hazard)

    def paths(
        self, design: SmallFloats, state: ContractState, boundaries: Floats, *, late_hazard: float = 1.0
    ) -> HazardPaths:
        """Return both hazards from encoded rows; ``boundaries`` as :meth:`ContractState.boundaries`."""
        ahead = Ahead.of(state, boundaries, self.last_lead_)
        late = np.where(np.arange(1, ahead.months + 1) > self.last_lead_, late_hazard, 1.0)
        h1, q2 = (
            np.minimum(late * expit(self._logits(model, cause, design, state, ahead)), 1.0)
            for cause, model in ((VOLUNTARY, self.voluntary_), (INVOLUNTARY, self.involuntary_))
        )
        return HazardPaths(h1, (1 - h1) * q2)

    def since(self, design: SmallFloats) -> Floats:
        """Return months since the event of each clock from encoded rows, NaN where there was none, (n, clocks)."""
        return _since(design, self.encoding_, self.event_ages)

    def shown(self, design: SmallFloats, encoding: FrameEncoding) -> SmallFloats:
        """Return a copy of encoded rows as trees learn from it: what is ``hidden`` is 0 everywhere."""
        copy = design.copy()
        copy[:, [encoding.columns.index(name) for name in self.hidden if name in encoding.columns]] = 0.0
        return copy

    def _params(self) -> dict[str, Any]:
        return tree_params(
            seed=self.seed,
            threads=self.threads,
            ridge=self.ridge,
            objective="binary",
            learning_rate=self.learning_rate,
            num_leaves=self.leaves,
            min_sum_hessian_in_leaf=5.0,
            feature_fraction=0.6,
        )

    def _check_events(self, months: PersonMonths, weight: Floats) -> None:
        events = int(((months.cause > 0) & (weight > 0)).sum())
        if events < self.min_events:
            raise ModelError(
                f"expected at least {self.min_events} lost subscriptions to learn from, got {events};"
                " give more landmarks or a longer history"
            )

    def _fit_cause(self, work: HazardWorkspace, weight: Floats, cause: int) -> tuple[_CauseModel, Floats]:
        """Return the model of one cause and its fitted probability for each person-month."""
        months = work.person_months
        event = (months.cause == cause).astype(float)
        cells, cell = months.cells, months.cell
        count = len(cells.lead)
        curve = LeadCurve().fit(cells, totals(cell, weight, count), totals(cell, weight * event, count))
        trees = None
        score = np.zeros(len(cell))
        if int((event * weight > 0).sum()) >= self.min_events:
            base = expit(curve.logits(cells))[cell]
            rows = len(months.tree_cause)
            mean = totals(months.tree_row, base, rows) / np.bincount(months.tree_row, minlength=rows)
            total = totals(months.tree_row, weight, rows)
            trees, fitted = grow(
                self._params(), self.trees, months.dataset, months.tree_cause == cause, total, logit(mean)
            )
            score = (logit(np.clip(fitted, 1e-12, 1 - 1e-12)) - logit(mean))[months.tree_row]
            curve.refit(cells, cell, weight, event, score)
        since_event = TimeSinceEvent().fit(work.exposure, weight, event, curve.logits(cells)[cell] + score)
        if self.event_ages:
            score = score + since_event.added(work.exposure, len(score))
            curve.refit(cells, cell, weight, event, score)
        return _CauseModel(curve, trees, since_event), expit(curve.logits(cells)[cell] + score)

    def _logits(
        self, model: _CauseModel, cause: int, design: SmallFloats, state: ContractState, ahead: Ahead
    ) -> Floats:
        """Return the logit of h1 or q2, (n, months)."""
        eta = ahead.baseline(model.curve)
        if model.trees is not None:
            for bucket in np.unique(ahead.bucket):
                columns = ahead.bucket == bucket
                for renewal in (0, 1):
                    here = ahead.renewal[:, columns] == renewal
                    rows = np.flatnonzero(here.any(axis=1))
                    score = self._scores(model.trees, design, state, rows, int(bucket), renewal)
                    eta[np.ix_(rows, columns)] += here[rows] * score[:, None]
        return eta + model.since_event.ahead(self.since(design), ahead.months) + ahead.movement(self.tail_, cause)

    def _scores(
        self, trees: lgb.Booster, design: SmallFloats, state: ContractState, rows: Positions, bucket: int, renewal: int
    ) -> Floats:
        if not len(rows):
            return np.empty(0)
        values, sub = design[rows], state.take(rows)
        lead_columns(values, sub, bucket, renewal, int(BUCKET_STARTS[bucket]))
        return np.asarray(trees.predict(values, raw_score=True, num_threads=self.threads))


def _since(design: SmallFloats, encoding: FrameEncoding, event_ages: tuple[str, ...]) -> Floats:
    """Return months since the event of each clock, NaN where there was none, (n, clocks).

    Raises
    ------
    DataError
        A clock is not among the features.
    """
    missing = [name for name in event_ages if name not in encoding.columns]
    if missing:
        raise DataError(f"clocks: expected features that count days, '{missing[0]}' is not among them")
    return np.asarray(design[:, [encoding.columns.index(name) for name in event_ages]] / DAYS_PER_MONTH, dtype=float)


def read_weights(sample_weight: ArrayLike | None, rows: int) -> Floats:
    """Return weights as floats, ones by default.

    Raises
    ------
    DataError
        Not one finite, non-negative weight a row.
    """
    if sample_weight is None:
        return np.ones(rows)
    weight = np.asarray(sample_weight, dtype=float)
    if weight.shape != (rows,) or not np.isfinite(weight).all() or (weight < 0).any():
        raise DataError(f"sample_weight: expected {rows} finite weights of 0 or more, got shape {weight.shape}")
    return weight


def _last_lead(lead: Positions, min_at_risk: int) -> int:
    enough = np.flatnonzero(np.bincount(lead) >= min_at_risk)
    return int(enough[-1]) if len(enough) else int(lead.max())


def _calibration(months: PersonMonths, weight: Floats, voluntary: Floats, involuntary: Floats) -> pd.DataFrame:
    by_lead = {"at_risk": weight}
    for name, cause, fitted in (("voluntary", VOLUNTARY, voluntary), ("involuntary", INVOLUNTARY, involuntary)):
        by_lead[f"observed_{name}"] = weight * (months.cause == cause)
        by_lead[f"predicted_{name}"] = weight * fitted
    sums = pd.DataFrame({name: np.bincount(months.lead, value) for name, value in by_lead.items()})
    sums = sums[sums["at_risk"] > 0]
    rates = sums.drop(columns="at_risk").div(sums["at_risk"], axis=0)
    for kind in ("observed", "predicted"):
        rates[kind] = rates[f"{kind}_voluntary"] + rates[f"{kind}_involuntary"]
    rates.insert(0, "at_risk", sums["at_risk"])
    return rates.rename_axis("lead").reset_index()
