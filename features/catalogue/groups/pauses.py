"""Features of free trials and of pauses: both run on without earning anything."""

from __future__ import annotations

import ibis

from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import subscription_status
from ...timeline.spine import DAY, Keys, known_events
from ...timeline.waiting import can_wait
from ..declare import Form, Group, days_of, within

__all__ = ["PAUSES"]

_PAUSE = "paused_from, paused_until, ended_at"


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known subscriptions with the ages of their trials' and pauses' ends, where those are over.

    ``trial_over_age``: since the trial was over, by its date or with the subscription. ``pause_age`` and
    ``pause_over_age``: since the pause began, and since it was over or the subscription ended; the latter is 0 while it
    lasts. All are null where there was none.
    """
    e = subscription_status(known_events(tables, keys, "subscriptions"))
    nothing = ibis.null("int64")
    end_age = e.ended_at_age if "ended_at" in e.columns else nothing
    added = {}
    if "trial_until" in e.columns:
        over = ibis.greatest(e.trial_until_age, ibis.coalesce(end_age, e.trial_until_age))
        added["trial_over_age"] = ibis.ifelse((e.trial_until_age < e.started_at_age) & (over >= 0), over, nothing)
    if "paused_from" in e.columns:
        resumed = e.paused_until_age if "paused_until" in e.columns else nothing
        over = ibis.greatest(ibis.coalesce(resumed, 0), ibis.coalesce(end_age, 0))
        began = ibis.least(e.paused_from_age, e.started_at_age)
        pause = ibis.ifelse(e.paused_from_age.notnull() & (began > over), began, nothing)
        added |= {"pause_age": pause, "pause_over_age": over, "resumed_age": resumed}
    return e.mutate(**added)


PAUSES = Group(
    "pauses",
    _rows,
    lacks=lambda tables: None if can_wait(tables) else "needs subscriptions.trial_until or subscriptions.paused_from",
)


@PAUSES.feature(unit="1 or 0", sources=("subscriptions.trial_until",), known="started_at, ended_at", form=Form.COUNT)
def in_trial(e: Rows) -> Value:
    """Whether a running subscription is in its free trial; one that is over at as_of is over."""
    return e.in_trial.cast("int64").max()


@PAUSES.feature(unit="days", sources=("subscriptions.trial_until",), known="started_at, ended_at")
def days_since_trial_end(e: Rows) -> Value:
    """Days since a free trial was over last, by its date or with the subscription."""
    return days_of(e.trial_over_age.min())


@PAUSES.feature(unit="1 or 0", sources=("subscriptions.paused_from",), known=_PAUSE, form=Form.COUNT)
def is_paused(e: Rows) -> Value:
    """Whether a running subscription is paused: its pause has begun, and is not known to be over."""
    return e.paused.cast("int64").max()


@PAUSES.feature(unit="pauses", sources=("subscriptions.paused_from",), known=_PAUSE, form=Form.COUNT, windows=(365,))
def pauses(e: Rows, days: int) -> Value:
    """Pauses that began in the window."""
    return e.count(where=within(e.pause_age, days))


@PAUSES.feature(unit="days", sources=("subscriptions.paused_from",), known=_PAUSE, form=Form.SUM, windows=(365,))
def days_paused(e: Rows, days: int) -> Value:
    """Days of the window in which a subscription was paused; those of several subscriptions are added up."""
    spent = ibis.least(e.pause_age, days * DAY) - e.pause_over_age
    return days_of(ibis.ifelse((e.pause_age.notnull()) & (spent > 0), spent, 0).sum())


@PAUSES.feature(unit="days", sources=("subscriptions.paused_from", "subscriptions.paused_until"), known="paused_until")
def days_since_pause_end(e: Rows) -> Value:
    """Days since a pause was over last and the subscription went on."""
    return days_of(e.resumed_age.min(where=e.pause_age.notnull() & (e.resumed_age == e.pause_over_age)))
