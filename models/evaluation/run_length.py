"""Alarms whose number of false ones is bounded: e-detectors for what accumulates, levels for what is seen each night.

An e-value has a mean of at most 1 where nothing changed, given all that came before. The Shiryaev-Roberts detector
``M <- (M + days) x e`` adds the days that passed and multiplies by the newest e-value; ``M`` less the days that passed
then drifts nowhere, whatever the e-values are (Shin, Ramdas & Rinaldo 2023, "E-detectors"). Ringing at ``M >= A`` and
starting again from 0, the expected number of false alarms in T days is therefore at most ``T / A``: exactly, at every
T, for any sizes and any spacing of the looks. The average run length is at least A days.

A night's p-value rings at a level: the expected number of nights that ring falsely in T days is at most
``T x level / spacing``, however much one night is like the one before. Expectations add up, so measures may depend on
each other in any way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...core.arrays import Floats
from ...core.errors import DataError
from ...core.time import DAYS_PER_YEAR

__all__ = ["Detection", "detect", "level_of", "log_evidence_of_rate", "log_evidence_of_shift", "run_length"]

RATES = (1.25, 1.5, 1 / 1.25, 1 / 1.5)
"""Ratios of observed to expected events that detectors look for, two above and two below."""

SHIFTS = (2.0, 4.0)
"""Shifts in standard errors that detectors look for."""


@dataclass(frozen=True)
class Detection:
    """What a detector says after its looks.

    Parameters
    ----------
    evidence
        ``M`` after each look, (looks,); reset to 0 after a look that rang.
    rang
        Whether each look rang, (looks,).
    """

    evidence: tuple[float, ...]
    rang: tuple[bool, ...]

    @property
    def alarm(self) -> bool:
        """Whether the latest look rang."""
        return bool(self.rang) and self.rang[-1]


def run_length(false_alarms_a_year: float, detectors: int) -> float:
    """Return the days that each of several detectors has to run on average until it rings falsely.

    Examples
    --------
    >>> run_length(2, 10)
    1826.25
    """
    if not (false_alarms_a_year > 0 and detectors >= 1):
        raise DataError(f"expected false alarms and detectors above 0, got {false_alarms_a_year} and {detectors}")
    return DAYS_PER_YEAR * detectors / false_alarms_a_year


def level_of(length: float, days: float) -> float:
    """Return the level of one night's p-value, nights being ``days`` apart, that rings falsely once in ``length`` days.

    Examples
    --------
    >>> level_of(1000, 1)
    0.001
    """
    return min(days / length, 1.0)


def detect(log_evidence: ArrayLike, days: Sequence[float], length: float) -> Detection:
    """Run the Shiryaev-Roberts detector over looks, starting again after each alarm.

    Parameters
    ----------
    log_evidence
        Logarithms of the e-values, (looks, alternatives); the detectors of the alternatives are averaged.
    days
        Days that passed before each look, (looks,).
    length
        Average run length in days, at least: the threshold.

    Examples
    --------
    >>> detect(np.log([[1.0], [1.0], [50.0]]), [1, 1, 1], length=100).rang
    (False, False, True)
    """
    logs = np.atleast_2d(np.asarray(log_evidence, dtype=float))
    if len(logs) != len(days):
        raise DataError(f"expected days for each of {len(logs)} looks, got {len(days)}")
    nothing = [0.0] * logs.shape[1]
    state, evidence, rang = nothing, [], []
    for passed, factors in zip(days, np.exp(np.minimum(logs, 500.0)).tolist(), strict=True):
        state = [(so_far + passed) * factor for so_far, factor in zip(state, factors, strict=True)]
        level = sum(state) / len(state)
        evidence.append(level)
        rang.append(level >= length)
        if rang[-1]:
            state = nothing
    return Detection(tuple(evidence), tuple(rang))


def log_evidence_of_rate(events: int, chances: ArrayLike, tolerance: float = 0.0) -> Floats:
    """Return log e-values of a rate that is off, one for each of :data:`RATES`: events against n chances.

    For r above 1 the e-value is ``r^events / prod(1 + (r - 1) c_i)`` with ``c_i`` the chance times (1 + tolerance), at
    most 1; for r below 1 with the chance times (1 - tolerance). Its mean is 1 if events are independent draws from
    ``c_i``, and at most 1 wherever all true chances are within the tolerance of those foreseen.

    Parameters
    ----------
    events
        How many of the n happened.
    chances
        What was foreseen, (n,).
    tolerance
        Share by which chances may be off and count as right.
    """
    c = np.asarray(chances, dtype=float)
    logs = []
    for rate in RATES:
        bound = np.minimum(c * (1 + tolerance if rate > 1 else 1 - tolerance), 1.0)
        logs.append(events * np.log(rate) - float(np.sum(np.log1p((rate - 1) * bound))))
    return np.array(logs)


def log_evidence_of_shift(z: ArrayLike) -> Floats:
    """Return log e-values of a mean above 0, one for each of :data:`SHIFTS`: ``exp(d z - d^2 / 2)``, (..., shifts).

    Their mean is at most 1 if ``z`` is normal with unit deviation and a mean of 0 or less.

    Parameters
    ----------
    z
        The estimate over its standard error, one or many.
    """
    shifts = np.array(SHIFTS)
    return np.asarray(np.multiply.outer(z, shifts) - shifts**2 / 2)
