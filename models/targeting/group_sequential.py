"""Looks at an experiment before its end: boundaries that spend the level over them, and what they cost and save.

At look k a share t_k of the information is in, and the estimate over its error is B(t_k) / sqrt(t_k), B a Brownian
motion with the drift of the effect. The level is spent as looks come (Lan & DeMets 1983, "Discrete sequential
boundaries for clinical trials", with the function of O'Brien-Fleming type): hardly any of it early, nearly all at the
end, so that the last boundary is close to that of one look. Chances come from integrating the density of what goes on
look by look (Armitage, McPherson & Rowe 1969), by Gauss-Legendre nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr

__all__ = ["Looks", "crossings", "drift_for", "spending_boundaries", "spent"]

_FARTHEST = 8.0
"""Standard errors beyond which a boundary is as good as none: the chance is below 1e-15."""
_LEAST_STEP = 1e-3


@dataclass(frozen=True)
class Looks(ShortRepr):
    """Looks at an experiment, their boundaries, and what is to be expected of them.

    Parameters
    ----------
    fractions
        Share of the information at each look, ascending to 1, (K,).
    boundaries
        Standard errors beyond which a look ends the experiment, (K,).
    inflation
        Information at the last look over that of an experiment with one look, same level and power.
    drift
        Effect over its standard error at the last look, of the effect that is shown with the wanted power.

    Examples
    --------
    >>> looks = Looks.planned([0.25, 0.5, 0.75, 1.0], level=0.05, power=0.8)
    >>> looks.boundaries.round(2).tolist(), round(looks.inflation, 3)
    ([4.33, 2.96, 2.36, 2.01], 1.02)
    >>> looks.stopping(looks.drift).round(2).tolist()
    [0.0, 0.17, 0.37, 0.46]
    """

    fractions: Floats
    boundaries: Floats
    inflation: float
    drift: float

    @classmethod
    def planned(cls, fractions: ArrayLike, *, level: float, power: float) -> Looks:
        """Return the looks of a two-sided level that show an effect with the wanted power.

        Raises
        ------
        ModelError
            Fractions do not ascend to 1, or level and power are no chances with level below power.
        """
        t = _checked(fractions)
        if not 0 < level < power < 1:
            raise ModelError(f"expected 0 < level < power < 1, got level {level:g} and power {power:g}")
        bounds = spending_boundaries(t, level)
        drift = drift_for(t, bounds, power)
        one = float(stats.norm.ppf(1 - level / 2) + stats.norm.ppf(power))
        return cls(t, bounds, (drift / one) ** 2, drift)

    def stopping(self, drift: float) -> Floats:
        """Return the chance to end at each look, (K,), the last one's included whatever it shows."""
        above, below = crossings(self.fractions, self.boundaries, drift)
        ends = above + below
        ends[-1] = 1 - ends[:-1].sum()
        return ends

    def expected(self, at: ArrayLike, drift: float) -> float:
        """Return the expectation of what each look has cost until then, ``at`` (K,): months, or customers."""
        return float(self.stopping(drift) @ np.asarray(at, dtype=float))


def spent(fractions: ArrayLike, level: float) -> Floats:
    """Return how much of a one-sided level is spent until each share of the information, (K,)."""
    t = np.asarray(fractions, dtype=float)
    return np.asarray(2 * stats.norm.sf(stats.norm.ppf(1 - level / 2) / np.sqrt(t)))


