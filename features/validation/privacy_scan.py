"""The privacy scan: every source column is looked at, whether the contract takes it or not."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ...core.privacy import CANDIDATE, LEAST_NUMBER, PATTERNS, Pattern, is_personal
from ..contract.mapping import source_name
from ..expressions import Backend, BooleanValue, Rows, Value
from .counts import counted
from .findings import Finding

__all__ = ["privacy_findings"]

ROWS = 1_000_000
"""Rows of a table that are looked at."""

CANDIDATES = 1_000
"""Distinct candidates of a column that are judged exactly."""


def privacy_findings(connection: Backend, config: Config, name: str, raw: Rows) -> list[Finding]:
    """Return an error for each source column of a table that looks like personal data.

    Columns the config drops are not looked at. The values stay in here: a finding holds keys only.

    Parameters
    ----------
    connection
        The ibis backend.
    config
        Says what is dropped, and which columns are the key.
    name
        The contract's name of the table.
    raw
        The table as its source has it.
    """
    dropped = config.drop.get(name, ())
    rows = raw.limit(ROWS)
    read = {column: _text(rows[column]) for column in rows.columns if column not in dropped}
    texts = {column: text for column, text in read.items() if text is not None}
    found = []
    suspects = _suspects(connection, rows, texts)
    counts = _candidates(connection, rows, {column: texts[column] for column in suspects})
    for column, (values, *matched) in counts.items():
        for pattern, candidates in zip(PATTERNS, matched, strict=True):
            matches = rows.filter(texts[column].re_search(pattern.candidate))
            if candidates and _judged(connection, matches, column, pattern, candidates, values):
                keys = tuple(_keys(connection, config, name, matches))
                found.append(_finding(name, column, pattern, candidates, values, keys, config))
                break
    return found


def _text(value: Value) -> Value | None:
    """Return texts, whole numbers and nested values as text; None for kinds that cannot hold such data."""
    kind = value.type()
    if kind.is_string():
        return value
    if kind.is_floating():
        return ibis.ifelse(value % 1 == 0, value.try_cast("int64").cast("string"), ibis.null("string"))
    if kind.is_temporal() or kind.is_boolean() or kind.is_decimal() or kind.is_interval():
        return None
    return value.cast("string")


def _suspects(connection: Backend, rows: Rows, texts: dict[str, Value]) -> list[str]:
    """Return the columns in which anything looks like such data: one pass, in which most columns end."""
    if not texts:
        return []
    suspect = {column: _suspect(rows[column], text).sum() for column, text in texts.items()}
    return [column for column, values in counted(connection, rows, suspect).items() if values]


def _suspect(value: Value, text: Value) -> BooleanValue:
    """Return whether a value could be personal; numbers are compared, which costs a hundredth of reading their text."""
    if value.type().is_integer() or value.type().is_floating():
        return (value >= LEAST_NUMBER) | (value <= -LEAST_NUMBER)
    return text.re_search(CANDIDATE)


def _candidates(connection: Backend, rows: Rows, texts: dict[str, Value]) -> dict[str, list[int]]:
    """Return how many values each column has, and how many each pattern's expression matches."""
    if not texts:
        return {}
    sums = {f"n{i}": text.count() for i, text in enumerate(texts.values())}
    for i, text in enumerate(texts.values()):
        sums |= {f"n{i}_{j}": text.re_search(pattern.candidate).sum() for j, pattern in enumerate(PATTERNS)}
    row = counted(connection, rows, sums)
    names = [[f"n{i}", *(f"n{i}_{j}" for j in range(len(PATTERNS)))] for i in range(len(texts))]
    return {column: [row[name] for name in each] for column, each in zip(texts, names, strict=True)}


def _judged(
    connection: Backend, matches: Rows, column: str, pattern: Pattern, n_candidates: int, n_values: int
) -> bool:
    """Return whether exact checks confirm what the expression found."""
    sample = matches.select(text=_text(matches[column])).distinct().order_by("text").limit(CANDIDATES)
    return pattern.present(list(connection.execute(sample)["text"]), n_candidates, n_values)


def _keys(connection: Backend, config: Config, name: str, matches: Rows) -> Iterator[str]:
    """Yield up to three keys of the rows, none that is personal itself."""
    key = [source_name(config, name, column) for column in CONTRACT[name].key]
    if key and set(key) <= set(matches.columns):
        first = matches.select(*key).distinct().order_by(key).limit(3)
        for row in connection.execute(first).itertuples(index=False):
            text = "/".join(str(part) for part in row)
            if not is_personal(text):
                yield text


def _finding(
    name: str, column: str, pattern: Pattern, rows: int, total: int, keys: tuple[str, ...], config: Config
) -> Finding:
    taken = {source_name(config, name, c.name): c for c in CONTRACT[name].columns}
    needed = column in taken and not taken[column].optional
    if is_personal(column):
        return Finding("error", name, "", "a column is named by a value", hint="give the file its line of names")
    hint = "replace it by a key of your own" if needed else f"drop it: drop: {{{name}: [{column}]}}"
    return Finding("error", name, column, f"looks like {pattern.name}", rows, keys, total, hint)
