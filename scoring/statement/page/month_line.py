"""The picture of when value comes: the effect cumulated by month after the decision, beside the cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .bars import ticks

__all__ = ["month_line"]


def month_line(months: pd.DataFrame, currency: str) -> str:
    """Return the cumulated effect by month as an SVG: solid where it came in, dashed where it is predicted.

    Parameters
    ----------
    months
        Rows of ``roi_by_month.parquet`` of one row of the statement; nothing is drawn without any.
    currency
        The money's name.
    """
    if months.empty:
        return ""
    at, value = months["month"].to_numpy(dtype=float), months["cumulated_incremental_clv"].to_numpy(dtype=float)
    cost = float(months["cost"].iloc[0])
    ends = np.append(value, [0.0, *([cost] if np.isfinite(cost) else [])])
    low, high, last = float(ends.min()), float(ends.max()), float(at.max())
    left, right, top, bottom = 70.0, 820.0, 12.0, 190.0

    def x(month: float) -> float:
        return left + month / max(last, 1.0) * (right - left)

    def y(money: float) -> float:
        return bottom - (money - low) / max(high - low, 1e-9) * (bottom - top)

    def line(chosen: np.ndarray, style: str) -> str:
        points = " ".join(f"{x(m):.1f},{y(v):.1f}" for m, v in zip(at[chosen], value[chosen], strict=True))
        return f"<polyline points='{points}' fill='none' stroke='#1f6feb' stroke-width='3' {style}/>"

    seen = months["realised"].to_numpy(dtype=bool)
    later = ~seen | (at == at[seen].max() if seen.any() else np.zeros(len(at), dtype=bool))
    marks = [
        *(
            f"<line x1='{left}' x2='{right}' y1='{y(v):.1f}' y2='{y(v):.1f}' stroke='#e3e8ee'/>"
            f"<text x='{left - 8}' y='{y(v) + 4:.1f}' font-size='12' fill='#5b6b7a' text-anchor='end'>{v:,.10g}</text>"
            for v in ticks(low, high)
        ),
        *(
            f"<text x='{x(m):.1f}' y='208' font-size='12' fill='#5b6b7a' text-anchor='middle'>{m:.0f}</text>"
            for m in np.arange(0, last + 1, 6)
        ),
        f"<line x1='{left}' x2='{right}' y1='{y(0):.1f}' y2='{y(0):.1f}' stroke='#9aa5b1'/>",
        line(seen, ""),
        line(later, "stroke-dasharray='7 5'"),
    ]
    if np.isfinite(cost):
        marks.append(
            f"<line x1='{left}' x2='{right}' y1='{y(cost):.1f}' y2='{y(cost):.1f}' stroke='#22303c' stroke-width='2'/>"
            f"<text x='{right + 6}' y='{y(cost) + 4:.1f}' font-size='12' fill='#22303c'>cost</text>"
        )
    label = f"Effect cumulated by month after the decision, {currency}"
    return (
        f"<p class=small>months after the decision; solid: came in, dashed: predicted</p>"
        f"<svg viewBox='0 0 900 214' role=img aria-label='{label}'>{''.join(marks)}</svg>"
    )
