"""An experiment that is read every month: when it may end early, at which boundary, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ...core.arrays import Floats
from ...core.short_repr import ShortRepr
from ...core.time import DAYS_PER_MONTH
from ...models.effects.inference import EffectEstimate
from ...models.targeting.group_sequential import Looks
from ...models.targeting.power import Terms
from .plan_file import PlanFile, PlannedLook

__all__ = ["MonthlyLooks", "in_errors", "look_reached", "monthly_looks", "planned_looks", "widened"]

_LEAST_STEP = 0.002
_ROUNDS = 20


@dataclass(frozen=True)
class MonthlyLooks(ShortRepr):
    """The looks of an experiment whose decisions are read when their follow-up is over, month by month.

    Parameters
    ----------
    customers
        Customers of both arms at the last look.
    looks
        Their boundaries.
    months
        Months of decisions that each look reads, (K,), ascending.
    read
        Customers of both arms that each look reads, (K,).
    effects
        Distance of the estimate from what is to be exceeded at which each look ends the experiment, (K,), in money.
    """

    customers: int
    looks: Looks
    months: tuple[int, ...]
    read: Floats
    effects: Floats

    def expected_months(self, follow_up_days: int) -> tuple[float, float]:
        """Return the expected months from the first decision to the end, if the effect is as assumed, and without."""
        at = np.asarray(self.months) + follow_up_days / DAYS_PER_MONTH
        return self.looks.expected(at, self.looks.drift), self.looks.expected(at, 0.0)


def monthly_looks(
    terms: Terms, effect: float, within: Callable[[int], float], longest: int
) -> tuple[int | None, MonthlyLooks | None]:
    """Return how many customers an experiment with monthly looks takes, and its looks.

    Customers are None where no number shows the effect; the looks are where not enough come within ``longest`` months.

    Parameters
    ----------
    terms
        Of the same experiment with one look.
    effect
        Distance to be shown, in money.
    within
        Customers that can be decided upon within so many months.
    longest
        Most months.
    """
    customers = terms.customers_for(effect)
    for _ in range(_ROUNDS):
        months = None if customers is None else next((m for m in range(1, longest + 1) if within(m) >= customers), None)
        if customers is None or months is None:
            return customers, None
        read = np.minimum([within(m) for m in range(1, months + 1)], customers)
        kept = _apart(np.array([_information(terms, n, customers) for n in read]))
        looks = Looks.planned(
            [_information(terms, read[m], customers) for m in kept], level=terms.level, power=terms.power
        )
        needed = terms.customers_for(effect / float(np.sqrt(looks.inflation)))
        if needed is not None and needed <= customers:
            errors = [
                terms.std_error(n) * in_errors(z, terms) for n, z in zip(read[kept], looks.boundaries, strict=True)
            ]
            return customers, MonthlyLooks(customers, looks, tuple(m + 1 for m in kept), read[kept], np.array(errors))
        customers = needed
    return customers, None


def planned_looks(each: MonthlyLooks, start: pd.Timestamp, follow_up_days: int) -> dict[str, Any]:
    """Return the looks as a plan's file holds them, and what is to be expected of them."""
    shares = each.looks.fractions
    rows = zip(each.months, each.read, shares, each.looks.boundaries, each.effects, strict=True)
    until = pd.Timedelta(days=follow_up_days)
    expected = each.expected_months(follow_up_days)
    return {
        "looks": tuple(
            PlannedLook(
                month=month,
                on=(start + pd.DateOffset(months=month) + until).date(),
                customers=int(np.ceil(read - 1e-9)),
                information=float(share),
                boundary=float(boundary),
                effect=float(effect),
            )
            for month, read, share, boundary, effect in rows
        ),
        "inflation": each.looks.inflation,
        "expected_months": expected[0],
        "expected_months_without": expected[1],
    }


def in_errors(boundary: float, terms: Terms) -> float:
    """Return a boundary in standard errors of the estimate's own distribution, wider where few agents are assigned."""
    return float(boundary) if terms.agents is None else terms.quantile(float(stats.norm.cdf(boundary)))


def look_reached(made: PlanFile, read: int) -> int | None:
    """Return the number (from 0) of the last planned look that ``read`` matured customers allow; None before the first.

    Between two looks the boundary of the earlier one counts, which is the wider.
    """
    reached = [k for k, look in enumerate(made.looks) if look.customers <= read]
    return max(reached, default=None)


def widened(effect: EffectEstimate, boundary: float) -> tuple[float, float]:
    """Return the ends of an estimate's interval at a boundary, of Student's t where the estimate's own has it."""
    errors = boundary if np.isinf(effect.dof) else float(stats.t.isf(stats.norm.sf(boundary), effect.dof))
    return effect.estimate - errors * effect.std_error, effect.estimate + errors * effect.std_error


def _information(terms: Terms, read: float, customers: float) -> float:
    """Return the share of the information that ``read`` of ``customers`` hold."""
    return (terms.std_error(customers) / terms.std_error(read)) ** 2 if read > 0 else 0.0


def _apart(information: Floats) -> list[int]:
    """Return the looks that are worth one: each tells something new, and the last is always among them."""
    kept: list[int] = []
    last = 0.0
    for k, share in enumerate(information[:-1]):
        if share - last >= _LEAST_STEP and 1 - share >= _LEAST_STEP:
            kept.append(k)
            last = float(share)
    return [*kept, len(information) - 1]
