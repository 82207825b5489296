"""How strong a hidden confounder would have to be to explain an effect away, beside the strongest observed feature.

Leaving a confounder A out biases a doubly robust estimate by at most (Chernozhukov, Cinelli, Newey, Sharma &
Syrgkanis 2022, "Long story short: omitted variable bias in causal machine learning", theorem 2)

    |bias| <= S sqrt(c_Y c_D / (1 - c_D)),   S^2 = E[(y - g)^2] E[alpha^2],

with g the outcome model, alpha the weights of the score, c_Y the share of the outcome's remaining variation that A
explains and c_D the share of the weights' variation that only A explains. The robustness value is the common strength
c_Y = c_D at which the bound reaches the effect (Cinelli & Hazlett 2020, "Making sense of sensitivity", for linear
models). Strengths mean little by themselves, so they are held against what the strongest observed feature explains
beyond all others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from ...core.arrays import Floats, Objects, Positions
from ...core.errors import ModelError
from ..effects.average import AverageEffect
from ..effects.inference import EffectEstimate
from ..fitting.design import DesignMatrix

__all__ = ["Sensitivity", "Strength", "robustness_value", "sensitivity", "strengths"]

_ALIKE = 0.7
_RIDGE = 1e-6


@dataclass(frozen=True)
class Strength:
    """What one observed feature, with those that go along with it, explains beyond all other features.

    Parameters
    ----------
    features
        Names, the one with the largest bias of its own first.
    outcome
        Partial R2 with the outcome, given the treatment and all other features.
    treatment
        Partial R2 with the treatment, given all other features.
    bias
        Most that a hidden confounder of just this strength can bias the effect, in units of the outcome.
    """

    features: tuple[str, ...]
    outcome: float
    treatment: float
    bias: float


@dataclass(frozen=True)
class Sensitivity:
    """What a hidden confounder would have to be like to bring an effect down (or up) to another value.

    Parameters
    ----------
    effect
        The effect, with the interval that counts.
    scale
        S of the bound, in units of the outcome.
    strongest
        The observed feature whose like could bias the effect most; None without features.

    Examples
    --------
    >>> from servicelift.models.effects.inference import EffectEstimate
    >>> effect = EffectEstimate(2.0, 0.5, 1.0, 3.0, "treated", 400, 800, 400.0, 512.3, 0.0, 3.1, 0.4)
    >>> hidden = Sensitivity(effect, scale=20.0, strongest=Strength(("tenure",), 0.1, 0.05, bias=1.2))
    >>> hidden.explains(), round(hidden.robustness_value(), 3)
    (True, 0.095)
    """

    effect: EffectEstimate
    scale: float
    strongest: Strength | None

    @property
    def bias(self) -> float:
        """Most that a confounder no stronger than the strongest observed feature can bias, in units of the outcome."""
        return self.strongest.bias if self.strongest else 0.0

    def robustness_value(self, null: float = 0.0) -> float:
        """Return the strength in [0, 1), with outcome and treatment alike, that brings the estimate to ``null``."""
        return robustness_value(abs(self.effect.estimate - null), self.scale)

    def robustness_value_interval(self, null: float = 0.0) -> float:
        """Return the strength that brings the interval to ``null``; 0 where the interval holds it already."""
        return robustness_value(max(self.effect.low - null, null - self.effect.high, 0.0), self.scale)

    def times(self, null: float = 0.0) -> float:
        """Return how many times the bias of the strongest observed feature brings the estimate to ``null``.

        Infinite where no observed feature drives both outcome and treatment.
        """
        return abs(self.effect.estimate - null) / self.bias if self.bias > 0 else np.inf

    def explains(self, null: float = 0.0) -> bool:
        """Whether a confounder no stronger than the strongest observed feature, and chance, could explain it away.

        That is, whether the interval widened by that bias on both sides holds ``null``.
        """
        return self.effect.low - self.bias <= null <= self.effect.high + self.bias


def sensitivity(
    X: pd.DataFrame | DesignMatrix, effect: AverageEffect, estimate: EffectEstimate | None = None
) -> Sensitivity:
    """Return how sensitive a fitted effect on the treated is to a hidden confounder.

    Parameters
    ----------
    X
        Features of the n units, as the effect was fitted on.
    effect
        Fitted on the same units.
    estimate
        The effect with the interval that counts, by default ``effect.summary()``.

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
    >>> X, value = pd.DataFrame({"tenure": x}), x + 2 * treated + rng.normal(size=600)
    >>> effect = AverageEffect(repeats=1, seed=0).fit(X, treated, value, groups=np.arange(600))
    >>> hidden = sensitivity(X, effect)
    >>> hidden.strongest.features, hidden.explains(), hidden.times() > 1
    (('tenure',), False, True)
    """
    scale = _scale(effect)
    observed = strengths(X, effect, scale)
    return Sensitivity(effect.summary() if estimate is None else estimate, scale, observed[0] if observed else None)


def robustness_value(gap: float, scale: float) -> float:
    """Return the strength r with ``scale * r / sqrt(1 - r) = gap``: Cinelli & Hazlett 2020, equation 17."""
    if scale <= 0:
        return 1.0 if gap > 0 else 0.0
    f = (gap / scale) ** 2
    return float((np.sqrt(f**2 + 4 * f) - f) / 2)


def _scale(effect: AverageEffect) -> float:
    """Return S: root of the outcome's remaining variance times the mean squared weight, median over cross-fits."""
    t, w = effect.treated_.astype(float), effect.sample_weight_ * effect.kept()
    values = []
    for n in effect.nuisances_:
        e = np.clip(n.propensity, 1e-3, 1 - 1e-3)
        odds = (1 - t) * e / (1 - e)
        alpha = t / np.average(t, weights=w) - odds / np.average(odds, weights=w)
        left = effect.outcome_ - np.where(t == 1, n.mu1, n.mu0)
        values.append(np.sqrt(np.average(left**2, weights=w) * np.average(alpha**2, weights=w)))
    return float(np.median(values))


