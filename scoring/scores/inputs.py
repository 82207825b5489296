"""What the tables of a night hold that the models never learnt from: texts among numbers, and unknown levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

__all__ = ["UnknownInput", "learnt_encodings", "readable_features", "unknown_levels"]


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
    known = list(encodings)
    texts = {name for encoding in known for name in encoding.categories}
    numbers = [name for name in dict.fromkeys(n for e in known for n in e.numbers) if name not in texts]
    changed: dict[str, pd.Series] = {}
    unknown = []
    for name in numbers:
        if name not in features or pd.api.types.is_numeric_dtype(features[name].dtype):
            continue
        changed[name], broken = _as_numbers(features[name])
        if broken.any():
            unknown.append(_tolerated(config, spine, str(name), broken))
    for name in (*(str(n) for n in changed), *(n for n in config.static if n in features and n not in changed)):
        if features[name].isna().all():
            unknown.append(UnknownInput(name, "empty", len(features), 1.0))
    return (features.assign(**changed) if changed else features), tuple(unknown)


def _as_numbers(column: pd.Series) -> tuple[pd.Series, Bools]:
    """Return a column as floats, and which of its values are no numbers."""
    values = pd.to_numeric(column.astype(object).where(column.notna(), np.nan), errors="coerce").astype("float64")
    return values, (values.isna() & column.notna()).to_numpy(dtype=bool)


def _tolerated(config: Config, spine: pd.DataFrame, name: str, broken: Bools) -> UnknownInput:
    """Return what counts as missing, if the config allows so much of it."""
    rows, share = int(broken.sum()), float(broken.mean())
    if share <= config.tolerate.unreadable_numbers:
        return UnknownInput(name, "text", rows, share)
    info = explain_all(config).get(name)
    where = name if info is None or not info.sources else ", ".join(info.sources)
    key = spine["customer_id"].to_numpy()[broken][0]
    raise DataError(
        f"'{where}': expected numbers as in training, {rows:,} of {len(broken):,} customers have a text that is none"
        f" (such as customer_id {key}); correct it at its source, or let a share of such rows count as missing under"
        " tolerate: unreadable_numbers:"
    )


def unknown_levels(features: pd.DataFrame, encodings: Mapping[str, list[FrameEncoding]]) -> tuple[UnknownInput, ...]:
    """Return the columns with levels that training never saw, of the most rows first.

    The parts of one model learn from customers of their own: a switch to direct debit never saw those who pay by it,
    nor does it score them. A level is unknown to a model if no part of it saw it.

    Parameters
    ----------
    features
        Features, (n, columns).
    encodings
        What each model learnt, by kind of model.
    """
    masks: dict[str, Bools] = {}
    models: dict[str, dict[str, None]] = {}
    for kind, learnt in encodings.items():
        unknown = [encoding.unknown(features) for encoding in learnt]
        for name in dict.fromkeys(name for encoding in learnt for name in encoding.categories):
            parts = [of.get(name) for of, one in zip(unknown, learnt, strict=True) if name in one.categories]
            mask = np.logical_and.reduce([part for part in parts if part is not None])
            if any(part is None for part in parts) or not mask.any():
                continue
            masks[name] = masks.get(name, np.zeros(len(features), dtype=bool)) | mask
            models.setdefault(name, {})[kind] = None
    columns = [
        UnknownInput(name, "levels", int(m.sum()), float(m.mean()), tuple(models[name])) for name, m in masks.items()
    ]
    return tuple(sorted(columns, key=lambda one: (-one.rows, one.column)))
