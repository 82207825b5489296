"""The churn model's candidates: boosted trees, and the logistic regression that they have to beat.

``churn: {model: auto}`` keeps the trees only where they are better beyond noise on the held-out rows: of two models
that do as well, the simpler one is easier to check and to explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from joblib import cpu_count

from ..core.arrays import Bools, Floats, Ints
from ..core.config.business import Config
from ..core.errors import ConfigError
from ..core.hashing import uniform_hash
from ..core.short_repr import ShortRepr
from ..models.churn.baseline import LogisticBaseline, best_penalty
from ..models.churn.competing import ChurnClassifier, CompetingChurn
from ..models.churn.logistic import LogisticChurn
from ..models.evaluation.time_split import Split
from .paired_losses import paired_difference

__all__ = [
    "CandidateKind",
    "Chosen",
    "ChurnData",
    "check_candidates",
    "choose_model",
    "chosen_kind",
    "embargo_days",
    "fit_baseline",
    "fit_logistic",
    "fit_trees",
    "log_losses",
]

CandidateKind = Literal["trees", "logistic"]

_PENALTIES = (1.0, 0.1, 0.01, 0.001, 0.0001)
"""Inverse penalties of the logistic regression that are tried."""
_PENALTY_ROWS = 30_000
"""About how many rows the penalties are tried on, and judged on: whole customers, drawn by a hash."""
_ROWS_FOR_THREADS = 50_000
"""Fewer rows are learnt from faster than threads meet."""
_BASELINE_ROWS = 400_000
"""About how many rows the logistic regression learns from, drawn alike; fewer would make it a weaker opponent."""


@dataclass(frozen=True)
class ChurnData(ShortRepr):
    """Labelled rows: who was at risk at a snapshot, what was known, and which cause struck (0 stays)."""

    spine: pd.DataFrame
    features: pd.DataFrame
    cause: Ints

    @property
    def churned(self) -> Ints:
        """1 where a customer was lost, whatever the cause."""
        return (self.cause > 0).astype(np.int64)

    @property
    def single_snapshot(self) -> bool:
        """Whether all rows look from the same instant."""
        return len(self.spine["as_of"].unique()) == 1

    def take(self, rows: Bools) -> ChurnData:
        """Return the rows of a mask; where they lie together, as parts of a snapshot's order do, nothing is copied."""
        places = np.flatnonzero(rows)
        if len(places) and places[-1] - places[0] + 1 == len(places):
            chosen = slice(int(places[0]), int(places[-1]) + 1)
            return ChurnData(self.spine.iloc[chosen], self.features.iloc[chosen], self.cause[chosen])
        return ChurnData(self.spine[rows], self.features[rows], self.cause[rows])


