"""One customer in the outputs: scores, action values, past nights. Looked up by identifier in the files themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .engine import Engine, Row
from .lists import holdout_table
from .places import Places

__all__ = ["action_values", "begins_with", "is_held_out", "over_time", "scores"]

_NIGHTS = 6
_FOUND = 20
_ALL = "columns(lambda c: c <> 'as_of')"
"""All but the instant, which is that of the run."""


def scores(engine: Engine, places: Places, customer: str) -> Row | None:
    """Return the scores of a customer; None without any.

    Raises
    ------
    DataError
        A file is not as it should be.
    """
    found = _of(engine, places.scores, customer)
    return found[0] if found else None


def action_values(engine: Engine, places: Places, customer: str) -> list[Row]:
    """Return what each action would change, the best first.

    Raises
    ------
    DataError
        A file is not as it should be.
    """
    return sorted(_of(engine, places.action_values, customer), key=lambda row: -row["net_value"])


def is_held_out(engine: Engine, places: Places, customer: str) -> bool:
    """Return whether a customer is left alone, so that the effect of the list can be measured.

    Raises
    ------
    DataError
        The file is not as it should be.
    """
    if places.holdout is None:
        return False
    table = holdout_table(engine, places.holdout)
    return bool(engine.rows(f"select 1 from {table} where customer_id = ? limit 1", [customer]))


def begins_with(engine: Engine, places: Places, text: str) -> list[str]:
    """Return customers whose identifier begins with a text, in alphabetical order, a few at most.

    Raises
    ------
    DataError
        A file is not as it should be.
    """
    if not places.scores or not text:
        return []
    query = (
        "select id from (select cast(customer_id as varchar) id from read_parquet(?, hive_partitioning=false))"
        " where starts_with(lower(id), ?) order by id limit ?"
    )
    found = engine.rows(query, [_names(places.scores), text.lower(), _FOUND])
    return [str(row["id"]) for row in found]


def over_time(engine: Engine, places: Places, customer: str) -> list[Row]:
    """Return risk and value of a customer on past nights, the oldest first: the last night of each of six months.

    Raises
    ------
    DataError
        A file is not as it should be.
    """
    last = {each.day[:7]: each for each in places.nights}
    files = {
        night.day: sorted((night.folder / "scores").glob("part-*.parquet")) for night in list(last.values())[-_NIGHTS:]
    }
    found: list[Row] = []
    for day, parts in files.items():
        found += [
            {"day": day, "churn_probability": row["churn_probability"], "clv": row["clv"]}
            for row in _of(engine, parts, customer, "churn_probability, clv")
        ]
    return found


def _of(engine: Engine, files: Sequence[Path], customer: str, columns: str = _ALL) -> list[Row]:
    key = _key(files, customer)
    if key is None:
        return []
    query = f"select {columns} from read_parquet(?, hive_partitioning=false, union_by_name=true) where customer_id = ?"
    return engine.rows(query, [_names(files), key])


def _key(files: Sequence[Path], customer: str) -> str | int | None:
    """Return the identifier in the type of the files, so that whole row groups can be passed over; None without any."""
    if not files:
        return None
    kind = pq.read_schema(files[0]).field("customer_id").type
    if pa.types.is_integer(kind):
        return int(customer) if customer.isascii() and customer.isdigit() and len(customer) < 19 else None
    return customer


def _names(files: Sequence[Path]) -> list[str]:
    return [str(file) for file in files]
