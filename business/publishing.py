"""Nights of a business, brought into a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .nights import Nights
from .opened import Moment
from .results import Summary

__all__ = ["Publication", "Publishing"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Publication(Summary):
    """What a database took.

    Parameters
    ----------
    place
        The database, without user and password.
    rows
        Rows of each table, by day, of the nights that were written.
    there
        Days that were there already, as they are.
    """

    place: str
    rows: Mapping[str, Mapping[str, int]]
    there: tuple[str, ...]


class Publishing(Nights):
    """Nights as tables that other programs read."""

    def publish(
        self, history: str | Path | None = None, *, since: Moment | None = None, until: Moment | None = None
    ) -> Publication:
        """Bring the nights that the configured database lacks, or that were made again, into its tables.

        Each night is one transaction: a reader sees the old one or the new one, never half. The tables are ``scores``,
        ``action_values``, ``targets`` and ``nights`` (the manifests), with keys of customer, action and instant.

        Parameters
        ----------
        history
            Folder of the history; None: the config's, ``nightly: {out: ...}``.
        since, until
            First day, and first day after the last; None: all.

        Raises
        ------
        ServiceliftError
            No database is named under ``publish:``, there are no nights, or the database cannot be opened, refuses the
            rows or is written by another run.

        Examples
        --------
        >>> b.publish(f"{folder}/nights")
        Traceback (most recent call last):
        servicelift.core.errors.ConfigError: expected nights in ..., found none; ...
        """
        from ..core.errors import ConfigError
        from ..scoring.publish.publish import publish

        kept = self.history(history)
        first, last = (None if moment is None else self.instant(moment) for moment in (since, until))
        nights = kept.partitions(first, last)
        if not nights:
            when = "" if since is None and until is None else " in that period"
            raise ConfigError(f"expected nights in '{kept.root}', found none{when}; run `servicelift nightly`")
        with self._progress() as say:
            outcome = publish(self.config, nights, say)
        return Publication(lines=tuple(outcome.lines()), place=outcome.place, rows=outcome.rows, there=outcome.there)
