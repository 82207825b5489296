"""What validation found: one line a finding, keys as examples, never a value."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from ...core.privacy import is_personal

__all__ = ["Finding", "Level", "Report", "causes", "in_one_line"]

Level = Literal["error", "warning"]

_SEVERAL = 3
"""Findings of one cause from which on they are one line, where they count rows."""

_PLACES = 10
"""Tables and columns that such a line names."""

LONGEST = 60
"""Characters of a key that are shown."""


@dataclass(frozen=True)
class Finding:
    """One broken rule.

    Parameters
    ----------
    level
        An error stops the work; a warning is counted and shown.
    table, column
        Where, in contract names; ``column`` is empty for a rule on whole rows or tables.
    rule
        What is broken.
    rows
        How many rows break it; 0 where it is not about rows.
    examples
        Up to three keys of such rows.
    total
        How many rows the rule looked at.
    hint
        What to do, or what was looked for.
    common
        What holds for every finding of this rule on the table, said once for all of them.
    """

    level: Level
    table: str
    column: str
    rule: str
    rows: int = 0
    examples: tuple[str, ...] = ()
    total: int = 0
    hint: str = ""
    common: str = ""

    @property
    def message(self) -> str:
        """The finding in one line, without its level."""
        text = f"{self.where}: {self.rule}"
        if self.rows:
            text += f": {self.extent}"
        shown = [_shown(key) for key in self.examples if not is_personal(key)]
        if shown:
            text += f", e.g. {', '.join(shown)}"
        return "; ".join(part for part in (text, self.hint, self.common) if part)

    @property
    def where(self) -> str:
        """The table, or the column as ``table.column``."""
        return f"{self.table}.{self.column}" if self.column else self.table

    @property
    def extent(self) -> str:
        """How many rows, of how many."""
        share = f" of {self.total:,} rows ({_percent(self.rows, self.total)})" if self.total else " rows"
        return f"{self.rows:,}{share}"


@dataclass(frozen=True)
class Report:
    """All findings on the tables of one business.

    Parameters
    ----------
    findings
        What is wrong or odd.
    rows
        The rows of each table that was read.
    notes
        Lines on what was done to the values, such as money that was converted.
    """

    findings: tuple[Finding, ...]
    rows: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that stop the work."""
        return tuple(f for f in self.findings if f.level == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that are counted and shown."""
        return tuple(f for f in self.findings if f.level == "warning")

    def lines(self) -> tuple[str, ...]:
        """Return one line a cause, errors first, the notes, and a line that counts the findings."""
        lines = [f"error: {line}" for line in causes(self.errors)]
        lines += [*(f"warning: {line}" for line in causes(self.warnings)), *self.notes]
        read = ", ".join(f"{table} {count:,}" for table, count in self.rows.items()) or "nothing"
        errors, warnings = len(self.errors), len(self.warnings)
        return (*lines, f"{_count(errors, 'error')}, {_count(warnings, 'warning')}; rows read: {read}")


def causes(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return findings as lines: those of one cause, which have one remedy, are one line."""
    groups: dict[Hashable, list[Finding]] = {}
    for place, finding in enumerate(findings):
        groups.setdefault(_cause(finding, place), []).append(finding)
    return tuple(line for group in groups.values() for line in _lines(group))


def _cause(finding: Finding, place: int) -> Hashable:
    """Return what findings of one cause share; one without a remedy stands alone."""
    if finding.common:
        return finding.level, finding.rule, finding.table, finding.common
    return (finding.level, finding.rule, finding.hint) if finding.hint else place


def _lines(group: Sequence[Finding]) -> Sequence[str]:
    """Return one line for several findings; two that count rows are shown with their keys."""
    first = group[0]
    if len(group) == 1 or (first.rows and len(group) < _SEVERAL):
        return [finding.message for finding in group]
    if first.common:
        parts = [f"{f.column} ({f.hint})" if f.hint else f.column for f in group]
        return [f"{first.table}: {first.rule} {', '.join(parts)}; {first.common}"]
    places = [f"{f.where} ({f.extent})" if f.rows else f.where for f in group]
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    return [f"{', '.join(places[:_PLACES])}{more}: {first.rule}; {first.hint}"]


def in_one_line(text: str) -> str:
    """Return a text with every sign that cannot be printed replaced."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _shown(key: str) -> str:
    """Return a key in one line, a long one shortened."""
    line = in_one_line(key)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _percent(part: int, whole: int) -> str:
    """Return a share in percent to one place, halves rounded up."""
    return f"{(Decimal(100 * part) / whole).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
