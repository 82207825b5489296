"""Cross-fitted nuisances of an effect: outcome under each arm, and the chance of being treated.

Every unit gets predictions from models that saw no row of its customer (Chernozhukov et al. 2018,
"Double/debiased machine learning", definition 3.2). Learners are mixed by weights that minimise the loss of these
very out-of-fold predictions ("short-stacking": Ahrens, Hansen, Schaffer & Wiemann 2025, "Model averaging and double
machine learning"): a handful of weights does not bring the overfitting back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from ...core.arrays import Bools, Floats, Positions
from ...core.errors import ModelError
from ...core.one_thread import one_thread
from ...core.refusals import refusal
from ...core.short_repr import ShortRepr
from ..fitting.design import DesignMatrix
from ..fitting.logistic import chances, start_logistic
from ..fitting.ridge import ridge, spectrum_of

__all__ = [
    "FEWEST",
    "Nuisances",
    "check_units",
    "convex_weights",
    "cross_fit",
    "customer_folds",
    "mixture_weights",
    "thinned",
]

Part = tuple[Positions, Positions]

# Three splits a tree: on a few thousand noisy outcomes deeper trees came out worse in every comparison.
_BOOST = {"learning_rate": 0.2, "num_leaves": 4, "min_data_in_leaf": 40, "lambda_l2": 5.0, "feature_fraction": 0.5}
_ROUNDS = 50
_STRENGTHS = (1.0, 0.01)
_CLIP = 1e-3
FEWEST = 10
"""Treated units, and controls, that there must be to learn from in every fold."""
# Ridge and a hundred trees of three splits learn nothing more from more rows; time and memory would grow all the same.
_MOST = 100_000


@dataclass(frozen=True)
class Nuisances(ShortRepr):
    """Out-of-fold predictions for n units.

    Parameters
    ----------
    mu0, mu1
        Expected outcome without and with the action, (n,), in units of the outcome.
    propensity
        Chance of being treated, (n,): recorded where it was passed in, else estimated.
    fold
        Fold of each unit, (n,): its predictions come from the other folds.
    """

    mu0: Floats
    mu1: Floats
    propensity: Floats
    fold: Positions

    def scores(self, treated: ArrayLike, outcome: ArrayLike, *, clip: float = 0.01) -> Floats:
        """Return the doubly robust scores of the effect, (n,), with propensities kept in [clip, 1 - clip].

        ``mu1 - mu0 + t (y - mu1) / e - (1 - t) (y - mu0) / (1 - e)`` (Robins, Rotnitzky & Zhao 1994).
        """
        t, y = np.asarray(treated, dtype=float), np.asarray(outcome, dtype=float)
        e = np.clip(self.propensity, clip, 1 - clip)
        return self.mu1 - self.mu0 + t * (y - self.mu1) / e - (1 - t) * (y - self.mu0) / (1 - e)


def cross_fit(
    X: pd.DataFrame | DesignMatrix,
    treated: ArrayLike,
    outcome: ArrayLike,
    *,
    groups: ArrayLike,
    folds: int = 5,
    seed: int,
    propensity: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    fold: Positions | None = None,
    linear: bool = False,
) -> Nuisances:
    """Return out-of-fold nuisances for n units.

    The outcome of each arm is a convex mix of ridge regressions (of the arm; of both arms with one shared slope
    vector) and small boosted trees (of the arm; of the other arm, shifted). What an arm borrows matters where it is
    small: any function of X is a valid adjustment, and the mix is judged on the arm itself.

    Parameters
    ----------
    X
        Features known before the decision, (n, columns), or a design already encoded.
    treated, outcome
        0/1 and a finite number for each unit, (n,).
    groups
        Customer of each unit, (n,): a customer never stands on both sides of a fold.
    propensity
        Recorded chance of treatment where the action was randomised, (n,), strictly between 0 and 1.
    sample_weight
        Weight of each unit, (n,); 0 leaves it out of every fit. Beyond 100,000 rows (of an arm, for outcomes) a
        learner sees a random 100,000.
    fold
        Folds to use again, (n,), when only the outcome changes.
    linear
        Leave the trees out of the outcome models: four times faster, for side outcomes.

    Raises
    ------
    ModelError
        Shapes differ, values are missing, or a fold would train on fewer than 10 units of an arm.
    """
    design = DesignMatrix.of(X)
    t, y, weight = check_units(len(design), treated, outcome, sample_weight)
    if fold is None:
        fold = customer_folds(groups, t, folds=folds, seed=seed)
    parts = [(np.flatnonzero((fold != k) & (weight > 0)), np.flatnonzero(fold == k)) for k in np.unique(fold)]
    for train, _ in parts:
        fewest = min(np.sum(t[train] == 0), np.sum(t[train] == 1))
        if fewest < FEWEST:
            raise refusal(ModelError, "few_in_folds", least=FEWEST, fewest=int(fewest))
    recorded = None if propensity is None else _recorded(propensity, len(design))
    # Matrices are small: a pool of BLAS threads costs several times what it saves.
    with one_thread():
        mu0, mu1 = _outcomes(design, t, y, weight, parts, seed, linear)
        e = _propensity(design, t, weight, parts, seed) if recorded is None else recorded
    return Nuisances(mu0, mu1, e, fold)


def check_units(
    n: int, treated: ArrayLike, outcome: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[Positions, Floats, Floats]:
    """Return treatment, outcome and weights (1 when not given) as checked (n,) arrays.

    Raises
    ------
    ModelError
        A length is not ``n``, an outcome is not finite, a treatment is not 0 or 1, or a weight is negative.
    """
    t = np.asarray(treated, dtype=float)
    y = np.asarray(outcome, dtype=float)
    w = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=float)
    for name, values in (("treated", t), ("outcome", y), ("sample_weight", w)):
        if values.shape != (n,):
            raise ModelError(f"{name}: expected {n} values, one a unit, got shape {values.shape}")
    if not np.isin(t, (0, 1)).all():
        raise ModelError("treated: expected 0 or 1 for every unit; drop units whose arm is unknown")
    if not np.isfinite(y).all():
        raise ModelError(f"outcome: {int((~np.isfinite(y)).sum())} of {n} values are not finite; drop those units")
    if not (np.isfinite(w).all() and (w >= 0).all()):
        raise ModelError("sample_weight: expected finite weights of 0 or more")
    return t.astype(np.intp), y, w


def thinned(rows: Positions, seed: int, *, most: int = _MOST) -> Positions:
    """Return ascending ``rows``, or a random ``most`` of them: what one learner sees. Predictions are made for all."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng([seed, len(rows)]).choice(rows, most, replace=False))


