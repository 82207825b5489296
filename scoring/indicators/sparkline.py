"""A line of an indicator's months, small enough to stand in a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Sparkline", "sparkline"]

_WIDTH, _HEIGHT, _EDGE = 120.0, 28.0, 3.0


@dataclass(frozen=True)
class Sparkline:
    """Its points, the last of them, the band of the interval, and what it tells who cannot see it."""

    points: str
    band: str
    last: tuple[float, float]
    text: str


def sparkline(values: ArrayLike, low: ArrayLike, high: ArrayLike, text: str) -> Sparkline | None:
    """Return the line of some months' values, oldest first; None with fewer than two known.

    An end of an interval that is not known, or far beyond the values, is drawn at the edge.
    """
    y = np.asarray(values, dtype=float)
    known = np.isfinite(y)
    if known.sum() < 2:
        return None
    least, most = float(y[known].min()), float(y[known].max())
    ends = np.array([np.asarray(low, dtype=float), np.asarray(high, dtype=float)])[:, known]
    reach = max(most - least, float(np.nanmedian(np.append(ends[1] - ends[0], 0.0))), 1e-9)
    bottom = max(float(np.nanmin(np.append(ends[0], least))), least - 2 * reach)
    top = min(float(np.nanmax(np.append(ends[1], most))), most + 2 * reach)
    place = np.linspace(_EDGE, _WIDTH - _EDGE, len(y))[known]

    def up(values: np.ndarray) -> np.ndarray:
        share = (np.clip(values, bottom, top) - bottom) / max(top - bottom, 1e-9)
        return np.asarray(_HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE))

    line = up(y[known])
    under = up(np.where(np.isfinite(ends[0]), ends[0], y[known]))
    over = up(np.where(np.isfinite(ends[1]), ends[1], y[known]))
    band = [*zip(place, over, strict=True), *zip(place[::-1], under[::-1], strict=True)]
    return Sparkline(_path(zip(place, line, strict=True)), _path(band), (float(place[-1]), float(line[-1])), text)


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
