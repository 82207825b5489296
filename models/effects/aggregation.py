"""Candidates mixed by what they predict out of fold: Q-aggregation.

The loss of the mix is that of the best candidate up to a term that falls with the number of rows, with high probability
(Dai, Rigollet & Zhang 2012, "Deviation optimal learning using greedy Q-aggregation"; Lecue & Rigollet 2014, "Optimal
learning with Q-aggregation"). The weights are

    w = argmin n / (2 sigma^2) (loss of the mix + mean loss under w) / 2 + KL(w | prior).

Half the mean loss keeps candidates out that only mend each other's noise; the divergence keeps the prior where nothing
is proven.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from ...core.arrays import Floats, Positions

__all__ = ["aggregated", "centred"]


def centred(values: Floats, weight: Floats, fold: Positions) -> Floats:
    """Return values (n,) or (n, k) less their weighted mean in each fold.

    A fold left out pulls the mean of the others away from its own: uncentred, that alone would look like loss.
    """
    total = np.bincount(fold, weight)
    columns = values.reshape(len(values), -1)
    means = np.column_stack([np.bincount(fold, weight * column) / total for column in columns.T])
    return np.asarray((columns - means[fold]).reshape(values.shape))


def aggregated(candidates: Floats, target: Floats, weight: Floats, prior: Floats) -> Floats:
    """Return the weights of the candidates by Q-aggregation, (k,), 0 or more with sum 1.

    Parameters
    ----------
    candidates
        Out-of-fold predictions, (n, k), centred as the target.
    target
        What they predict, with noise, (n,).
    weight
        Weight of each unit, (n,).
    prior
        Weights of the candidates before anything is seen, (k,), above 0 with sum 1.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(-1, 1, 1_000)
    >>> aggregated(np.column_stack([0 * x, x]), x + 0.1 * np.sin(99 * x), np.ones(1_000), np.array([0.9, 0.1])).round(2)
    array([0., 1.])
    """
    share = weight / weight.sum()
    rows = float(weight.sum() ** 2 / (weight**2).sum())
    gram, along = candidates.T @ (candidates * share[:, None]), candidates.T @ (share * target)
    noise = float(share @ target**2)
    losses = np.diag(gram) - 2 * along
    if noise <= 0:
        return prior
    scale = rows / (2 * noise)

    def criterion(logits: Floats) -> tuple[float, Floats]:
        w = np.exp(logits - logits.max())
        w /= w.sum()
        mixed = gram @ w
        relative = np.log(np.maximum(w, 1e-300) / prior)
        value = scale * ((w @ mixed - 2 * w @ along) + w @ losses) / 2 + w @ relative
        slope = scale * (2 * mixed - 2 * along + losses) / 2 + relative + 1
        return float(value), w * (slope - w @ slope)

    start = np.log(prior) - scale * (losses - losses.min())
    found = minimize(criterion, np.maximum(start - start.max(), -8.0), jac=True, method="L-BFGS-B")
    w = np.exp(found.x - found.x.max())
    return np.asarray(w / w.sum())
