"""The pictures of a model's portrait: features by importance, and predictions along the first few of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...core.locale import Locale
from .plots import BLUE, COLOURS, ENGLISH, canvas, dress
from .words import PICTURES

__all__ = ["importance_plot", "partial_dependence_plot"]

_MOST = 15


def importance_plot(importance: pd.DataFrame, unit: str, locale: Locale = ENGLISH) -> Figure:
    """Draw the most telling features; ``importance`` has the columns feature and importance, the first one on top."""
    top = importance.head(_MOST)[::-1]
    figure, axes = canvas(PICTURES.say(locale, "importance_title"), PICTURES.say(locale, "moves_by", unit=unit), "")
    axes.barh(top["feature"], top["importance"], color=BLUE)
    axes.tick_params(axis="y", labelsize=8)
    return figure


def partial_dependence_plot(dependence: pd.DataFrame, unit: str, locale: Locale = ENGLISH) -> Figure:
    """Draw the mean prediction along each feature, one line an output; ``dependence`` is that of a portrait."""
    names = list(dict.fromkeys(dependence["feature"]))
    outputs = list(dict.fromkeys(dependence["output"]))
    across = min(len(names), 2)
    figure = Figure(figsize=(4.2 * across, 3.2 * int(np.ceil(len(names) / across))), dpi=120, layout="constrained")
    for place, name in enumerate(names):
        axes = figure.add_subplot(int(np.ceil(len(names) / across)), across, place + 1)
        dress(axes, name, "", PICTURES.say(locale, "prediction", unit=unit) if place % across == 0 else "")
        own = dependence[dependence["feature"] == name]
        for output, colour in zip(outputs, COLOURS * 4, strict=False):
            line = own[own["output"] == output]
            at = line["value"] if line["at"].isna().any() else line["at"]
            label = output.removesuffix(".incremental_clv")
            axes.plot(at, line["prediction"], "o-", color=colour, markersize=4, label=label)
        axes.tick_params(labelsize=8)
    if len(outputs) > 1:
        figure.axes[0].legend(frameon=False, fontsize=7)
    return figure
