"""What failed checks leave of an effect: the bias that they measured is taken off, and stands in the interval too.

A check that fails measures how wrong the estimate is, and measures it badly: on other customers, over another window,
or of another action. So its finding b moves the estimate, and its own error and b once more widen the interval:

    effect - b  +-  z sqrt((wider std_error)^2 + std_error(b)^2 + b^2).

Where nothing failed but people chose, b is 0 and what remains is the bias that such choices may carry unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import stats

from ...core.arrays import Floats
from ...core.short_repr import ShortRepr
from .inference import EffectEstimate

__all__ = ["Doubt", "Evidence", "trust"]

_Z = float(stats.norm.ppf(0.975))


class Evidence(StrEnum):
    """What an effect rests on: controls held out at random, chosen ones, both, or nothing that holds."""

    RANDOMISED = "randomised"
    COMBINED = "combined"
    OBSERVATIONAL = "observational"
    REFUSED = "refused"


def trust(estimate: float, error: float) -> float:
    """Return how far an estimate is believed, in [0, 1]: ``1 - (error / estimate)^2`` (James & Stein 1961)."""
    return max(0.0, 1 - (error / estimate) ** 2) if estimate != 0 else 0.0


@dataclass(frozen=True)
class Doubt(ShortRepr):
    """An average effect and what is to be taken off it.

    Parameters
    ----------
    evidence
        What it rests on.
    estimate, std_error
        The effect before any correction, for one treated customer, in money.
    failed
        Codes of the checks that failed.
    bias, bias_std_error
        What the checks say of its bias, and how far that may be off, in money.
    wider
        Factor on its standard error, 1 or more.
    spread
        Standard deviation of the outcome that adjusting leaves, in money; NaN where nobody measured it.
    learnt, believed
        What effects of single customers average to as they were learnt, and what is believed of that average beside
        all other actions (:mod:`.beliefs`); None where only the effect itself was looked at.

    Examples
    --------
    >>> doubt = Doubt(Evidence.REFUSED, 20.0, 2.0, ("placebo",), bias=10.0, bias_std_error=10.0)
    >>> doubt.corrected, round(doubt.error, 1)
    (10.0, 10.2)
    """

    evidence: Evidence
    estimate: float
    std_error: float
    failed: tuple[str, ...] = ()
    bias: float = 0.0
    bias_std_error: float = 0.0
    wider: float = 1.0
    spread: float = np.nan
    learnt: float | None = None
    believed: float | None = None

    @property
    def refused(self) -> bool:
        """Whether a check failed."""
        return self.evidence == Evidence.REFUSED

    @property
    def corrected(self) -> float:
        """The effect with the bias taken off."""
        return self.estimate - self.bias

    @property
    def error(self) -> float:
        """Its standard error with that of the bias."""
        return float(np.hypot(self.wider * self.std_error, self.bias_std_error))

    def of(self, effect: EffectEstimate) -> EffectEstimate:
        """Return ``effect``, the one that the doubt is about, corrected; as it is where there is nothing to correct."""
        if self.bias == 0 and self.error == self.std_error:
            return effect
        half = float(stats.t.ppf(0.975, effect.dof)) * self.error
        middle = self.corrected
        return replace(effect, estimate=middle, std_error=self.error, low=middle - half, high=middle + half)

    def chance_above(self, cost: float, dof: float = np.inf) -> float:
        """Return the chance that the effect exceeds ``cost``, in [0, 1], its bias and error as they are known."""
        if self.error <= 0:
            return float(self.corrected > cost)
        return float(stats.t.cdf((self.corrected - cost) / self.error, dof))

    def facts(self) -> dict[str, Any]:
        """Return it as plain values for a file, with the corrected effect and its error."""
        return {
            "evidence": self.evidence.value,
            "estimate": self.estimate,
            "std_error": self.std_error,
            "failed": list(self.failed),
            "bias": self.bias,
            "bias_std_error": self.bias_std_error,
            "corrected": self.corrected,
            "corrected_std_error": self.error,
            "spread": self.spread if np.isfinite(self.spread) else None,
            "believed": self.believed,
        }

    def of_customers(
        self, effect: Floats, low: Floats, high: Floats, beyond: Floats | None = None
    ) -> tuple[Floats, Floats, Floats]:
        """Return effects of n customers and their ends corrected, each (n,).

        What is believed of the average falls from ``trust(estimate, std_error) estimate`` to the same of the corrected
        one with its error, or moves from what was learnt to what is believed of it beside the other actions. Every
        customer's effect falls in proportion, or rises by the same amount; where the average changes sign, all get it.
        ``beyond`` is the part of each effect that was learnt of differences between customers: it stays, unless the
        effect is refused. An interval widens by the error of the bias, in proportion to its middle but by no less than
        the whole.
        """
        if self.believed is not None and self.learnt is not None:
            before, after = self.learnt, self.believed
        elif self.bias == 0 and self.error == self.std_error:
            return effect, low, high
        else:
            before = trust(self.estimate, self.std_error) * self.estimate
            after = trust(self.corrected, self.error) * self.corrected
        stays = np.zeros(len(effect)) if beyond is None or self.refused else beyond
        believed = stays + _moved(effect - stays, before, after)
        middle, half = (low + high) / 2, (high - low) / 2
        shifted = stays + _moved(middle - stays, self.estimate, self.corrected)
        size = np.maximum(np.abs(middle) / max(abs(self.estimate), 1e-12), 1.0)
        wide = np.hypot(self.wider * half, _Z * self.bias_std_error * size)
        return believed, np.minimum(shifted - wide, believed), np.maximum(shifted + wide, believed)


def _moved(values: Floats, before: float, after: float) -> Floats:
    """Return values whose average was ``before`` so that it is ``after``: scaled where they shrink, else shifted."""
    scale = float(np.clip(after / before, 0.0, 1.0)) if before != 0 else 1.0
    return np.asarray(scale * values + (after - scale * before))
