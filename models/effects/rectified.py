"""The surrogate check as data: what mature decisions showed corrects an effect, and what nobody has seen widens it.

An effect is ``realised + d (window + beyond)``: the value of the follow-up, of the window after it and of the months
after that, both predicted and discounted by d. On mature decisions the window has been seen. The rectifier r, the
effect on seen minus foreseen value there, says how wrong the prediction was (prediction-powered inference,
Angelopoulos, Bates, Fannjiang, Jordan & Zrnic 2023; Kallus & Mao 2025, "On the role of surrogates in the efficient
estimation of treatment effects with limited outcome data").

Errors of the prediction are taken to spread over actions with mean 0 and standard deviation s, so the window is the
inverse-variance mean of two readings: the prediction, whose error has variance s^2, and the prediction corrected by r,
with variance e^2:

    w = s^2 / (s^2 + e^2),    correction = d w r,    its variance = d^2 w e^2.

Where predictions hold, s is 0 and nothing is corrected; where they do not, w tends to 1 as decisions mature. The months
that nobody has seen are as wrong as the window, in proportion to the value that is expected then (k times that of the
window), with a sign nobody knows: (d k s)^2 joins the variance. s is learnt from the rectifiers of all actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, stats

from ...core.short_repr import ShortRepr
from .inference import EffectEstimate
from .surrogate import SurrogateCheck

__all__ = ["Rectification", "forecast_spread"]


def forecast_spread(checks: Sequence[SurrogateCheck]) -> float:
    """Return the standard deviation s of forecasts' errors behind several checks, around 0, in money.

    The s at which the rectifiers, each over its variance s^2 + e^2, are as large as they should be (Paule & Mandel
    1982, around a mean of 0); 0 where they are no larger than their own errors explain, or where there are none.

    Examples
    --------
    >>> one = EffectEstimate(5.0, 3.0, -1.0, 11.0, "treated", 99, 99, 99.0, 99.0, 0.0, 0.0, 1.0)
    >>> forecast_spread([SurrogateCheck(one, 99, 99, 8.4)])
    4.0
    >>> forecast_spread([SurrogateCheck(replace(one, estimate=2.0, low=-4.0, high=8.0), 99, 99, 8.4)])
    0.0
    """
    values = np.array([check.effect.estimate for check in checks])
    errors = np.maximum([check.effect.std_error for check in checks], 1e-12)

    def excess(variance: float) -> float:
        return float(np.sum(values**2 / (errors**2 + variance))) - len(values)

    if not len(values) or excess(0.0) <= 0:
        return 0.0
    return float(np.sqrt(optimize.brentq(excess, 0.0, float(np.sum(values**2)), xtol=1e-12)))


@dataclass(frozen=True)
class Rectification(ShortRepr):
    """An effect, and what the check of its surrogate adds to it; money for one treated customer.

    Parameters
    ----------
    before
        The effect as the surrogate alone gives it.
    check
        What mature decisions said of the surrogate.
    spread
        Standard deviation of forecasts' errors in the window, over all actions.

    Examples
    --------
    >>> effect = EffectEstimate(12.0, 2.0, 8.08, 15.92, "treated", 400, 800, 400.0, 512.3, 0.0, 0.9, 0.4)
    >>> seen = EffectEstimate(3.0, 1.0, 1.04, 4.96, "treated", 300, 600, 300.0, 412.3, 0.0, 0.9, 0.4)
    >>> found = Rectification(effect, SurrogateCheck(seen, 300, 600, 2.8, discount=0.9, beyond=2.0), spread=1.0)
    >>> round(found.correction, 2), round(found.window_error, 2), found.beyond_error
    (1.35, 0.64, 1.8)
    >>> found.effect.estimate, round(found.effect.std_error, 2)
    (13.35, 2.76)
    """

    before: EffectEstimate
    check: SurrogateCheck
    spread: float

    @property
    def weight(self) -> float:
        """What mature decisions count in the window, in [0, 1]; the forecast counts the rest."""
        return self.spread**2 / (self.spread**2 + self.check.effect.std_error**2) if self.spread > 0 else 0.0

    @property
    def correction(self) -> float:
        """What is added to the effect."""
        return self.check.discount * self.weight * self.check.effect.estimate

    @property
    def window_error(self) -> float:
        """Standard error of the correction."""
        return self.check.discount * float(np.sqrt(self.weight)) * self.check.effect.std_error

    @property
    def beyond_error(self) -> float:
        """Standard deviation of the error in the months that nobody has seen."""
        return self.check.discount * self.check.beyond * self.spread

    @property
    def error(self) -> float:
        """Standard error that both add to that of the effect."""
        return float(np.hypot(self.window_error, self.beyond_error))

    @property
    def effect(self) -> EffectEstimate:
        """The effect corrected, with an interval that holds the errors of the correction and of the unseen months."""
        return self.added_to(self.before)

    def added_to(self, effect: EffectEstimate) -> EffectEstimate:
        """Return an effect of which the predicted value is a part, with the correction and its errors."""
        return effect if self.spread == 0 else _moved(effect, self.correction, self.error)

    @property
    def at_face_value(self) -> EffectEstimate:
        """The effect if the forecast were as wrong in every month as mature decisions say, and nothing shrunk."""
        scale = self.check.discount * (1 + self.check.beyond)
        return _moved(self.before, scale * self.check.effect.estimate, scale * self.check.effect.std_error)

    def could_move(self, cost: float) -> bool:
        """Return whether the check could take away what the corrected interval says against ``cost``.

        It can where the check refutes the surrogate, the interval lies on one side of the cost, and the interval at
        face value does not lie there too.
        """
        side = _side(self.effect, cost)
        return bool(self.check.excludes_zero and side and _side(self.at_face_value, cost) != side)


def _moved(effect: EffectEstimate, by: float, error: float) -> EffectEstimate:
    middle, wide = effect.estimate + by, float(np.hypot(effect.std_error, error))
    half = float(stats.t.ppf(0.975, effect.dof)) * wide
    return replace(effect, estimate=middle, std_error=wide, low=middle - half, high=middle + half)


def _side(effect: EffectEstimate, cost: float) -> int:
    """Return 1 where the interval lies above the cost, -1 below it, else 0."""
    return int(effect.low > cost) - int(effect.high < cost)
