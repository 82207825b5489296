"""Why an action for a customer: what of that customer moves the value of that very action.

A reason for a list is not a reason to leave. Each topic of features is put back, customer by customer, to what is usual
among the customers scored, and everything that the action's value follows from is computed anew: what the customer
stands to lose by each cause, and the effect that the action's model makes of it. What the value then falls by is what
the topic moves it by, in money:

    moved(T) = tau_a(x) - tau_a(x with the features of T as usual).

The feature that moves it most in the topic gives the words; where nothing happened that an agent could speak of, the
topic is no reason. What a customer pays is one topic, told last. Protected features are neither put back nor spoken of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Bools, Floats, Objects, Positions
from ...core.config.business import Config
from ...core.errors import ConfigError, did_you_mean
from ...core.records import ClvInputs
from ...core.short_repr import ShortRepr
from ...features.catalogue.catalogue import explain_all
from ...features.catalogue.declare import FeatureInfo
from ...features.phrases.say import topic
from ...models.fitting.encoding import SharedRows
from ...models.portfolio import ClvModel, at_risk
from ...models.registered import IncrementalModel
from ..scores.protected import protected_features
from ..scores.reasons import columns_by_topic, nothing_to_say, told

__all__ = ["ACTION_REASONS", "ActionValue", "action_reasons", "check_answers", "usual"]

ACTION_REASONS = ("action_reason_1", "action_reason_2")

_LEAST = 0.05
"""Part of an action's value below which a topic is no reason for it."""

_TRIED = 5
"""Topics that move a value most, of which the reasons are taken."""

_PRICE, _OF_PRICE = "contract.price_per_month", {"price", "price_per_month"}
"""The price stands among the features and in the state of the contract: both are put back together."""

_LAST = ("price",)
"""Topics that come after all others: the more a customer pays the more any action is worth, which sets few apart."""

_WITH = {"payments": "price"}
"""Topics that are told with another."""

_BLOCK = 5_000
"""Customers explained at a time, so that memory does not grow with the list."""


_Change = tuple[Sequence[str], Positions]
"""Features that are put back to what is usual, and the customers of a block for whom."""


@dataclass(frozen=True)
class ActionValue(ShortRepr):
    """What an action is worth for a customer, from the features on: the models that scored the list.

    Parameters
    ----------
    effects
        The effects of the actions.
    clv
        What customers stand to lose; None: the effects do not start from it.
    """

    effects: IncrementalModel
    clv: ClvModel | None

    def of(self, inputs: ClvInputs, actions: pd.Series) -> Floats:
        """Return the effect of each customer's action, (n,); NaN for an action that the models do not know.

        Parameters
        ----------
        inputs
            What is known of n customers.
        actions
            The action of each, (n,).
        """
        frame = inputs.features.reset_index(drop=True)
        if self.clv is not None:
            risk = at_risk(self.clv.final, inputs, horizon_months=self.clv.horizon_months)
            frame = pd.concat([frame, risk.reset_index(drop=True)], axis=1)
        shared, value = SharedRows(frame[list(self.effects.columns)]), np.full(len(frame), np.nan)
        for action, model in self.effects.final.items():
            rows = (actions == action).to_numpy(dtype=bool)
            if rows.any():
                value[rows] = model.predict_with_interval(shared.of(rows))[0]
        return value


def usual(inputs: ClvInputs) -> dict[str, Any]:
    """Return what is usual among customers, by feature: the median or the most frequent word; missing where most are.

    Of running subscriptions too: their price a month.

    Examples
    --------
    >>> features = pd.DataFrame({"payments": [1.0, 2.0, 9.0], "method": ["card", "iban", "iban"]})
    >>> usual(ClvInputs(features, None, {}))
    {'payments': 2.0, 'method': 'iban'}
    """
    found: dict[str, Any] = {}
    state = inputs.contract
    if state is not None and state.running.any():
        found[_PRICE] = float(np.median((state.price / state.term_months)[state.running]))
    for name, column in inputs.features.items():
        there = column.dropna()
        if len(there) * 2 < len(column) or there.empty:
            found[str(name)] = np.nan if pd.api.types.is_numeric_dtype(column) else None
        elif pd.api.types.is_numeric_dtype(column):
            found[str(name)] = float(there.astype(float).median())
        else:
            found[str(name)] = there.mode().iloc[0]
    return found


