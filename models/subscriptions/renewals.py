"""Contracts of different terms, begun before or within the log, counted by renewal: what sBG and BdW are fitted to.

One period of the model is one term: a monthly contract decides each month, a yearly one each year, so each term length
has its own table and its own curve.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.errors import DataError
from .sbg import RiskTable, risk_table

__all__ = ["renewal_tables"]

_TINY = 1e-9


def renewal_tables(
    term_months: ArrayLike, seen_from: ArrayLike, seen_until: ArrayLike, lost: ArrayLike
) -> dict[float, RiskTable]:
    """Return renewals at risk and lost by number, for each term length of n contracts.

    Renewal t falls ``t * term_months`` after the start. A contract counts at risk at the renewals within
    (seen_from, seen_until]: one that began before the log enters at the first renewal that the log shows (delayed
    entry), one still running leaves after the last (right-censored).

    Parameters
    ----------
    term_months
        Length of a term, (n,), above 0.
    seen_from
        Months from the start of the contract to the start of the log, 0 where the log shows the start, (n,).
    seen_until
        Months from the start to the end of the contract, or to the end of the log where it still runs, (n,).
    lost
        Whether it ended; an end between two renewals counts as the loss at the renewal that follows, where the
        paid term would have been renewed.

    Returns
    -------
    dict
        Term length to table, shortest first; terms nobody was at risk at are left out.

    Raises
    ------
    DataError
        Terms that are not positive, or an observation that ends before it begins.

    Examples
    --------
    >>> from servicelift.models.subscriptions.sbg import ShiftedBetaGeometric
    >>> tables = renewal_tables([1, 1, 1, 12], [0, 0, 5.5, 0], [3, 1.5, 8, 30], [False, True, True, False])
    >>> list(tables)
    [1.0, 12.0]
    >>> tables[1.0].period.tolist(), tables[1.0].at_risk.tolist(), tables[1.0].lost.tolist()
    ([1, 2, 3, 4, 5, 6, 7, 8], [2.0, 2.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    >>> model = ShiftedBetaGeometric().fit(tables[1.0].period, tables[1.0].at_risk, tables[1.0].lost)
    >>> bool(model.survival(3) < model.survival(1))
    True
    """
    term, start, end = (np.asarray(values, dtype=np.float64) for values in (term_months, seen_from, seen_until))
    gone = np.asarray(lost, dtype=bool)
    if not (term > 0).all() or not ((start >= 0) & (end >= start)).all():
        raise DataError("expected terms above 0 months and 0 <= seen_from <= seen_until; check the dates")
    entry = np.floor(start / term + _TINY)
    ended = np.ceil(end / term - _TINY)
    last = np.where(gone, np.maximum(ended, entry + 1), np.maximum(np.floor(end / term + _TINY), entry))
    tables = {}
    for length, rows in pd.Series(np.arange(len(term))).groupby(term, sort=True):
        place = rows.to_numpy()
        table = risk_table(entry[place], last[place], gone[place])
        if table.at_risk.sum() > 0:
            tables[float(str(length))] = table
    return tables
