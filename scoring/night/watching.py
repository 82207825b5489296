"""A night that is about to get its place is watched beside those before it."""

from __future__ import annotations

from pathlib import Path

from ...core.errors import ServiceliftError
from ...features.tables.tables import Tables
from ..monitor.inputs import SILENCE, STALE
from ..monitor.monitor import monitor
from .history import History, Partition
from .steps import Alarm, Seen

__all__ = ["watch_night"]

_OF_MODELS = ("drift", "accuracy", "outcomes")
"""Groups of measures whose alarms more training may answer."""


def watch_night(tables: Tables, history: History, night: Partition, folder: Path) -> Seen:
    """Write what is watched of a night into a folder, and return what rings and what has to be known beside it.

    A night that cannot be watched is published all the same: that nobody looked is an alarm of its own. A table that is
    stale by its own rhythm is an alarm of the gate already; that it is silent is not told again.

    Parameters
    ----------
    tables
        The business.
    history
        The nights before it.
    night
        The night, complete but not yet in its place.
    folder
        Where monitor.parquet, monitor.json and monitor.html go.
    """
    nights = [*history.partitions(until=night.as_of), night]
    try:
        outcome = monitor(tables.config, night.as_of, folder, nights, opened=lambda _: tables)
    except ServiceliftError as error:
        return Seen([Alarm("monitor", "not_watched", str(error))])
    rows = outcome.watch.alarms
    told = (rows["measure"] == SILENCE) & (rows["note"] == STALE)
    columns = (rows["group"], rows["measure"], outcome.alarm_texts(), told)
    alarms = [
        Alarm("monitor", str(measure), text, models=group in _OF_MODELS)
        for group, measure, text, already in zip(*columns, strict=True)
        if not already
    ]
    return Seen(alarms, outcome.warnings)
