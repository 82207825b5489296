"""The one generic pass: rows of a source to sums by month and group, summed by customer on the way.

With ``N_c`` and ``D_c`` the numerator and denominator summed over the rows of customer c, the value is
``R = sum N_c / sum D_c`` and its linearised variance, clustered by customer, needs no more than ``sum N_c^2``,
``sum N_c D_c`` and ``sum D_c^2`` (Cochran 1977, "Sampling Techniques", sections 6.3 and 9A); the same sums over
single rows give the variance that ignores customers, and with it the design effect.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pandas as pd

from ...core.errors import ConfigError, did_you_mean
from ..expressions import Rows, Value
from .declare import Indicator, Kind, Source
from .scope import CLUSTER, MONTH, Scope, key

__all__ = ["ALL", "GROUP", "MISSING", "SUMS", "dimension_lack", "grouped", "moments", "quantiles"]

GROUP = "group"
ALL = ""
MISSING = "(none)"
"""Group of the rows of which nobody says to which group they belong."""

SUMS = ("n", "clusters", "num", "den", "nn", "nd", "dd", "row_nn", "row_nd", "row_dd")
"""Rows that count, customers, sums of numerators and denominators, their squares and products by customer and row."""

_PARTS = ("num", "den", "n", "row_nn", "row_nd", "row_dd")


def dimension_lack(scope: Scope, source: Source, by: str) -> str | None:
    """Return what is missing to split a source's rows by a dimension; None if nothing is."""
    needed = {
        "channel": "prospects.channel" if source.name == "prospects" else "contacts.channel",
        "reason": "contacts.reason",
        "team": "agent_surveys.team" if source.name == "agent surveys" else "contacts.team or agents.team",
        "agent": "actions.agent_id" if source.name == "offers" else "contacts.agent_id",
        "product": "subscriptions.product",
        "method": "payment_methods.method",
    }
    if by == "segment":
        return None if scope.config.segment else "indicators.segment"
    column = needed[by]
    if by == "team" and source.name == "offers":
        column = "agents.team"
    if (
        source.name == "surveys"
        and by in ("channel", "reason", "team", "agent")
        and not scope.has("surveys.contact_id")
    ):
        return "surveys.contact_id"
    return None if any(scope.has(each) for each in column.split(" or ")) else column


def moments(scope: Scope, indicators: Sequence[Indicator], by: str = ALL) -> pd.DataFrame:
    """Return the sums of indicators of one source, one row an indicator, month and group.

    Parameters
    ----------
    scope
        Tables and months.
    indicators
        Some of one source.
    by
        A dimension of the source; empty: all rows together.

    Returns
    -------
    pandas.DataFrame
        indicator, month, group, and :data:`SUMS`; of a median also ``value``, the sums then being those of the rows
        up to it.
    """
    source = indicators[0].source
    rows = grouped(scope, source, by)
    plain = [each for each in indicators if each.kind != Kind.MEDIAN]
    found = [_summed(scope, rows, plain)] if plain else []
    found += [_median_sums(scope, rows, each) for each in indicators if each.kind == Kind.MEDIAN]
    return pd.concat(found, ignore_index=True)


def quantiles(scope: Scope, indicator: Indicator, by: str, ranks: pd.DataFrame) -> pd.DataFrame:
    """Return the values of a median's rows at given ranks.

    Parameters
    ----------
    ranks
        month, group, low, high: ranks from 1 on.

    Returns
    -------
    pandas.DataFrame
        month, group, low, high.
    """
    ranked = _ranked(scope, grouped(scope, indicator.source, by), indicator)
    wanted = ibis.memtable(ranks[[MONTH, GROUP, "low", "high"]]).rename(of_month=MONTH, of_group=GROUP)
    rows = ranked.join(wanted, [ranked[MONTH] == wanted.of_month, ranked[GROUP] == wanted.of_group])
    summed = rows.group_by(MONTH, GROUP).aggregate(
        low=rows.x.max(where=rows.place == rows.low), high=rows.x.max(where=rows.place == rows.high)
    )
    return scope.tables.execute(summed)


def grouped(scope: Scope, source: Source, by: str) -> Rows:
    """Return a source's rows with their ``group`` by a dimension, whose lack was asked for before."""
    rows = source.stored(scope)
    if by == ALL:
        return rows.mutate(**{GROUP: ibis.literal("")})
    if by in ("product", "segment") and by in rows.columns:
        rows = rows.drop(by)  # the table's own column of that name is another thing
    if by == "product":
        own = scope.products()
        rows = rows.left_join(own, [(CLUSTER, "product_cluster"), (MONTH, "product_month")])
    if by == "segment":
        rows = _with_segment(scope, rows)
    return rows.mutate(**{GROUP: key(rows[by]).fill_null(MISSING)})


