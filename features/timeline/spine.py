"""The spine: the (customer_id, as_of) pairs that features and labels are made for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from ...core.arrays import Positions
from ...core.contract import CONTRACT, Kind
from ...core.short_repr import ShortRepr
from ...core.time import instant
from ..contract.local_time import INSTANT
from ..expressions import Rows, Value
from ..tables.tables import Tables
from .known import KNOWN_AT, known_rows, visible
from .spine_columns import check_columns, other_identifiers, read_identifiers, read_instants, typed_pairs

__all__ = [
    "DAY",
    "Keys",
    "Snapshot",
    "age",
    "customer_spine",
    "is_contractual",
    "known_events",
    "lapsed_spine",
    "moment",
    "pair_table",
    "running_spine",
    "snapshot_keys",
    "spine_keys",
]

DAY = 86_400_000_000
"""Microseconds in a day: ages are whole microseconds."""


@dataclass(frozen=True)
class Snapshot(ShortRepr):
    """One instant at which most customers of a block are looked at: their events are filtered, not joined.

    Parameters
    ----------
    as_of
        ibis scalar, the instant (naive UTC).
    first, last
        ibis scalars, the least and the greatest customer of the block; None: all customers.
    """

    as_of: Value
    first: Value = None
    last: Value = None


@dataclass(frozen=True)
class Keys(ShortRepr):
    """The distinct pairs of a spine, on the engine.

    Parameters
    ----------
    table
        ibis table with row (0..n-1), customer_id and as_of, one row a distinct pair; where there is a ``snapshot`` it
        may be its as_of alone.
    pairs
        The same as an Arrow table.
    codes
        For each spine row the ``row`` of its pair.
    index
        The spine's own index.
    snapshot
        Where all pairs share one instant and are most customers of a block. In the rows of a group,
        ``row`` is then the customer, who stands for the pair.
    """

    table: Rows
    pairs: pa.Table
    codes: Positions
    index: pd.Index
    snapshot: Snapshot | None = None

    def __len__(self) -> int:
        """Return the number of distinct pairs."""
        return len(self.pairs)

    def spread(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return ``frame``, which has one line a pair in the order of ``row``, for every spine row."""
        if len(self.codes) != len(frame) or (self.codes != np.arange(len(frame))).any():
            frame = frame.take(self.codes)
        return frame.set_axis(self.index)


def spine_keys(tables: Tables, spine: pd.DataFrame) -> Keys:
    """Return the distinct pairs of ``spine``; its rows keep their number, order and index.

    Raises
    ------
    DataError
        ``customer_id`` or ``as_of`` is missing, an ``as_of`` is no instant, or the identifiers are of
        another type than in the tables.
    """
    check_columns(spine)
    instants = read_instants(spine["as_of"])
    try:
        pairs = pd.DataFrame({"customer_id": spine["customer_id"].to_numpy(), "as_of": instants})
        codes = pairs.groupby(["customer_id", "as_of"], sort=False, dropna=False).ngroup().to_numpy()
    except (TypeError, ValueError):
        raise other_identifiers(tables, "a mixture") from None
    distinct = pairs.drop_duplicates(ignore_index=True)
    arrow = pa.table(
        {
            "row": np.arange(len(distinct), dtype=np.int64),
            "customer_id": read_identifiers(tables, distinct["customer_id"]),
            "as_of": pa.array(distinct["as_of"].to_numpy(), pa.timestamp("us")),
        }
    )
    return Keys(pair_table(tables, arrow), arrow, codes.astype(np.intp), spine.index)


def moment(as_of: pd.Timestamp) -> Value:
    """Return an instant (naive UTC) as an ibis scalar."""
    return ibis.literal(as_of.to_pydatetime()).cast(INSTANT)


def snapshot_keys(snapshot: Snapshot) -> Keys:
    """Return the keys of a snapshot for the rows of a group, which need no more of its pairs than their instant."""
    table = ibis.range(1).unnest().name("row").as_table().mutate(as_of=snapshot.as_of)
    nothing = pa.table({"row": pa.array([], pa.int64())})
    return Keys(table, nothing, np.array([], dtype=np.intp), pd.RangeIndex(0), snapshot)


def pair_table(tables: Tables, pairs: pa.Table) -> Rows:
    """Return pairs (row, customer_id, as_of) as a table of the engine, identifiers typed as the customers'."""
    return typed_pairs(tables, ibis.memtable(pairs))


def age(as_of: Value, moment: Value) -> Value:
    """Return the whole microseconds from ``moment`` to ``as_of``."""
    return as_of.delta(moment, unit="microsecond")