def _recorded(propensity: ArrayLike, n: int) -> Floats:
    e = np.asarray(propensity, dtype=float)
    if e.shape != (n,) or not ((e > 0) & (e < 1)).all():
        raise refusal(ModelError, "propensity", n=n)
    return e


def customer_folds(groups: ArrayLike, treated: ArrayLike, *, folds: int, seed: int) -> Positions:
    """Return a fold 0..folds-1 for each unit, (n,): whole customers, ever-treated ones spread evenly.

    Raises
    ------
    ModelError
        Fewer customers than folds.
    """
    codes, unique = pd.factorize(np.asarray(groups))
    if (codes < 0).any():
        raise ModelError("groups: expected the customer of every unit, got missing ones")
    if len(unique) < folds:
        raise refusal(ModelError, "few_customers", folds=folds, n=len(unique))
    ever = np.bincount(codes, weights=np.asarray(treated, dtype=float), minlength=len(unique)) > 0
    order = np.random.default_rng(seed).permutation(len(unique))
    order = order[np.argsort(ever[order], kind="stable")]
    fold_of = np.empty(len(unique), dtype=np.intp)
    fold_of[order] = np.arange(len(unique)) % folds
    return fold_of[codes]


def _outcomes(
    design: DesignMatrix,
    t: Positions,
    y: Floats,
    weight: Floats,
    parts: list[Part],
    seed: int,
    linear: bool,
) -> tuple[Floats, Floats]:
    """Return mixed out-of-fold outcome predictions for arm 0 and arm 1, each (n,)."""
    grown = [] if linear else [_grown(design, t == arm, y, weight, parts, seed, "l2") for arm in (0, 1)]
    stacked: list[list[Floats]] = [[], []]
    tested = np.concatenate([test for _, test in parts])
    for k, part in enumerate(parts):
        of_part = [trees[:, k] for trees in grown]
        for arm, predictions in enumerate(_outcome_learners(design, t, y, weight, part, seed, of_part)):
            stacked[arm].append(predictions)
    mixed = []
    for arm in (0, 1):
        columns = np.empty((len(design), stacked[arm][0].shape[1]))
        columns[tested] = np.vstack(stacked[arm])
        judged = (t == arm) & (weight > 0)
        mixed.append(columns @ convex_weights(columns[judged], y[judged], weight[judged]))
    return mixed[0], mixed[1]


def _grown(
    design: DesignMatrix,
    among: Bools,
    y: Floats,
    weight: Floats,
    parts: list[Part],
    seed: int,
    loss: Literal["l2", "binary"],
) -> Floats:
    """Return what trees that learn from the units ``among`` (n,) of each part predict for all units, (n, parts)."""
    learnt = np.zeros((len(design), len(parts)), dtype=bool)
    for k, (train, _) in enumerate(parts):
        learnt[train, k] = True
    most = _MOST * len(parts) // (len(parts) - 1)
    rows = thinned(np.flatnonzero(among & learnt.any(axis=1)), seed, most=most)
    params = {**_BOOST, "seed": seed}
    part_weight = weight[rows, None] * learnt[rows]
    return design.boost_parts(rows, y[rows], part_weight, loss=loss, rounds=_ROUNDS, params=params)


