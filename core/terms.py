"""Term boundaries of subscriptions in months of 365.25 / 12 days, as a model lays them out that knows no calendar.

Boundaries fall ``months_to_renewal + j * term_months`` months after an instant, j = 0, 1, ... On calendars, where facts
lie, the engine counts them: :mod:`servicelift.features.timeline.terms`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats

__all__ = ["boundaries_passed"]

_TINY = 1e-9
"""A boundary on the edge of a month is passed, whatever the rounding of its place."""


def boundaries_passed(months: ArrayLike, months_to_renewal: ArrayLike, term_months: ArrayLike) -> Floats:
    """Return how many term boundaries fall in (0, months]; arguments broadcast.

    Parameters
    ----------
    months
        Months after the instant.
    months_to_renewal
        Months to the first boundary after it.
    term_months
        Length of a term in months, above 0.

    Examples
    --------
    >>> boundaries_passed([1, 2, 3, 14], 2, 12)
    array([0., 1., 1., 2.])
    """
    past = (np.asarray(months, dtype=float) - months_to_renewal) / np.asarray(term_months, dtype=float)
    return np.asarray(np.maximum(np.floor(past + 1 + _TINY), 0.0))
