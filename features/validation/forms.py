"""What stands where nothing could be read: words of codes, and of all else only their form, 99/99/9999."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ...core.config.business import Config
from ...core.contract import Column, Kind, Table
from ...core.privacy import is_personal
from ..contract.casts import ReadSettings
from ..contract.mapping import contract_columns, unread_values
from ..expressions import Backend, Rows, Value
from .findings import Finding, in_one_line

__all__ = ["masked", "with_forms"]

_SHOWN = 5
"""Words or forms that a message shows."""

_MOST_WORDS = 50
"""Different words from which on a column holds no codes, and only their forms are shown."""

_LONGEST = 40
"""Characters of a word or form that are shown."""

_WORDS = (Kind.CODE, Kind.BOOL)
_UNREAD = ("unknown code", "unparseable date", "unparseable number", "unparseable yes or no")
_DATES = {
    r"9{8}": "such dates are date_format: '%Y%m%d'",
    r"9{10}": "if they count seconds from 1970, set epoch: s",
    r"9{13}": "if they count milliseconds from 1970, set epoch: ms",
    r"9{16}": "if they count microseconds from 1970, set epoch: us",
    r"9{19}": "if they count nanoseconds from 1970, set epoch: ns",
    r"(99?)/(99?)/9999.*": "if the day comes first, set dayfirst: true, else date_format: '%m/%d/%Y'",
}
"""What a form of dates most often means."""

_COMMA = re.compile(r"-?[9. ]*9,99?")


def with_forms(
    connection: Backend, config: Config, table: Table, raw: Rows, reading: ReadSettings, findings: Iterable[Finding]
) -> list[Finding]:
    """Return findings; those on values that could not be read say what stands there and how often.

    Words are shown where the contract expects codes or flags. Everything else may be personal: of it the form alone is
    shown, each digit as 9 and each letter as a.

    Parameters
    ----------
    connection
        The ibis backend.
    config
        Names and codes.
    table
        The contract's table.
    raw
        The table as its source has it.
    reading
        How its texts are read.
    findings
        Findings on this table.
    """
    columns = {column.name: column for column in contract_columns(config, table)}
    told = []
    for finding in findings:
        column = columns.get(finding.column)
        if column is not None and finding.rule in _UNREAD:
            values = unread_values(raw, table, column, config, reading)
            finding = replace(finding, hint=_told(connection, column, values, finding.hint))
        told.append(finding)
    return told


def masked(text: Value) -> Value:
    """Return the form of texts: each digit as 9, each letter as a."""
    return text.re_replace(r"\p{Nd}", "9").re_replace(r"\p{L}", "a")


def _told(connection: Backend, column: Column, values: Rows, hint: str) -> str:
    """Return what stands in a column, before ``hint``."""
    words = column.kind in _WORDS and int(connection.execute(values.value.nunique())) <= _MOST_WORDS
    forms = values if words else values.mutate(value=masked(values.value))
    counted = forms.group_by("value").aggregate(rows=forms.count())
    rows = connection.execute(counted.order_by(counted.rows.desc(), counted.value).limit(_SHOWN + 1))
    shown = [f"'{_short(word)}' ({n:,})" for word, n in zip(rows["value"], rows["rows"], strict=True)][:_SHOWN]
    rest = ", ..." if len(rows) > _SHOWN else ""
    remedy = _remedy(column.kind, [str(form) for form in rows["value"]])
    return f"there stands {', '.join(shown)}{rest}; {remedy or hint}"


def _short(word: str) -> str:
    line = "(personal)" if is_personal(word) else in_one_line(word)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def _remedy(kind: Kind, forms: list[str]) -> str:
    """Return what the commonest form most often means; nothing where it is no known one."""
    if kind in (Kind.INSTANT, Kind.DATE):
        return next((meaning for form, meaning in _DATES.items() if re.fullmatch(form, forms[0])), "")
    if kind in (Kind.MONEY, Kind.NUMBER) and _COMMA.fullmatch(forms[0]):
        return "if the comma is the decimal mark, set decimal: ','"
    return ""