def strengths(X: pd.DataFrame | DesignMatrix, effect: AverageEffect, scale: float) -> list[Strength]:
    """Return the strength of each group of features that go together, strongest first.

    Features that correlate by more than 0.7 (windows of one count, a value and whether it is missing) are one
    group: each of them adds nothing beyond the others, and would look weak.

    Raises
    ------
    ModelError
        ``X`` does not have the units of ``effect``.
    """
    design = DesignMatrix.of(X)
    x = design.matrix
    if len(x) != len(effect.treated_):
        raise ModelError(f"expected the {len(effect.treated_)} units of the effect, got {len(x)}")
    w = effect.sample_weight_ * effect.kept()
    x = x - np.average(x, axis=0, weights=w)
    varies = np.average(x**2, axis=0, weights=w) > 1e-9
    x, owner = x[:, varies], np.asarray(design.owners(), dtype=object)[varies]
    if not x.shape[1]:
        return []
    group = _together(x, owner, w)
    t = effect.treated_.astype(float)
    treatment = _partial_r2(x, t, group, w)
    outcome = _partial_r2(np.column_stack([x, t - np.average(t, weights=w)]), effect.outcome_, group, w)
    ranked = []
    for g in range(int(group.max()) + 1):
        # As strong beyond the observed features as this group is beyond the others: f2 = R2 / (1 - R2).
        cy, cd = (min(r[g] / (1 - r[g]), 0.99) for r in (outcome, treatment))
        names = tuple(dict.fromkeys(str(o) for o in owner[group == g]))
        bias = float(scale * np.sqrt(cy * cd / (1 - cd)))
        ranked.append(Strength(names, float(outcome[g]), float(treatment[g]), bias))
    return sorted(ranked, key=lambda s: -s.bias)


def _together(x: Floats, owner: Objects, w: Floats) -> Positions:
    """Return the group 0, 1, ... of each column, (p,): columns of one feature, and features that correlate."""
    root = np.sqrt(w)[:, None] * x
    root /= np.sqrt((root**2).sum(axis=0))
    linked = (np.abs(root.T @ root) > _ALIKE) | (owner[:, None] == owner[None, :])
    return np.asarray(connected_components(linked, directed=False)[1], dtype=np.intp)


def _partial_r2(x: Floats, y: Floats, group: Positions, w: Floats) -> Floats:
    """Return the partial R2 of each group of columns, (groups,), beyond what chance gives its columns.

    Dropping columns G from a regression raises its sum of squares by b_G' [(x'x)^-1]_GG^-1 b_G. ``x`` may have a last
    column in no group.
    """
    root = np.sqrt(w / w.mean())
    z, v = x * root[:, None], (y - np.average(y, weights=w)) * root
    inverse = np.linalg.inv(z.T @ z + _RIDGE * len(z) * np.eye(z.shape[1]))
    b = inverse @ (z.T @ v)
    left = float(((v - z @ b) ** 2).sum())
    noise = left / max(len(z) - z.shape[1] - 1, 1)
    shares = []
    for g in range(int(group.max()) + 1):
        at = np.flatnonzero(group == g)
        rise = float(b[at] @ np.linalg.solve(inverse[np.ix_(at, at)], b[at])) - len(at) * noise
        shares.append(max(rise, 0.0) / (left + max(rise, 0.0)) if left > 0 else 0.0)
    return np.clip(shares, 0.0, 0.999)
