"""The geometry of what pages draw: bars on one scale, effects side by side, round values of an axis.

Pictures are drawn by ``pictures.html.j2``: labels and figures are text of the page, and only the track between them is
a picture, as wide as the screen allows. Here is where everything stands on it, in per cent of its width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Bar", "BarPicture", "DrawnBar", "Forest", "ForestRow", "Scale", "bars", "ticks"]

INK = "#22303c"
BLUE, ORANGE, GREEN, RED = "#1f6feb", "#d9730d", "#1a7f37", "#b3261e"
_MARGIN = 2.0


@dataclass(frozen=True)
class Scale:
    """Where a value stands on a track, in per cent of its width.

    Examples
    --------
    >>> scale = Scale.over([5.0, float("nan"), -5.0])
    >>> scale.at(0.0)
    50.0
    """

    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float] | np.ndarray) -> Scale | None:
        """Return the scale that holds 0 and each value that is known; None where none is."""
        known = np.asarray(values, dtype=float)
        known = known[np.isfinite(known)]
        return cls(min(0.0, float(known.min())), max(0.0, float(known.max()))) if len(known) else None

    def at(self, value: float) -> float:
        """Return the place of a value."""
        share = (value - self.low) / max(self.high - self.low, 1e-9)
        return float(_MARGIN + share * (100 - 2 * _MARGIN))

    def known(self, value: float) -> float | None:
        """Return the place of a value, None where it is not known."""
        return self.at(value) if np.isfinite(value) else None

    @property
    def axis(self) -> list[float]:
        """Round values of it."""
        return ticks(self.low, self.high)


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
    x: float | None
    width: float | None
    whiskers: tuple[float, float] | None


@dataclass(frozen=True)
class BarPicture:
    """Bars on one scale with the place of 0; ``label`` tells what they show to who cannot see it."""

    label: str
    zero: float
    bars: tuple[DrawnBar, ...]


@dataclass(frozen=True)
class ForestRow:
    """An effect with its interval, a naive figure and a cost in their places; None where they are not known.

    ``beside`` are its figures in words, ``tag`` a verdict and ``colour`` the class of it; "" without.
    """

    label: str
    effect: float
    low: float
    high: float
    cost: float | None
    naive: float | None
    beside: str = ""
    tag: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Forest:
    """Effects side by side on one axis: its round values, and the place of 0."""

    zero: float
    axis: tuple[tuple[float, str], ...]
    rows: tuple[ForestRow, ...]


def bars(drawn: Sequence[Bar], label: str) -> BarPicture | None:
    """Return horizontal bars on one scale; None where nothing is known."""
    scale = Scale.over(np.array([[b.start, b.end, b.low, b.high] for b in drawn]))
    if scale is None:
        return None
    placed = []
    for bar in drawn:
        known = bool(np.isfinite([bar.start, bar.end]).all())
        sure = bool(np.isfinite([bar.low, bar.high]).all())
        start, end = scale.at(bar.start), scale.at(bar.end)
        placed.append(
            DrawnBar(
                label=bar.label,
                beside=bar.beside,
                colour=bar.colour,
                x=min(start, end) if known else None,
                width=max(abs(end - start), 0.3) if known else None,
                whiskers=(scale.at(bar.low), scale.at(bar.high)) if sure else None,
            )
        )
    return BarPicture(label, scale.at(0), tuple(placed))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round values between ``low`` and ``high`` for an axis, some ``most`` of them."""
    width = max(high - low, 1e-9) / most
    unit = 10.0 ** np.floor(np.log10(width))
    step = unit * min((m for m in (1, 2, 5, 10) if m * unit >= width), default=10)
    return [float(step * k) + 0.0 for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
