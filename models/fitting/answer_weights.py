"""Answers weighted for who answers: each stands for the silent that are like those who gave it.

A logistic regression of answering on what was known of everybody asked gives the chance ``p`` of an answer; an answer
weighs ``1 / p`` (Little & Rubin 2019, "Statistical Analysis with Missing Data", section 3.3). Within a cell the weights
are set to add up to all who were asked while each answer keeps standing for itself: ``1 + c (1 / p - 1)``. A weighted
mean then always lies between the bounds in which all silent answer worst, or best.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from ...core.arrays import Bools, Floats
from .logistic import start_logistic

__all__ = ["answer_chances", "answer_weights"]

_STRENGTH = 1.0
_LEAST_CHANCE = 0.01


def answer_chances(x: Floats, answered: ArrayLike) -> Floats:
    """Return the chance of an answer of everybody who was asked, (n,).

    Parameters
    ----------
    x
        What was known when they were asked, (n, p); columns are brought to one scale.
    answered
        Whether they answered, (n,).

    Raises
    ------
    ModelError
        The regression does not settle.
    """
    y = np.asarray(answered, dtype=float)
    spread = x.std(axis=0)
    scaled = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    found = start_logistic(scaled, y, np.ones(len(y)), strength=_STRENGTH).coefficients
    return np.asarray(np.clip(expit(scaled @ found[:-1] + found[-1]), _LEAST_CHANCE, 1.0))


def answer_weights(chance: Floats, answered: ArrayLike, cell: ArrayLike) -> Floats:
    """Return the weight of each answer, (n,); 0 of the silent.

    Parameters
    ----------
    chance
        Chance of an answer, (n,).
    answered
        Whether there is one, (n,).
    cell
        Number of the cell that each belongs to, whole numbers from 0, (n,). Weights of a cell add up to its rows; in
        one without an answer there are none.

    Examples
    --------
    >>> answer_weights(np.array([0.5, 0.25, 0.5]), [True, True, False], [0, 0, 0]).round(2).tolist()
    [1.25, 1.75, 0.0]
    """
    yes: Bools = np.asarray(answered, dtype=bool)
    of = np.asarray(cell, dtype=np.int64)
    more = np.where(yes, 1.0 / chance - 1.0, 0.0)
    silent, beyond, there = (np.bincount(of, values) for values in ((~yes).astype(float), more, yes.astype(float)))
    flat = beyond <= 0  # nobody is less likely than certain: all answers stand for the silent alike
    more = np.where(yes & flat[of], 1.0, more)
    beyond = np.where(flat, there, beyond)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(beyond > 0, silent / beyond, 0.0)
    return np.asarray(np.where(yes, 1.0 + share[of] * more, 0.0))
