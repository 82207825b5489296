"""Features of past service actions: what was decided, offered and accepted, and how long ago.

A decision counts as *decided* in both arms and as *offered* only if it was carried out. The difference matters: who is
chosen for an action says something about the customer, whether or not chance then held the customer out; a model that
sees both does not mistake being chosen for the action's effect.
"""

from __future__ import annotations

import ibis

from ....core.config.business import Config
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of, share, within

__all__ = ["ACTIONS"]


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known decisions: ``carried_out`` of the treated, ``taken_age`` that of the yes."""
    e = known_events(tables, keys, "actions")
    e = e.mutate(carried_out=e.arm == "treated")
    if "accepted_at" not in e.columns:
        return e
    refused = (~e.accepted).fill_null(False) if "accepted" in e.columns else ibis.literal(False)
    refused = refused | ~e.carried_out
    return e.mutate(taken_age=ibis.ifelse(refused, ibis.null("int64"), e.accepted_at_age))


def _actions(config: Config) -> tuple[str, ...]:
    return tuple(config.incremental.actions)


ACTIONS = Group("actions", _rows)
_OFFERED = ("actions.decided_at",)
_ACCEPTED = ("actions.accepted_at",)


@ACTIONS.feature(
    name="{action}_decided",
    unit="decisions",
    sources=_OFFERED,
    known="decided_at",
    form=Form.COUNT,
    windows=True,
    items=_actions,
)
def decided(e: Rows, item: str, days: int) -> Value:
    """Times the customer was chosen for {action} in the window, held-out decisions included."""
    return e.count(where=(e.action == item) & within(e.decided_at_age, days))


@ACTIONS.feature(
    name="{action}_offered",
    unit="offers",
    sources=_OFFERED,
    known="decided_at",
    form=Form.COUNT,
    windows=True,
    items=_actions,
)
def offered(e: Rows, item: str, days: int) -> Value:
    """Times {action} was offered in the window."""
    return e.count(where=(e.action == item) & e.carried_out & within(e.decided_at_age, days))


@ACTIONS.feature(
    name="{action}_accepted",
    unit="offers",
    sources=_ACCEPTED,
    known="accepted_at",
    form=Form.COUNT,
    windows=True,
    items=_actions,
)
def accepted(e: Rows, item: str, days: int) -> Value:
    """Times {action} was accepted in the window."""
    return e.count(where=(e.action == item) & within(e.taken_age, days))


@ACTIONS.feature(name="days_since_{action}_decided", unit="days", sources=_OFFERED, known="decided_at", items=_actions)
def days_since_decided(e: Rows, item: str) -> Value:
    """Days since the customer was last chosen for {action}, held-out decisions included."""
    return days_of(e.decided_at_age.min(where=e.action == item))


@ACTIONS.feature(name="days_since_{action}_offered", unit="days", sources=_OFFERED, known="decided_at", items=_actions)
def days_since_offered(e: Rows, item: str) -> Value:
    """Days since {action} was offered last."""
    return days_of(e.decided_at_age.min(where=(e.action == item) & e.carried_out))


@ACTIONS.feature(
    name="days_since_{action}_accepted", unit="days", sources=_ACCEPTED, known="accepted_at", items=_actions
)
def days_since_accepted(e: Rows, item: str) -> Value:
    """Days since {action} was accepted last."""
    return days_of(e.taken_age.min(where=e.action == item))


@ACTIONS.feature(unit="actions", sources=_OFFERED, known="decided_at", form=Form.COUNT, windows=True)
def actions(e: Rows, days: int) -> Value:
    """Service actions of any kind carried out in the window, held-out decisions left out."""
    return e.count(where=e.carried_out & within(e.decided_at_age, days))


@ACTIONS.feature(unit="days", sources=_OFFERED, known="decided_at")
def days_since_action(e: Rows) -> Value:
    """Days since the last service action of any kind."""
    return days_of(e.decided_at_age.min(where=e.carried_out))


@ACTIONS.feature(unit="actions", sources=_OFFERED, known="decided_at", form=Form.COUNT, windows=(365,))
def action_kinds(e: Rows, days: int) -> Value:
    """Different service actions carried out in the window."""
    return e.action.nunique(where=e.carried_out & within(e.decided_at_age, days))


@ACTIONS.feature(unit="share", sources=_ACCEPTED, known="decided_at, accepted_at", windows=(365,))
def actions_accepted_share(e: Rows, days: int) -> Value:
    """Share accepted before as_of of the service actions of any kind carried out in the window."""
    return share(e.taken_age.notnull(), e.carried_out & within(e.decided_at_age, days))
