"""A business opened: its tables, checked once, and what is built from them."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ..core.config.business import Config
from ..core.progress import Progress
from ..core.time import instant, local_today

if TYPE_CHECKING:
    from ..features.tables.tables import Tables
    from .results import Summary, Validation

__all__ = ["Moment", "Opened"]

Moment = str | dt.date | dt.datetime | pd.Timestamp
"""An instant: a date means its first midnight in the config's timezone; also `today`, `yesterday` and `latest`."""

_DAYS_AGO = {"today": 0, "yesterday": 1}


class Opened:
    """The tables of a business, their features and labels.

    Tables are opened once: what is written to their files afterwards is seen by who opens the business again.

    Parameters
    ----------
    config
        Its configuration.
    progress
        How long work is shown.
    """

    def __init__(self, config: Config, *, progress: Progress) -> None:
        self.config = config
        self._progress = progress
        self._tables: Tables | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.config.business!r}, {len(self.config.tables)} tables)"

    @property
    def tables(self) -> Tables:
        """The tables in contract form, opened and checked when they are first asked for.

        Raises
        ------
        DataError
            A table is missing or breaks the contract.
        """
        with self._progress() as say:
            say("tables: open and check")
            return self._once(self.config)

    def _once(self, config: Config) -> Tables:
        """Open the tables the first time: jobs that follow each other read the same ones."""
        from ..features.tables.tables import open_tables

        if self._tables is None:
            self._tables = open_tables(config)
        return self._tables

    def validate(self) -> Validation:
        """Check the tables against the contract and report everything that is found.

        Raises
        ------
        ConfigError
            The engine is not available.

        Examples
        --------
        >>> b.validate().errors
        0
        """
        from ..features.tables.tables import validate
        from .results import Validation

        names = ["level", "table", "column", "rule", "rows", "total", "hint"]
        with self._progress() as say:
            say("tables: open and check")
            report = validate(self.config)
        findings = [[getattr(each, name) for name in names] for each in (*report.errors, *report.warnings)]
        return Validation(
            lines=tuple(report.lines()), findings=pd.DataFrame(findings, columns=names), rows=dict(report.rows)
        )

    def spine(self, as_of: Moment | Sequence[Moment], *, everybody: bool = False) -> pd.DataFrame:
        """Return the customers to look at, one row each and instant: customer_id, as_of (naive UTC).

        Parameters
        ----------
        as_of
            Instant to look from, or several.
        everybody
            Every customer who has signed up; by default those with a running subscription, where there are any.

        Raises
        ------
        DataError
            The tables break the contract.

        Examples
        --------
        >>> b.spine(["2023-07-01", "2024-01-01"])["as_of"].nunique()
        2
        """
        from ..features.timeline.spine import customer_spine, is_contractual, running_spine

        several = as_of if isinstance(as_of, Sequence) and not isinstance(as_of, str) else [as_of]
        moments = [self.instant(each) for each in several]
        running = is_contractual(self.tables) and not everybody
        return (running_spine if running else customer_spine)(self.tables, moments)

    def features(self, spine: pd.DataFrame, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the features of each spine row, from what was known strictly before its ``as_of``.

        Parameters
        ----------
        spine
            customer_id and as_of, n rows in any order.
        names
            Columns wanted; default all that the tables allow.

        Raises
        ------
        ServiceliftError
            A name is unknown, or the spine lacks a column.

        Examples
        --------
        >>> spine = b.spine("2024-01-01")
        >>> list(b.features(spine, ["tenure_days", "method"]))
        ['tenure_days', 'method']
        """
        from ..features.catalogue.catalogue import build_features

        return build_features(self.tables, spine, names)

    def labels(self, spine: pd.DataFrame) -> pd.DataFrame:
        """Return who was at risk, whether the label can be observed yet, and who churned, voluntarily or not.

        Labels look ahead of ``as_of`` by design.

        Raises
        ------
        DataError
            The spine lacks a column.

        Examples
        --------
        >>> labels = b.labels(b.spine("2024-01-01"))
        >>> bool((labels["churned"] == labels["voluntary"] + labels["involuntary"]).all())
        True
        """
        from ..features.outcomes.churn_labels import churn_labels

        return churn_labels(self.tables, spine)

    def explain(self, feature: str, as_of: Moment | None = None) -> Summary:
        """Return what a feature means and from when on its values may be used; no row is read.

        Raises
        ------
        ConfigError
            There is no such feature.

        Examples
        --------
        >>> b.explain("tenure_days").lines[0]
        'tenure_days'
        """
        from ..features.catalogue.explain import explain_feature
        from .results import Summary

        moment = self.instant(as_of) if as_of is not None else self._end()
        return Summary(lines=tuple(explain_feature(self.config, feature, moment)))

    def write_features(
        self, as_of: Moment | Sequence[Moment], out: str | Path, *, warn: Callable[[str], None] = warnings.warn
    ) -> int:
        """Write customer_id, as_of and every feature to a Parquet file, one row a known customer; return the rows.

        Parameters
        ----------
        as_of
            Instant to look from, or several.
        out
            File to write.
        warn
            Is told, one line each, which tables end long before an instant.

        Raises
        ------
        ServiceliftError
            The tables break the contract, an instant lies after their end, or ``out`` is no Parquet file.

        Examples
        --------
        >>> b.write_features("2024-01-01", f"{folder}/features.parquet") > 0
        True
        """
        from ..scoring.scores.export import write_features

        several = as_of if isinstance(as_of, Sequence) and not isinstance(as_of, str) else [as_of]
        moments = sorted({self.instant(each) for each in several})
        with self._progress() as say:
            return write_features(self.config, moments, Path(out), say=say, warn=warn, opened=self._once)

    def instant(self, moment: Moment) -> pd.Timestamp:
        """Return a moment as a naive UTC instant; a date means its first midnight in the config's timezone.

        ``today`` and ``yesterday`` are days on its calendar, ``latest`` is where the data end, ``now`` is this moment.

        Examples
        --------
        >>> b.instant("2024-06-01")
        Timestamp('2024-06-01 00:00:00')
        """
        word = moment.strip().lower() if isinstance(moment, str) else ""
        if word == "latest":
            return self._end()
        if word == "now":
            return pd.Timestamp.now("UTC").tz_localize(None).as_unit("us")
        if word in _DAYS_AGO:
            moment = local_today(self.config.timezone) - dt.timedelta(days=_DAYS_AGO[word])
        return instant(moment, self.config.timezone)

    def _end(self) -> pd.Timestamp:
        """Return the end of the data: the config's, else the tables'."""
        if self.config.data_until is not None:
            return self.instant(self.config.data_until)
        return self.tables.data_until
