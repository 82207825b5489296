"""How a feature is declared: a named function of a group's rows, with unit, windows, sources and known rule.

>>> from servicelift.features.catalogue.declare import Form, Group
>>> VISITS = Group("visits", lambda tables, keys: keys.table)
>>> @VISITS.feature(unit="visits", sources=("visits.at",), known="at", form=Form.COUNT, windows=True)
... def visits(e, days):
...     '''Visits in the window.'''
...     return e.count(where=within(e.at_age, days))
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

import ibis

from ...core.config.business import Config
from ..expressions import Value
from ..tables.tables import Tables
from ..timeline.spine import DAY, Keys

__all__ = [
    "Declaration",
    "Feature",
    "FeatureInfo",
    "Form",
    "Group",
    "days_of",
    "latest_text",
    "mean",
    "share",
    "thousandths",
    "within",
]

_PLACE = re.compile(r"\{\w+\}")


class Form(StrEnum):
    """What a feature's column holds, and what a pair without rows gets."""

    COUNT = "count"
    """int64; 0 without rows."""
    SUM = "sum"
    """float64; 0 without rows."""
    VALUE = "value"
    """float64; null where there is nothing to tell."""
    TEXT = "text"
    """str; null where there is nothing to tell."""
    STATIC = "static"
    """float64 or str, as the source column is; null for a customer not yet known."""


@dataclass(frozen=True)
class FeatureInfo:
    """What a feature means and what it rests on.

    Parameters
    ----------
    name
        The column.
    group
        The group it belongs to.
    meaning
        One sentence.
    unit
        Unit of its values.
    window_days
        Length W of its window [as_of - W days, as_of); None: all history, or the state at as_of.
    sources
        Contract columns it needs, ``table.column``; ``a.x or b.x`` where one is enough.
    known
        Instant from which an event counts, strictly before as_of.
    declared
        Name of its declaration, without the window and with the word in braces.
    item
        What that word stands for; None without one.
    """

    name: str
    group: str
    meaning: str
    unit: str
    window_days: int | None
    sources: tuple[str, ...]
    known: str
    declared: str
    item: str | None


@dataclass(frozen=True)
class Feature:
    """One column of the catalogue: its description, its form and its aggregate over the group's rows."""

    info: FeatureInfo
    form: Form
    aggregate: Callable[[Any], Any]

    def lacks(self, tables: Tables) -> str | None:
        """Return what the business's tables lack for this feature, or None."""
        missing = [source for source in self.info.sources if not _has(tables, source)]
        return f"needs {' and '.join(missing)}" if missing else None

    def rests_on(self, tables: Set[str]) -> bool:
        """Return whether it cannot be told without one of these tables."""
        return any(all(_table_of(way) in tables for way in source.split(" or ")) for source in self.info.sources)


def _table_of(source: str) -> str:
    return source.strip().split(".", 1)[0]


def _has(tables: Tables, source: str) -> bool:
    return any(tables.has(*column.split(".", 1)) for column in source.split(" or "))


