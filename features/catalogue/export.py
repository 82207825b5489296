"""Features of every customer as a table of the engine: no row passes through this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from ..expressions import Rows
from ..tables.tables import Tables
from ..timeline.known import KNOWN_AT, known_rows
from ..timeline.spine import Keys, Snapshot, moment, snapshot_keys
from .aggregate import columns
from .catalogue import GROUPS, feature_names
from .declare import Feature, Form
from .windows import split

__all__ = ["feature_table"]

_NOTHING = {Form.COUNT: 0, Form.SUM: 0.0}
"""What a customer without rows gets; null in other forms."""


def feature_table(tables: Tables, as_of: pd.Timestamp) -> Rows:
    """Return customer_id, as_of and every feature of each customer known before ``as_of``, as an ibis table.

    The values are those of :func:`build_features`; nothing but the list of
    customers has run when this returns.

    Parameters
    ----------
    tables
        The business's tables.
    as_of
        Naive UTC instant.
    """
    names = feature_names(tables)
    keys = _everybody(tables, as_of)
    table = keys.table
    for group in GROUPS:
        features = [f for f in group.features(tables.config) if f.info.name in names]
        for rows, chosen in split(group.rows(tables, keys), features, least=len(features)) if features else ():
            table = _joined(table, rows.group_by("row").aggregate(**columns(chosen, rows)), chosen)
    return table.select("customer_id", "as_of", *names)


def _everybody(tables: Tables, as_of: pd.Timestamp) -> Keys:
    """Return the customers known before ``as_of``; at one instant a customer is a pair, and its own row number.

    They stay in the engine: what is fetched of pairs elsewhere is empty here.
    """
    known = known_rows(tables, "customers")
    instant = moment(as_of)
    who = known.filter(known[KNOWN_AT] < instant).select("customer_id").distinct()
    spine = who.select(row=who.customer_id, customer_id=who.customer_id, as_of=instant)
    stored = tables.connection.create_table("features_spine", spine, temp=True)
    return replace(snapshot_keys(Snapshot(instant)), table=stored)


def _joined(table: Rows, lines: Rows, features: Sequence[Feature]) -> Rows:
    joined = table.left_join(lines.rename(line="row"), [("row", "line")]).drop("line")
    return joined.mutate(
        **{f.info.name: joined[f.info.name].fill_null(_NOTHING[f.form]) for f in features if f.form in _NOTHING}
    )
