"""What a follow-up brings beside money, counted for each decision: word of mouth, and the service that was asked for.

Each is a count over (as_of, until], so who says nothing counts as nothing said: these are outcomes of everybody whom a
decision concerned, not of those who answer.

- ``promoters``: answers of 9 or 10 to "would you recommend us", less answers of 6 or below; on a scale of 0 to 10 only.
- ``reviews_raised``: public reviews that the customer revised to a better rating.
- ``contacts``: contacts that the customer began; all of them where no direction is written down.
- ``self_service``: times that the customer served themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from ...core.arrays import Floats
from ..expressions import Rows
from ..tables.tables import Tables
from ..timeline.look_ahead import ROW, by_row, spine_table

__all__ = ["SIDES", "side_outcomes"]

_ZERO_TO_TEN = (0, 10)
_PROMOTER, _DETRACTOR = 9, 6


def side_outcomes(tables: Tables, spine: pd.DataFrame, until: pd.Series) -> dict[str, Floats]:
    """Return the counts over (as_of, until] by name, (n,) each; without those that the tables cannot tell.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        Frame with customer_id and as_of, n rows.
    until
        End of each follow-up, index of ``spine``.
    """
    found = {name: events(tables) for name, events in _EVENTS.items()}
    return {name: _summed(tables, rows, spine, until) for name, rows in found.items() if rows is not None}


def _promoters(tables: Tables) -> Rows | None:
    if not tables.has("surveys") or tuple(tables.config.scales.nps) != _ZERO_TO_TEN:
        return None
    rows = tables["surveys"]
    answered = rows.filter(rows.metric == "nps", rows.responded_at.notnull(), rows.score.notnull())
    points = (answered.score >= _PROMOTER).cast("int64") - (answered.score <= _DETRACTOR).cast("int64")
    return answered.select("customer_id", at="responded_at", points=points)


def _reviews_raised(tables: Tables) -> Rows | None:
    if not all(tables.has("reviews", name) for name in ("customer_id", "revised_at", "revised_rating")):
        return None
    rows = tables["reviews"]
    return _each(rows.filter(rows.revised_at.notnull(), rows.revised_rating > rows.rating), "revised_at")


def _contacts(tables: Tables) -> Rows | None:
    if not tables.has("contacts"):
        return None
    rows = tables["contacts"]
    if tables.has("contacts", "direction"):
        rows = rows.filter(rows.direction.isnull() | (rows.direction != "outbound"))
    return _each(rows, "opened_at")


def _self_service(tables: Tables) -> Rows | None:
    return _each(tables["interactions"], "at") if tables.has("interactions") else None


def _each(rows: Any, at: str) -> Rows:
    """Return events that count one each."""
    return rows.select("customer_id", at=rows[at], points=rows[at].notnull().cast("int64"))


_EVENTS: dict[str, Callable[[Tables], Rows | None]] = {
    "promoters": _promoters,
    "reviews_raised": _reviews_raised,
    "contacts": _contacts,
    "self_service": _self_service,
}

SIDES = tuple(_EVENTS)
"""Names of the counts."""


def _summed(tables: Tables, events: Any, spine: pd.DataFrame, until: pd.Series) -> Floats:
    rows: Rows = spine_table(tables, spine, until=until)
    events = events.select(customer=events.customer_id.cast(rows.customer_id.type()), at="at", points="points")
    met = rows.inner_join(
        events, [rows.customer_id == events.customer, events.at > rows.as_of, events.at <= rows.until]
    )
    found = by_row(tables, met.group_by(ROW).aggregate(points=met.points.sum().cast("float64")), spine)
    return found["points"].fillna(0).to_numpy(dtype=float)
