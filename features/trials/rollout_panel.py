"""What customers brought in month by month, and when their region, site or depot was reached by an initiative.

The customers are those who were there when the panel begins, and stay in it whatever becomes of them: who leaves
brings in nothing, so an initiative that keeps customers shows in the months after. Nobody who came later is counted,
since an initiative may change who comes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.config.rollouts import RolloutConfig
from ...core.errors import ConfigError, DataError
from ...core.hashing import uniform_hash
from ...core.short_repr import ShortRepr
from ...core.time import instant, local_day, month_starts
from ..catalogue.catalogue import build_features
from ..outcomes.realised_value import sums_ahead
from ..tables.tables import Tables
from ..timeline.spine import customer_spine, is_contractual, running_spine

__all__ = ["RolloutPanel", "rollout_panel"]

MOST_ROWS = 600_000
"""Customer-months of a panel; of more customers a part is drawn by a hash."""


@dataclass(frozen=True)
class RolloutPanel(ShortRepr):
    """Customers by month.

    Parameters
    ----------
    rows
        customer_id, month (such as 2023-05), ``started`` (the month in which the customer's unit was reached, missing
        if it was not), ``unit`` and ``value``: margin less contacts and other actions of the month, in money.
    months
        Their first instants, naive UTC.
    customers
        How many there are; the rows hold ``drawn`` of them.
    drawn
        See ``customers``.
    reached_before
        Customers left out because their unit was reached before the period.
    """

    rows: pd.DataFrame
    months: tuple[pd.Timestamp, ...]
    customers: int
    drawn: int
    reached_before: int


def rollout_panel(tables: Tables, rollout: RolloutConfig, since: pd.Timestamp, until: pd.Timestamp) -> RolloutPanel:
    """Return the panel of a rollout whose starts in [since, until) are judged, up to the last whole month.

    Units reached before ``since`` are left out, those reached from ``until`` on are not reached.

    Parameters
    ----------
    tables
        The business's tables.
    rollout
        Where it began when.
    since, until
        Instants, naive UTC.

    Raises
    ------
    ConfigError
        The column is not among ``static``.
    DataError
        No unit was reached in the period, no month after the first start is over, or nobody was there before.
    """
    zone = tables.config.timezone
    if rollout.by not in tables.config.static or not tables.has("customers", rollout.by):
        raise ConfigError(
            f"rollouts: expected a column of customers under static:, got '{rollout.by}'; bring it, and name it there"
        )
    starts = {unit: instant(day, zone) for unit, day in rollout.starts.items()}
    judged = {unit: at for unit, at in starts.items() if since <= at < until}
    if not judged:
        raise DataError(
            f"expected a start from {local_day(since, zone)} until before {local_day(until, zone)}, got none"
        )
    months = _months(tables, min(judged.values()), min(until, tables.data_until), rollout.months_before)
    spine = (running_spine if is_contractual(tables) else customer_spine)(tables, [months[0]])
    if spine.empty:
        day = local_day(months[0], zone)
        raise DataError(f"expected customers who were there on {day}, found none; ask for fewer months_before")
    units = _text(build_features(tables, spine, [rollout.by])[rollout.by])
    early = units.isin([unit for unit, at in starts.items() if at < since]).to_numpy()
    known = spine.assign(unit=units)[~early & units.notna().to_numpy()].reset_index(drop=True)
    people = _drawn(known, MOST_ROWS // (len(months) - 1))
    rows = _values(tables, people, months)
    rows["started"] = rows["unit"].map({unit: _month(at, zone) for unit, at in judged.items()})
    return RolloutPanel(rows, tuple(months[:-1]), len(known), len(people), int(early.sum()))


def _months(tables: Tables, first: pd.Timestamp, end: pd.Timestamp, before: int) -> list[pd.Timestamp]:
    """Return the starts of the months of a panel and the end of the last, which is over."""
    zone = tables.config.timezone
    begin = (pd.Timestamp(local_day(first, zone)).to_period("M") - before).to_timestamp().date()
    months = [month for month in month_starts(begin, local_day(end, zone), 1, zone) if month <= end]
    if len(months) < 2 or months[-1] <= first:
        day = local_day(first, zone)
        raise DataError(f"expected a whole month after {day}, the first start, within the data; come back later")
    return months


def _drawn(known: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return about ``most`` customers, the same ones whoever asks."""
    if len(known) <= most:
        return known
    chosen = uniform_hash(known["customer_id"], "rollout") < most / len(known)
    return known[np.asarray(chosen)].reset_index(drop=True)


def _values(tables: Tables, people: pd.DataFrame, months: list[pd.Timestamp]) -> pd.DataFrame:
    """Return what each customer brought in each month, less contacts and other actions."""
    n = len(months) - 1
    each = people.loc[people.index.repeat(n), ["customer_id", "unit"]].reset_index(drop=True)
    each["month"] = np.tile([_month(month, tables.config.timezone) for month in months[:-1]], len(people))
    spine = each[["customer_id"]].assign(as_of=np.tile(np.array(months[:-1], dtype="datetime64[us]"), len(people)))
    ends = pd.Series(np.tile(np.array(months[1:], dtype="datetime64[us]"), len(people)), index=spine.index)
    sums = sums_ahead(tables, spine, ends, annual_rate=0.0)
    earned = sums["subscription"] + sums["ancillary"] + sums["refunds"]
    return each.assign(value=(earned - sums["contact_cost"] - sums["action_cost"]).to_numpy(dtype=float))


def _month(moment: pd.Timestamp, zone: str) -> str:
    return f"{local_day(moment, zone):%Y-%m}"


def _text(column: pd.Series) -> pd.Series:
    """Return a column's values as a configuration writes them: a depot's number has no decimals."""
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("string").astype(object)
