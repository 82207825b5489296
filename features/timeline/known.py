"""When a value was known: the row instants and the masks of the time rule, read from the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from ...core.contract import CONTRACT, RECORDED_AT
from ..contract.first_known import first_known
from ..contract.local_time import INSTANT
from ..expressions import Rows, Value

if TYPE_CHECKING:
    from ..tables.tables import Tables

__all__ = ["KNOWN_AT", "known_rows", "subscription_status", "visible"]

KNOWN_AT = "known_at"
"""Column added by :func:`known_rows`: the instant from which a row exists for us."""


def known_rows(tables: Tables, name: str) -> Rows:
    """Return a table with ``known_at``, the instant (naive UTC) from which each row may be used.

    It is the later of the contract's row instant and ``recorded_at``. A row belongs to what is known at
    ``as_of`` if ``known_at < as_of``. Calendar dates count from their first midnight in the config's
    timezone; a survey without ``sent_at`` is known at its answer. Rows that are never known are left out.

    Raises
    ------
    DataError
        The business brings no such table.
    """
    rows = tables[name]
    known = first_known(rows, name, tables.config.timezone)
    if RECORDED_AT in rows.columns:
        known = ibis.greatest(known, ibis.coalesce(rows[RECORDED_AT], known))
    return rows.mutate(**{KNOWN_AT: known.cast(INSTANT)}).drop_null(KNOWN_AT)


def visible(rows: Rows, name: str, column: str, as_of: Value) -> Value:
    """Return ``rows[column]`` where it was known strictly before ``as_of``, else null.

    Parameters
    ----------
    rows
        Any ibis table that still holds the contract's columns of table ``name`` (joined to a spine or not).
    name
        Contract table that ``column`` belongs to.
    column
        Contract column.
    as_of
        Instant (naive UTC) or column of instants.

    Notes
    -----
    Values known with their row need ``known_at < as_of`` besides, which is the caller's join condition.
    A value whose own instant column is not among ``rows`` is treated as never known.
    """
    spec = CONTRACT[name].column.get(column)
    value = rows[column]
    known = spec.known if spec is not None else None
    if known is None:
        return value
    if known not in rows.columns:
        return ibis.null(value.type())
    seen = rows[known] < as_of
    if RECORDED_AT in rows.columns:
        seen &= ibis.coalesce(rows[RECORDED_AT] < as_of, True)
    return ibis.ifelse(seen, value, ibis.null(value.type()))


def subscription_status(rows: Rows) -> Rows:
    """Return subscriptions with what their values say of them at ``as_of``, as bool columns.

    Parameters
    ----------
    rows
        ibis table of subscriptions with ``as_of``, whose values are those known then, null where not (:func:`visible`).

    Returns
    -------
    Rows
        ``running``: not known to have ended. ``withdrawn``: a cancellation was taken back. ``pending``: a running one
        is asked to end, and that was not taken back. ``in_trial``: a running one whose free trial is not over.
        ``paused``: a running one whose pause has begun and is not known to be over. ``paying``: a running one that is
        neither.
    """
    there = rows.columns
    no = ibis.literal(False)
    running = rows.ended_at.isnull() if "ended_at" in there else ibis.literal(True)
    withdrawn = rows.cancel_withdrawn_at.notnull() if "cancel_withdrawn_at" in there else no
    requested = rows.cancel_requested_at.notnull() if "cancel_requested_at" in there else no
    in_trial = (running & (rows.trial_until > rows.as_of)).fill_null(False) if "trial_until" in there else no
    paused = no
    if "paused_from" in there:
        resumed = rows.paused_until.notnull() if "paused_until" in there else no
        paused = running & rows.paused_from.notnull() & ~resumed
    waits = {"trial_until", "paused_from"} & set(there)
    return rows.mutate(
        running=running,
        withdrawn=withdrawn,
        pending=requested & running & ~withdrawn,
        in_trial=in_trial,
        paused=paused,
        paying=running & ~in_trial & ~paused if waits else running,
    )
