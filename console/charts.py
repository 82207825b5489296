"""The pictures of the console as plain geometry: templates draw them in SVG, beside words that say the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.locale import Locale
from ..core.short_repr import ShortRepr

__all__ = ["Axis", "Curve", "Interval", "Lane", "Line", "Mark", "curve", "intervals", "lanes", "line", "ticks"]

WIDTH = 640.0
"""Width of every picture; browsers scale it."""

Axis = tuple[tuple[float, str], ...]
"""Where a tick stands, and what is written there."""


@dataclass(frozen=True)
class Curve(ShortRepr):
    """A line from left to right with an area below it: points of the line, the marked point, axes."""

    points: str
    area: str
    mark: tuple[float, float] | None
    x_axis: Axis
    y_axis: Axis
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Interval:
    """An estimate on a common scale: label, where it and its ends stand, and where the cost does."""

    label: str
    y: float
    mid: float
    low: float
    high: float
    cost: float | None
    text: str


@dataclass(frozen=True)
class Line(ShortRepr):
    """Intervals or points beside each other on one scale."""

    rows: tuple[Interval, ...]
    zero: float
    axis: Axis
    height: float


@dataclass(frozen=True)
class Mark:
    """One event on the time line; ``bad`` is drawn apart, by its shape too."""

    x: float
    text: str
    bad: bool = False


@dataclass(frozen=True)
class Lane(ShortRepr):
    """Events of one kind."""

    label: str
    y: float
    marks: tuple[Mark, ...]


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers between two ends, at most about ``most``."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [low] if math.isfinite(low) else []
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def curve(points: Sequence[tuple[float, float]], at: tuple[float, float] | None, locale: Locale) -> Curve | None:
    """Return the cost curve; None where there is nothing to draw.

    Parameters
    ----------
    points
        Money spent and value foreseen, the first at nothing.
    at
        The point of the budget.
    locale
        Writes the axes.
    """
    most_x, most_y = max(x for x, _ in points), max(y for _, y in points)
    if most_x <= 0 or most_y <= 0:
        return None
    left, right, top, bottom = 78.0, WIDTH - 16, 14.0, 216.0

    def place(x: float, y: float) -> tuple[float, float]:
        return round(left + x / most_x * (right - left), 1), round(bottom - max(y, 0) / most_y * (bottom - top), 1)

    placed = [place(x, y) for x, y in points]
    drawn = " ".join(f"{x},{y}" for x, y in placed)
    return Curve(
        drawn,
        f"{left},{bottom} {drawn} {placed[-1][0]},{bottom}",
        None if at is None else place(*at),
        tuple((place(x, 0)[0], locale.money(x, 0)) for x in ticks(0, most_x)),
        tuple((place(0, y)[1], locale.money(y, 0)) for y in ticks(0, most_y, 4)),
        left, right, top, bottom,
    )  # fmt: skip


def intervals(rows: Sequence[tuple[str, float, float, float, float | None, str]], locale: Locale) -> Line | None:
    """Return estimates with their intervals on one scale that holds 0; None without any.

    Parameters
    ----------
    rows
        Label, estimate, low, high, cost or None, and the text beside it.
    locale
        Writes the axis.
    """
    known = [row for row in rows if all(math.isfinite(value) for value in row[1:4])]
    if not known:
        return None
    ends = [0.0, *(value for row in known for value in (*row[1:4], row[4] or 0.0))]
    low, high = min(ends), max(ends)
    span = max(high - low, 1e-9)
    left, right = 24.0, WIDTH - 24
    first, step = (38.0, 56.0) if any(row[0] for row in known) else (22.0, 40.0)  # a label stands above its row

    def x(value: float) -> float:
        return round(left + (value - low) / span * (right - left), 1)

    drawn = tuple(
        Interval(label, first + step * n, x(mid), x(lo), x(hi), None if cost is None else x(cost), text)
        for n, (label, mid, lo, hi, cost, text) in enumerate(known)
    )
    axis = tuple((x(value), locale.money(value, 0)) for value in ticks(low, high))
    return Line(drawn, x(0.0), axis, first + step * (len(known) - 1) + 48)


def line(values: Sequence[tuple[str, float]], most: float) -> str:
    """Return the points of a small line, the oldest at the left, from 0 to ``most``."""
    if len(values) < 2 or most <= 0:
        return ""
    step = (WIDTH - 40) / (len(values) - 1)
    return " ".join(f"{20 + n * step:.1f},{110 - 90 * value / most:.1f}" for n, (_, value) in enumerate(values))


def lanes(kinds: Sequence[tuple[str, Sequence[tuple[float, str, bool]]]], first: float, last: float) -> list[Lane]:
    """Return the lanes of a time line.

    Parameters
    ----------
    kinds
        Label of each lane, and its events: instant, text, and whether it is drawn apart.
    first, last
        Instants of both ends.
    """
    left, right = 16.0, WIDTH - 16
    span = max(last - first, 1e-9)

    def x(at: float) -> float:
        return round(left + (at - first) / span * (right - left), 1)

    return [
        Lane(label, 34.0 + 44 * n, tuple(Mark(x(at), text, bad) for at, text, bad in events if first <= at <= last))
        for n, (label, events) in enumerate(kinds)
    ]
