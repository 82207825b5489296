"""What was known at an instant, in a few figures a table: rows that came late, changed or went away change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import pandas as pd

from ...core.contract import CONTRACT
from ..expressions import Rows, Value
from ..tables.fingerprint import mixed
from ..tables.tables import Tables
from .known import KNOWN_AT, known_rows, visible
from .spine import moment

__all__ = ["KnownTable", "fingerprint_method", "known_tables"]

_METHOD = 1
"""Number of the way in which rows are mixed: another one gives other fingerprints of equal rows."""

_WITH_ROW = "known_with_its_row"
"""Column added here: what is known of a row as soon as there is one, mixed into one number."""


@dataclass(frozen=True)
class KnownTable:
    """What was known of one table strictly before an instant.

    Parameters
    ----------
    fingerprint
        ``rows:checksum``, equal for equal rows in any order, as one engine computes it.
    rows
        How many.
    last
        The instant from which the latest of them was known, naive UTC; None without rows.
    """

    fingerprint: str
    rows: int
    last: pd.Timestamp | None


def fingerprint_method(tables: Tables) -> str:
    """Return how fingerprints are computed: those of another method cannot be compared with them."""
    return f"{tables.config.engine.name} {tables.connection.version} {_METHOD}"


def known_tables(tables: Tables, as_ofs: Sequence[pd.Timestamp]) -> list[dict[str, KnownTable]]:
    """Return for each instant what was known of each table; every table is read once for all of them.

    A value counts from its own instant on: the end of a contract changes nothing before it.

    Parameters
    ----------
    tables
        The business.
    as_ofs
        Instants, naive UTC.
    """
    found: list[dict[str, KnownTable]] = [{} for _ in as_ofs]
    if not as_ofs:
        return found
    for name in sorted(tables.frames):
        rows = known_rows(tables, name)
        columns = sorted(set(rows.columns) - {KNOWN_AT})
        later = [column for column in columns if _has_own_instant(name, column)]
        rows = rows.mutate(**{_WITH_ROW: mixed(rows[column] for column in columns if column not in later)})
        figures: dict[str, Value] = {}
        for number, as_of in enumerate(as_ofs):
            figures |= _figures(rows, name, later, moment(as_of), number)
        summed = tables.execute(rows.aggregate(**figures)).iloc[0]
        for number, known in enumerate(found):
            count, total, last = (summed[f"{what}{number}"] for what in ("rows", "total", "last"))
            checksum = 0 if pd.isna(total) else int(total)
            known[name] = KnownTable(
                f"{int(count)}:{checksum:x}", int(count), None if pd.isna(last) else pd.Timestamp(last).as_unit("us")
            )
    return found


def _has_own_instant(name: str, column: str) -> bool:
    """Return whether a value may be known later than its row."""
    spec = CONTRACT[name].column.get(column)
    return spec is not None and spec.known is not None


def _figures(rows: Rows, name: str, later: Sequence[str], as_of: Value, number: int) -> dict[str, Value]:
    seen = rows[KNOWN_AT] < as_of
    values = mixed([rows[_WITH_ROW], *(visible(rows, name, column, as_of) for column in later)])
    return {
        f"rows{number}": ibis.ifelse(seen, 1, 0).cast("int64").sum().fill_null(0),
        f"total{number}": ibis.ifelse(seen, values, 0).cast("int64").sum(),
        f"last{number}": rows[KNOWN_AT].max(where=seen),
    }
