"""Pictures of results; each function draws one and returns it. Numbers in, a figure out: nothing is estimated here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..core.arrays import Floats

__all__ = ["Interval", "Picture", "arms_plot", "bar_plot", "curve_plot", "histogram_plot", "interval_plot"]

_INK, _BLUE, _ORANGE, _GREY = "#22303c", "#1f6feb", "#d9730d", "#9aa5b1"


class Picture(Figure):
    """A figure that shows itself in a notebook, whatever its backend."""

    def _repr_png_(self) -> bytes:
        """Return the picture as a notebook asks for it."""
        written = BytesIO()
        self.savefig(written, format="png")
        return written.getvalue()


@dataclass(frozen=True)
class Interval:
    """One line of :func:`interval_plot`: an estimate with its interval, and what it has to exceed, if anything."""

    label: str
    estimate: float
    low: float
    high: float
    mark: float | None = None


def _canvas(panels: int = 1, *, height: float = 3.2) -> tuple[Picture, Sequence[Axes]]:
    figure = Picture(figsize=(6.4, height), dpi=90, layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    for each in axes:
        for side in ("top", "right"):
            each.spines[side].set_visible(False)
        each.grid(alpha=0.2)
        each.tick_params(labelsize=8)
    return figure, axes


def _titled(axes: Axes, title: str, x: str = "", y: str = "") -> None:
    axes.set_title(title, loc="left", fontsize=10, color=_INK)
    axes.set_xlabel(x, color=_INK, fontsize=9)
    axes.set_ylabel(y, color=_INK, fontsize=9)


def interval_plot(rows: Sequence[Interval], title: str, x: str, mark: str = "") -> Picture:
    """Draw estimates with their intervals, one a line from top to bottom; ``mark`` names what they have to exceed."""
    figure, (axes,) = _canvas(height=1.2 + 0.42 * len(rows))
    places = np.arange(len(rows))[::-1]
    for place, row in zip(places, rows, strict=True):
        axes.plot([row.low, row.high], [place, place], color=_BLUE, linewidth=2)
        axes.plot(row.estimate, place, "o", color=_BLUE, markersize=5)
        if row.mark is not None:
            axes.plot(row.mark, place, "|", color=_ORANGE, markersize=14, markeredgewidth=2, label=mark)
    axes.axvline(0, color=_GREY, linewidth=1)
    axes.set_yticks(places, [row.label for row in rows])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    _titled(axes, title, x)
    named = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    if named:
        axes.legend(named.values(), named.keys(), frameon=False, fontsize=8)
    return figure


def histogram_plot(values: Mapping[str, Floats], title: str) -> Picture:
    """Draw how each of several measures spreads over customers, side by side; missing values are left out."""
    figure, panels = _canvas(len(values))
    for axes, (name, numbers) in zip(panels, values.items(), strict=True):
        axes.hist(np.asarray(numbers, dtype=float)[~np.isnan(numbers)], bins=30, color=_BLUE, alpha=0.85)
        _titled(axes, "", name, "customers")
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, color=_INK)
    return figure


def bar_plot(values: Mapping[str, float], title: str, x: str, *, logarithmic: bool = False) -> Picture:
    """Draw one bar a name, from top to bottom."""
    figure, (axes,) = _canvas(height=1.2 + 0.3 * max(len(values), 1))
    axes.barh(list(values), list(values.values()), color=_BLUE, alpha=0.85)
    axes.invert_yaxis()
    if logarithmic:
        axes.set_xscale("log")
    _titled(axes, title, x)
    return figure


def curve_plot(x: Floats, y: Floats, title: str, names: tuple[str, str], point: tuple[float, float] | None) -> Picture:
    """Draw y against x; ``names`` are those of the axes, ``point`` is marked."""
    figure, (axes,) = _canvas()
    axes.plot(x, y, color=_BLUE, linewidth=2)
    if point is not None:
        axes.plot(*point, "o", color=_ORANGE, markersize=7)
    _titled(axes, title, *names)
    return figure


def arms_plot(units: pd.DataFrame, title: str) -> Picture:
    """Draw decisions by calendar month and arm; ``units`` has ``period`` (YYYY-MM) and ``treated`` (0 or 1)."""
    counts = pd.crosstab(units["period"], units["treated"])
    figure, (axes,) = _canvas()
    below = np.zeros(len(counts))
    for arm, label, colour in ((1, "treated", _BLUE), (0, "control", _GREY)):
        heights = counts[arm].to_numpy(dtype=float) if arm in counts else np.zeros(len(counts))
        axes.bar(counts.index.astype(str), heights, bottom=below, color=colour, label=label)
        below = below + heights
    axes.xaxis.set_major_locator(MaxNLocator(8))
    axes.legend(frameon=False, fontsize=8)
    _titled(axes, title, "month of the decision", "decisions")
    return figure