def known_events(tables: Tables, keys: Keys, name: str, *, rows: Rows = None) -> Rows:
    """Return each pair's rows of table ``name`` that were known strictly before its ``as_of``.

    Values with an instant of their own are null unless that instant lies before ``as_of``. Every instant
    column ``c`` comes with ``c_age``, the microseconds from ``c`` to ``as_of``. The pair's own columns are
    ``row``, ``customer_id`` and ``as_of``.

    Parameters
    ----------
    tables, keys
        The business's tables and the spine's pairs.
    name
        Contract table.
    rows
        The table's known rows with columns of the caller's own added; default the plain ones.
    """
    joined = _known_customers(keys, known_rows(tables, name) if rows is None else rows)
    present = [column for column in CONTRACT[name].columns if column.name in joined.columns]
    masked = joined.mutate(
        **{c.name: visible(joined, name, c.name, joined.as_of) for c in present if c.known is not None}
    )
    instants = [c.name for c in present if c.kind is Kind.INSTANT]
    return masked.mutate(**{f"{c}_age": age(masked.as_of, masked[c]) for c in instants})


def _known_customers(keys: Keys, rows: Rows) -> Rows:
    """Return each pair with each of its rows known before ``as_of``."""
    if keys.snapshot is None:
        pair, rows = keys.table, rows.rename(event_customer_id="customer_id")
        joined = pair.inner_join(rows, [pair.customer_id == rows.event_customer_id, rows[KNOWN_AT] < pair.as_of])
        return joined.drop("event_customer_id")
    as_of = keys.snapshot.as_of
    known = rows.filter(rows[KNOWN_AT] < as_of)
    if keys.snapshot.first is not None:
        known = known.filter(known.customer_id.between(keys.snapshot.first, keys.snapshot.last))
    return known.mutate(row=known.customer_id, as_of=as_of)


def is_contractual(tables: Tables) -> bool:
    """Return whether the business has subscriptions that churn: some line is contractual.

    A line of kind ``auto`` is contractual if there is a ``subscriptions`` table.
    """
    kinds = {line.kind for line in tables.config.lines.values()}
    return "contractual" in kinds or ("auto" in kinds and tables.has("subscriptions"))


def running_spine(tables: Tables, as_ofs: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """Return every customer with a subscription known to run at each instant, cancelled or not.

    Returns
    -------
    pandas.DataFrame
        customer_id, as_of (naive UTC), without duplicates, sorted by as_of and customer_id.

    Raises
    ------
    DataError
        There is no subscriptions table.
    """
    return _everybody(tables, "subscriptions", as_ofs)


def lapsed_spine(tables: Tables, as_ofs: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """Return every customer known to have had a subscription of which none is known to run, at each instant.

    Returns
    -------
    pandas.DataFrame
        customer_id, as_of (naive UTC), without duplicates, sorted by as_of and customer_id.

    Raises
    ------
    DataError
        There is no subscriptions table.
    """
    joined = _known_at(tables, "subscriptions", as_ofs)
    if "ended_at" not in joined.columns:
        return tables.execute(joined.select("customer_id", "as_of").limit(0))
    runs = visible(joined, "subscriptions", "ended_at", joined.as_of).isnull()
    pairs = joined.group_by("customer_id", "as_of").aggregate(running=runs.cast("int64").sum())
    pairs = pairs.filter(pairs.running == 0).select("customer_id", "as_of")
    return tables.execute(pairs.order_by("as_of", "customer_id"))


def customer_spine(tables: Tables, as_ofs: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """Return every customer known to have signed up before each instant.

    Returns
    -------
    pandas.DataFrame
        customer_id, as_of (naive UTC), without duplicates, sorted by as_of and customer_id.
    """
    return _everybody(tables, "customers", as_ofs)


def _everybody(tables: Tables, name: str, as_ofs: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """Return the customers with a known row of table ``name`` at each instant, and not ended by then."""
    joined = _known_at(tables, name, as_ofs)
    if "ended_at" in joined.columns:
        joined = joined.filter(visible(joined, name, "ended_at", joined.as_of).isnull())
    pairs = joined.select("customer_id", "as_of").distinct().order_by("as_of", "customer_id")
    return tables.execute(pairs)


def _known_at(tables: Tables, name: str, as_ofs: Sequence[pd.Timestamp]) -> Rows:
    """Return the rows of table ``name`` that are known at each instant, with its ``as_of``."""
    stamps = sorted({instant(as_of) for as_of in as_ofs})
    moments = ibis.memtable(pa.table({"as_of": pa.array(stamps, pa.timestamp("us"))}))
    rows = known_rows(tables, name)
    return moments.inner_join(rows, rows[KNOWN_AT] < moments.as_of)
