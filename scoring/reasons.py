"""Why a customer is at risk, in words: exact tree contributions read with the feature declarations."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.config import Config
from ..features.catalogue import explain
from ..features.declare import FeatureInfo
from ..models.served import ChurnModel

__all__ = ["REASONS", "in_words", "reasons"]

REASONS = ("reason_1", "reason_2", "reason_3")


def reasons(model: ChurnModel, features: pd.DataFrame, looked_at: NDArray[np.bool_], config: Config) -> pd.DataFrame:
    """Return the three features that raise a customer's risk most, in words; null where nobody looks.

    Parameters
    ----------
    model
        The churn champion.
    features
        Features of n customers.
    looked_at
        Mask (n,) of the customers to explain: exact contributions cost far more than a prediction.
    config
        Whose features they are.

    Notes
    -----
    Windows of one feature speak once: their contributions are added, and the strongest window gives the words.
    """
    result = pd.DataFrame(None, index=features.index, columns=list(REASONS), dtype=object)
    if not looked_at.any():
        return result
    rows = features[looked_at]
    contributions = model.contributions(rows)
    stems = [_stem(name) for name in contributions.columns]
    together = contributions.T.groupby(stems, sort=False).sum().T
    values = together.to_numpy()
    order = np.argsort(-values, axis=1, kind="stable")[:, : len(REASONS)]
    strongest = {stem: contributions.loc[:, [s == stem for s in stems]] for stem in together.columns}
    infos = {name: explain(name, config) for name in contributions.columns}
    words = np.full((len(rows), len(REASONS)), None, dtype=object)
    for place in range(order.shape[1]):
        for column in np.unique(order[:, place]):
            chosen = (order[:, place] == column) & (values[np.arange(len(rows)), column] > 0)
            if chosen.any():
                windows = strongest[together.columns[column]][chosen].idxmax(axis=1)
                words[chosen, place] = [in_words(infos[name], rows.loc[row, name]) for row, name in windows.items()]
    result.loc[looked_at] = words
    return result


def _stem(name: str) -> str:
    """Return a feature's name without its window."""
    return re.sub(r"_\d+d$", "", name)


def in_words(info: FeatureInfo, value: object) -> str:
    """Return a feature's meaning and value, such as ``Complaints opened in the last 90 days: 2``."""
    meaning = re.split(r"[;:,]", info.meaning.rstrip("."))[0]
    if info.window_days is not None:
        meaning = meaning.replace("the window", f"the last {info.window_days} days")
    meaning = meaning.replace(" at as_of", "").replace("before as_of", "by then")
    if value is None or value != value:
        return f"{meaning}: none"
    if isinstance(value, str):
        return f"{meaning}: {value}"
    if info.unit == "1 or 0":
        return f"{meaning}: {'yes' if float(value) else 'no'}"  # type: ignore[arg-type]
    return f"{meaning}: {float(value):,.4g}"  # type: ignore[arg-type]
