"""From which instant a row exists for us, read from the contract."""

from __future__ import annotations

import ibis
import pandas as pd

from ...core.contract import CONTRACT, Kind
from ..expressions import Rows, Value
from .casts import first_midnight
from .local_time import INSTANT

__all__ = ["ALWAYS", "first_known"]

ALWAYS = pd.Timestamp(1900, 1, 1)
"""Known instant of rows that the contract does not date, such as agents."""


def first_known(rows: Rows, name: str, timezone: str) -> Value:
    """Return the instant of each row as the contract has it, ``recorded_at`` left aside.

    Calendar dates count from their first midnight in ``timezone``, months from their end there; a survey that was not
    sent, from its answer.
    """
    contract = CONTRACT[name]
    if contract.row_known is None:
        return ibis.literal(ALWAYS.to_pydatetime()).cast(INSTANT)
    if contract.row_known not in rows.columns:
        return rows["responded_at"]
    moment = rows[contract.row_known]
    if contract.monthly:
        return first_midnight((moment + ibis.interval(months=1)).cast("date"), timezone)
    if contract.column[contract.row_known].kind is Kind.DATE:
        return first_midnight(moment, timezone)
    return ibis.coalesce(moment, rows["responded_at"]) if name == "surveys" else moment
