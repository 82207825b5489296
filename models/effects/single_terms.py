"""A regression of noisy scores on many terms of which few matter: the sum of single effects.

Wang, Sarkar, Carbonetto & Stephens 2020, "A simple new approach to variable selection in regression, with application
to genetic fine mapping". What differs is a sum of a few effects, each of one term nobody knows which, or of none. Given
the others, the chances of each term and its coefficient follow by Bayes' rule; the effects are gone through in turn
until nothing moves. The mean over all that may be true is used, so there is no choice to be lucky with: where nothing
is proven the chances lie on many terms, whose small differences cancel, and on none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import Floats
from ...core.short_repr import ShortRepr

__all__ = ["SingleTerms", "single_terms"]

_SWEEPS = 50
_STILL = 1e-4


@dataclass(frozen=True)
class SingleTerms(ShortRepr):
    """What is believed of the coefficients.

    Parameters
    ----------
    known
        Coefficient of the term that is certainly there.
    coefficients
        Mean coefficient of every other term, (k,).
    chances
        Chance of each effect to be of each term, (effects, k).
    """

    known: float
    coefficients: Floats
    chances: Floats


def single_terms(
    gram: Floats,
    along: Floats,
    prior: Floats,
    *,
    none: tuple[float, ...],
    widths: tuple[float, ...],
    known: tuple[float, float] = (0.0, 0.0),
    wider: Floats | None = None,
) -> SingleTerms:
    """Return the mean coefficients of k terms, and of one more that is certainly there.

    Parameters
    ----------
    gram, along
        Products of the terms with each other, (k + 1, k + 1), and with the scores, (k + 1,), over the variance of the
        noise; the last one is the term that is certainly there.
    prior
        Chance of each term to be the one that an effect is of, (k,). They add up to 1, or to less where terms were left
        out that nothing speaks for: these count as none.
    none
        For each effect, the chance that it is of no term.
    widths
        Standard deviations that a coefficient may have before anything is seen, equally likely.
    known
        Mean and standard deviation of the coefficient of the last term before anything is seen.
    wider
        By how much the variance of each term's estimate is larger than even noise makes it, (k,); None: by nothing.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 20))
    >>> terms = np.column_stack([x, np.zeros(500)])
    >>> score = 2 * x[:, 3] + rng.normal(0, 5, 500)
    >>> given = (terms.T @ terms / 25, terms.T @ score / 25, np.full(20, 0.05))
    >>> found = single_terms(*given, none=(0.5, 0.8), widths=(1.0, 2.0))
    >>> int(found.chances[0].argmax()), bool(1.5 < found.coefficients[3] < 2.5)
    (3, True)
    """
    count = len(prior)
    variance = np.square(widths)
    size = np.maximum(np.diag(gram)[:count], 1e-300)
    precision = size if wider is None else size / wider
    kept = variance / (variance + 1 / precision[:, None])
    shares = np.log(np.maximum(prior, 1e-300))[:, None] - np.log(len(variance))
    left_out = max(1 - float(prior.sum()), 0.0)
    means = np.zeros((len(none), count))
    chances = np.zeros((len(none), count))
    mean, deviation = known
    still = _STILL * max(widths)
    for _ in range(_SWEEPS):
        before = means.copy()
        rest = along - gram[:, :count] @ means.sum(axis=0)
        sure = deviation**-2 if deviation > 0 else np.inf
        fixed = mean if np.isinf(sure) else (sure * mean + rest[count]) / (sure + gram[count, count])
        for place, nothing in enumerate(none):
            rest = along - gram[:, :count] @ (means.sum(axis=0) - means[place]) - fixed * gram[:, count]
            alone = rest[:count] / size
            fit = 0.5 * (np.log1p(-kept) + kept * (precision * alone**2)[:, None])
            logs = np.append((fit + shares + np.log1p(-nothing)).ravel(), np.log(nothing + (1 - nothing) * left_out))
            likely = np.exp(logs - logs.max())
            each = (likely / likely.sum())[:-1].reshape(count, len(variance))
            chances[place] = each.sum(axis=1)
            means[place] = (each * kept).sum(axis=1) * alone
        if np.abs(means - before).max(initial=0.0) < still:
            break
    return SingleTerms(float(fixed), means.sum(axis=0), chances)
