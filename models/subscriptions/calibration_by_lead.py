"""Is the portfolio's survival the predicted one? Observed and predicted losses by lead and by renewal number.

At each step, customers still at risk and under observation are compared with what was predicted *of them*, so that
late entry and the end of the log tilt neither side. Survival is the product over steps of 1 - loss rate: observed, the
Kaplan-Meier curve (delayed entry: Tsai, Jewell & Wang 1987, Biometrika 74(4)); predicted, the same product of mean
hazards of those at risk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import clone

from ...core.arrays import Bools, Floats, Positions
from ...core.contract_state import ContractState
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from .contract import TERM_CLASSES, term_class, totals
from .hazard import INVOLUNTARY, VOLUNTARY, HazardPaths, HazardWorkspace, LandmarkHazard

__all__ = ["calibration_summary", "held_out_calibration", "lead_calibration"]


_CAUSES = {"voluntary": VOLUNTARY, "involuntary": INVOLUNTARY}


@dataclass(frozen=True)
class _Steps(ShortRepr):
    """Person-months on one axis: step, customer (0, 1, ...), cause, and predicted hazards by cause (2, N)."""

    step: Positions
    customer: Positions
    cause: Positions
    hazard: Floats

    def take(self, rows: Bools) -> _Steps:
        return _Steps(self.step[rows], self.customer[rows], self.cause[rows], self.hazard[:, rows])


def lead_calibration(
    paths: HazardPaths,
    state: ContractState,
    leads: pd.DataFrame,
    customers: ArrayLike,
    *,
    min_at_risk: int = 50,
) -> pd.DataFrame:
    """Return observed beside predicted losses and survival, for each term class, by lead and by renewal.

    Parameters
    ----------
    paths
        Predicted hazards of n running landmarks, (n, months); best of customers the model has not learnt from.
    state
        Their contract states at the landmark.
    leads
        Long: row (position of the landmark), lead, renewal, cause, as
        :meth:`LandmarkHazard.fit` takes; leads beyond ``months`` are left out.
    customers
        Whom each landmark belongs to, (n,): landmarks of one customer see the same losses.
    min_at_risk
        A curve begins at the first step with so many person-months at risk, and ends before the next with fewer.

    Returns
    -------
    pandas.DataFrame
        Ordered: term (of TERM_CLASSES), by (``lead``: every month after the landmark; ``renewal``: renewal months
        alone, by the number of the renewal), step, at_risk, observed and predicted loss rate, both by cause,
        observed_survival, predicted_survival (from the first step of the table on), and rate_error, survival_error and
        losses_error: standard errors of observed - predicted rate, survival and number of losses until the step,
        clustered by customer. What the fit itself does not know is not in them.

    Raises
    ------
    DataError
        Not one state and customer for each row of ``paths``.
    """
    owner = np.unique(np.asarray(customers), return_inverse=True)[1]
    n, months = paths.voluntary.shape
    if len(state) != n or len(owner) != n:
        raise DataError(f"expected {n} states and customers as in paths, got {len(state)} and {len(owner)}")
    seen = leads[leads["lead"] <= months]
    row, lead, renewal, cause = (seen[name].to_numpy().astype(np.intp) for name in ("row", "lead", "renewal", "cause"))
    here = state.take(row)
    hazard = np.stack([paths.voluntary[row, lead - 1], paths.involuntary[row, lead - 1]])
    number = np.nan_to_num(here.renewals_done + here.boundaries_until(lead)).astype(np.intp)
    axes = {"lead": (lead, np.ones(len(row), dtype=bool)), "renewal": (number, renewal > 0)}
    classes = term_class(here.term_months)
    found = []
    for place, term in enumerate(TERM_CLASSES):
        for by, (step, counts) in axes.items():
            chosen = _Steps(step, owner[row], cause, hazard).take(counts & (classes == place))
            found.append(_curve(chosen, min_at_risk).assign(term=term, by=by))
    whole = pd.concat(found, ignore_index=True)
    return whole[["term", "by", *[name for name in whole.columns if name not in ("term", "by")]]]


def held_out_calibration(
    hazard: LandmarkHazard, work: HazardWorkspace, customers: ArrayLike, held: Bools
) -> pd.DataFrame:
    """Return :func:`lead_calibration` of the ``held`` landmarks (n,), by a twin of ``hazard`` fitted to the others.

    Errors are wider by sqrt(1 + held / others): the twin's rates come from a sample themselves.

    Parameters
    ----------
    hazard
        Its settings are used; it is not changed.
    work
        The n prepared landmarks.
    customers, held
        Of each landmark; hold out customers with all their landmarks, or the twin knows their losses.

    Raises
    ------
    DataError
        A customer has landmarks on both sides.
    ModelError
        Too few losses among the others.
    """
    owner = np.asarray(customers)
    both = np.intersect1d(owner[held], owner[~held])
    if len(both):
        raise DataError(f"expected customers held out with all their landmarks, {len(both)} are on both sides")
    twin = clone(hazard).refit(work, np.where(held, 0.0, 1.0))
    rows = np.flatnonzero(held & work.state.running)
    state, months = work.state.take(rows), work.person_months
    paths = twin.paths(work.design[rows], state, state.boundaries(int(months.lead.max())))
    place = np.full(len(work.state), -1)
    place[rows] = np.arange(len(rows))
    seen = place[months.row] >= 0
    columns = {name: getattr(months, name)[seen] for name in ("lead", "renewal", "cause")}
    table = lead_calibration(paths, state, pd.DataFrame({"row": place[months.row[seen]], **columns}), owner[rows])
    errors = ["rate_error", "survival_error", "losses_error"]
    table[errors] *= np.sqrt(1 + held.sum() / max((~held).sum(), 1))
    return table


def _curve(steps: _Steps, min_at_risk: int) -> pd.DataFrame:
    """Return rates and survival by step, from the first step seen to the last with enough at risk."""
    size = int(steps.step.max(initial=0)) + 2
    count = np.bincount(steps.step, minlength=size)
    first = int(np.argmax(np.append(count >= min_at_risk, True)))
    last = first + int(np.argmax(np.append(count[first:] < min_at_risk, True)))
    inside = steps.take((steps.step >= first) & (steps.step < last))
    step = inside.step - first
    at_risk = count[first:last].astype(float)
    table = {"step": np.arange(first, last), "at_risk": at_risk}
    for kind, events in (("observed", None), ("predicted", inside.hazard)):
        for place, (name, cause) in enumerate(_CAUSES.items()):
            amount = inside.cause == cause if events is None else events[place]
            table[f"{kind}_{name}"] = totals(step, amount, len(at_risk)) / at_risk
        table[kind] = table[f"{kind}_voluntary"] + table[f"{kind}_involuntary"]
        table[f"{kind}_survival"] = np.cumprod(1 - table[kind])
    residual = (inside.cause > 0) - inside.hazard.sum(axis=0)
    table |= _errors(step, inside.customer, residual, at_risk, table["predicted"])
    return pd.DataFrame(table)


def _errors(step: Positions, customer: Positions, residual: Floats, at_risk: Floats, rate: Floats) -> dict[str, Floats]:
    """Return standard errors of rate, survival and losses by step.

    The error of log survival at a step is the sum until there of residual / (at risk (1 - rate)), customer by customer.
    None is below that of independent losses at the predicted rate: few steps without a loss look sure.
    """
    who, owner = np.unique(customer, return_inverse=True)
    shape = (len(who), len(at_risk))
    place = np.ravel_multi_index((owner, step), shape) if len(step) else step
    each = totals(place, residual, len(who) * len(at_risk)).reshape(shape)
    alone = at_risk * rate * (1 - rate)
    part = at_risk * np.maximum(1 - rate, 1e-12)
    return {
        "rate_error": _norm(each, alone) / at_risk,
        "survival_error": np.cumprod(1 - rate) * _norm(np.cumsum(each / part, axis=1), np.cumsum(alone / part**2)),
        "losses_error": _norm(np.cumsum(each, axis=1), np.cumsum(alone)),
    }


def _norm(each: Floats, least: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum((each**2).sum(axis=0), least)))


def calibration_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return one line for each term class and axis of :func:`lead_calibration` that was seen.

    Returns
    -------
    pandas.DataFrame
        term, by, steps, observed and predicted losses, ratio (predicted / observed, NaN where none was),
        ratio_voluntary and ratio_involuntary, worst_gap (largest distance of the survival curves) and z (predicted -
        observed losses in standard errors).
    """
    lines = []
    for (term, by), part in table.groupby(["term", "by"], sort=False):
        kinds = [f"{kind}{end}" for end in ("", "_voluntary", "_involuntary") for kind in ("observed", "predicted")]
        losses = {kind: float((part[kind] * part["at_risk"]).sum()) for kind in kinds}
        gap = part["predicted_survival"] - part["observed_survival"]
        lines.append(
            {
                "term": term,
                "by": by,
                "steps": len(part),
                "observed": losses["observed"],
                "predicted": losses["predicted"],
                **{
                    f"ratio{end}": _ratio(losses[f"predicted{end}"], losses[f"observed{end}"])
                    for end in ("", "_voluntary", "_involuntary")
                },
                "worst_gap": float(gap.abs().max()),
                "z": (losses["predicted"] - losses["observed"]) / max(part["losses_error"].iloc[-1], 1e-12),
            }
        )
    return pd.DataFrame(lines)


def _ratio(predicted: float, observed: float) -> float:
    return predicted / observed if observed > 0 else float("nan")
