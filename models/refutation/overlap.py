"""Doubts about an effect, as numbers: do the arms overlap, are they alike after weighting, does a placebo hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.refusals import refusal
from ...core.short_repr import ShortRepr
from ..effects.average import AverageEffect
from ..effects.inference import EffectEstimate, effective_size
from ..fitting.design import DesignMatrix

__all__ = ["Balance", "Overlap", "balance", "comparable", "overlap", "placebo"]


@dataclass(frozen=True)
class Overlap:
    """How far treated and controls can be compared, for the effect on the treated.

    Parameters
    ----------
    trimmed_share
        Share of the treated without a counterpart: their chance of treatment is above the trimming limit.
    sparse_share
        Share of the treated whose chance of treatment is above 0.9, trimmed ones included.
    effective_controls
        Kish's effective number of controls after weighting.
    largest_weight
        Share of all control weight that one control carries.

    Examples
    --------
    >>> arms = Overlap(trimmed_share=0.02, sparse_share=0.1, effective_controls=310.0, largest_weight=0.01)
    >>> arms.holds(), arms.refused
    (True, False)
    """

    trimmed_share: float
    sparse_share: float
    effective_controls: float
    largest_weight: float

    def holds(self, *, least_effective: float = 50.0, most_trimmed: float = 0.2) -> bool:
        """Whether enough controls and hardly any left-out treated remain."""
        return self.effective_controls >= least_effective and self.trimmed_share <= most_trimmed

    @property
    def refused(self) -> bool:
        """Whether there is nothing to compare: fewer than 10 effective controls, or 4 in 5 treated without a like."""
        return self.effective_controls < 10 or self.trimmed_share > 0.8


def overlap(effect: AverageEffect) -> Overlap:
    """Return the overlap of a fitted effect's arms.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=400)
    >>> treated = (rng.random(400) < 1 / (1 + np.exp(-x))).astype(int)
    >>> effect = AverageEffect(repeats=1, seed=0).fit(pd.DataFrame({"x": x}), treated, x, groups=np.arange(400))
    >>> overlap(effect).holds()
    True
    """
    t, e, w = effect.treated_ == 1, effect.propensity_, effect.sample_weight_
    kept = effect.kept()
    odds = w * e / (1 - e) * (kept & ~t)
    total = float(np.sum(w[t]))
    return Overlap(
        trimmed_share=float(np.sum(w[t & ~kept])) / total,
        sparse_share=float(np.sum(w[t & (e > 0.9)])) / total,
        effective_controls=effective_size(odds),
        largest_weight=float(odds.max() / odds.sum()) if odds.sum() > 0 else 1.0,
    )


def comparable(effect: AverageEffect) -> Overlap:
    """Return the overlap of a fitted effect's arms, where there is any.

    Raises
    ------
    ModelError
        Hardly anybody like the treated was left alone: whatever number came out would rest on a handful of customers.
    """
    arms = overlap(effect)
    if arms.refused:
        raise refusal(
            ModelError,
            "no_overlap",
            controls=round(arms.effective_controls),
            trimmed=arms.trimmed_share,
            trim=effect.trim,
        )
    return arms


@dataclass(frozen=True)
class Balance(ShortRepr):
    """Standardised mean differences, treated minus control, one row a column of the encoded features.

    Parameters
    ----------
    table
        Columns ``before`` and ``after`` weighting, in standard deviations (pooled, unweighted); the index names
        the feature, its level, or ``... is missing``.

    Examples
    --------
    >>> import pandas as pd
    >>> Balance(pd.DataFrame({"before": [0.4, -0.6], "after": [0.02, 0.05]}, index=["tenure", "price"])).worst_after
    0.05
    """

    table: pd.DataFrame

    @property
    def worst_before(self) -> float:
        """Largest absolute difference before weighting."""
        return float(self.table["before"].abs().max())

    @property
    def worst_after(self) -> float:
        """Largest absolute difference after weighting; above 0.1 the arms still differ visibly."""
        return float(self.table["after"].abs().max())


def balance(X: pd.DataFrame | DesignMatrix, effect: AverageEffect) -> Balance:
    """Return how alike the arms are before and after weighting controls to the treated.

    Raises
    ------
    ModelError
        ``X`` does not have the units of ``effect``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=600)
    >>> treated = (rng.random(600) < 1 / (1 + np.exp(-x))).astype(int)
    >>> X = pd.DataFrame({"x": x})
    >>> effect = AverageEffect(repeats=1, seed=0).fit(X, treated, x, groups=np.arange(600))
    >>> table = balance(X, effect)
    >>> table.worst_before > 0.5, table.worst_after < 0.2
    (True, True)
    """
    design = DesignMatrix.of(X)
    x = design.matrix
    if len(x) != len(effect.treated_):
        raise ModelError(f"expected the {len(effect.treated_)} units of the effect, got {len(x)}")
    t, w, e = effect.treated_ == 1, effect.sample_weight_, effect.propensity_
    inside = w * effect.kept()
    spread = np.sqrt((x[t].var(axis=0) + x[~t].var(axis=0)) / 2)
    spread = np.where(spread > 1e-9, spread, np.inf)

    def difference(treated: Floats, control: Floats) -> Floats:
        return np.asarray((np.average(x, axis=0, weights=treated) - np.average(x, axis=0, weights=control)) / spread)

    return Balance(
        pd.DataFrame(
            {"before": difference(w * t, w * ~t), "after": difference(inside * t, inside * ~t * e / (1 - e))},
            index=pd.Index(design.names(), name="feature"),
        )
    )


def placebo(effect: AverageEffect, before: ArrayLike, *, quick: bool = False) -> EffectEstimate:
    """Return the effect on an outcome from before the decision, which no action can have changed.

    It has to include 0. The features must not hold the outcome itself: a placebo that the adjustment already contains
    cannot fail.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X, treated = pd.DataFrame({"x": rng.normal(size=400)}), rng.integers(0, 2, 400)
    >>> effect = AverageEffect(repeats=1, seed=0).fit(X, treated, X["x"] + treated, groups=np.arange(400))
    >>> before = X["x"] + rng.normal(size=400)
    >>> placebo(effect, before).shown
    False
    """
    return effect.with_outcome(before, quick=quick).summary()
