"""Outcomes of probabilities while they ripen: observed events against foreseen ones, by lead, and their evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...core.arrays import Bools, Floats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from .run_length import log_evidence_of_rate

__all__ = ["Calibration", "Shape", "calibration", "new_events", "shape_of"]

_Z = 1.96


@dataclass(frozen=True)
class Shape(ShortRepr):
    """Which part of the horizon's events has come by each lead, (leads,) each, with standard errors.

    Examples
    --------
    >>> shape_of([20, 50, 100]).part.tolist()
    [0.2, 0.5, 1.0]
    """

    part: Floats
    error: Floats


@dataclass(frozen=True)
class Calibration:
    """Observed events over foreseen ones, with a 95% interval.

    ``observed`` and ``foreseen`` are counts; of ``n`` customers.
    """

    ratio: float
    low: float
    high: float
    observed: int
    foreseen: float
    n: int


def shape_of(events: ArrayLike) -> Shape:
    """Return the part of events by lead, from counts by each lead; the last is the horizon's.

    Errors are binomial: who has the event within the horizon has it by a lead, or later.

    Raises
    ------
    DataError
        Nobody has the event within the horizon.
    """
    counts = np.asarray(events, dtype=float)
    if not len(counts) or counts[-1] <= 0:
        raise DataError("expected events within the horizon to learn their shape from, got none; take earlier instants")
    part = np.maximum.accumulate(counts / counts[-1])
    inner = np.clip(part, 0.0, 1.0)
    return Shape(part, np.sqrt(inner * (1 - inner) / counts[-1]))


def calibration(events: ArrayLike, p: ArrayLike, part: float = 1.0, part_error: float = 0.0) -> Calibration:
    """Return observed over foreseen events, ``part`` of the horizon's being due.

    All n are followed equally long, so the Kaplan-Meier estimate by a lead is the plain share. What is foreseen is each
    probability times the part: it assumes that the time of an event within the horizon does not depend on its
    probability, and that the shape is that of the past. The interval is that of independent events, with the error of
    the part.

    Parameters
    ----------
    events
        Whether each had the event by the lead, (n,).
    p
        Probability of the event within the horizon, (n,).
    part, part_error
        Of :func:`shape_of`.

    Examples
    --------
    >>> calibration([1, 0, 0, 0], [0.5, 0.5, 0.0, 0.0]).ratio
    1.0
    """
    hit, due = np.asarray(events, dtype=float), np.minimum(np.asarray(p, dtype=float) * part, 1.0)
    if hit.shape != due.shape or not len(hit):
        raise DataError(f"expected an event for each probability, got shapes {hit.shape} and {due.shape}")
    foreseen, observed = float(due.sum()), int(hit.sum())
    if foreseen <= 0:
        return Calibration(float("nan"), float("nan"), float("nan"), observed, foreseen, len(hit))
    ratio = observed / foreseen
    own = float(np.sum(due * (1 - due))) / foreseen**2
    error = float(np.sqrt(own * max(ratio, 0.05) + (ratio * part_error / part) ** 2))
    return Calibration(ratio, max(ratio - _Z * error, 0.0), ratio + _Z * error, observed, foreseen, len(hit))


def new_events(p: ArrayLike, gone: Bools, shape: Shape, tolerance: float) -> list[tuple[int, float, Floats]]:
    """Return events, foreseen events and log e-values of each lead, of those whose event had not come before it.

    Who is left after a lead has the event by the next with probability ``p (F' - F) / (1 - p F)``. The tolerance is
    widened by two standard errors of the part that is due.

    Parameters
    ----------
    p
        Probability of the event within the horizon, (n,).
    gone
        Whether it had come by each of the leads seen so far, or earlier, (n, leads seen).
    shape
        Of all leads.
    tolerance
        Share by which chances may be off and count as right.
    """
    chances = np.asarray(p, dtype=float)
    looks = []
    earlier, left, earlier_error = 0.0, np.ones(len(chances), dtype=bool), 0.0
    for place in range(gone.shape[1]):
        part, error = float(shape.part[place]), float(shape.error[place])
        due = max(part - earlier, 0.0)
        now = np.clip(chances * due / np.maximum(1 - chances * earlier, 1e-9), 0.0, 1.0)[left]
        slack = 2 * float(np.hypot(error, earlier_error)) / due if due > 0 else 0.0
        events = int(gone[left, place].sum())
        looks.append((events, float(now.sum()), log_evidence_of_rate(events, now, min(tolerance + slack, 0.99))))
        left, earlier, earlier_error = ~gone[:, place], part, error
    return looks