def _with_segment(scope: Scope, rows: Rows) -> Rows:
    name = str(scope.config.segment)
    static = [each for each in scope.tables.config.static if scope.tables.has("customers", each)]
    if name not in static:
        raise ConfigError(
            f"indicators.segment: expected a column of customers that stands under static, got '{name}'"
            f"{did_you_mean(name, static)}"
        )
    customers = scope.tables["customers"]
    own = customers.select(segment_cluster=key(customers.customer_id), segment=customers[name])
    return rows.left_join(own, [(CLUSTER, "segment_cluster")])


def _summed(scope: Scope, rows: Rows, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """Return the sums of several indicators over the same rows, computed together."""
    parts: dict[str, Value] = {}
    for number, each in enumerate(indicators):
        cut = each.parts(rows, scope)
        parts |= {f"num_{number}": cut.numerator, f"den_{number}": cut.denominator}
    flat = rows.select(MONTH, GROUP, CLUSTER, **parts)
    wide = scope.tables.execute(_by_group(flat, len(indicators)))
    return pd.concat([_one(wide, number, each) for number, each in enumerate(indicators)], ignore_index=True)


def _by_group(flat: Rows, count: int) -> Rows:
    """Sum by month, group and customer, and these by month and group."""
    sums: dict[str, Value] = {}
    for i in range(count):
        num, den = flat[f"num_{i}"], flat[f"den_{i}"]
        sums |= {
            f"num_{i}": num.sum(),
            f"den_{i}": den.sum(),
            f"n_{i}": (den != 0).cast("int64").sum(),
            f"row_nn_{i}": (num * num).sum(),
            f"row_nd_{i}": (num * den).sum(),
            f"row_dd_{i}": (den * den).sum(),
        }
    each = flat.group_by(MONTH, GROUP, CLUSTER).aggregate(**sums)
    total: dict[str, Value] = {}
    for i in range(count):
        num, den = each[f"num_{i}"], each[f"den_{i}"]
        total |= {f"{part}_{i}": each[f"{part}_{i}"].sum() for part in _PARTS}
        total |= {
            f"nn_{i}": (num * num).sum(),
            f"nd_{i}": (num * den).sum(),
            f"dd_{i}": (den * den).sum(),
            f"clusters_{i}": ((num != 0) | (den != 0)).cast("int64").sum(),
        }
    return each.group_by(MONTH, GROUP).aggregate(**total)


def _one(wide: pd.DataFrame, number: int, indicator: Indicator) -> pd.DataFrame:
    columns = {f"{name}_{number}": name for name in SUMS}
    frame = wide[[MONTH, GROUP, *columns]].rename(columns=columns)
    frame = frame[(frame["den"] != 0) | (frame["num"] != 0)]
    return frame.assign(indicator=indicator.name)


def _ranked(scope: Scope, rows: Rows, indicator: Indicator) -> Rows:
    """Return the rows that count with their value ``x``, its ``place`` from 1 on, and how many there are."""
    cut = indicator.parts(rows, scope)
    flat = rows.select(MONTH, GROUP, CLUSTER, x=cut.numerator, counts=cut.denominator)
    flat = flat.filter(flat.counts > 0)
    place = ibis.row_number().over(ibis.window(group_by=[MONTH, GROUP], order_by="x")) + 1
    return flat.mutate(place=place, total=flat.count().over(ibis.window(group_by=[MONTH, GROUP])))


def _median_sums(scope: Scope, rows: Rows, indicator: Indicator) -> pd.DataFrame:
    """Return the median of each month and group, and the sums of the rows up to it."""
    ranked = _ranked(scope, rows, indicator)
    middle = (2 * ranked.place >= ranked.total) & (2 * ranked.place <= ranked.total + 2)
    values = ranked.group_by(at_month=ranked[MONTH], at_group=ranked[GROUP]).aggregate(
        value=ranked.x.mean(where=middle)
    )
    joined = ranked.join(values, [ranked[MONTH] == values.at_month, ranked[GROUP] == values.at_group])
    below = joined.select(
        MONTH, GROUP, CLUSTER, num_0=(joined.x <= joined["value"]).cast("float64"), den_0=joined.counts
    )
    sums = _one(scope.tables.execute(_by_group(below, 1)), 0, indicator)
    found = scope.tables.execute(values).rename(columns={"at_month": MONTH, "at_group": GROUP})
    return sums.merge(found, on=[MONTH, GROUP], how="left")
