"""Why a customer is at risk, in words: exact tree contributions read with the phrases of the features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Bools, Floats, Objects
from ...core.config.business import Config
from ...features.catalogue.catalogue import explain_all
from ...features.catalogue.declare import FeatureInfo
from ...features.phrases.say import TOGETHER, Together, counts, is_quiet, say, topic
from ...models.registered import ChurnModel

__all__ = ["REASONS", "reason_words", "reasons", "without_words"]

REASONS = ("reason_1", "reason_2", "reason_3")

_LEAST = 0.02
"""Log-odds below which a topic is no reason: it moves a risk by less than one part in fifty."""

_NOTHING = {"en": "nothing raises the risk above others'", "fr": "rien n'élève le risque au-dessus des autres"}

_BLOCK = 10_000
"""Rows explained at a time, so that memory does not grow with the customers."""


def reasons(model: ChurnModel, features: pd.DataFrame, explained: Bools, config: Config) -> pd.DataFrame:
    """Return the three topics that raise a customer's risk most, in words; null where nobody looks.

    Parameters
    ----------
    model
        The churn champion.
    features
        Features of n customers.
    explained
        Mask (n,) of the customers to explain: exact contributions cost far more than a prediction.
    config
        Whose features they are, and the language.

    Notes
    -----
    Features of one topic go together and speak once: their contributions are added, and the one that adds most gives
    the words, unless it is quiet. Contributions are against the average customer: a reason says what the model looks
    at, not what caused the wish to leave.
    """
    result = pd.DataFrame(None, index=features.index, columns=list(REASONS), dtype=object)
    if not explained.any():
        return result
    rows = features[explained]
    words = []
    for start in range(0, len(rows), _BLOCK):
        block = rows.iloc[start : start + _BLOCK]
        words.append(reason_words(model.contributions(block), block, config))
    result.loc[explained] = np.concatenate(words)
    return result


def reason_words(contributions: pd.DataFrame, rows: pd.DataFrame, config: Config) -> Objects:
    """Return the reasons of n customers, (n, 3), None where there are fewer.

    Parameters
    ----------
    contributions
        What each feature adds to their log-odds of churn, (n, columns).
    rows
        Their features.
    config
        As for :func:`reasons`.
    """
    known = explain_all(config)
    infos = {str(name): known[str(name)] for name in contributions.columns}
    return _words(contributions, rows, infos, config)


def without_words(config: Config) -> str:
    """Return what is said of a customer whose risk nothing raises, in the config's language."""
    return _NOTHING[config.language]


def _words(
    contributions: pd.DataFrame, rows: pd.DataFrame, infos: Mapping[str, FeatureInfo], config: Config
) -> Objects:
    """Return up to three reasons a row, (rows, 3), None where there are fewer."""
    topics = _columns_by_topic(infos)
    names = list(topics)
    parts = [contributions[columns].to_numpy() for columns in topics.values()]
    totals = np.column_stack([part.sum(axis=1) for part in parts])
    speakers = [_speakers(part, rows[columns], infos) for part, columns in zip(parts, topics.values(), strict=True)]
    words = np.full((len(rows), len(REASONS)), None, dtype=object)
    for place, row in enumerate(rows[list(infos)].to_dict("records")):
        order = np.argsort(-totals[place], kind="stable")
        raising = {names[i]: speakers[i][place] for i in order if totals[place, i] > _LEAST}
        for slot, phrase in zip(range(len(REASONS)), _phrases(raising, row, infos, config), strict=False):
            words[place, slot] = phrase
    return words


def _columns_by_topic(infos: Mapping[str, FeatureInfo]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for name, info in infos.items():
        columns.setdefault(topic(info), []).append(name)
    return columns


def _speakers(part: Floats, rows: pd.DataFrame, infos: Mapping[str, FeatureInfo]) -> list[str]:
    """Return which feature of a topic speaks for each row: the one that adds most.

    Quiet features, and those where nothing happened, give way to another that raises the risk.
    """
    infos_of = [infos[str(name)] for name in rows.columns]
    nothing = rows.isna().to_numpy() | ((rows == 0).to_numpy() & [counts(info) for info in infos_of])
    loud = np.where(nothing | [is_quiet(info) for info in infos_of], -np.inf, part)
    chosen = np.where(loud.max(axis=1) > 0, loud.argmax(axis=1), part.argmax(axis=1))
    return [str(rows.columns[place]) for place in chosen]


def _phrases(
    raising: Mapping[str, str], row: Mapping[Any, Any], infos: Mapping[str, FeatureInfo], config: Config
) -> Iterator[str]:
    """Yield the words of each topic in its order; topics that say more together are told once, at the first of them."""
    together = next((t for t in TOGETHER if t.main in raising and _holds(t, row)), None)
    done = False
    for name, speaker in raising.items():
        if together is None or name not in together.covers:
            yield say(
                infos[speaker], row[speaker], language=config.language, currency=config.currency, names=config.names
            )
        elif not done:
            done = True
            yield together.words[config.language]


def _holds(together: Together, row: Mapping[Any, Any]) -> bool:
    return all(name in row and pd.notna(row[name]) for name in together.needs) and together.holds(row)
