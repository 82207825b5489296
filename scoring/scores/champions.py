"""The champions that a night scores with, those it does without, and how good the churn model is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...core.config.business import Config, ModelKind
from ...core.errors import ModelError
from ...models.evaluation.grade import GRADE_WORDS
from ...models.portfolio import AT_RISK
from ...tracking import Loaded, Tracker

__all__ = ["Champions", "load_champions"]

_UNTRAINED = "`servicelift train` says what its training lacks"


@dataclass(frozen=True)
class Champions:
    """The models in use by kind, why others are lacking, and the churn model's grade ("" where nobody graded it)."""

    models: Mapping[ModelKind, Loaded | None]
    lacking: Mapping[str, str]
    grade: str

    def __getitem__(self, kind: ModelKind) -> Loaded | None:
        """Return one champion, None where there is none."""
        return self.models[kind]

    @property
    def versions(self) -> dict[str, int | None]:
        """Versions by kind, None where there is no champion."""
        return {kind: None if model is None else model.version for kind, model in self.models.items()}

    def lines(self) -> list[str]:
        """Return what a user reads about them: the grade, and which are lacking."""
        graded = f"churn model: grade {self.grade} ({GRADE_WORDS.get(self.grade, 'not graded')})" if self.grade else ""
        return [
            *([graded] if graded else []),
            *(f"{kind}: not scored: {reason}" for kind, reason in self.lacking.items()),
        ]


def load_champions(config: Config) -> Champions:
    """Return the champions of a business; any of the three may be lacking.

    Raises
    ------
    ModelError
        There is neither a churn nor a CLV champion.
    """
    tracker = Tracker.of(config)
    kinds: tuple[ModelKind, ...] = ("churn", "clv", "incremental")
    models = {kind: tracker.find(config.model_name(kind)) for kind in kinds}
    if models["churn"] is None and models["clv"] is None:
        name = config.model_name("churn")
        raise ModelError(
            f"expected a champion '{name}' or '{config.model_name('clv')}' to score with, found neither;"
            f" {tracker.remedy(name)}"
        )
    lacking: dict[str, str] = {
        kind: f"no champion '{config.model_name(kind)}'; {tracker.remedy(config.model_name(kind), _UNTRAINED)}"
        for kind, model in models.items()
        if model is None
    }
    effects = models["incremental"]
    if effects is not None and models["clv"] is None and set(AT_RISK) & set(effects.model.columns):
        models["incremental"] = None
        lacking["incremental"] = "it spreads effects by the value at risk of a CLV champion, and there is none"
    return Champions(models, lacking, _grade(tracker, models["churn"]))


def _grade(tracker: Tracker, churn: Loaded | None) -> str:
    """Return the letter that training gave the churn model, "" where nobody graded it."""
    if churn is None:
        return ""
    version = next((v for v in tracker.versions(churn.name) if v.number == churn.version), None)
    return "" if version is None else tracker.past_run(version.run_id).tags.get("grade", "")
