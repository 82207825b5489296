"""Tables that end long before an instant to look from: named one by one, and refused where all of them do."""

from __future__ import annotations

import pandas as pd

from ...core.errors import DataError
from ...core.messages import Catalogue, Sentence
from ...core.time import local_day
from ..validation.freshness import StaleTable, stale_tables
from .tables import Tables

__all__ = ["check_fresh", "stale_in", "stale_line"]


def check_fresh(tables: Tables, at: pd.Timestamp) -> tuple[StaleTable, ...]:
    """Return the tables that end long before an instant, by their own rhythm.

    Parameters
    ----------
    tables
        The business.
    at
        Instant from which customers are looked at, naive UTC.

    Raises
    ------
    DataError
        All logs end long before it, and so do the ends of contracts: nothing is known of the time that matters most.
    """
    stale, known = stale_tables(tables.days, at)
    if stale and len(stale) == len(known) and not _contracts_end_until(tables, at):
        zone = tables.config.timezone
        ends = ", ".join(f"{each.table} on {local_day(each.last, zone)}" for each in stale)
        latest = local_day(max(each.last for each in stale) + pd.Timedelta(days=1), zone)
        raise DataError(
            f"expected rows up to {local_day(at, zone)}, every table ends long before: {ends}; bring newer tables, or"
            f" take an instant (and data_until) up to {latest}"
        )
    return tuple(stale)


def stale_in(tables: Tables, at: pd.Timestamp) -> tuple[StaleTable, ...]:
    """Return the tables that end long before an instant (naive UTC), by their own rhythm; nothing is refused."""
    return tuple(stale_tables(tables.days, at)[0])


def _contracts_end_until(tables: Tables, at: pd.Timestamp) -> bool:
    """Return whether contracts go on to end, or to pause, up to the instant: then no newer events is what happened."""
    stale, known = stale_tables(tables.planned_days, at)
    return len(stale) < len(known)


def stale_line(tables: Tables, stale: StaleTable, at: pd.Timestamp) -> str:
    """Return what a user reads about a stale table, in the language of the configuration."""
    zone = tables.config.timezone
    return _WORDS.say(
        tables.config.locale,
        "stale",
        table=stale.table,
        days=stale.silence_days,
        at=str(local_day(at, zone)),
        last=str(local_day(stale.last, zone)),
    )


_WORDS = Catalogue(
    {
        "stale": Sentence(
            "{table}: no row in the {days} days before {at}, the last is of {last}; what is counted from it is too low:"
            " bring newer rows",
            "{table} : aucune ligne dans les {days} jours avant le {at}, la dernière est du {last} ; ce qui en est"
            " compté est trop faible : apportez des lignes plus récentes",
        )
    }
)
