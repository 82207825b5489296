"""What a model looks at: how much each feature moves its predictions, and how predictions go along with the first few.

Both are drawn from a small sample of rows, so that they cost seconds, and both speak of the model, not of the world: a
feature that moves a prediction causes nothing by that.

- *Importance* of a feature is the mean distance by which predictions move when its values are exchanged among the rows
  (permutation, Breiman 2001; Fisher, Rudin & Dominici 2019 call it model reliance), in the unit of the prediction. Of
  two features that say the same, each looks less important than both are.
- *Partial dependence* (Friedman 2001) is the mean prediction if every row of the sample had a given value of the
  feature and kept the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError, ServiceliftError
from ...core.short_repr import ShortRepr
from ...tracking import Run
from .portrait_plots import importance_plot, partial_dependence_plot
from .words import CARD_WORDS

__all__ = ["Portrait", "portrait_of", "portray"]

SAMPLE = 200
"""Rows that tell importance; half as many again tell partial dependence."""
FEATURES, VALUES = 4, 8
"""Features whose partial dependence is drawn, and values of each."""
_AT_ONCE = 20
_LEAST = 5
"""Rows that have to share a word of a feature before it is shown."""

Predict = Callable[[pd.DataFrame], pd.DataFrame]
PartOf = Callable[[str], str]


@dataclass(frozen=True)
class Portrait(ShortRepr):
    """Importance and partial dependence of a model.

    Parameters
    ----------
    importance
        One row a feature, the most telling first: ``feature``, ``importance`` (mean over the outputs), and a column an
        output where there are several.
    dependence
        ``feature``, ``value`` (text), ``at`` (number, NaN of words), ``output``, ``prediction``.
    rows
        Rows of the sample behind the importance.
    """

    importance: pd.DataFrame
    dependence: pd.DataFrame
    rows: int


def portray(
    run: Run,
    predict: Predict,
    frame: pd.DataFrame,
    outputs: Sequence[str],
    *,
    unit: str,
    seed: int,
    part_of: PartOf = str,
    rows: int = SAMPLE,
) -> Portrait | None:
    """Log a model's portrait: two tables and two pictures, which the model card shows.

    A model that refuses exchanged rows has none: its card says so, and why.

    Parameters
    ----------
    run
        The model's run.
    predict
        From features (n rows) to a frame with the columns ``outputs``.
    frame
        Features of held-out or training rows; a sample of them is used, and only aggregates are kept.
    outputs
        What is predicted.
    unit
        Unit of the predictions, for the pictures.
    seed
        Of the sample and of the exchange.
    part_of
        What a column is part of; columns of one thing are exchanged together, since apart they would not fit.
    rows
        Rows of the sample; half as many again tell partial dependence.
    """
    try:
        drawn = portrait_of(predict, frame, outputs, seed=seed, part_of=part_of, rows=rows)
    except ServiceliftError as error:
        run.facts[CARD_WORDS.say(run.locale, "portrait")] = CARD_WORDS.say(run.locale, "not_drawn", error=str(error))
        return None
    run.table(drawn.importance, "tables/importance.csv")
    run.table(drawn.dependence, "tables/partial_dependence.csv")
    run.figure(importance_plot(drawn.importance, unit, run.locale), "importance")
    if len(drawn.dependence):
        run.figure(partial_dependence_plot(drawn.dependence, unit, run.locale), "partial_dependence")
    run.strongest = [str(name) for name in drawn.importance["feature"].head(5)]
    return drawn


def portrait_of(
    predict: Predict,
    frame: pd.DataFrame,
    outputs: Sequence[str],
    *,
    seed: int,
    part_of: PartOf = str,
    rows: int = SAMPLE,
) -> Portrait:
    """Return a model's portrait; the same seed draws the same rows.

    Raises
    ------
    ModelError
        ``frame`` has no row.
    """
    if frame.empty:
        raise ModelError("expected rows to draw a portrait from, got none")
    rng = np.random.default_rng(seed)
    place = rng.permutation(len(frame))
    few = frame.iloc[np.sort(place[:rows])].reset_index(drop=True)
    more = frame.iloc[np.sort(place[: rows * 3 // 2])].reset_index(drop=True)
    parts_of: dict[str, list[str]] = {}
    for name in map(str, frame.columns):
        parts_of.setdefault(part_of(name), []).append(name)
    importance = _importance(predict, few, list(outputs), parts_of, rng)
    alone = [name for name, columns in parts_of.items() if columns == [name]]
    own = importance[(importance["importance"] > 0) & importance["feature"].isin(alone)]
    telling = own["feature"].head(FEATURES)
    parts = [_dependence(predict, more, str(name), list(outputs)) for name in telling]
    columns = ["feature", "value", "at", "output", "prediction"]
    dependence = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return Portrait(importance, dependence, len(few))


def _importance(
    predict: Predict,
    few: pd.DataFrame,
    outputs: list[str],
    parts_of: dict[str, list[str]],
    rng: np.random.Generator,
) -> pd.DataFrame:
    before = _values(predict, few, outputs)
    orders = {name: rng.permutation(len(few)) for name in parts_of}
    differ = [name for name, columns in parts_of.items() if len(few[columns].drop_duplicates()) > 1]
    moved = pd.DataFrame(0.0, index=list(parts_of), columns=outputs)
    for start in range(0, len(differ), _AT_ONCE):
        some = differ[start : start + _AT_ONCE]
        exchanged = [_exchanged(few, parts_of[name], orders[name]) for name in some]
        after = _values(predict, pd.concat(exchanged, ignore_index=True), outputs)
        apart = np.abs(after.reshape(len(some), len(few), -1) - before)
        moved.loc[some] = np.nanmean(apart, axis=1)
    table = moved.rename_axis("feature").reset_index()
    table.insert(1, "importance", table[outputs].mean(axis=1))
    table = table if len(outputs) > 1 else table.drop(columns=outputs)
    return table.sort_values(["importance", "feature"], ascending=[False, True]).reset_index(drop=True)


def _exchanged(few: pd.DataFrame, columns: list[str], order: Positions) -> pd.DataFrame:
    return few.assign(**{name: few[name].array[order] for name in columns})


def _dependence(predict: Predict, more: pd.DataFrame, name: str, outputs: list[str]) -> pd.DataFrame:
    grid = _grid(more[name])
    if not len(grid):
        return pd.DataFrame()
    set_to = [more.assign(**{name: pd.Series([value] * len(more), dtype=more[name].dtype)}) for value in grid]
    mean = _values(predict, pd.concat(set_to, ignore_index=True), outputs).reshape(len(grid), len(more), -1)
    rows = [
        (name, _text(value), np.nan if isinstance(value, str) else float(value), output, float(level))
        for value, levels in zip(grid, np.nanmean(mean, axis=1), strict=True)
        for output, level in zip(outputs, levels, strict=True)
    ]
    return pd.DataFrame(rows, columns=["feature", "value", "at", "output", "prediction"])


def _grid(column: pd.Series) -> list[float | str]:
    """Return values of a feature to look at: quantiles of a number, the words that several rows share."""
    known = column.dropna()
    if not (pd.api.types.is_numeric_dtype(known) or pd.api.types.is_bool_dtype(known)):
        counts = known.astype(str).value_counts()
        return [str(word) for word in counts[counts >= _LEAST].index[:VALUES]]
    if known.nunique() <= VALUES:
        return sorted(known.unique().tolist())
    at = np.quantile(known.to_numpy(dtype=float), np.linspace(0.05, 0.95, VALUES))
    rounded = sorted({float(f"{value:.3g}") for value in at})
    return [round(value) for value in rounded] if pd.api.types.is_integer_dtype(column.dtype) else list(rounded)


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _values(predict: Predict, frame: pd.DataFrame, outputs: list[str]) -> Floats:
    return predict(frame)[outputs].to_numpy(dtype=float)
