"""What validation found: one line a finding, keys as examples, never a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from ...core.privacy import is_personal

__all__ = ["Finding", "Level", "Report"]

Level = Literal["error", "warning"]

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
    """

    level: Level
    table: str
    column: str
    rule: str
    rows: int = 0
    examples: tuple[str, ...] = ()
    total: int = 0
    hint: str = ""

    @property
    def message(self) -> str:
        """The finding in one line, without its level."""
        where = f"{self.table}.{self.column}" if self.column else self.table
        text = f"{where}: {self.rule}"
        if self.rows:
            share = f" of {self.total:,} rows ({_percent(self.rows, self.total)})" if self.total else " rows"
            text += f": {self.rows:,}{share}"
        shown = [_shown(key) for key in self.examples if not is_personal(key)]
        if shown:
            text += f", e.g. {', '.join(shown)}"
        return f"{text}; {self.hint}" if self.hint else text


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
        """Return one line a finding, errors first, the notes, and a line that counts the findings."""
        lines = [*(f"{f.level}: {f.message}" for f in (*self.errors, *self.warnings)), *self.notes]
        read = ", ".join(f"{table} {count:,}" for table, count in self.rows.items()) or "nothing"
        errors, warnings = len(self.errors), len(self.warnings)
        return (*lines, f"{_count(errors, 'error')}, {_count(warnings, 'warning')}; rows read: {read}")


def _shown(key: str) -> str:
    """Return a key in one line: control characters replaced, a long one shortened."""
    line = "".join(sign if sign.isprintable() else "\ufffd" for sign in key)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _percent(part: int, whole: int) -> str:
    """Return a share in percent to one place, halves rounded up."""
    return f"{(Decimal(100 * part) / whole).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
