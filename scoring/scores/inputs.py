"""What the tables of a night hold that the models never learnt from: texts among numbers, and unknown levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.config.business import Config, ModelKind
from ...core.errors import DataError
from ...core.locale import Locale
from ...features.catalogue.catalogue import explain_all
from ...models.fitting.encoding import FrameEncoding, encodings_of
from ...tracking import Loaded
from .words import SCORE_WORDS

__all__ = ["InputCounts", "UnknownInput", "learnt_encodings", "readable_features"]

_SUMS = ("_broken", "_changed", "_static", "_levels")
"""Counts of rows by column."""


@dataclass(frozen=True)
class UnknownInput:
    """One column that holds what a model cannot use: how many rows, and their share of the customers scored.

    Parameters
    ----------
    column
        Name of the feature.
    kind
        ``text``: no numbers where numbers belong; ``empty``: no value at all; ``levels``: levels unknown to ``models``.
    rows, share
        How many customers, and their share.
    models
        Kinds of models that do not know the levels.
    """

    column: str
    kind: Literal["text", "empty", "levels"]
    rows: int
    share: float
    models: tuple[str, ...] = ()

    def line(self, locale: Locale) -> str:
        """Return what a user reads about it."""
        figures = {"column": self.column, "rows": self.rows, "share": self.share, "models": self.models}
        return SCORE_WORDS.say(locale, self.kind, **figures)

    def facts(self) -> dict[str, Any]:
        """Return it as plain values for a file."""
        return {"kind": self.kind, "rows": self.rows, "share": self.share, "models": list(self.models)}


def learnt_encodings(champions: Mapping[ModelKind, Loaded | None]) -> dict[str, list[FrameEncoding]]:
    """Return the different encodings of each champion in use, by kind of model."""
    learnt: dict[str, list[FrameEncoding]] = {
        kind: encodings_of(loaded.model.final) for kind, loaded in champions.items() if loaded is not None
    }
    return {kind: list({_content(one): one for one in encodings}.values()) for kind, encodings in learnt.items()}


def _content(encoding: FrameEncoding) -> tuple[Any, ...]:
    return encoding.columns, *((name, *levels) for name, levels in encoding.categories.items())


class InputCounts:
    """What the models cannot use, counted over all customers, some of whom are seen at a time.

    Parameters
    ----------
    config
        Whose ``tolerate: unreadable_numbers`` bounds the share of a column's rows that may count as missing.
    encodings
        What each model learnt, by kind of model.
    """

    def __init__(self, config: Config, encodings: Mapping[str, Sequence[FrameEncoding]]) -> None:
        self._config, self._encodings = config, encodings
        learnt = [encoding for of_model in encodings.values() for encoding in of_model]
        texts = {name for encoding in learnt for name in encoding.categories}
        self._numbers = [n for n in dict.fromkeys(n for e in learnt for n in e.numbers) if n not in texts]
        self._seen = 0
        self._broken: dict[str, int] = {}
        self._example: dict[str, Any] = {}
        self._changed: dict[str, int] = {}
        self._static: dict[str, int] = {}
        self._levels: dict[str, int] = {}
        self._models: dict[str, set[str]] = {}

    def readable(self, spine: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
        """Return the features of some customers with numbers where numbers belong, and count what is in them."""
        changed: dict[str, pd.Series] = {}
        self._seen += len(features)
        for name in self._numbers:
            if name not in features or pd.api.types.is_numeric_dtype(features[name].dtype):
                continue
            changed[name], broken = _as_numbers(features[name])
            _add(self._broken, name, int(broken.sum()))
            if broken.any():
                self._example.setdefault(name, spine["customer_id"].to_numpy()[broken][0])
        for name in changed:
            _add(self._changed, name, int(features[name].notna().sum()))
        for name in self._config.static:
            if name in features and name not in changed:
                _add(self._static, name, int(features[name].notna().sum()))
        read = features.assign(**changed) if changed else features
        self._count_levels(read)
        return read

    def fresh(self) -> InputCounts:
        """Return one of the same models that has counted nothing yet."""
        return InputCounts(self._config, self._encodings)

    def counted(self) -> dict[str, Any]:
        """Return what was counted so far, as plain values that :meth:`add` takes."""
        sums = {name: dict(getattr(self, name)) for name in _SUMS}
        kinds = {name: sorted(kinds) for name, kinds in self._models.items()}
        return sums | {"_seen": self._seen, "_example": dict(self._example), "_models": kinds}

    def add(self, counted: Mapping[str, Any]) -> None:
        """Count what another, of the same models, :meth:`counted` of other customers."""
        self._seen += counted["_seen"]
        self._example = counted["_example"] | self._example
        for sums in _SUMS:
            for name, rows in counted[sums].items():
                _add(getattr(self, sums), name, rows)
        for name, kinds in counted["_models"].items():
            self._models.setdefault(name, set()).update(kinds)

    def _count_levels(self, features: pd.DataFrame) -> None:
        masks: dict[str, Bools] = {}
        for kind, learnt in self._encodings.items():
            unknown = [encoding.unknown(features) for encoding in learnt]
            for name in dict.fromkeys(name for encoding in learnt for name in encoding.categories):
                parts = [of.get(name) for of, one in zip(unknown, learnt, strict=True) if name in one.categories]
                mask = np.logical_and.reduce([part for part in parts if part is not None])
                if any(part is None for part in parts) or not mask.any():
                    continue
                masks[name] = masks.get(name, np.zeros(len(features), dtype=bool)) | mask
                self._models.setdefault(name, set()).add(kind)
        for name, mask in masks.items():
            _add(self._levels, name, int(mask.sum()))

    def unreadable(self) -> tuple[UnknownInput, ...]:
        """Return the columns whose texts or gaps count as missing.

        Raises
        ------
        DataError
            A column of numbers holds more texts than the config tolerates; column, rows, a key and the remedy are
            named.
        """
        texts = tuple(self._tolerated(name, rows) for name, rows in self._broken.items() if rows)
        there = [*self._changed.items(), *self._static.items()]
        return (*texts, *(UnknownInput(str(name), "empty", self._seen, 1.0) for name, n in there if not n))

    def _tolerated(self, name: str, rows: int) -> UnknownInput:
        """Return what counts as missing, if the config allows so much of it."""
        share = rows / self._seen
        if share <= self._config.tolerate.unreadable_numbers:
            return UnknownInput(name, "text", rows, share)
        info = explain_all(self._config).get(name)
        where = name if info is None or not info.sources else ", ".join(info.sources)
        raise DataError(
            f"'{where}': expected numbers as in training, {rows:,} of {self._seen:,} customers have a text that is none"
            f" (such as customer_id {self._example[name]}); correct it at its source, or let a share of such rows count"
            " as missing under tolerate: unreadable_numbers:"
        )

    def unknown(self) -> tuple[UnknownInput, ...]:
        """Return the columns with levels that training never saw, of the most rows first.

        The parts of one model learn from customers of their own: a switch to direct debit never saw those who pay by
        it, nor does it score them. A level is unknown to a model if no part of it saw it.
        """
        columns = [
            UnknownInput(
                name, "levels", rows, rows / self._seen, tuple(k for k in self._encodings if k in self._models[name])
            )
            for name, rows in self._levels.items()
        ]
        return tuple(sorted(columns, key=lambda one: (-one.rows, one.column)))


def readable_features(
    config: Config, spine: pd.DataFrame, features: pd.DataFrame, encodings: Iterable[FrameEncoding]
) -> tuple[pd.DataFrame, tuple[UnknownInput, ...]]:
    """Return the features with numbers where numbers belong, and the columns whose texts or gaps count as missing.

    A text that is a number is that number. A column without any value is missing, whatever its type; that is told
    of columns of the config's own, and of those that held numbers and do no more.

    Parameters
    ----------
    config
        Whose ``tolerate: unreadable_numbers`` bounds the share of a column's rows that may count as missing.
    spine
        Customer of each row, for an example.
    features
        Features, (n, columns).
    encodings
        What the models learnt; a column that one of them knows as categories stays as it is.

    Raises
    ------
    DataError
        A column of numbers holds more texts than the config tolerates; column, rows, a key and the remedy are named.
    """
    counts = InputCounts(config, {"": list(encodings)})
    read = counts.readable(spine, features)
    return read, counts.unreadable()


def _add(counts: dict[str, int], name: Any, rows: int) -> None:
    counts[name] = counts.get(name, 0) + rows


def _as_numbers(column: pd.Series) -> tuple[pd.Series, Bools]:
    """Return a column as floats, and which of its values are no numbers."""
    values = pd.to_numeric(column.astype(object).where(column.notna(), np.nan), errors="coerce").astype("float64")
    return values, (values.isna() & column.notna()).to_numpy(dtype=bool)
