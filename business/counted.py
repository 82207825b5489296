"""Service indicators of a business: values by month and group, with intervals and what a point is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .opened import Moment, Opened
from .place import Kept, place
from .results import Result

if TYPE_CHECKING:
    from .pictures import Picture

__all__ = ["Counted", "Indicators"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Indicators(Result):
    """Service indicators of a period.

    Parameters
    ----------
    out
        Folder with the files and the page; a temporary one lives as long as this result.
    rows
        One row an indicator, month and group, as indicators.parquet holds them.
    worth
        One row an indicator and contrast of the statement, as indicators_worth.parquet holds it.
    page
        The page, HTML.
    """

    out: Path
    rows: pd.DataFrame
    worth: pd.DataFrame
    page: str = field(repr=False)
    kept: Kept = field(default=None, repr=False)

    def plot(self) -> Picture:
        """Draw the latest known month of each share with its interval."""
        from .pictures import Interval, interval_plot

        known = self.rows[(self.rows["by"] == "") & (self.rows["status"] == "known") & (self.rows["unit"] == "share")]
        latest = known.groupby("indicator", sort=False).tail(1)
        drawn = [
            Interval(str(name).replace("_", " "), float(value), float(low), float(high))
            for name, value, low, high in latest[["indicator", "value", "low", "high"]].itertuples(index=False)
        ]
        return interval_plot(drawn, "Service indicators", "share")


class Counted(Opened):
    """What customers say, need and do, month by month."""

    def indicators(
        self,
        since: Moment,
        until: Moment,
        out: str | Path | None = None,
        *,
        by: Sequence[str] | None = None,
        roi: str | Path | None = None,
    ) -> Indicators:
        """Count the service indicators by month, each with its number of rows and its interval.

        Parameters
        ----------
        since, until
            Period, the end left out; a month that it touches is counted whole.
        out
            Folder for the files and the page; None: a temporary one that lives as long as the result.
        by
            What to split by: channel, reason, product, segment, team, agent, method; None: the config's.
        roi
            Folder that :meth:`roi` wrote, from whose contrasts is read what a point is worth.

        Raises
        ------
        ServiceliftError
            The period is empty, a dimension or target is unknown, the tables break the contract, ``roi`` holds no
            statement, or ``out`` cannot be written.

        Examples
        --------
        >>> found = b.indicators("2023-10-01", "2024-01-01")
        >>> row = found.rows.query("indicator == 'retention_rate' and status == 'known'").iloc[-1]
        >>> bool(0 < row["low"] < row["value"] < row["high"] < 1)
        True
        """
        from ..scoring.indicators.job import indicators

        kept, folder = place(out)
        statement = None if roi is None else Path(roi)
        first, last = self.instant(since), self.instant(until)
        with self._progress() as say:
            outcome = indicators(
                self.config, first, last, folder, by=by, roi=statement, say=say, opened=self._once
            )  # fmt: skip
        return Indicators(
            lines=tuple(outcome.lines()),
            out=folder,
            rows=outcome.rows,
            worth=outcome.worth,
            page=outcome.page,
            kept=kept,
        )
