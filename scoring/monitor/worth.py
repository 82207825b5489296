"""Realised value against the lifetime values of past scores, by how many months have passed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ...core.arrays import Floats
from ...core.time import months_to_days
from ...features.catalogue.catalogue import build_features
from ...features.outcomes.clv_inputs import clv_inputs
from ...features.outcomes.realised_value import realised_value
from ...features.tables.tables import Tables
from ...models.evaluation.realised import AgainstForeseen, against_foreseen
from .measures import Level, Measure
from .nights import Night, Nights, night_sample

__all__ = ["value_measures"]

_MONTHS = (3, 6, 12, 24)
"""Leads in months beside the whole horizon."""


def value_measures(tables: Tables, nights: Nights, clv: Any | None) -> Iterator[Measure]:
    """Yield realised over foreseen value of the newest night that is old enough for each lead.

    What a score foresaw by a lead is the score times the share of its horizon's value that the CLV model of today
    foresees by then for that customer, from what was known that night. At the whole horizon no share is needed.

    Parameters
    ----------
    tables
        The business.
    nights
        Up to tonight.
    clv
        The CLV champion (:class:`~servicelift.models.portfolio.ClvModel`); None: only whole horizons are told.
    """
    horizon, tolerance = tables.config.value.horizon_months, tables.config.monitor.value_tolerance
    end = min(nights.at, tables.data_until)
    cells = nights.first_of(tables.config.churn.horizon_days / 3)
    for months in (*(m for m in _MONTHS if m < horizon), horizon):
        lead = pd.Timedelta(days=months_to_days(months)).round("us")
        old = [night for night in cells if night.as_of + lead <= end]
        if not old or (clv is None and months < horizon):
            note = "no_model" if old else "not_yet"
            yield Measure("outcomes", "value", "clv", float("nan"), expected=1.0, days=lead.days, note=note)
            continue
        found = _ratio(tables, old[-1], months, clv)
        before = _ratio(tables, old[-2], months, clv) if len(old) > 1 else None
        z = (abs(found.ratio - 1) - tolerance) / found.error if found.error > 0 else 0.0
        yield Measure(
            "outcomes",
            "value",
            "clv",
            found.ratio,
            low=found.low,
            high=found.high,
            reference=before.ratio if before else float("nan"),
            expected=1.0,
            n=found.n,
            days=lead.days,
            note="" if months == horizon else "ripening",
            rule=Level(2 * float(stats.norm.sf(z))) if z > 0 else Level(1.0),
        )


def _ratio(tables: Tables, night: Night, months: int, clv: Any | None) -> AgainstForeseen:
    scored = night.scores(["customer_id", "clv"]).dropna(subset=["clv"])
    frame = night_sample(scored, tables.config.monitor.sample)
    spine = frame[["customer_id"]].assign(as_of=night.as_of)
    until = night.as_of + pd.Timedelta(days=months_to_days(months)).round("us")
    realised = realised_value(tables, spine, until)["value"].to_numpy(dtype=float)
    return against_foreseen(realised, frame["clv"].to_numpy(dtype=float) * _share(tables, spine, months, clv))


def _share(tables: Tables, spine: pd.DataFrame, months: int, clv: Any | None) -> Floats:
    """Return which share of each customer's value over the horizon the model foresees by a lead, (n,)."""
    horizon = tables.config.value.horizon_months
    if clv is None or months == horizon:
        return np.ones(len(spine))
    inputs = clv_inputs(tables, spine, build_features(tables, spine))
    value = clv.final.predict_horizons(inputs, months=(float(months), float(horizon)))
    whole = value.sum(axis=0)
    own = np.divide(value[:, 0], value[:, 1], out=np.full(len(value), whole[0] / whole[1]), where=value[:, 1] > 0)
    return np.asarray(own)
