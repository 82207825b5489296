"""What an ended customer is still worth: restarts by months since the end, and the value that follows one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Floats, Positions
from ...core.contract_state import ContractState
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from ...core.time import DAYS_PER_MONTH, discount
from .contract import totals

__all__ = ["AfterLoss", "NewCustomer", "ReactivationCurve", "ReactivationValue", "month_discount"]


_STARTS = np.array([1, 2, 3, 4, 7, 13, 25])
_LONGEST = 600


def month_discount(months: ArrayLike, annual_rate: float) -> Floats:
    """Return the discount factors of instants ``months`` ahead."""
    return discount(np.asarray(months, dtype=float) * DAYS_PER_MONTH, annual_rate)


class ReactivationCurve:
    """Monthly hazard of a restart by months since the end, apart for voluntary and involuntary ends.

    A life table over months 1, 2, 3, 4-6, 7-12, 13-24, 25 and later. Each rate is shrunk by ``strength`` person-months:
    the one of both kinds together to the rate of the months before it, that of a kind to both together.

    Parameters
    ----------
    strength
        Person-months of prior evidence.

    Attributes
    ----------
    hazard_ : ndarray of shape (2, 600)
        Row 0 after a voluntary, row 1 after an involuntary end; column j is month j + 1 since the end.
    """

    def __init__(self, strength: float = 50.0) -> None:
        self.strength = strength

    def fit(self, reactivations: pd.DataFrame | None, state: ContractState, weight: Floats) -> ReactivationCurve:
        """Fit to the long frame row, lead, restarted (0 or 1) of ended landmarks; returns self.

        Raises
        ------
        DataError
            A column is missing, a row points outside the landmarks, or its months since the end are unknown.
        """
        self.hazard_ = np.zeros((2, _LONGEST))
        if reactivations is None or not len(reactivations):
            return self
        row, month, event = _read_restarts(reactivations, state)
        kind = state.ended_involuntary[row].astype(np.intp)
        bucket = np.searchsorted(_STARTS, month, side="right") - 1
        shape = (2, len(_STARTS))
        place = np.ravel_multi_index((kind, bucket), shape)
        at_risk = totals(place, weight[row], 2 * len(_STARTS)).reshape(shape)
        events = totals(place, weight[row] * event, 2 * len(_STARTS)).reshape(shape)
        both = self._together(at_risk.sum(axis=0), events.sum(axis=0))
        rates = (events + self.strength * both) / (at_risk + self.strength)
        self.hazard_ = rates[:, np.searchsorted(_STARTS, np.arange(1, _LONGEST + 1), side="right") - 1]
        return self

    def _together(self, at_risk: Floats, events: Floats) -> Floats:
        before = events.sum() / max(at_risk.sum(), 1e-12)
        rates = np.empty(len(at_risk))
        for place in range(len(at_risk)):
            before = (events[place] + self.strength * before) / (at_risk[place] + self.strength)
            rates[place] = before
        return rates


def _read_restarts(reactivations: pd.DataFrame, state: ContractState) -> tuple[Positions, Positions, Floats]:
    missing = [name for name in ("row", "lead", "restarted") if name not in reactivations.columns]
    if missing:
        raise DataError(f"restarts: expected the column '{missing[0]}', it is missing; see reactivation_outcomes")
    row = reactivations["row"].to_numpy().astype(np.intp)
    if row.min() < 0 or row.max() >= len(state):
        raise DataError(f"restarts: expected rows in 0..{len(state) - 1}, got {row.min()}..{row.max()}")
    since = state.months_since_end[row]
    if not np.isfinite(since).all() or state.running[row].any():
        raise DataError("restarts: expected ended landmarks with months_since_end, got others")
    month = np.ceil(since + reactivations["lead"].to_numpy(dtype=float) - 0.5).astype(np.intp)
    return row, np.clip(month, 1, _LONGEST), reactivations["restarted"].to_numpy(dtype=float)


@dataclass(frozen=True)
class NewCustomer(ShortRepr):
    """Mean path of customers who have just started.

    Parameters
    ----------
    first_payment
        Margin paid at the start itself.
    flow
        Expected discounted value of lead month 1, 2, ..., (months,).
    lost
        Probability to be lost in each lead month, voluntarily and involuntarily, (2, months).
    """

    first_payment: float
    flow: Floats
    lost: Floats


@dataclass(frozen=True)
class AfterLoss(ShortRepr):
    """What follows a loss of each cause in lead month 1..h, discounted to the landmark; all (2, h).

    Parameters
    ----------
    chance
        Probability of a restart within the horizon.
    mean, square
        First and second moment of the value that follows, nothing where no restart comes.
    """

    chance: Floats
    mean: Floats
    square: Floats


class ReactivationValue:
    """W(j, m): value expected over m months of a customer whose subscription ended j months ago.

    With r the restart hazard by months since the end, d the discount factor, and U(m) the value over m months of one
    who starts now (first payment, later flow, and W again after a later loss)::

        W(j, m) = sum over i <= m of  r(j + i) prod over l < i of (1 - r(j + l))  d(i - 1/2)  U(m - i + 1/2)
        U(m)    = first payment + sum over k <= m of  flow(k) + sum over k <= m of  lost(k) d(k) W(0, m - k)

    After a loss inside the horizon no restart counts within ``grace_months``: such a loss would be none.

    Parameters
    ----------
    curve, new, grace_months, annual_rate
        Restart hazards, mean path of a new customer (of M months), months of grace, yearly discount rate.
    """

    def __init__(self, curve: ReactivationCurve, new: NewCustomer, grace_months: float, annual_rate: float) -> None:
        self.hazard_ = curve.hazard_
        self.annual_rate = annual_rate
        months = len(new.flow)
        after_loss = curve.hazard_.copy()
        after_loss[:, : int(np.ceil(grace_months))] = 0.0
        middle = month_discount(np.arange(1, months + 1) - 0.5, annual_rate)
        dies = new.lost * month_discount(np.arange(1.0, months + 1), annual_rate)
        comes = _starts(after_loss, 0, months)
        starts = comes * middle
        paid = new.first_payment + np.concatenate([[0.0], np.cumsum(new.flow)])
        self.started_ = np.zeros(months + 1)
        self.ended_ = np.zeros((2, months + 1))
        self.again_ = np.hstack([np.zeros((2, 1)), np.cumsum(comes, axis=1)])
        for m in range(months + 1):
            again = sum(dies[kind, :m] @ self.ended_[kind, :m][::-1] for kind in (0, 1))
            self.started_[m] = paid[m] + again
            self.ended_[:, m] = starts[:, :m] @ _midway(self.started_, m)
        self._squares(new, comes * middle**2)

    def _squares(self, new: NewCustomer, starts: Floats) -> None:
        """Set E[U(m)^2] and E[W(0, m)^2], by the recursion of the means along the path of who still runs."""
        months = len(new.flow)
        runs = 1 - np.cumsum(new.lost.sum(axis=0))
        paid = new.first_payment + np.concatenate([[0.0], np.cumsum(new.flow / np.maximum(runs, 1e-3))])
        gone = month_discount(np.arange(1.0, months + 1), self.annual_rate)
        self.started_square_ = np.zeros(months + 1)
        self.ended_square_ = np.zeros((2, months + 1))
        for m in range(months + 1):
            later = gone[:m] * self.ended_[:, :m][:, ::-1]
            square = gone[:m] ** 2 * self.ended_square_[:, :m][:, ::-1]
            lost = new.lost[:, :m] * (paid[:m] ** 2 + 2 * paid[:m] * later + square)
            stays = runs[m - 1] if m else 1.0
            self.started_square_[m] = lost.sum() + max(stays, 0.0) * paid[m] ** 2
            self.ended_square_[:, m] = starts[:, :m] @ _midway(self.started_square_, m)

    def after_loss(self, months: int) -> AfterLoss:
        """Return what follows a voluntary and an involuntary loss in month k, over ``months`` - k more months."""
        gone = month_discount(np.arange(1.0, months + 1), self.annual_rate)
        chance, mean, square = (t[:, :months][:, ::-1] for t in (self.again_, self.ended_, self.ended_square_))
        return AfterLoss(chance, mean * gone, square * gone**2)

    def deviation(self, months: int) -> Floats:
        """Return the standard deviation of the value of a restart in each month ahead, as in :meth:`paths`."""
        middle = month_discount(np.arange(1, months + 1) - 0.5, self.annual_rate)
        variance = _midway(self.started_square_, months) - _midway(self.started_, months) ** 2
        return np.asarray(middle * np.sqrt(np.maximum(variance, 0.0)))

    def paths(self, state: ContractState, months: int) -> tuple[Floats, Floats]:
        """Return probability and value of a restart in each month ahead of n ended customers.

        Returns
        -------
        probability : ndarray of shape (n, months)
            Of a restart in that month.
        value : ndarray of shape (months,)
            Discounted value over the rest of the horizon if it comes then.
        """
        kind = state.ended_involuntary.astype(np.intp)
        since = np.clip(np.floor(state.months_since_end), 0, _LONGEST - months - 1).astype(np.intp)
        code, back = np.unique(kind * _LONGEST + since, return_inverse=True)
        tables = [_starts(self.hazard_[c // _LONGEST][None, :], c % _LONGEST, months)[0] for c in code]
        middle = month_discount(np.arange(1, months + 1) - 0.5, self.annual_rate)
        return np.array(tables).reshape(len(code), months)[back], middle * _midway(self.started_, months)


def _midway(table: Floats, m: int) -> Floats:
    """Return U(m - i + 1/2) for i = 1..m of ``table`` = U(0), U(1), ...: between its neighbours."""
    return np.asarray((table[:m] + table[1 : m + 1]) / 2)[::-1]


def _starts(hazard: Floats, since: int, months: int) -> Floats:
    """Return the probability to restart in month 1..``months`` ahead, (kinds, months)."""
    ahead = hazard[:, since : since + months]
    waits = np.cumprod(1 - ahead, axis=1)
    return np.asarray(ahead * np.hstack([np.ones((len(hazard), 1)), waits[:, :-1]]))