@dataclass(frozen=True)
class Declaration:
    """A feature function as written; it expands to one feature a window and item of the config.

    Parameters
    ----------
    function
        Takes the group's rows, and ``days`` and ``item`` where it has windows and items; returns an ibis
        aggregate.
    name
        Column name without the window; a word in braces, such as ``{action}``, stands for the item.
    group, unit, form, sources, known
        As in :class:`FeatureInfo` and :class:`Form`.
    windows
        True: one feature for each window of the config, ``name_<W>d``; or the windows themselves, in days.
    items
        What the word in braces runs over, read from the config.
    """

    function: Callable[..., Any]
    name: str
    group: str
    unit: str
    form: Form
    sources: tuple[str, ...]
    known: str
    windows: bool | tuple[int, ...]
    items: Callable[[Config], Sequence[str]] | None

    @property
    def meaning(self) -> str:
        """The docstring in one line."""
        return " ".join((inspect.getdoc(self.function) or "").split())

    def expand(self, config: Config) -> Iterator[Feature]:
        """Yield the features of this declaration under ``config``."""
        windows = config.features.windows_days if self.windows is True else self.windows or (None,)
        for item in self.items(config) if self.items else (None,):
            for days in windows:
                yield _feature(self, item, days)

    def feature(self, item: str | None, days: int | None) -> Feature:
        """Return the feature of one item and one window."""

        def text(template: str) -> str:
            return template if item is None else _PLACE.sub(lambda _: item, template)

        arguments: dict[str, Any] = {"item": item} if self.items else {}
        arguments |= {"days": days} if self.windows else {}
        info = FeatureInfo(
            name=text(self.name) + (f"_{days}d" if days else ""),
            group=self.group,
            meaning=text(self.meaning),
            unit=self.unit,
            window_days=days,
            sources=tuple(text(source) for source in self.sources),
            known=self.known,
            declared=self.name,
            item=item,
        )
        return Feature(info, self.form, lambda e: self.function(e, **arguments))


@lru_cache(maxsize=10_000)
def _feature(declaration: Declaration, item: str | None, days: int | None) -> Feature:
    """Return :meth:`Declaration.feature`, made once: every spine asks for the whole catalogue."""
    return declaration.feature(item, days)


@dataclass(frozen=True)
class Group:
    """Features that read the same rows: these are joined once, and all features aggregated together.

    Parameters
    ----------
    name
        Name of the group in the catalogue.
    rows
        Takes the tables and the spine's pairs; returns an ibis table with any number of lines for each
        pair (column ``row``), holding only what was known before the pair's ``as_of``.
    lacks
        Says why a business has no such features at all, or None.
    condition
        What the group needs beside columns, for the documentation.
    """

    name: str
    rows: Callable[[Tables, Keys], Any]
    lacks: Callable[[Tables], str | None] = lambda _: None
    condition: str = ""
    declarations: list[Declaration] = field(default_factory=list)

    def feature(
        self,
        *,
        unit: str,
        sources: tuple[str, ...],
        known: str,
        form: Form = Form.VALUE,
        name: str | None = None,
        windows: bool | tuple[int, ...] = False,
        items: Callable[[Config], Sequence[str]] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function as a feature; see :class:`Declaration` for the arguments."""

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            column = name or function.__name__
            self.declarations.append(
                Declaration(function, column, self.name, unit, form, sources, known, windows, items)
            )
            return function

        return declare

    def features(self, config: Config) -> list[Feature]:
        """Return the group's features under ``config``, in the order of their declarations."""
        return [feature for declaration in self.declarations for feature in declaration.expand(config)]


def within(age: Value, days: int) -> Value:
    """Return whether an event of that age (microseconds) lies in [as_of - ``days``, as_of)."""
    return age <= days * DAY


def days_of(age: Value) -> Value:
    """Return an age in microseconds as days."""
    return age.cast("float64") / float(DAY)


def mean(values: Value, scale: float, where: Value) -> Value:
    """Return the mean of whole numbers over the rows ``where``, divided by ``scale``; null without rows.

    The sum is exact, so the mean does not depend on the order of the rows.
    """
    there = where & values.notnull()
    count = values.count(where=there).nullif(0)
    return values.sum(where=there).cast("float64") / count.cast("float64") / scale


def thousandths(values: Value) -> Value:
    """Return numbers as whole thousandths, whose sums are exact; see :func:`mean`."""
    return (values * 1000).round().cast("int64")


def share(part: Value, whole: Value) -> Value:
    """Return which share of the rows ``whole`` are also ``part``; null without any."""
    there = whole.count(where=whole).nullif(0)
    return whole.count(where=whole & part).cast("float64") / there.cast("float64")


def latest_text(text: Value, age: Value, days: int) -> Value:
    """Return the text of the youngest row in [as_of - ``days``, as_of); of several at one instant the last by bytes."""
    return text.argmax(ibis.struct({"age": -age, "text": text}), where=text.notnull() & within(age, days))
