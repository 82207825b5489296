"""The geometry of when value comes: the effect cumulated by month after the decision, beside the cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ....core.arrays import Bools
from ....core.locale import Locale
from ...pages.drawings import ticks

__all__ = ["MonthLine", "month_line"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 15.0, 88.0, 12.0, 190.0
_MONTHS_APART = 6


@dataclass(frozen=True)
class MonthLine:
    """A line in its place: across in per cent of the width, heights in units of the picture.

    Parameters
    ----------
    left, right
        Ends of the axis of months.
    realised, predicted
        Points (x, y) of what came in, and of what is predicted.
    money, months
        Round values of both axes: place and text.
    zero, cost
        Heights of 0 and of the cost; None where no cost is known.
    """

    left: float
    right: float
    realised: tuple[tuple[float, float], ...]
    predicted: tuple[tuple[float, float], ...]
    money: tuple[tuple[float, str], ...]
    months: tuple[tuple[float, str], ...]
    zero: float
    cost: float | None


def month_line(months: pd.DataFrame, locale: Locale) -> MonthLine | None:
    """Return the cumulated effect by month: solid where it came in, dashed where it is predicted.

    Parameters
    ----------
    months
        Rows of ``roi_by_month.parquet`` of one row of the statement; None is returned without any.
    locale
        How figures are written.
    """
    if months.empty:
        return None
    at, value = months["month"].to_numpy(dtype=float), months["cumulated_incremental_clv"].to_numpy(dtype=float)
    cost = float(months["cost"].iloc[0])
    ends = np.append(value, [0.0, *([cost] if np.isfinite(cost) else [])])
    low, high, last = float(ends.min()), float(ends.max()), float(at.max())

    def x(month: float) -> float:
        return _LEFT + month / max(last, 1.0) * (_RIGHT - _LEFT)

    def y(money: float) -> float:
        return _BOTTOM - (money - low) / max(high - low, 1e-9) * (_BOTTOM - _TOP)

    def points(chosen: Bools) -> tuple[tuple[float, float], ...]:
        return tuple((x(m), y(v)) for m, v in zip(at[chosen], value[chosen], strict=True))

    realised = months["realised"].to_numpy(dtype=bool)
    later = ~realised | (at == at[realised].max() if realised.any() else np.zeros(len(at), dtype=bool))
    return MonthLine(
        left=_LEFT,
        right=_RIGHT,
        realised=points(realised),
        predicted=points(later),
        money=tuple((y(v), locale.short(v)) for v in ticks(low, high)),
        months=tuple((x(m), locale.number(m)) for m in np.arange(0, last + 1, _MONTHS_APART)),
        zero=y(0),
        cost=y(cost) if np.isfinite(cost) else None,
    )
