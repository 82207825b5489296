"""The instants at which training looks at the customers, and whom it looks at."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ..core.errors import DataError
from ..core.hashing import uniform_hash
from ..core.time import instant, local_day, month_starts
from ..features.tables.tables import Tables
from ..features.timeline.known import KNOWN_AT, known_rows
from ..features.timeline.spine import customer_spine, is_contractual, running_spine

__all__ = ["sample_customers", "snapshot_instants", "snapshot_spine"]

_LOGS = ("payments", "contacts", "surveys")
_WARM_UP_DAYS = 90


def snapshot_instants(tables: Tables) -> list[pd.Timestamp]:
    """Return the snapshots of the config; by default month starts from 90 days into the logs to the end.

    The logs are payments, contacts and surveys as far as they are there (subscriptions alone, if none is):
    before all of them have begun, counts would be zero for want of a log.

    Raises
    ------
    DataError
        No snapshot lies within the data.
    """
    config = tables.config
    chosen = config.snapshots
    first = chosen.first or _first_month(tables)
    last = chosen.last or local_day(tables.data_until, config.timezone)
    found = month_starts(first, last, chosen.every_months, config.timezone)
    found = [instant for instant in found if instant <= tables.data_until]
    if not found:
        raise DataError(
            f"expected snapshots between {first} and {last} before the data end at "
            f"{local_day(tables.data_until, config.timezone)}, got none; set snapshots: first and last within the data"
        )
    return found


def _first_month(tables: Tables) -> dt.date:
    logs = [name for name in _LOGS if name in tables.frames] or ["subscriptions"]
    starts = []
    for name in logs:
        rows = known_rows(tables, name)
        rows = rows.filter(rows[KNOWN_AT] < tables.data_until.to_pydatetime())
        starts.append(tables.execute(rows.aggregate(first=rows[KNOWN_AT].min()))["first"].iloc[0])
    begun = [start for start in starts if pd.notna(start)]
    if not begun:
        raise DataError(f"expected dated rows in {', '.join(logs)}, found none; check the tables")
    warm = pd.Timestamp(max(begun)) + pd.Timedelta(days=_WARM_UP_DAYS)
    month = local_day(warm, tables.config.timezone).replace(day=1)
    begins = instant(month, tables.config.timezone)
    return month if warm == begins else (pd.Timestamp(month) + pd.DateOffset(months=1)).date()


def snapshot_spine(tables: Tables, instants: list[pd.Timestamp], most: int, seed: int) -> pd.DataFrame:
    """Return who is looked at when: running subscribers, or all customers of a business without contracts.

    Where that is more than ``most`` rows, a share of the customers is kept, each with all its snapshots.
    """
    spine = running_spine(tables, instants) if is_contractual(tables) else customer_spine(tables, instants)
    return sample_customers(spine, most, seed)


def sample_customers(spine: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Keep a share of the customers, by a hash of the identifier, so that about ``most`` rows remain."""
    if len(spine) <= most:
        return spine
    kept = uniform_hash(spine["customer_id"], f"sample/{seed}") < most / len(spine)
    return spine[kept].reset_index(drop=True)