@dataclass(frozen=True)
class Chosen(ShortRepr):
    """The candidate that is used, as it was fitted before the held-out rows.

    Parameters
    ----------
    kind, why
        Which, and a note that says why; empty where the configuration decides.
    evaluation
        The fitted model.
    penalty
        Inverse penalty of the logistic regression.
    risks
        Probabilities of churn of ``lightgbm`` and ``logistic`` on the held-out rows, (n,) each.
    rivals
        Losses by name of the simpler model that the chosen one must not lose against, (n,).
    """

    kind: CandidateKind
    why: str
    evaluation: CompetingChurn | LogisticChurn
    penalty: float
    risks: dict[str, Floats]
    rivals: dict[str, Floats]

    @property
    def name(self) -> str:
        """Its key in ``risks`` and in reports."""
        return "logistic" if self.kind == "logistic" else "lightgbm"

    def fit(self, data: ChurnData, config: Config, settings: dict[str, Any]) -> CompetingChurn | LogisticChurn:
        """Return the same kind of model fitted to ``data``."""
        if self.kind == "logistic":
            return fit_logistic(data, self.penalty, config.seed)
        return fit_trees(data, config, settings)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why it was chosen, and what the data did not allow."""
        fitted = self.evaluation.notes_ if isinstance(self.evaluation, CompetingChurn) else ()
        return (*filter(None, [self.why]), *fitted)


def choose_model(
    config: Config, data: ChurnData, split: Split, early: ChurnData, test: ChurnData, settings: dict[str, Any]
) -> Chosen:
    """Fit both candidates to ``early``, judge them on ``test``, and return the one to use.

    Parameters
    ----------
    config
        Says ``churn.model``, constraints and the seed.
    data, split
        All labelled rows and their parts, on which the penalty of the logistic regression is chosen.
    early, test
        What was known before the held-out rows, and those.
    settings
        LightGBM settings that replace the defaults.
    """
    trees, baseline = fit_trees(early, config, settings), fit_baseline(data, split, early, config.seed)
    risks = {
        "lightgbm": 1 - trees.predict_causes(test.features)[:, 0],
        "logistic": baseline.predict_proba(test.features)[:, 1],
    }
    by_trees, by_logistic = (log_losses(test.churned, risk) for risk in risks.values())
    kind, why = chosen_kind(config, by_trees, by_logistic, test.spine["customer_id"])
    if kind == "trees":
        return Chosen(kind, why, trees, baseline.C, risks, {"logistic regression": by_logistic})
    logistic = fit_logistic(early, baseline.C, config.seed)
    risks["logistic"] = 1 - logistic.predict_causes(test.features)[:, 0]
    return Chosen(kind, why, logistic, baseline.C, risks, {})


def check_candidates(config: Config) -> None:
    """Stop where the logistic regression is asked for together with constraints, which it cannot hold.

    Raises
    ------
    ConfigError
        Both keys are given.
    """
    if config.churn.model == "logistic" and config.churn.monotone:
        raise ConfigError(
            "churn.model: logistic regression holds no constraints, got churn.monotone too; leave monotone out, or set"
            " model: trees"
        )


def embargo_days(config: Config) -> float:
    """Return the days after which a label is complete."""
    return float(config.churn.horizon_days + config.churn.grace_days)


def fit_trees(data: ChurnData, config: Config, settings: dict[str, Any]) -> CompetingChurn:
    """Return boosted trees fitted to labelled rows, with LightGBM settings that replace the defaults.

    Many rows are learnt from on ``engine.threads`` threads, as far as there are cores: the trees are the same. The
    model itself predicts on one, for predictions go by pieces of the customers.
    """
    one = data.single_snapshot
    template = ChurnClassifier(
        embargo=0.0 if one else embargo_days(config), monotone=dict(config.churn.monotone) or None, **settings
    )
    if len(data.features) >= _ROWS_FOR_THREADS:
        template.set_params(num_threads=min(config.engine.threads, cpu_count()))
    fitted = CompetingChurn(classifier=template, random_state=config.seed).fit(
        data.features,
        data.cause,
        order=None if one else data.spine["as_of"],
        groups=data.spine["customer_id"],
    )
    for model in (template, *fitted.models_.values()):
        if isinstance(model, ChurnClassifier):
            model.set_params(num_threads=1)
    return fitted


def fit_baseline(data: ChurnData, split: Split, early: ChurnData, seed: int) -> LogisticBaseline:
    """Return the baseline with the penalty that predicts the validation part best, fitted to rows of ``early``.

    Rows of one customer resemble each other, so the usual penalty overfits hundreds of features: no fair opponent.
    """
    learn, validation = (_drawn(data.take(part), _PENALTY_ROWS, seed) for part in (split.train, split.validation))
    both_kinds = all(0 < part.churned.sum() < len(part.churned) for part in (learn, validation))
    baseline = LogisticBaseline()
    if both_kinds:
        sides = (learn.features, learn.churned), (validation.features, validation.churned)
        baseline = LogisticBaseline(C=best_penalty(*sides, _PENALTIES))
    drawn = _drawn(early, _BASELINE_ROWS, seed)
    return baseline.fit(drawn.features, drawn.churned)


def fit_logistic(data: ChurnData, C: float, seed: int) -> LogisticChurn:
    """Return the logistic churn model with inverse penalty ``C``, fitted to rows of ``data``."""
    drawn = _drawn(data, _BASELINE_ROWS, seed)
    return LogisticChurn(C=C).fit(drawn.features, drawn.cause)


def chosen_kind(config: Config, trees: Floats, logistic: Floats, customers: Any) -> tuple[CandidateKind, str]:
    """Return which candidate is used, and a note that says why; no note where the configuration decides.

    Parameters
    ----------
    config
        Says ``churn.model`` and the seed.
    trees, logistic
        Losses of both on the held-out rows, (n,).
    customers
        Customer of each row, (n,).
    """
    if config.churn.model != "auto":
        return config.churn.model, ""
    if config.churn.monotone:
        return "trees", "model: the trees, for churn.monotone asks for constraints"
    paired = paired_difference(trees, logistic, customers, seed=config.seed)
    by = f"log loss {paired.difference:+.4g} (95% interval {paired.low:+.4g} to {paired.high:+.4g})"
    if paired.better:
        return "trees", f"model: the trees, better beyond noise than logistic regression: {by}"
    return "logistic", f"model: logistic regression, the trees are not better beyond noise: {by}"


def log_losses(churned: Ints, risk: Floats) -> Floats:
    """Return what each row adds to the log loss, (n,), probabilities kept 1e-15 away from 0 and 1."""
    p = np.clip(risk, 1e-15, 1 - 1e-15)
    return np.where(churned == 1, -np.log(p), -np.log1p(-p))


def _drawn(data: ChurnData, rows: int, seed: int) -> ChurnData:
    """Return about so many rows: all those of some customers."""
    if len(data.cause) <= rows:
        return data
    return data.take(uniform_hash(data.spine["customer_id"], f"baseline/{seed}") < rows / len(data.cause))
