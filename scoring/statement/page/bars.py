"""The page's pictures, each one SVG: effects side by side, the bridge from the naive figure, paths with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from .format import number, title

__all__ = ["Bar", "bars", "bridge_bars", "forest", "path_bars", "ticks"]

_INK, _SOFT, _LINE = "#22303c", "#5b6b7a", "#e3e8ee"
_BLUE, _ORANGE, _GREEN, _RED = "#1f6feb", "#d9730d", "#1a7f37", "#b3261e"


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


def bars(drawn: list[Bar], label: str) -> str:
    """Return horizontal bars on one scale as an SVG; ``label`` tells what they show to who cannot see it."""
    ends = np.array([[b.start, b.end, b.low, b.high] for b in drawn])
    ends = ends[np.isfinite(ends)]
    if not len(ends):
        return ""
    low, high = min(0.0, ends.min()), max(0.0, ends.max())
    left, right, step = 250.0, 740.0, 26

    def x(value: float) -> float:
        return float(left + (value - low) / max(high - low, 1e-9) * (right - left))

    marks = [f"<line x1={x(0):.1f} x2={x(0):.1f} y1=4 y2={len(drawn) * step + 8} stroke='#9aa5b1'/>"]
    for place, bar in enumerate(drawn):
        y = 10 + place * step
        marks.append(f"<text x=0 y={y + 13} font-size=13 fill='{_INK}'>{escape(bar.label)}</text>")
        marks.append(f"<text x=760 y={y + 13} font-size=13 fill='{_SOFT}'>{escape(bar.beside)}</text>")
        if np.isfinite([bar.start, bar.end]).all():
            begin, width = min(x(bar.start), x(bar.end)), max(abs(x(bar.end) - x(bar.start)), 1.5)
            marks.append(
                f"<rect x={begin:.1f} y={y + 1} width={width:.1f} height=16 rx=2 fill='{bar.colour}' fill-opacity=.8 />"
            )
        if np.isfinite([bar.low, bar.high]).all():
            marks.append(
                f"<line x1={x(bar.low):.1f} x2={x(bar.high):.1f} y1={y + 9} y2={y + 9} stroke='{_INK}'"
                " stroke-width=2 />"
            )
    return (
        f"<svg viewBox='0 0 900 {len(drawn) * step + 12}' role=img aria-label='{escape(label)}'>{''.join(marks)}</svg>"
    )


def bridge_bars(row: pd.Series) -> str:
    """Draw the bridge from the naive figure to the effect and on to the programme, for one treated customer."""
    n = max(float(row["n_treated"]), 1.0)
    steps = [
        ("who was chosen (selection)", "bridge_selection"),
        ("when (regression to the mean)", "bridge_regression_to_mean"),
        ("what nobody saw", "bridge_unseen"),
        ("counted again later (double counting)", "bridge_double_counting"),
    ]
    if row["design"] != "randomised":
        steps.pop(2)
    drawn, at = [_whole("naive figure", row["naive_incremental_clv"] / n, _ORANGE)], row["naive_incremental_clv"] / n
    for label, column in steps:
        if column == "bridge_double_counting":
            drawn.append(_whole("effect", row["incremental_clv"] / n, _BLUE))
            at = row["incremental_clv"] / n
        step = row[column] / n
        drawn.append(Bar(label, at, at + step, _GREEN if step >= 0 else _RED, _signed(step)))
        at += step
    drawn.append(_whole("effect without later actions", row["programme_incremental_clv"] / n, _BLUE))
    return bars([bar for bar in drawn if np.isfinite(bar.end)], "From the naive figure to the effect")


def path_bars(row: pd.Series) -> str:
    """Draw the paths of an effect with intervals, and its realised and predicted part, for one treated customer."""
    n = max(float(row["n_treated"]), 1.0)
    shown = [
        ("stays: fewer leave of themselves", "path_retention_voluntary", _BLUE),
        ("stays: fewer payments fail for good", "path_retention_involuntary", _BLUE),
        ("spends more", "path_spend", _BLUE),
        ("costs less to serve", "path_cost_to_serve", _BLUE),
        ("together", "incremental_clv", _INK),
        ("of which realised so far", "realised_incremental_clv", _GREEN),
        ("of which still predicted", "predicted_incremental_clv", _ORANGE),
    ]
    drawn = []
    for label, column, colour in shown:
        mid, low, high = (row[f"{column}{end}"] / n for end in ("", "_low", "_high"))
        if np.isfinite(mid):
            drawn.append(
                Bar(label, 0.0, mid, colour, f"{number(mid, 2)} ({number(low, 2)} to {number(high, 2)})", low, high)
            )
    return bars(drawn, "Effect by path, realised and predicted")


def _whole(label: str, value: float, colour: str) -> Bar:
    return Bar(label, 0.0, value, colour, number(value, 2))


def _signed(value: float) -> str:
    return f"{value:+,.2f}"


def forest(rows: pd.DataFrame, currency: str) -> str:
    """Draw effect with interval, naive figure and cost, each for one treated customer."""
    n = rows["n_treated"].clip(lower=1).to_numpy(dtype=float)
    columns = [
        "incremental_clv",
        "incremental_clv_low",
        "incremental_clv_high",
        "naive_incremental_clv",
        "cost",
    ]
    values = rows[columns].to_numpy(dtype=float) / n[:, None]
    finite = values[np.isfinite(values)]
    if not len(finite):
        return ""
    low, high = min(0.0, finite.min()), max(0.0, finite.max())
    left, right, step = 210.0, 880.0, 34

    def x(value: float) -> float:
        return float(left + (value - low) / max(high - low, 1e-9) * (right - left))

    marks = []
    for place, ((_, row), (mid, lo, hi, naive, cost)) in enumerate(zip(rows.iterrows(), values, strict=True)):
        y = 40 + place * step
        marks.append(
            f"<text x=0 y={y + 5} font-size=14 fill='#22303c'>{title(row)}</text>"
            f"<line x1={x(lo):.1f} x2={x(hi):.1f} y1={y} y2={y} stroke='#1f6feb' stroke-width=4 />"
            f"<circle cx={x(mid):.1f} cy={y} r=6 fill='#1f6feb'/>"
            f"<line x1={x(cost):.1f} x2={x(cost):.1f} y1={y - 9} y2={y + 9} stroke='#22303c' stroke-width=3 />"
        )
        if np.isfinite(naive):
            marks.append(
                f"<path d='M{x(naive):.1f} {y - 7} l7 7 l-7 7 l-7 -7z' fill='none' stroke='#d9730d' stroke-width=2 />"
            )
    height = 60 + len(rows) * step
    axis = "".join(
        f"<text x={x(v):.1f} y={height - 4} font-size=12 fill='#5b6b7a' text-anchor=middle>{v:,.10g}</text>"
        f"<line x1={x(v):.1f} x2={x(v):.1f} y1=22 y2={height - 20} stroke='#e3e8ee'/>"
        for v in ticks(low, high)
    )
    legend = (
        "<span style='color:#1f6feb'>&#9679;</span> effect with 95% interval &nbsp; "
        "<span style='color:#d9730d'>&#9671;</span> naive difference &nbsp; | cost"
    )
    return (
        f"<h2>For one treated customer ({escape(currency)})</h2><p class=small>{legend}</p>"
        f"<svg viewBox='0 0 900 {height}' role=img aria-label='Effect, naive difference and cost by action'>"
        f"{axis}<line x1={x(0):.1f} x2={x(0):.1f} y1=22 y2={height - 20} stroke='#9aa5b1'/>{''.join(marks)}</svg>"
    )


def ticks(low: float, high: float) -> list[float]:
    """Return round values between ``low`` and ``high`` for an axis, some six of them."""
    width = max(high - low, 1e-9) / 6
    unit = 10.0 ** np.floor(np.log10(width))
    step = unit * min((m for m in (1, 2, 5, 10) if m * unit >= width), default=10)
    return [float(step * k) + 0.0 for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
