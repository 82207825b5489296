"""The business's own tables, for one customer at a time: opened and checked once, in the background.

Opening a million customers takes longer than a page may: until it is done, pages that need the tables say so. Tables
are opened anew when other scores are there, so that the events of a new night are seen.
"""

from __future__ import annotations

import threading
from typing import Any

import pandas as pd

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ...core.errors import ServiceliftError
from ...features.tables.tables import Tables, assemble_sources, open_tables
from ...features.timeline.known import KNOWN_AT, known_rows, visible

__all__ = ["OpenedTables"]


class OpenedTables:
    """The tables of one business.

    Parameters
    ----------
    config
        The business.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._asking = threading.Lock()
        self._state = threading.Lock()
        self._tables: Tables | None = None
        self._key: object = None
        self._worker: threading.Thread | None = None
        self._initiatives: dict[str, dict[str, Any]] | None = None
        self.fault = ""

    def opened(self, key: object = None, *, wait: bool = False) -> Tables | None:
        """Return the tables; None while they are being opened for the first time, or cannot be (see ``fault``).

        Parameters
        ----------
        key
            Of what the tables belong to, such as the scores: another one opens them anew.
        wait
            Whether to wait until they are open.
        """
        with self._state:
            if (
                self._worker is None
                and (self._tables is None or key != self._key)
                and not (self.fault and key == self._key)
            ):
                self._key = key
                self._worker = threading.Thread(target=self._open, daemon=True)
                self._worker.start()
            worker = self._worker
        if wait and worker is not None:
            worker.join()
        return self._tables

    @property
    def opening(self) -> bool:
        """Whether tables are being opened now."""
        worker = self._worker
        return worker is not None and worker.is_alive()

    def rows(self, tables: Tables, name: str, customer: str, as_of: pd.Timestamp) -> pd.DataFrame:
        """Return what was known of a customer in one table strictly before an instant (naive UTC).

        Values that became known later are missing. A table that the business does not bring has no rows.
        """
        if not tables.has(name, "customer_id"):
            return pd.DataFrame()
        rows = known_rows(tables, name)
        rows = rows.filter((rows.customer_id.cast("string") == customer) & (rows[KNOWN_AT] < as_of))
        seen = {
            column.name: visible(rows, name, column.name, _literal(as_of))
            for column in CONTRACT[name].columns
            if column.name in rows.columns and column.known is not None
        }
        with self._asking:
            return tables.execute(rows.mutate(**seen).limit(5_000))

    def exists(self, tables: Tables, customer: str) -> bool:
        """Return whether there is such a customer."""
        rows = tables["customers"]
        with self._asking:
            return bool(len(tables.execute(rows.filter(rows.customer_id.cast("string") == customer).limit(1))))

    def initiatives(self) -> dict[str, dict[str, Any]]:
        """Return name, when, then and days of each initiative; none where nobody wrote them down.

        The small table is read by itself: it needs no other.
        """
        if self._initiatives is None:
            self._initiatives = self._read_initiatives()
        return self._initiatives

    def _read_initiatives(self) -> dict[str, dict[str, Any]]:
        if "initiatives" not in self._config.tables:
            return {}
        alone = self._config.model_copy(update={"tables": {"initiatives": self._config.tables["initiatives"]}})
        try:
            connection, found = assemble_sources(alone)
        except ServiceliftError:
            return {}
        if "initiatives" not in found.frames:
            return {}
        frame = connection.execute(found.frames["initiatives"])
        return {str(row["initiative"]): {str(k): v for k, v in row.items()} for row in frame.to_dict("records")}

    def _open(self) -> None:
        try:
            self._tables, self.fault = open_tables(self._config), ""
        except ServiceliftError as error:
            self.fault = " ".join(str(error).split())
        finally:
            with self._state:
                self._worker = None


def _literal(as_of: pd.Timestamp) -> Any:
    import ibis

    return ibis.literal(as_of.to_pydatetime(), type="timestamp(6)")
