"""One rule that each row keeps or breaks, and the kinds of rules that tables share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..expressions import BooleanValue, Rows
from .findings import Level

__all__ = ["RowRule", "flag_without", "negative", "order", "without"]


@dataclass(frozen=True)
class RowRule:
    """A rule that each row keeps or breaks.

    Parameters
    ----------
    level, column, rule, hint
        As in :class:`Finding`.
    needs
        Columns the rule looks at; where one is absent the rule does not apply.
    broken
        The table's expression for the rows that break it; null counts as kept.
    """

    level: Level
    column: str
    rule: str
    needs: tuple[str, ...]
    broken: Callable[[Rows], BooleanValue]
    hint: str = ""


def order(later: str, earlier: str, rule: str) -> RowRule:
    """Return the rule that one instant does not lie before another."""
    return RowRule("warning", later, rule, (later, earlier), lambda t: t[later] < t[earlier])


def without(column: str, other: str, rule: str, hint: str = "") -> RowRule:
    """Return the rule that a column is filled only where another is."""

    def broken(t: Rows) -> BooleanValue:
        return t[column].notnull() & t[other].isnull()

    return RowRule("warning", column, rule, (column, other), broken, hint)


def flag_without(column: str, other: str, rule: str) -> RowRule:
    """Return the rule that a flag is true only where another column is filled."""
    return RowRule("warning", column, rule, (column, other), lambda t: t[column] & t[other].isnull())


def negative(column: str) -> RowRule:
    """Return the rule that a number is not below 0."""
    return RowRule("warning", column, "below 0", (column,), lambda t: t[column] < 0)
