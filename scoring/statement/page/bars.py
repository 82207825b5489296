"""The bars of the statement: the bridge from the naive figure, paths with intervals, effects side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ....core.locale import Locale
from ....core.records import StudyDesign
from ...pages.drawings import BLUE, GREEN, INK, ORANGE, RED, Bar, BarPicture, Forest, ForestRow, Scale, bars
from .wording import has_contracts, title
from .words import MONEY, PICTURES

__all__ = ["bridge_bars", "forest", "path_bars"]


def bridge_bars(row: pd.Series, locale: Locale, digits: int = 2) -> BarPicture | None:
    """Return the bridge from the naive figure to the effect and on to the programme, for one treated customer."""
    n = max(float(row["n_treated"]), 1.0)
    steps = [f"bridge_{name}" for name in ("selection", "regression_to_mean", "unseen", "forecast", "double_counting")]
    if row["design"] != StudyDesign.RANDOMISED:
        steps.remove("bridge_unseen")
    if row["bridge_forecast"] == 0:
        steps.remove("bridge_forecast")

    def whole(code: str, column: str, colour: str) -> Bar:
        value = row[column] / n
        return Bar(PICTURES.say(locale, code), 0.0, value, colour, locale.number(value, digits))

    drawn, at = [whole("naive", "naive_incremental_clv", ORANGE)], row["naive_incremental_clv"] / n
    for column in steps:
        if column == "bridge_double_counting":
            drawn.append(whole("effect", "incremental_clv", BLUE))
            at = row["incremental_clv"] / n
        step = row[column] / n
        colour = GREEN if step >= 0 else RED
        drawn.append(Bar(PICTURES.say(locale, column), at, at + step, colour, locale.signed(step, digits)))
        at += step
    drawn.append(whole("programme", "programme_incremental_clv", BLUE))
    return bars([bar for bar in drawn if np.isfinite(bar.end)], PICTURES.say(locale, "bridge_label"))


def path_bars(row: pd.Series, locale: Locale) -> BarPicture | None:
    """Return the paths of an effect with intervals, and its realised and predicted part, for one treated customer."""
    n = max(float(row["n_treated"]), 1.0)
    colours = {
        "path_retention_voluntary": BLUE,
        "path_retention_involuntary": BLUE,
        "path_spend": BLUE,
        "path_cost_to_serve": BLUE,
        **({"bridge_forecast": BLUE} if row["bridge_forecast"] else {}),
        "incremental_clv": INK,
        "realised_incremental_clv": GREEN,
        "predicted_incremental_clv": ORANGE,
    }
    drawn = []
    if not has_contracts(row):
        colours = {column: colour for column, colour in colours.items() if "retention" not in column}
    for column, colour in colours.items():
        ends = [row.get(f"{column}{end}", np.nan) / n for end in ("", "_low", "_high")]
        if column == "bridge_forecast":
            drawn.append(Bar(PICTURES.say(locale, column), 0.0, ends[0], colour, locale.signed(ends[0])))
        elif np.isfinite(ends[0]):
            mid, low, high = (locale.number(value, 2) for value in ends)
            beside = MONEY.say(locale, "around", mid=mid, low=low, high=high)
            drawn.append(Bar(PICTURES.say(locale, column), 0.0, ends[0], colour, beside, ends[1], ends[2]))
    return bars(drawn, PICTURES.say(locale, "paths_label"))


def forest(rows: pd.DataFrame, locale: Locale) -> Forest | None:
    """Return effect with interval, naive figure and cost of each row, for one treated customer."""
    n = rows["n_treated"].clip(lower=1).to_numpy(dtype=float)
    columns = ["incremental_clv", "incremental_clv_low", "incremental_clv_high", "naive_incremental_clv", "cost"]
    values = rows[columns].to_numpy(dtype=float) / n[:, None]
    scale = Scale.over(values)
    if scale is None:
        return None
    placed = tuple(
        ForestRow(
            label=title(row, locale),
            effect=scale.at(mid),
            low=scale.at(lo),
            high=scale.at(hi),
            cost=scale.known(cost),
            naive=scale.known(naive),
            beside=locale.signed(mid),
        )
        for (_, row), (mid, lo, hi, naive, cost) in zip(rows.iterrows(), values, strict=True)
    )
    return Forest(scale.at(0), tuple((scale.at(value), locale.short(value)) for value in scale.axis), placed)
