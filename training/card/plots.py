"""Pictures of what a model is worth; each function draws one and returns it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...core.arrays import Floats, Positions
from ...core.locale import Locale
from .words import PICTURES

__all__ = [
    "calibration_plot",
    "canvas",
    "clv_decile_plot",
    "cost_curve_plot",
    "dress",
    "effect_rank_plot",
    "gain_plot",
    "profit_plot",
    "survival_plot",
]


ENGLISH = Locale("en")
_INK, BLUE, _ORANGE, _GREY = "#22303c", "#1f6feb", "#d9730d", "#9aa5b1"
COLOURS = (BLUE, _ORANGE, "#2da44e", "#8250df", "#cf222e", "#57606a", "#bf8700")


def canvas(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    """Return an empty picture in the house's style, and its axes."""
    figure = Figure(figsize=(5.6, 4.2), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    dress(axes, title, x, y)
    return figure, axes


def dress(axes: Axes, title: str, x: str, y: str) -> None:
    """Give axes the house's style: a title to the left, names of both axes, no frame."""
    axes.set_title(title, loc="left", fontsize=11, color=_INK)
    axes.set_xlabel(x, color=_INK)
    axes.set_ylabel(y, color=_INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(alpha=0.2)


def _groups(order: Floats, groups: int) -> list[Positions]:
    """Return positions sorted by ``order`` and cut into groups of nearly equal size."""
    return [part for part in np.array_split(np.argsort(order, kind="stable"), groups) if len(part)]


def calibration_plot(
    y: Floats,
    models: dict[str, Floats],
    groups: int = 10,
    held_out: str = "on_snapshots",
    locale: Locale = ENGLISH,
) -> Figure:
    """Draw observed against predicted churn in ``groups`` groups of equal size, one line a model."""
    say = partial(PICTURES.say, locale)
    title = say("calibration_title", held_out=say(held_out))
    figure, axes = canvas(title, say("predicted_churn"), say("observed_churn"))
    top = 0.0
    for (name, p), colour in zip(models.items(), (BLUE, _ORANGE, _GREY), strict=False):
        parts = _groups(p, groups)
        predicted, observed = [p[g].mean() for g in parts], [y[g].mean() for g in parts]
        top = max(top, *predicted, *observed)
        axes.plot(predicted, observed, "o-", color=colour, label=name, markersize=4)
    axes.plot([0, top], [0, top], "--", color=_GREY, linewidth=1)
    axes.legend(frameon=False)
    return figure


def gain_plot(y: Floats, models: dict[str, Floats], held_out: str = "on_snapshots", locale: Locale = ENGLISH) -> Figure:
    """Draw the share of churners found against the share of customers looked at, riskiest first."""
    say = partial(PICTURES.say, locale)
    title = say("gain_title", held_out=say(held_out))
    figure, axes = canvas(title, say("share_customers"), say("share_found"))
    share = np.linspace(0, 1, 101)
    for (name, p), colour in zip(models.items(), (BLUE, _ORANGE, _GREY), strict=False):
        found = np.concatenate([[0.0], np.cumsum(y[np.argsort(-p, kind="stable")]) / max(y.sum(), 1)])
        axes.plot(share, found[np.round(share * len(y)).astype(int)], color=colour, label=name)
    axes.plot([0, 1], [0, 1], "--", color=_GREY, linewidth=1)
    axes.legend(frameon=False)
    return figure


def profit_plot(
    profit: Floats,
    models: dict[str, Floats],
    break_even: float,
    currency: str,
    dot: str | None = None,
    locale: Locale = ENGLISH,
) -> Figure:
    """Draw a campaign's profit a customer of the base against the share contacted, riskiest first.

    ``profit`` is what contacting each customer brings; a dot marks where each model's risk, or whatever else orders
    the customers, falls to ``break_even``; ``dot`` is the code of the sentence that says so.
    """
    say = partial(PICTURES.say, locale)
    unit = say("a_customer", unit=currency)
    figure, axes = canvas(say("profit_title"), say("share_contacted"), unit)
    share = np.linspace(0, 1, len(profit) + 1)
    drawn = np.unique(np.linspace(0, len(profit), 1_001).round().astype(int))
    for (name, p), colour in zip(models.items(), (BLUE, _ORANGE, _GREY), strict=False):
        earned = np.concatenate([[0.0], np.cumsum(profit[np.argsort(-p, kind="stable")])]) / len(profit)
        cut = int((p > break_even).sum())
        axes.plot(share[drawn], earned[drawn], color=colour, label=name)
        axes.plot(share[cut], earned[cut], "o", color=colour, markersize=6)
    axes.axhline(0, color=_GREY, linewidth=1)
    axes.legend(frameon=False, title=say(dot) if dot else say("dot_risk", risk=break_even), title_fontsize=8)
    return figure


def clv_decile_plot(realised: Floats, predicted: Floats, currency: str, days: int, locale: Locale = ENGLISH) -> Figure:
    """Draw mean predicted and mean realised value over ``days`` days, by decile of the prediction."""
    say = partial(PICTURES.say, locale)
    figure, axes = canvas(say("decile_title", days=days), say("decile_axis"), currency)
    parts = _groups(predicted, 10)
    place = np.arange(1, len(parts) + 1)
    axes.bar(place - 0.2, [predicted[g].mean() for g in parts], 0.4, color=BLUE, label=say("predicted"))
    axes.bar(place + 0.2, [realised[g].mean() for g in parts], 0.4, color=_ORANGE, label=say("realised"))
    axes.set_xticks(place)
    axes.legend(frameon=False)
    return figure


def effect_rank_plot(curves: dict[str, tuple[Floats, Floats]], currency: str, locale: Locale = ENGLISH) -> Figure:
    """Draw mean doubly robust effect of the best-ranked share on held-out decisions, one line an action.

    ``curves`` maps an action to (share ranked first, mean score there): the targeting operator
    characteristic before its overall mean is taken off (Yadlowsky et al. 2025).
    """
    say = partial(PICTURES.say, locale)
    figure, axes = canvas(say("rank_title"), say("rank_axis"), currency)
    for (name, (share, mean)), colour in zip(curves.items(), COLOURS * 4, strict=False):
        axes.plot(share, mean, color=colour, label=name)
    axes.axhline(0, color=_GREY, linewidth=1)
    if curves:
        axes.legend(frameon=False, fontsize=8)
    return figure


def cost_curve_plot(curve: pd.DataFrame, currency: str, locale: Locale = ENGLISH) -> Figure:
    """Draw what each policy earns on held-out decisions at each budget, the first one with its 95% band.

    ``curve`` is what :func:`cost_curves` returns.
    """
    say = partial(PICTURES.say, locale)
    figure, axes = canvas(say("curve_title"), say("curve_budget", unit=currency), say("curve_value", unit=currency))
    lines = [(name, part) for name, part in curve.groupby("policy", sort=False) if len(part) > 1]
    for (name, part), colour in zip(lines, (BLUE, _ORANGE, "#2da44e", _GREY) * 2, strict=False):
        axes.plot(part["budget"], part["value"], color=colour, label=name)
        if colour == BLUE:
            axes.fill_between(part["budget"], part["low"], part["high"], color=colour, alpha=0.15, linewidth=0)
    axes.axhline(0, color=_GREY, linewidth=1)
    axes.legend(frameon=False, fontsize=8)
    return figure


def survival_plot(table: pd.DataFrame, locale: Locale = ENGLISH) -> Figure:
    """Draw predicted and observed survival by lead and by renewal number, one column a term class.

    ``table`` is what :func:`lead_calibration` returns; the band is where the
    observed curve would lie 95 times in 100 if the predicted one were true.
    """
    terms = list(dict.fromkeys(table["term"]))
    figure = Figure(figsize=(4.6 * max(len(terms), 1), 7.2), dpi=120, layout="constrained")
    say = partial(PICTURES.say, locale)
    labels = {"lead": ("month_after", "share_stays"), "renewal": ("renewal_number", "share_renews")}
    for place, (by, (across, up)) in enumerate(labels.items()):
        for column, term in enumerate(terms):
            axes = figure.add_subplot(2, len(terms), place * len(terms) + column + 1)
            part = table[(table["term"] == term) & (table["by"] == by)]
            _draw_survival(axes, part, locale)
            dress(axes, say("survival_title", term=str(term)), say(across), say(up))
    if terms:
        figure.axes[0].legend(frameon=False)
    return figure


def _draw_survival(axes: Axes, part: pd.DataFrame, locale: Locale) -> None:
    """Draw one curve from 1 on; the step before the first one is where all still run."""
    if part.empty:
        return
    step = np.append(part["step"].iloc[0] - 1, part["step"])
    predicted, observed = (np.append(1.0, part[f"{kind}_survival"]) for kind in ("predicted", "observed"))
    around = 1.96 * np.append(0.0, part["survival_error"])
    axes.fill_between(step, predicted - around, predicted + around, color=BLUE, alpha=0.15, linewidth=0)
    axes.plot(step, predicted, color=BLUE, label=PICTURES.say(locale, "predicted"))
    axes.plot(step, observed, "o", color=_ORANGE, markersize=3, label=PICTURES.say(locale, "observed_held"))
    axes.set_ylim(0, 1.03)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
