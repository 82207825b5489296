"""Surveys beside their value: how many answered, the value weighted for who answers, and the worst cases."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ...core.arrays import Floats, Ints
from ...features.indicators.aggregate import ALL, GROUP
from ...features.indicators.answers import answers, groups_of, known_when_asked
from ...features.indicators.declare import Indicator, Kind
from ...features.indicators.measure import Measured
from ...features.indicators.scope import MONTH
from ...models.fitting.answer_weights import answer_chances, answer_weights

__all__ = ["ANSWERED", "weighted_answers"]

ANSWERED = ("response_rate", "weighted", "bound_low", "bound_high")
"""Columns that surveys have beside their value."""

_LEAST = 20
"""Fewest answers, and fewest silent, from whom it can be told who answers."""

_COLUMNS = [MONTH, "by", GROUP, *ANSWERED]
_ENDS = {Kind.SHARE: (0.0, 1.0), Kind.NPS: (-100.0, 100.0)}


def weighted_answers(measured: Measured, indicator: Indicator, rows: pd.DataFrame) -> pd.DataFrame:
    """Return by month and group how many answered, the weighted value, and what the silent could make of it.

    Parameters
    ----------
    measured
        Tables and months.
    indicator
        Any; what is no survey's has no rows here.
    rows
        Its rows: by which dimensions it was split.

    Returns
    -------
    pandas.DataFrame
        month, by, group and :data:`ANSWERED`. Without ``surveys.sent_at`` nobody knows who was silent: no rows.
    """
    empty = pd.DataFrame(columns=_COLUMNS).astype({MONTH: "int64", **dict.fromkeys(ANSWERED, "float64")})
    if indicator.survey is None or not measured.scope.has("surveys.sent_at"):
        return empty
    asked = answers(measured.scope, indicator)
    if asked.empty:
        return empty
    chance = _chances(asked)
    parts = [
        _by_cell(asked, chance, _cells(measured, indicator, asked, str(by)), str(by), _ENDS[indicator.kind])
        for by in rows["by"].unique()
    ]
    return pd.concat(parts, ignore_index=True)


def _chances(asked: pd.DataFrame) -> Floats | None:
    """Return the chance of an answer of everybody asked; None where too few answered, or were silent, to tell."""
    told = asked["answered"].to_numpy(dtype=bool)
    if min(told.sum(), (~told).sum()) < _LEAST:
        return None
    return answer_chances(known_when_asked(asked), told)


def _cells(measured: Measured, indicator: Indicator, asked: pd.DataFrame, by: str) -> pd.Series:
    if by == ALL:
        return pd.Series("", index=asked.index)
    groups = groups_of(measured.scope, indicator, by)
    return asked[["survey_id"]].merge(groups, on="survey_id", how="left")[GROUP].set_axis(asked.index)


def _by_cell(
    asked: pd.DataFrame, chance: Floats | None, group: pd.Series, by: str, ends: tuple[float, float]
) -> pd.DataFrame:
    cells = asked[[MONTH]].assign(**{GROUP: group}).groupby([MONTH, GROUP], sort=True)
    number: Ints = np.asarray(cells.ngroup(), dtype=np.int64)
    told = asked["answered"].to_numpy(dtype=bool)
    weight = None if chance is None else answer_weights(chance, told, number)
    places = cells.size().reset_index()[[MONTH, GROUP]]
    figures = _figures(asked["worth"].to_numpy(dtype=float), told, number, weight, ends)
    return places.assign(by=by, **dict(zip(ANSWERED, figures, strict=True)))[_COLUMNS]


def _figures(
    worth: Floats, told: Floats, number: Ints, weight: Floats | None, ends: tuple[float, float]
) -> Iterator[Floats]:
    """Yield response rate, weighted value, and the value if all silent answered worst, and best, by cell."""
    sent = np.bincount(number).astype(float)
    replies = np.bincount(number, told)
    total = np.bincount(number, np.where(told, worth, 0.0))
    yield replies / sent
    if weight is None:
        yield np.full(len(sent), np.nan)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            yield np.bincount(number, weight * worth) / np.bincount(number, weight)
    for end in ends:
        yield (total + end * (sent - replies)) / sent
