"""Figures of the nights in MLflow: one run a business, one step a day."""

from __future__ import annotations

import pandas as pd

from ...core.config.business import Config
from ...tracking import Tracker
from .measures import Watch

__all__ = ["RUN", "keep", "metrics_of"]

RUN = "monitor"
"""Name of the run that holds all nights."""

_AT_ONCE = 500
"""Figures in one request; the store takes a thousand at most."""

_EPOCH = pd.Timestamp(1970, 1, 1)


def keep(tracker: Tracker, config: Config, watch: Watch, at: pd.Timestamp) -> None:
    """Log a night's figures with its day as step: days since 1970-01-01 of its instant.

    Raises
    ------
    StoreError
        The store refuses them.
    """
    step, figures = int((at - _EPOCH) // pd.Timedelta(days=1)), list(metrics_of(watch).items())
    tags = {"business": config.business, "latest": at.isoformat()}
    with tracker.run(RUN, nested=True, tags=tags, again=True) as run:
        for first in range(0, len(figures), _AT_ONCE):
            run.metrics(dict(figures[first : first + _AT_ONCE]), step=step)


def metrics_of(watch: Watch) -> dict[str, float]:
    """Return a night's figures by name: ``measure/subject``, with the lead where several have the same name."""
    rows = watch.rows
    found: dict[str, float] = {"alarms": float(len(watch.alarms))}
    twice = rows.duplicated(["measure", "subject"], keep=False)
    columns = (rows[name] for name in ("measure", "subject", "days", "value"))
    for measure, subject, days, value, again in zip(*columns, twice, strict=True):
        found[f"{measure}/{subject}" + (f"/{int(days)}d" if again else "")] = float(value)
    return found
