"""The geometry of what pages draw: bars on one scale, effects side by side, round values of an axis.

Pictures are drawn by ``pictures.html.j2``; here is where everything stands, in units of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = [
    "BLUE",
    "GREEN",
    "INK",
    "ORANGE",
    "RED",
    "Bar",
    "BarPicture",
    "DrawnBar",
    "Forest",
    "ForestRow",
    "bars",
    "ticks",
]

INK = "#22303c"
BLUE, ORANGE, GREEN, RED = "#1f6feb", "#d9730d", "#1a7f37", "#b3261e"
_LEFT, _RIGHT, _STEP = 300.0, 770.0, 26


@dataclass(frozen=True)
class Bar:
    """A horizontal bar from ``start`` to ``end`` with its label and what stands beside it; an interval where known."""

    label: str
    start: float
    end: float
    colour: str
    beside: str
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class DrawnBar:
    """A bar in its place: ``x`` and ``width`` None where it is not known, ``whiskers`` None without an interval."""

    label: str
    beside: str
    colour: str
    y: float
    x: float | None
    width: float | None
    whiskers: tuple[float, float] | None


@dataclass(frozen=True)
class BarPicture:
    """Bars on one scale with the place of 0; ``label`` tells what they show to who cannot see it."""

    label: str
    height: float
    zero: float
    bars: tuple[DrawnBar, ...]


@dataclass(frozen=True)
class ForestRow:
    """One action: effect, interval, naive figure and cost in their places; None where they are not known."""

    label: str
    y: float
    effect: float
    low: float
    high: float
    cost: float | None
    naive: float | None


@dataclass(frozen=True)
class Forest:
    """Effects side by side on one axis: its round values, and the place of 0."""

    height: float
    zero: float
    axis: tuple[tuple[float, str], ...]
    rows: tuple[ForestRow, ...]


def bars(drawn: Sequence[Bar], label: str) -> BarPicture | None:
    """Return horizontal bars on one scale; None where nothing is known."""
    ends = np.array([[b.start, b.end, b.low, b.high] for b in drawn])
    ends = ends[np.isfinite(ends)]
    if not len(ends):
        return None
    low, high = min(0.0, float(ends.min())), max(0.0, float(ends.max()))

    def x(value: float) -> float:
        return float(_LEFT + (value - low) / max(high - low, 1e-9) * (_RIGHT - _LEFT))

    placed = []
    for place, bar in enumerate(drawn):
        known = bool(np.isfinite([bar.start, bar.end]).all())
        sure = bool(np.isfinite([bar.low, bar.high]).all())
        placed.append(
            DrawnBar(
                label=bar.label,
                beside=bar.beside,
                colour=bar.colour,
                y=10 + place * _STEP,
                x=min(x(bar.start), x(bar.end)) if known else None,
                width=max(abs(x(bar.end) - x(bar.start)), 1.5) if known else None,
                whiskers=(x(bar.low), x(bar.high)) if sure else None,
            )
        )
    return BarPicture(label, len(drawn) * _STEP + 12, x(0), tuple(placed))


def ticks(low: float, high: float) -> list[float]:
    """Return round values between ``low`` and ``high`` for an axis, some six of them."""
    width = max(high - low, 1e-9) / 6
    unit = 10.0 ** np.floor(np.log10(width))
    step = unit * min((m for m in (1, 2, 5, 10) if m * unit >= width), default=10)
    return [float(step * k) + 0.0 for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
