"""The champions that a night scores with, those it does without, and how good the churn model is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...core.config.business import Config, ModelKind
from ...core.errors import ModelError
from ...core.locale import Locale
from ...core.messages import Message
from ...models.evaluation.grade import GRADE_WORDS
from ...models.portfolio import AT_RISK
from ...tracking import CHAMPION, Loaded, Tracker, by_hand
from .words import SCORE_WORDS

__all__ = ["Champions", "champion_versions", "check_columns", "load_champions", "predictions"]


@dataclass(frozen=True)
class Champions:
    """The models in use by kind, why others are lacking, and the churn model's grade ("" where nobody graded it)."""

    models: Mapping[ModelKind, Loaded | None]
    lacking: Mapping[str, Message]
    grade: str

    def __getitem__(self, kind: ModelKind) -> Loaded | None:
        """Return one champion, None where there is none."""
        return self.models[kind]

    @property
    def versions(self) -> dict[str, int | None]:
        """Versions by kind, None where there is no champion."""
        return {kind: None if model is None else model.version for kind, model in self.models.items()}

    def reasons(self, locale: Locale) -> dict[str, str]:
        """Return in words why a kind of model is lacking, by kind."""
        return {kind: SCORE_WORDS.write(locale, reason) for kind, reason in self.lacking.items()}

    def lines(self, locale: Locale) -> list[str]:
        """Return what a user reads about them: the grade, and which are lacking."""
        meaning = self.grade if self.grade in GRADE_WORDS else "not_graded"
        graded = SCORE_WORDS.say(locale, "grade", grade=self.grade, meaning=meaning)
        lacking = self.reasons(locale).items()
        return [
            *([graded] if self.grade else []),
            *(SCORE_WORDS.say(locale, "not_scored", kind=kind, reason=reason) for kind, reason in lacking),
        ]


def load_champions(config: Config, versions: Mapping[ModelKind, int | None] | None = None) -> Champions:
    """Return the champions of a business, or the versions that were; any of the three may be lacking.

    Raises
    ------
    ModelError
        There is neither a churn nor a CLV champion, or a version cannot be read.
    """
    tracker = Tracker.of(config)
    numbers = champion_versions(tracker, config) if versions is None else versions
    models = {
        kind: None if number is None else tracker.read(config.model_name(kind), number)
        for kind, number in numbers.items()
    }
    if models["churn"] is None and models["clv"] is None:
        name = config.model_name("churn")
        raise ModelError(
            f"expected a champion '{name}' or '{config.model_name('clv')}' to score with, found neither;"
            f" {tracker.remedy(name)}"
        )
    lacking: dict[str, Message] = {
        kind: _why_none(tracker, config.model_name(kind)) for kind, model in models.items() if model is None
    }
    effects = models["incremental"]
    if effects is not None and models["clv"] is None and set(AT_RISK) & set(effects.model.columns):
        models["incremental"] = None
        lacking["incremental"] = Message.of("no_value_at_risk")
    return Champions(models, lacking, _grade(tracker, models["churn"]))


def champion_versions(tracker: Tracker, config: Config) -> dict[ModelKind, int | None]:
    """Return the numbers of the champions by kind of model; None where there is none."""
    kinds: tuple[ModelKind, ...] = ("churn", "clv", "incremental")
    return {kind: tracker.version_of(config.model_name(kind), CHAMPION) for kind in kinds}


def _why_none(tracker: Tracker, name: str) -> Message:
    """Return why a model has no champion, with what brings it one."""
    latest = next(iter(tracker.versions(name)), None)
    if latest is None:
        return Message.of("untrained", name=name)
    return Message.of("not_promoted", name=name, version=str(latest.number), command=by_hand(name, latest.number))


def _grade(tracker: Tracker, churn: Loaded | None) -> str:
    """Return the letter that training gave the churn model, "" where nobody graded it."""
    if churn is None:
        return ""
    version = next((v for v in tracker.versions(churn.name) if v.number == churn.version), None)
    return "" if version is None else tracker.past_run(version.run_id).tags.get("grade", "")


def predictions(loaded: Loaded, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a champion's predictions, one row for each row of ``frame``.

    Raises
    ------
    ModelError
        The champion was trained on columns that these tables do not give.
    """
    check_columns(loaded, frame.columns)
    result: pd.DataFrame = loaded.model.predict_frame(frame)
    return result


def check_columns(loaded: Loaded, columns: pd.Index[Any]) -> None:
    """Stop where a champion was trained on columns that are not there.

    Raises
    ------
    ModelError
        It was.
    """
    missing = [name for name in loaded.model.columns if name not in columns]
    if missing:
        raise ModelError(
            f"champion '{loaded.name}' version {loaded.version} was trained on '{missing[0]}'"
            f" ({len(missing)} such columns), which these tables do not give; bring the table or train again"
        )