def check_answers(config: Config) -> None:
    """Stop at an answer to a topic that no reason can have.

    Raises
    ------
    ConfigError
        ``answers`` of an action names no topic.
    """
    topics = sorted({topic(info) for info in explain_all(config).values()})
    for action, terms in config.incremental.actions.items():
        for name in terms.answers:
            if name not in topics:
                near = did_you_mean(name, topics) or f"; expected one of {', '.join(topics)}"
                raise ConfigError(f"incremental.actions.{action}.answers: no topic is called '{name}'{near}")


def action_reasons(
    config: Config,
    value: ActionValue,
    inputs: ClvInputs,
    actions: pd.Series,
    usually: Mapping[str, Any],
    as_of: pd.Series,
) -> pd.DataFrame:
    """Return up to two reasons for each customer's action in words, (n, 2); null where nothing sets the customer apart.

    Parameters
    ----------
    config
        Language, names, what is protected, and what actions answer to a topic.
    value
        What an action is worth.
    inputs
        What is known of n customers: all features, and what the CLV model reads.
    actions
        The action of each, (n,).
    usually
        What is usual, see :func:`usual`.
    as_of
        The instant that each was looked at from, (n,), with a zone or in UTC.
    """
    known = explain_all(config)
    hidden = protected_features(config, known)
    infos = {str(name): known[str(name)] for name in inputs.features.columns if name in known and name not in hidden}
    day = pd.to_datetime(as_of, utc=True).dt.tz_convert(config.timezone).reset_index(drop=True)
    kind = actions.reset_index(drop=True)
    words = np.full((len(inputs), len(ACTION_REASONS)), None, dtype=object)
    for start in range(0, len(inputs), _BLOCK):
        part = np.arange(start, min(start + _BLOCK, len(inputs)))
        block = _Block(value, inputs.take(part), kind.iloc[part].reset_index(drop=True), usually, infos)
        words[part] = block.words(config, day.iloc[part].reset_index(drop=True))
    return pd.DataFrame(words, columns=list(ACTION_REASONS))


