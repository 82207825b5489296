"""What mature decisions say of an effect's forecast, as columns: the correction, and verdicts side by side."""

from __future__ import annotations

import numpy as np

from ...models.actions.effect import ActionEffect
from ...models.effects.inference import EffectEstimate
from ...models.refutation.verdict import Ruling

__all__ = ["forecast_columns"]


def forecast_columns(effect: ActionEffect, unit_cost: float) -> dict[str, object]:
    """Return the correction of one effect and the verdicts on its mature decisions, for one treated customer.

    ``mature_verdict`` is on value until the end of the window that mature decisions have seen, by its interval against
    the cost alone; ``mature_verdict_foreseen`` the same with the window predicted. Empty (NaN, None) where too few
    decisions are old enough.
    """
    found, before = effect.rectification, effect.uncorrected
    check = effect.surrogate_check
    return {
        "uncorrected_per_treated": before.estimate,
        "uncorrected_per_treated_low": before.low,
        "uncorrected_per_treated_high": before.high,
        "forecast_correction": np.nan if found is None else found.correction,
        "forecast_weight": np.nan if found is None else found.weight,
        "forecast_spread": np.nan if found is None else found.spread,
        "forecast_error_window": np.nan if found is None else found.window_error,
        "forecast_error_beyond": np.nan if found is None else found.beyond_error,
        "n_mature": 0 if check is None else check.n_treated,
        "mature_verdict": None if check is None else _ruling(check.seen, unit_cost),
        "mature_verdict_foreseen": None if check is None else _ruling(check.foreseen, unit_cost),
    }


def _ruling(effect: EffectEstimate | None, cost: float) -> str | None:
    """Return what an interval alone says against a cost."""
    if effect is None:
        return None
    if effect.low > cost:
        return Ruling.PAYS.value
    return Ruling.LOSES.value if effect.high < cost else Ruling.NOT_PROVEN.value
