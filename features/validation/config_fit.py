"""What a configuration names and the tables do not hold: a dropped column that is not there, an action without rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...core.config.business import Config, DatabaseSource
from ...core.errors import did_you_mean
from ...core.privacy import is_personal
from ..expressions import Rows
from .findings import Finding

__all__ = ["absent_words", "dropped_but_absent", "unread_instants"]

_MOST_WORDS = 1_000
"""Words of a column that are looked at for the nearest."""


_CAME_BACK = {
    "failed_at": re.compile(r"(charge_?back|charged_?back|fail|bounce|reversed|returned|rejected)\w*(_at|_on|date)$"),
    "refunded_at": re.compile(r"refund\w*(_at|_on|date)$"),
}
"""Names of columns that likely say when money came back."""


def unread_instants(config: Config, table: str, available: Iterable[str]) -> list[Finding]:
    """Return a warning for each column of payments that likely says when money came back, and that nothing reads.

    Without it a status that was overwritten later counts as if it had been known at the payment.

    Parameters
    ----------
    config
        Says which columns are read and dropped.
    table
        A table of the contract.
    available
        The source's own columns.
    """
    if table != "payments":
        return []
    mapped = config.columns.get(table, {})
    left = [name for name in available if name not in {*mapped.values(), *config.drop.get(table, ())}]
    findings = []
    for column, likely in _CAME_BACK.items():
        if mapped.get(column, column) in available:
            continue
        for name in left:
            if likely.search(name.strip().lower()) and not is_personal(name):
                rule = f"not there, and the source's '{name}' may be it"
                hint = f"map it under columns: payments: {column}, or drop it"
                findings.append(Finding("warning", table, column, rule, hint=hint))
    return findings


def dropped_but_absent(config: Config, table: str, available: Iterable[str]) -> list[Finding]:
    """Return a warning for each column under ``drop`` that the source does not have.

    Sources in a database are left out: their dropped columns are never asked for.

    Parameters
    ----------
    config
        Says what is dropped.
    table
        A table of the contract.
    available
        The source's own columns.
    """
    if isinstance(config.tables.get(table), DatabaseSource):
        return []
    columns = [name for name in available if not is_personal(name)]
    return [
        Finding(
            "warning", table, name, "no such column to drop",
            hint=f"the source has none of this name{did_you_mean(name, columns)}; correct it under drop:",
        )
        for name in config.drop.get(table, ())
        if name not in columns
    ]  # fmt: skip


def absent_words(connection: Any, config: Config, frames: Mapping[str, Any]) -> list[Finding]:
    """Return a warning for each action, channel, reason or kind of payment in the config that no row has.

    Parameters
    ----------
    connection
        The ibis backend that holds the tables.
    config
        Names them.
    frames
        The tables in contract form; one that lacks the column finds nothing.
    """
    lines = (line.payments_kind for line in config.lines.values())
    named = {
        ("actions", "action", "incremental: actions:"): tuple(config.incremental.actions),
        ("contacts", "channel", "features: channels:"): config.features.channels,
        ("contacts", "reason", "features: reasons:"): config.features.reasons,
        ("payments", "kind", "payments.kind: under lines:"): tuple(kind for kind in lines if kind is not None),
    }
    found = []
    for (table, column, where), words in named.items():
        if words and table in frames and column in frames[table].columns:
            rows = frames[table]
            there = _words(connection, rows.filter(rows[column].isin(words)), column)
            missing = [word for word in words if word not in there]
            known = _words(connection, rows, column) if missing else []
            found += [
                Finding("warning", table, column, f"no row has '{word}'", hint=f"{where} names it{_near(word, known)}")
                for word in missing
            ]
    return found


def _words(connection: Any, rows: Rows, column: str) -> list[str]:
    """Return the words of a column, in alphabetical order."""
    words = rows.select(column).distinct().drop_null(column).order_by(column).limit(_MOST_WORDS)
    return [str(word) for word in connection.execute(words)[column]]


def _near(word: str, known: list[str]) -> str:
    return did_you_mean(word, [other for other in known if not is_personal(other)])
