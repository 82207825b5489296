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
from .protected import protected_features

__all__ = [
    "REASONS",
    "columns_by_topic",
    "nothing_to_say",
    "reason_words",
    "reasons",
    "speakers",
    "told",
    "without_words",
]

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
    hidden = protected_features(config, known)
    infos = {str(name): known[str(name)] for name in contributions.columns if name not in hidden}
    return _words(contributions, rows, infos, config)


def without_words(config: Config) -> str:
    """Return what is said of a customer whose risk nothing raises, in the config's language."""
    return _NOTHING[config.language]


def _words(
    contributions: pd.DataFrame, rows: pd.DataFrame, infos: Mapping[str, FeatureInfo], config: Config
) -> Objects:
    """Return up to three reasons a row, (rows, 3), None where there are fewer."""
    topics = columns_by_topic(infos)
    names = list(topics)
    parts = [contributions[columns].to_numpy() for columns in topics.values()]
    totals = np.column_stack([part.sum(axis=1) for part in parts])
    speaking = [speakers(part, rows[columns], infos) for part, columns in zip(parts, topics.values(), strict=True)]
    words = np.full((len(rows), len(REASONS)), None, dtype=object)
    for place, row in enumerate(rows[list(infos)].to_dict("records")):
        order = np.argsort(-totals[place], kind="stable")
        raising = {names[i]: speaking[i][place] for i in order if totals[place, i] > _LEAST}
        for slot, (_, phrase) in zip(range(len(REASONS)), told(raising, row, infos, config), strict=False):
            words[place, slot] = phrase
    return words


def columns_by_topic(infos: Mapping[str, FeatureInfo]) -> dict[str, list[str]]:
    """Return the features of each topic, by what they are about."""
    columns: dict[str, list[str]] = {}
    for name, info in infos.items():
        columns.setdefault(topic(info), []).append(name)
    return columns


def speakers(part: Floats, rows: pd.DataFrame, infos: Mapping[str, FeatureInfo]) -> list[str]:
    """Return which feature of a topic speaks for each row: the one that adds most.

    Quiet features, and those where nothing happened, give way to another that raises what is explained.

    Parameters
    ----------
    part
        What each feature of the topic adds, (n, features).
    rows
        The features, (n, features), in the same order.
    infos
        What each is.
    """
    loud = np.where(nothing_to_say(rows, infos), -np.inf, part)
    chosen = np.where(loud.max(axis=1) > 0, loud.argmax(axis=1), part.argmax(axis=1))
    names = [str(name) for name in rows.columns]
    return [names[place] for place in chosen]


def nothing_to_say(rows: pd.DataFrame, infos: Mapping[str, FeatureInfo]) -> Bools:
    """Return where a feature is quiet, or nothing happened that it could speak of, (n, features).

    Parameters
    ----------
    rows, infos
        As for :func:`speakers`.
    """
    infos_of = [infos[str(name)] for name in rows.columns]
    nothing = rows.isna().to_numpy() | ((rows == 0).to_numpy() & [counts(info) for info in infos_of])
    return np.asarray(nothing | [is_quiet(info) for info in infos_of])


def told(
    raising: Mapping[str, str],
    row: Mapping[Any, Any],
    infos: Mapping[str, FeatureInfo],
    config: Config,
    as_of: pd.Timestamp | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield each topic in its order with its words; topics that say more together are told once, at the first of them.

    Parameters
    ----------
    raising
        The feature that speaks for each topic.
    row
        Features of the customer.
    infos, config
        What each feature is, and the language.
    as_of
        The instant looked from, in the business's zone, to name months by; None: none is named.
    """
    together = next((t for t in TOGETHER if t.main in raising and _holds(t, row)), None)
    done = False
    for name, speaker in raising.items():
        if together is None or name not in together.covers:
            value, names = row[speaker], config.names
            yield name, say(infos[speaker], value, language=config.language, currency=config.currency, names=names)
        elif not done:
            done = True
            yield together.main, together.said(row, config.language, as_of)


def _holds(together: Together, row: Mapping[Any, Any]) -> bool:
    return all(name in row and pd.notna(row[name]) for name in together.needs) and together.holds(row)