def spending_boundaries(fractions: ArrayLike, level: float = 0.05) -> Floats:
    """Return the boundary of each look in standard errors, (K,), half of the level on each side.

    Parameters
    ----------
    fractions
        Share of the information at each look, ascending to 1, (K,).
    level
        Chance that any look crosses a boundary where there is no effect, both sides together.

    Raises
    ------
    ModelError
        Fractions do not ascend to 1 by at least a thousandth each.

    Examples
    --------
    >>> spending_boundaries([0.2, 0.4, 0.6, 0.8, 1.0]).round(3).tolist()
    [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    t = _checked(fractions)
    steps = np.diff(np.append(0.0, spent(t, level / 2)))
    bounds: list[float] = []
    state = _State.start()
    for k, wanted in enumerate(steps):
        step = state.to(t[k])
        far = step.above(_FARTHEST)
        bound = (
            _FARTHEST
            if far >= wanted
            else float(
                optimize.brentq(lambda z, step=step, wanted=wanted: step.above(z) - wanted, 0.0, _FARTHEST, xtol=1e-10)
            )
        )
        bounds.append(bound)
        state = step.inside(bound, t[k + 1] - t[k] if k + 1 < len(t) else 1.0)
    return np.array(bounds)


def crossings(fractions: ArrayLike, boundaries: Sequence[float] | Floats, drift: float) -> tuple[Floats, Floats]:
    """Return the chances to cross first at each look, above and below, (K,) each.

    Parameters
    ----------
    fractions, boundaries
        Share of the information at each look, and the boundary in standard errors, (K,).
    drift
        Effect over its standard error where all the information is in.
    """
    t = _checked(fractions)
    above, below = np.empty(len(t)), np.empty(len(t))
    state = _State.start(drift)
    for k, bound in enumerate(np.asarray(boundaries, dtype=float)):
        step = state.to(t[k])
        above[k], below[k] = step.above(bound), step.below(bound)
        state = step.inside(float(bound), t[k + 1] - t[k] if k + 1 < len(t) else 1.0)
    return above, below


def drift_for(fractions: ArrayLike, boundaries: Sequence[float] | Floats, power: float) -> float:
    """Return the drift that crosses a boundary on its own side with chance ``power``."""

    def short(drift: float) -> float:
        return float(crossings(fractions, boundaries, drift)[0].sum()) - power

    return float(optimize.brentq(short, 0.0, 20.0, xtol=1e-8))


@dataclass(frozen=True)
class _State(ShortRepr):
    """What goes on after a look: the density of B at nodes, and the weights by which it is integrated."""

    at: float
    nodes: Floats
    mass: Floats
    drift: float

    @classmethod
    def start(cls, drift: float = 0.0) -> _State:
        return cls(0.0, np.zeros(1), np.ones(1), drift)

    def to(self, t: float) -> _Step:
        return _Step(self, t)


@dataclass(frozen=True)
class _Step:
    """The way from one look to the next, at information ``t``."""

    before: _State
    t: float

    @property
    def _mean(self) -> Floats:
        return self.before.nodes + self.before.drift * (self.t - self.before.at)

    @property
    def _spread(self) -> float:
        return float(np.sqrt(self.t - self.before.at))

    def above(self, bound: float) -> float:
        """Return the chance to go on until here, and to be above a boundary."""
        return float(self.before.mass @ stats.norm.sf((bound * np.sqrt(self.t) - self._mean) / self._spread))

    def below(self, bound: float) -> float:
        """Return the chance to go on until here, and to be below the boundary of the other side."""
        return float(self.before.mass @ stats.norm.cdf((-bound * np.sqrt(self.t) - self._mean) / self._spread))

    def inside(self, bound: float, following: float) -> _State:
        """Return what goes on, at nodes close enough for the step that follows."""
        half = bound * np.sqrt(self.t)
        closest = min(self._spread, np.sqrt(following))
        nodes, weights = _legendre(int(np.clip(np.ceil(half / closest / 2), 3, 125)) * 16)
        at = half * nodes
        density = stats.norm.pdf((at[:, None] - self._mean) / self._spread) @ self.before.mass / self._spread
        return _State(self.t, at, half * weights * density, self.before.drift)


@cache
def _legendre(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights


def _checked(fractions: ArrayLike) -> Floats:
    t = np.asarray(fractions, dtype=float)
    steps = np.diff(np.append(0.0, t))
    if t.ndim != 1 or not len(t) or not np.all(steps >= _LEAST_STEP) or abs(t[-1] - 1) > 1e-9:
        raise ModelError(
            f"fractions: expected shares of the information that ascend to 1 by {_LEAST_STEP:g} or more, got"
            f" {t.tolist()}"
        )
    return t
