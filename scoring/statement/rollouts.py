"""What initiatives earned that reached regions, sites or depots at different dates.

No customer was held out, so the comparison is with those not reached yet (:func:`servicelift.effects.rollout_effect`).
The money is that of the months seen, and no forecast: an initiative that costs today and keeps customers for years is
told too low until those years have passed, and the verdict says so by its period.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...core.config.rollouts import RolloutConfig
from ...core.errors import ServiceliftError
from ...core.refusals import OTHER, REFUSALS, reason_of
from ...features.tables.tables import Tables
from ...features.trials.rollout_panel import RolloutPanel, rollout_panel
from ...models.designs.rollout import RolloutEffect, rollout_effect
from ...models.refutation.verdict import Ruling
from .costs import initiative_costs

__all__ = ["ROLLOUT_COLUMNS", "effects_of_rollouts"]

_DOUBTED = 0.05
"""Chance below which changes before the start say that units did not move alike."""

ROLLOUT_COLUMNS = (
    "rollout",
    "by",
    "initiative",
    "n_units",
    "n_units_reached",
    "n_customers",
    "n_customers_reached",
    "n_left_out",
    "months",
    "reached_customer_months",
    "value_a_month",
    "value_a_month_low",
    "value_a_month_high",
    "naive_value_a_month",
    "std_error",
    "pretrend_p",
    "moved_alike",
    "incremental_value",
    "incremental_value_low",
    "incremental_value_high",
    "cost",
    "roi_percent",
    "roi_percent_low",
    "roi_percent_high",
    "effect_shown",
    "verdict",
    "not_estimated",
    "not_estimated_code",
)


def effects_of_rollouts(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Return one row a rollout of the config, with :data:`ROLLOUT_COLUMNS`.

    ``value_a_month`` is money a reached customer and month, ``incremental_value`` the sum over all reached customers
    and months up to ``until``. ``moved_alike`` is False where months before the start say that units did not: then the
    verdict is `not proven` whatever the interval. ``verdict`` is missing where nobody says what it cost;
    ``not_estimated`` says why there is no effect.

    Parameters
    ----------
    tables
        The business's tables.
    since, until
        Starts in this period are judged; instants, naive UTC.
    """
    rollouts = tables.config.incremental.rollouts
    rows = [_row(tables, name, one, since, until) for name, one in rollouts.items()]
    return pd.DataFrame(rows, columns=list(ROLLOUT_COLUMNS)).astype(
        {"initiative": "str", "verdict": "str", "not_estimated": "str", "not_estimated_code": "str"}
    )


def _row(tables: Tables, name: str, rollout: RolloutConfig, since: pd.Timestamp, until: pd.Timestamp) -> dict[str, Any]:
    facts: dict[str, Any] = {"rollout": name, "by": rollout.by, "initiative": rollout.initiative}
    try:
        panel = rollout_panel(tables, rollout, since, until)
        effect = rollout_effect(panel.rows, "customer_id", "month", "started", "value", clusters="unit")
    except ServiceliftError as why:
        reason = reason_of(why)
        coded = reason.code != OTHER and tables.config.language != "en"
        told = REFUSALS.write(tables.config.locale, reason) if coded else str(why)
        return facts | {"not_estimated": told, "not_estimated_code": reason.code}
    cost = np.nan
    if rollout.initiative is not None and tables.has("initiative_costs"):
        cost = sum(initiative_costs(tables, rollout.initiative, since, until).values())
    return facts | _counts(panel, effect) | _money(panel, effect, float(cost))


def _counts(panel: RolloutPanel, effect: RolloutEffect) -> dict[str, Any]:
    rows = panel.rows
    reached, whole = rows[rows["started"].notna()], panel.customers / max(panel.drawn, 1)
    return {
        "n_units": rows["unit"].nunique(),
        "n_units_reached": reached["unit"].nunique(),
        "n_customers": panel.customers,
        "n_customers_reached": round(whole * reached["customer_id"].nunique()),
        "n_left_out": panel.reached_before,
        "months": len(panel.months),
        "reached_customer_months": round(whole * effect.reached_periods),
        "value_a_month": effect.estimate,
        "value_a_month_low": effect.low,
        "value_a_month_high": effect.high,
        "naive_value_a_month": effect.naive,
        "std_error": effect.std_error,
        "pretrend_p": effect.pretrend_p,
        "moved_alike": not effect.pretrend_p < _DOUBTED,
        "effect_shown": effect.shown,
    }


def _money(panel: RolloutPanel, effect: RolloutEffect, cost: float) -> dict[str, Any]:
    """Return sums over all customers reached, drawn or not, and what they say of the cost."""
    times = effect.reached_periods * panel.customers / max(panel.drawn, 1)
    ends = {"": effect.estimate, "_low": effect.low, "_high": effect.high}
    sums = {f"incremental_value{end}": each * times for end, each in ends.items()}
    returns = {
        f"roi_percent{end}": 100 * (each * times - cost) / cost if cost > 0 else np.nan for end, each in ends.items()
    }
    return sums | returns | {"cost": cost, "verdict": _verdict(effect, times, cost)}


def _verdict(effect: RolloutEffect, times: float, cost: float) -> Ruling | None:
    if np.isnan(cost):
        return None
    if effect.pretrend_p < _DOUBTED or effect.low * times <= cost <= effect.high * times:
        return Ruling.NOT_PROVEN
    return Ruling.PAYS if effect.low * times > cost else Ruling.LOSES