@dataclass(frozen=True)
class _Block(ShortRepr):
    """Customers whose actions are explained together."""

    value: ActionValue
    inputs: ClvInputs
    actions: pd.Series
    usually: Mapping[str, Any]
    infos: Mapping[str, FeatureInfo]

    def words(self, config: Config, day: pd.Series) -> Objects:
        """Return the reasons of each customer, (n, 2)."""
        topics: dict[str, list[str]] = {}
        for name, columns in columns_by_topic(self.infos).items():
            topics.setdefault(_WITH.get(name, name), []).extend(columns)
        names = list(topics)
        whole = self.value.of(self.inputs, self.actions)
        heard = [
            np.flatnonzero(np.any([self._speaks[name] for name in columns], axis=0)) for columns in topics.values()
        ]
        moved = np.zeros((len(whole), len(names)))
        for i, part in enumerate(self._moved([*zip(topics.values(), heard, strict=True)], whole)):
            moved[heard[i], i] = part
        raises, order = _raising(names, whole, moved)
        there = [np.flatnonzero(raises[:, i] & (order == i).any(axis=1)) for i in range(len(names))]
        speaking: list[dict[str, str]] = [{} for _ in whole]
        for name, rows, speakers in zip(names, there, self._speakers(topics, there, whole), strict=True):
            for row, speaker in zip(rows.tolist(), speakers, strict=True):
                speaking[row] |= {name: speaker} if speaker else {}
        said = np.full((len(whole), len(ACTION_REASONS)), None, dtype=object)
        frame = self.inputs.features[list(self.infos)].to_dict("records")
        for row, features in enumerate(frame):
            raising = {names[i]: speaking[row][names[i]] for i in order[row] if names[i] in speaking[row]}
            answers = _answers(config, str(self.actions.iloc[row]))
            found = told(raising, features, self.infos, config, day.iloc[row])
            for slot, (subject, phrase) in zip(range(len(ACTION_REASONS)), found, strict=False):
                said[row, slot] = _with_answer(phrase, answers.get(subject), config)
        return said

    @cached_property
    def _unusual(self) -> dict[str, Bools]:
        """Return who differs from what is usual, (n,), by feature."""
        found = {}
        for name in self.infos:
            column, normal = self.inputs.features[name], self.usually[name]
            same = column.isna() if pd.isna(normal) else column == normal
            found[name] = ~same.fillna(False).to_numpy(dtype=bool)
        return found

    @cached_property
    def _speaks(self) -> dict[str, Bools]:
        """Return for whom there is something to say of a feature, (n,), by feature."""
        silent = nothing_to_say(self.inputs.features[list(self.infos)], self.infos)
        return dict(zip(self.infos, ~silent.T, strict=True))

    def _moved(self, changes: Sequence[_Change], whole: Floats) -> list[Floats]:
        """Return by how much the value falls with each change, (customers of the change,) each.

        Changes are valued together, :data:`_BLOCK` customers at a time: a call of the models costs more than a row.
        """
        out = [np.zeros(len(rows)) for _, rows in changes]
        differs = [np.any([self._unusual[name][rows] for name in columns], axis=0) for columns, rows in changes]
        for batch in _batches([int(who.sum()) for who in differs]):
            changed = [(changes[i][0], changes[i][1][differs[i]]) for i in batch]
            rows = np.concatenate([there for _, there in changed])
            after = self.value.of(self._as_usual(changed), self.actions.iloc[rows])
            fallen = np.nan_to_num(whole[rows] - after)
            ends = np.cumsum([len(there) for _, there in changed])
            for i, part in zip(batch, np.split(fallen, ends[:-1]), strict=True):
                out[i][differs[i]] = part
        return out

    def _as_usual(self, changes: Sequence[_Change]) -> ClvInputs:
        """Return what is known of the customers of each change, one change below the other, with it made."""
        part = self.inputs.take(np.concatenate([rows for _, rows in changes]))
        filled: dict[str, pd.Series] = {}
        state, end = part.contract, 0
        for columns, rows in changes:
            where = slice(end, end := end + len(rows))
            for name in columns:
                if name not in filled:
                    column = part.features[name]
                    filled[name] = column.astype("float64") if pd.api.types.is_numeric_dtype(column) else column.copy()
                filled[name].iloc[where] = self.usually[name]
            if state is not None and _PRICE in self.usually and _OF_PRICE & set(columns):
                price = np.array(state.price, dtype=float)
                usual_price = self.usually[_PRICE] * state.term_months[where]
                price[where] = np.where(state.running[where], usual_price, price[where])
                state = replace(state, price=price)
        return ClvInputs(part.features.assign(**filled), state, part.summaries)

    def _speakers(
        self, topics: Mapping[str, list[str]], there: Sequence[Positions], whole: Floats
    ) -> list[list[str | None]]:
        """Return, by topic, which feature speaks for each of its customers: the one that moves the value most alone."""
        alone: list[_Change] = [
            ([name], rows[self._speaks[name][rows]])
            for columns, rows in zip(topics.values(), there, strict=True)
            for name in columns
        ]
        parts = iter(zip(alone, self._moved(alone, whole), strict=True))
        found: list[list[str | None]] = []
        for columns, rows in zip(topics.values(), there, strict=True):
            loud = np.full((len(rows), len(columns)), -np.inf)
            for place in range(len(columns)):
                (_, heard), moved = next(parts)
                loud[np.searchsorted(rows, heard), place] = moved
            best, top = loud.argmax(1), loud.max(1)
            found.append([columns[i] if most > 0 else None for i, most in zip(best, top, strict=True)])
        return found


def _batches(sizes: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of what is not empty, as many together as :data:`_BLOCK` holds."""
    batch: list[int] = []
    for place, size in enumerate(sizes):
        if batch and sum(sizes[i] for i in batch) + size > _BLOCK:
            yield batch
            batch = []
        if size:
            batch.append(place)
    if batch:
        yield batch


def _raising(names: list[str], whole: Floats, moved: Floats) -> tuple[Bools, Positions]:
    """Return which topics raise each customer's value enough, (n, topics), and those that raise it most, in order."""
    least = _LEAST * np.abs(np.nan_to_num(whole))[:, None]
    raises = (moved > least) & (moved > 0)
    ranked = np.where(np.isin(names, _LAST), np.minimum(moved, least / 2), moved)
    return raises, np.argsort(-ranked, axis=1, kind="stable")[:, :_TRIED]


def _answers(config: Config, action: str) -> Mapping[str, str]:
    terms = config.incremental.actions.get(action)
    return {} if terms is None else terms.answers


def _with_answer(phrase: str, answer: str | None, config: Config) -> str:
    """Return a reason with what the action does about it behind."""
    if not answer:
        return phrase
    return f"{phrase}\u00a0: {answer}" if config.language == "fr" else f"{phrase}: {answer}"
