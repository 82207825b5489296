"""Shapes of effects: for whom an action works, where it is not the built-in world's own way.

An action lowers the log-odds of leaving: at once (the retention offer) or by raising satisfaction. A shape multiplies
what it does by a factor of the customer, so that the same learner can be tried on effects that it has no taste for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core.arrays import Bools, Floats
from .actions import Offer, View
from .settings import ADDITIVE, PROPORTIONAL

__all__ = ["FACTORS", "factor", "spare", "works_as_built"]

_LONG, _LATELY = 730.0, 180.0


def _either(view: View, helped: Bools) -> Floats:
    """Return the larger factor for those who are helped, the smaller one for the others (rows,)."""
    harm, help_ = view.setting.config.shape.factors
    return np.where(helped, help_, harm)


def _by_method(view: View) -> Floats:
    return np.asarray(view.setting.config.shape.by_method)[view.state.method[view.rows]]


FACTORS: dict[str, Callable[[View], Floats]] = {
    "sign": lambda view: _either(view, view.tenure() < _LONG),
    "contact": lambda view: _either(view, view.recent("contact_day", _LATELY)),
    "payment": _by_method,
    "hidden": lambda view: _either(view, view.state.price_sensitivity[view.rows] > 0),
    ADDITIVE: lambda view: np.zeros(len(view.rows)),
    "none": lambda view: np.zeros(len(view.rows)),
}
"""By shape, what an action's strength is multiplied by (rows,). ``sign`` turns with two years of tenure, ``contact``
with a contact in the last 180 days, ``payment`` goes by the method, ``hidden`` by price sensitivity, which no table
shows. ``additive`` spares everybody the same points of hazard instead, see :func:`spare`."""


def works_as_built(view: View) -> bool:
    """Whether actions work as the built-in world has them."""
    return view.setting.config.shape.kind == PROPORTIONAL


def factor(view: View) -> Floats:
    """Return what the strength of an action is multiplied by, (rows,).

    Raises
    ------
    KeyError
        There is no such shape.
    """
    return FACTORS[view.setting.config.shape.kind](view)


def spare(offer: Offer, helped: Bools) -> None:
    """In a world of additive effects, take the same points off the hazard of the ``helped`` (rows,) for some months."""
    shape, state, rows = offer.setting.config.shape, offer.state, offer.rows[helped]
    if shape.kind == ADDITIVE:
        state.spared[rows], state.offer_strength[rows] = shape.points, 0.0
        state.offer_left[rows] = offer.setting.config.actions.retention_months
