"""When training is due: because a champion is old, or because what is watched says that the models are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...core.config.business import Config
from ...core.messages import Message
from ...tracking import Tracker
from ..scores.champions import champion_versions
from .steps import Alarm

__all__ = ["retraining_due"]


def retraining_due(config: Config, alarms: Sequence[Alarm], now: datetime) -> tuple[Message, ...]:
    """Return why training is due by ``nightly: {retrain: ...}``; nothing where it is not.

    Parameters
    ----------
    config
        The business.
    alarms
        Those of the night.
    now
        With its zone; age counts from the day on which a champion was registered.
    """
    wish, due = config.nightly.retrain, []
    if wish.on_alarm and any(alarm.models for alarm in alarms):
        due.append(Message.of("due_alarm"))
    if wish.older_than_days is None:
        return tuple(due)
    tracker = Tracker.of(config)
    for kind, number in champion_versions(tracker, config).items():
        name = config.model_name(kind)
        created = next((each.created for each in tracker.versions(name) if each.number == number), None)
        if created is not None and (now - created).days > wish.older_than_days:
            age = {"days": (now - created).days, "allowed": wish.older_than_days}
            due.append(Message.of("due_age", name=name, version=number, **age))
    return tuple(due)
