"""How an indicator is declared: a named function of its source's rows, that returns what is divided by what.

>>> from servicelift.features.indicators.declare import Source, Unit, ratio
>>> VISITS = Source("visits", lambda scope: scope.within(scope.tables["visits"], "at"), ("channel",))
>>> @VISITS.indicator(unit=Unit.SHARE, needs=("visits.happy",))
... def happy_share(e, scope):
...     return ratio(e.happy, e.happy.notnull())
>>> VISITS.indicators[0].name, VISITS.indicators[0].by
('happy_share', ('channel',))

The words of an indicator (what it means, its formula, its trap) stand in :mod:`.words`, in each language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import ibis

from ...core.short_repr import ShortRepr
from ..expressions import Rows, Value
from .scope import Scope

__all__ = ["Indicator", "Kind", "Lack", "Ratio", "Source", "Unit", "no_wait", "only_of", "ratio"]


class Unit(StrEnum):
    """Unit of an indicator's values."""

    SHARE = "share"
    POINTS = "points"
    SECONDS = "seconds"
    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    PER_CUSTOMER = "per_customer"


class Kind(StrEnum):
    """How value and interval are made of the rows."""

    SHARE = "share"
    """Each row counts 0 or 1 of 1: Wilson's interval with the effective number of rows."""
    NPS = "nps"
    """Each row counts 100, 0 or -100: the closed-form variance, clustered."""
    RATIO = "ratio"
    """A sum over a sum: the linearised variance, clustered."""
    INVERSE = "inverse"
    """As RATIO, but the denominator is what varies: the interval is that of the reciprocal, turned over."""
    MEDIAN = "median"
    """The middle value of the numerator over rows with a denominator: an interval by ranks."""


@dataclass(frozen=True)
class Ratio:
    """Numerator and denominator of each row, numbers that are never null."""

    numerator: Value
    denominator: Value


def ratio(numerator: Value, counts: Value) -> Ratio:
    """Return a numerator over the rows that count.

    Parameters
    ----------
    numerator
        What is summed, a flag or a number; what is missing counts 0.
    counts
        Which rows count, a flag; what is missing does not.
    """
    weight = counts.fill_null(False).cast("float64")
    return Ratio(ibis.ifelse(weight > 0, numerator.cast("float64").fill_null(0.0), 0.0), weight)


def only_of(numerator: Value, denominator: Value) -> Ratio:
    """Return a sum over a sum where the rows of one are not those of the other."""
    return Ratio(numerator.cast("float64").fill_null(0.0), denominator.cast("float64").fill_null(0.0))


@dataclass(frozen=True)
class Lack:
    """Why an indicator is absent: a code, and what it speaks of."""

    code: str
    of: tuple[str, ...] = ()


def no_wait(_: Scope) -> int:
    """Return that a month is known once it is over."""
    return 0


@dataclass(frozen=True)
class Indicator(ShortRepr):
    """One indicator.

    Parameters
    ----------
    name
        Its name, in files and in the config's targets.
    source
        Where its rows come from.
    unit, kind
        What its values are, and how they are made of the rows.
    needs
        Contract columns without which it is absent, ``table.column``.
    parts
        Returns numerator and denominator of each row of the source.
    by
        What it may be split by.
    wait
        Days after a month until what is counted of it is known.
    condition
        Returns a further reason why it is absent, or None.
    survey
        The metric of surveys whose answers it sums; None: it is no survey's.
    always
        Dimensions by which it is split whether asked for or not, where the tables allow.
    """

    name: str
    source: Source = field(repr=False)
    unit: Unit
    kind: Kind
    needs: tuple[str, ...]
    parts: Callable[[Rows, Scope], Ratio]
    by: tuple[str, ...]
    wait: Callable[[Scope], int]
    condition: Callable[[Scope], Lack | None]
    survey: str | None
    always: tuple[str, ...] = ()

    def lacks(self, scope: Scope) -> Lack | None:
        """Return why the business has no such indicator, or None."""
        missing = tuple(c for c in self.needs if not any(scope.has(either) for either in c.split(" or ")))
        return Lack("columns", missing) if missing else self.condition(scope)


@dataclass(frozen=True)
class Source(ShortRepr):
    """Rows that several indicators are made of.

    Parameters
    ----------
    name
        Names the source.
    rows
        Returns the rows, with ``month``, ``cluster`` and the columns of the dimensions that the tables have.
    by
        Dimensions of the rows; product and segment are the customer's and are joined to each.
    """

    name: str
    rows: Callable[[Scope], Rows]
    by: tuple[str, ...] = ()
    indicators: list[Indicator] = field(default_factory=list, repr=False)

    def stored(self, scope: Scope) -> Rows:
        """Return the rows, computed once for these months and kept in the engine.

        Each dimension asks for them again, and writing their SQL costs more than running it.
        """
        name = f"indicator_rows {self.name} {scope.first} {scope.last}"
        return scope.tables.once(name.replace(" ", "_").replace("-", "_"), lambda: self._whole(scope))

    def _whole(self, scope: Scope) -> Rows:
        rows = self.rows(scope)
        return rows.select(*rows.columns)

    def indicator(
        self,
        *,
        unit: Unit,
        needs: Sequence[str],
        kind: Kind | None = None,
        wait: Callable[[Scope], int] = no_wait,
        condition: Callable[[Scope], Lack | None] = lambda _: None,
        survey: str | None = None,
        always: tuple[str, ...] = (),
        name: str | None = None,
    ) -> Callable[[Callable[[Rows, Scope], Ratio]], Callable[[Rows, Scope], Ratio]]:
        """Declare an indicator: the function's name is its own, and what it returns is what is divided by what."""
        chosen = kind or (Kind.SHARE if unit == Unit.SHARE else Kind.RATIO)

        def declare(parts: Callable[[Rows, Scope], Ratio]) -> Callable[[Rows, Scope], Ratio]:
            own = name or parts.__name__
            made = Indicator(own, self, unit, chosen, tuple(needs), parts, self.by, wait, condition, survey, always)
            self.indicators.append(made)
            return parts

        return declare