def _outcome_learners(
    design: DesignMatrix,
    t: Positions,
    y: Floats,
    weight: Floats,
    part: Part,
    seed: int,
    grown: list[Floats],
) -> tuple[Floats, Floats]:
    """Return, for each arm, the predictions of all learners for who is tested, (tested, learners).

    ``grown`` holds what the trees of each arm predict for all units, (n,); none where trees are left out.
    """
    train, test = part
    x, x_test = design.linear, design.linear[test]
    rows = [thinned(train[t[train] == arm], seed) for arm in (0, 1)]
    x_mean = [np.average(x[r], axis=0, weights=weight[r]) for r in rows]
    y_mean = [float(np.average(y[r], weights=weight[r])) for r in rows]
    centred = [(x[r] - x_mean[arm], y[r] - y_mean[arm], weight[r]) for arm, r in enumerate(rows)]
    both = [np.concatenate(of_arms) for of_arms in zip(*centred, strict=True)]
    shared = ridge(*both, known=design.once([*rows, both[2]], partial(spectrum_of, both[0], both[2])))
    predictions = []
    for arm, r in enumerate(rows):
        decomposed = design.once([r, weight[r]], partial(spectrum_of, centred[arm][0], weight[r]))
        own, offset = ridge(*centred[arm], known=decomposed), x_test - x_mean[arm]
        learners = [y_mean[arm] + offset @ own, y_mean[arm] + offset @ shared]
        if grown:
            borrowed = grown[1 - arm]
            shift = float(np.average(y[r] - borrowed[r], weights=weight[r]))
            learners += [grown[arm][test], borrowed[test] + shift]
        predictions.append(np.column_stack(learners))
    return predictions[0], predictions[1]


def convex_weights(predictions: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Return weights >= 0 with sum 1, (k,), of ``predictions`` (n, k) that minimise the squared error."""
    root = np.sqrt(weight / weight.mean())
    errors = (predictions - outcome[:, None]) * root[:, None]
    gram = errors.T @ errors / len(outcome)
    scale = max(float(np.trace(gram)), 1e-300)
    half = np.linalg.cholesky(gram / scale + 1e-9 * np.eye(len(gram))).T
    # With weights summing to 1 the mixed error is errors @ w: minimise |half w| under a stiff sum row.
    stiff = 1e3
    shares, _ = nnls(np.vstack([half, np.full(len(gram), stiff)]), np.append(np.zeros(len(gram)), stiff))
    return np.asarray(shares / shares.sum())


def _propensity(design: DesignMatrix, t: Positions, weight: Floats, parts: list[Part], seed: int) -> Floats:
    """Return the mixed out-of-fold chance of being treated, (n,), kept in [0.001, 0.999].

    Logistic regressions start at the solution of all units, which every fold and every cross-fit shares.
    """
    x, label = design.linear, t.astype(float)
    whole = thinned(np.flatnonzero(weight > 0), 0)
    starts = [
        design.once(
            [t, weight, np.array([strength])],
            partial(start_logistic, x[whole], label[whole], weight[whole], strength=strength),
        )
        for strength in _STRENGTHS
    ]
    stacked = np.empty((len(design), len(starts) + 1))
    grown = _grown(design, weight > 0, label, weight, parts, seed, "binary")
    for k, (train, test) in enumerate((thinned(train, seed), test) for train, test in parts):
        for column, (strength, start) in enumerate(zip(_STRENGTHS, starts, strict=True)):
            of = chances(start, x, label, weight, train, strength=strength)
            stacked[test, column] = of(x[test])
        stacked[test, -1] = grown[test, k]
    stacked = np.clip(stacked, _CLIP, 1 - _CLIP)
    return np.asarray(stacked @ mixture_weights(stacked, t, weight))


def mixture_weights(probabilities: Floats, labels: ArrayLike, weight: Floats, *, steps: int = 200) -> Floats:
    """Return weights >= 0 with sum 1, (k,), of ``probabilities`` (n, k) that minimise the log loss.

    A convex mix of probabilities is a mixture model, so its weights follow from EM, which never gets worse.
    """
    hit = np.where(np.asarray(labels)[:, None] == 1, probabilities, 1 - probabilities)
    share = weight / weight.sum()
    mix = np.full(hit.shape[1], 1 / hit.shape[1])
    for _ in range(steps):
        mix = mix * (share @ (hit / (hit @ mix)[:, None]))
    return np.asarray(mix / mix.sum())
