"""Randomised rows that borrow from the observational row of the same action: columns beside the headline, not in it.

See :mod:`servicelift.models.effects.borrowing`. The row itself stays purely randomised.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...core.arrays import Floats
from ...core.records import RowKind
from ...models.effects.borrowing import Borrowed, Difference, borrowed
from ...models.effects.inference import EffectEstimate
from ...models.refutation.verdict import Ruling
from .estimate import Estimated, observational_of

__all__ = ["combined_columns"]

_FEWEST_DRAWS = 10


def combined_columns(
    estimated: Sequence[Estimated], unit_costs: Sequence[float], controls: Sequence[EffectEstimate | None]
) -> list[dict[str, object]]:
    """Return for each estimate what borrowing makes of it, for one treated customer; NaN where nothing is to borrow.

    Both effects are those of the forecast; what mature decisions add to the randomised one, estimate and error, is
    added to the combined one.

    Parameters
    ----------
    estimated, unit_costs
        All estimates of the report, and the cost of one treated customer of each.
    controls
        Negative controls of the observational ones: the treated are the same, so that their error is that of the
        difference between both effects; without one it comes from the draws that both share.
    """
    pairs: dict[int, tuple[Estimated, Difference]] = {}
    for place, one in enumerate(estimated):
        other = observational_of(one, estimated)
        if one.kind == RowKind.ACTION and one.randomised and other is not None:
            control = next(c for e, c in zip(estimated, controls, strict=True) if e is other)
            difference = _difference(one, other, control)
            if difference is not None:
                pairs[place] = other, difference
    found = []
    for place, (one, cost) in enumerate(zip(estimated, unit_costs, strict=True)):
        if place not in pairs:
            found.append(_columns(None, cost))
            continue
        other, own = pairs[place]
        elsewhere = [difference for at, (_, difference) in pairs.items() if at != place]
        found.append(_columns(_combined(one, other, own, elsewhere), cost))
    return found


def _combined(one: Estimated, other: Estimated, own: Difference, elsewhere: Sequence[Difference]) -> Borrowed:
    known = one.effect.rectification
    error = 0.0 if known is None else known.error
    found = borrowed(one.effect.uncorrected, other.effect.uncorrected, own, elsewhere, added_error=error)
    return found if known is None else found.moved(known.correction)


def _difference(one: Estimated, other: Estimated, control: EffectEstimate | None) -> Difference | None:
    """Return observational less randomised effect; None where nothing tells its error."""
    effects = one.effect.uncorrected, other.effect.uncorrected
    value = effects[1].estimate - effects[0].estimate
    error = _error(one.effect.draws, other.effect.draws, effects) if control is None else control.std_error
    return Difference(value, error) if error > 0 and min(effect.std_error for effect in effects) > 0 else None


def _error(a: Floats, b: Floats, effects: tuple[EffectEstimate, EffectEstimate]) -> float:
    """Return the standard error of a difference, correlated as the draws are; negative correlations count as 0."""
    common = min(len(a), len(b))
    if common < _FEWEST_DRAWS:
        return 0.0
    correlation = float(np.clip(np.nan_to_num(np.corrcoef(a[:common], b[:common])[0, 1]), 0.0, 0.95))
    x, y = effects[0].std_error, effects[1].std_error
    return float(np.sqrt(x**2 + y**2 - 2 * correlation * x * y))


def _columns(found: Borrowed | None, cost: float) -> dict[str, object]:
    if found is None:
        names = ("", "_low", "_high")
        nothing: dict[str, object] = {f"combined_per_treated{end}": np.nan for end in names}
        return nothing | {"combined_weight": np.nan, "combined_bias_spread": np.nan, "combined_verdict": None}
    effect = found.effect
    verdict = Ruling.PAYS if effect.low > cost else Ruling.LOSES if effect.high < cost else Ruling.NOT_PROVEN
    return {
        "combined_per_treated": effect.estimate,
        "combined_per_treated_low": effect.low,
        "combined_per_treated_high": effect.high,
        "combined_weight": found.weight,
        "combined_bias_spread": found.bias_spread,
        "combined_verdict": verdict.value,
    }
