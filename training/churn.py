"""The churn job: labelled snapshots, a fit beside its baseline, judged on the latest snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..core.arrays import Bools, Floats, Ints
from ..core.config.business import Config
from ..core.errors import ConfigError, DataError, did_you_mean
from ..core.hashing import uniform_hash
from ..core.progress import Say
from ..core.short_repr import ShortRepr
from ..core.time import local_day
from ..features.catalogue.catalogue import feature_names
from ..features.outcomes.churn_labels import churn_labels
from ..features.tables.tables import Tables
from ..models.churn.baseline import LogisticBaseline, best_penalty
from ..models.churn.competing import ChurnClassifier, CompetingChurn
from ..models.evaluation.time_split import Split, random_split, time_split
from ..models.registered import ChurnModel
from ..tracking import Run, Tracker, typical_row
from .churn_report import check_segments, churn_report
from .feature_panel import feature_panel
from .judged import HeldOut, JudgedModel
from .leakage_gate import feature_gate
from .promotion import promote
from .snapshots import snapshot_instants, snapshot_spine
from .too_few_churners import FEWEST_CHURNERS, too_few
from .tree_settings import searched, study_name

__all__ = ["ChurnData", "churn_data", "churn_held_out", "train_churn"]

_PENALTIES = (1.0, 0.1, 0.01, 0.001, 0.0001)
"""Inverse penalties of the logistic regression that are tried."""
_PENALTY_ROWS = 30_000
"""About how many rows the penalties are tried on, and judged on: whole customers, drawn by a hash."""
_BASELINE_ROWS = 400_000
"""About how many rows the logistic regression learns from, drawn alike; fewer would make it a weaker opponent."""
_TYPICAL_ROWS = 50_000
"""About how many rows the invented example of the model's input is made from."""


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


def churn_data(tables: Tables, say: Say) -> ChurnData:
    """Return all rows with a complete label, at most ``models.max_rows``.

    Raises
    ------
    DataError
        No label is complete, or there are too few churners to learn from.
    """
    config = tables.config
    say("churn: snapshots and labels")
    spine = snapshot_spine(tables, snapshot_instants(tables), config.models.max_rows, config.seed)
    labels = churn_labels(tables, spine)
    usable = (labels["at_risk"] & labels["observed"]).to_numpy()
    days = config.churn.horizon_days + config.churn.grace_days
    if not usable.any():
        end = local_day(tables.data_until, config.timezone)
        raise DataError(
            f"expected customers at risk at a snapshot at least {days} days (horizon and grace) before the data end"
            f" at {end}, found none; choose earlier snapshots or a shorter horizon"
        )
    spine, labels = spine[usable].reset_index(drop=True), labels[usable]
    cause = (labels["voluntary"] + 2 * labels["involuntary"]).to_numpy(dtype=np.int64)
    churners = spine.loc[cause > 0, "customer_id"].nunique()
    if churners < FEWEST_CHURNERS:
        raise DataError(too_few(tables, spine, churners))
    say(f"churn: features of {len(spine):,} rows")
    return ChurnData(spine, feature_panel(tables, spine), cause)


def train_churn(tables: Tables, tracker: Tracker, run: Run, say: Say) -> JudgedModel:
    """Fit, judge, log and register the churn model.

    Raises
    ------
    ConfigError
        A constraint or a segment names no feature.
    DataError
        As for :func:`churn_data`.
    LeakageError
        A feature alone tells who leaves; no model is fitted.
    """
    config = tables.config
    _check_monotone(config, feature_names(tables))
    check_segments(config)
    data = churn_data(tables, say)
    say("churn: look for leaks")
    let = feature_gate(config, data.features, data.cause, data.spine["customer_id"], run)
    split, notes = _split(data, _embargo(config), config.seed)
    settings, searching = _settings(data, split, config, run, say)
    early, test = data.take(_before_test(data, split)), data.take(split.test)
    say(f"churn: fit on {len(early.cause):,} rows, judge on {len(test.cause):,}")
    judged = _fit(early, config, settings)
    baseline = _baseline(data, split, early, config.seed)
    risk = 1 - judged.predict_causes(test.features)[:, 0]
    found = churn_report(
        config,
        test.churned,
        {
            "lightgbm": risk,
            "logistic": baseline.predict_proba(test.features)[:, 1],
            "last_rate": np.full(len(test.cause), _last_rate(early)),
        },
        test.features,
        test.spine["as_of"],
        run,
    )
    say("churn: fit on all rows")
    model = ChurnModel(
        final=_fit(data, config, settings),
        evaluation=judged,
        columns=tuple(map(str, data.features.columns)),
        horizon_days=config.churn.horizon_days,
    )
    run.params({"rows": len(data.cause), "snapshots": data.spine["as_of"].nunique(), "features": len(model.columns)})
    say("churn: register")
    return promote(
        tracker,
        config.model_name("churn"),
        model,
        typical_row(data.features.iloc[:: 1 + len(data.cause) // _TYPICAL_ROWS]),
        run=run,
        held_out=_held_out(test, _last_rate(early), config.seed),
        beside={
            "AUC": found.reports["lightgbm"].auc,
            "logistic regression log loss": found.reports["logistic"].log_loss,
            "its AUC": found.reports["logistic"].auc,
            "last month's rate log loss": found.reports["last_rate"].log_loss,
        },
        notes=(found.grade.line(), *let, *notes, *searching, *judged.notes_),
        losses=_log_losses(test, risk),
    )


def _baseline(data: ChurnData, split: Split, early: ChurnData, seed: int) -> LogisticBaseline:
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


def _drawn(data: ChurnData, rows: int, seed: int) -> ChurnData:
    """Return about so many rows: all those of some customers."""
    if len(data.cause) <= rows:
        return data
    return data.take(uniform_hash(data.spine["customer_id"], f"baseline/{seed}") < rows / len(data.cause))


def _check_monotone(config: Config, features: Sequence[str]) -> None:
    """Stop at the first constraint on a feature that this business does not have."""
    for name in config.churn.monotone:
        if name not in features:
            near = did_you_mean(name, features)
            raise ConfigError(f"churn.monotone: expected features of this business, got '{name}'{near}")


def _embargo(config: Config) -> float:
    """Return the days after which a label is complete."""
    return float(config.churn.horizon_days + config.churn.grace_days)


def _before_test(data: ChurnData, split: Split) -> Bools:
    """Return the rows whose labels were complete before the test began: those between training and validation too."""
    if data.single_snapshot:
        return split.train | split.validation
    as_of = data.spine["as_of"]
    return np.asarray(as_of <= as_of[split.train | split.validation].max())


def _last_rate(early: ChurnData) -> float:
    """Return the churn rate of the last snapshot whose outcome was known."""
    last = early.spine["as_of"] == early.spine["as_of"].max()
    return float(early.churned[last.to_numpy()].mean())


def _settings(
    data: ChurnData, split: Split, config: Config, run: Run, say: Say
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the trees' settings, and what is to be said about the search for them."""
    if not config.churn.tuning.trials:
        return {}, ()
    learn, validation = data.take(split.train), data.take(split.validation)
    if not len(validation.cause):
        return {}, ("not tuned: there is no validation part before the held-out snapshots",)
    name = study_name(config, data.features, data.cause, data.spine)
    held = (validation.features, validation.cause)
    # One hold-out a trial is enough to compare settings; the model itself holds out folds in turn.
    return searched(lambda chosen: _fit(learn, config, {**chosen, "folds": 1}), held, config, name, run, say), ()


def _split(data: ChurnData, embargo: float, seed: int) -> tuple[Split, tuple[str, ...]]:
    """Split by time; a single snapshot is split by customer, and says so."""
    if not data.single_snapshot:
        split = time_split(data.spine["as_of"], embargo)
        return split, (split.note,) if split.note else ()
    split = random_split(data.spine["customer_id"], seed)
    return split, ("a single snapshot: judged on customers held out at random, not on a later time",)


def _fit(data: ChurnData, config: Config, settings: dict[str, Any]) -> CompetingChurn:
    one = data.single_snapshot
    template = ChurnClassifier(
        embargo=0.0 if one else _embargo(config), monotone=dict(config.churn.monotone) or None, **settings
    )
    return CompetingChurn(classifier=template, random_state=config.seed).fit(
        data.features,
        data.cause,
        order=None if one else data.spine["as_of"],
        groups=data.spine["customer_id"],
    )


def churn_held_out(tables: Tables, say: Say) -> HeldOut:
    """Return the latest held-out snapshots as judges of any churn model.

    Raises
    ------
    DataError
        As for :func:`churn_data`.
    """
    config = tables.config
    data = churn_data(tables, say)
    split, _ = _split(data, _embargo(config), config.seed)
    early = data.take(_before_test(data, split))
    return _held_out(data.take(split.test), _last_rate(early), config.seed)


def _held_out(test: ChurnData, rate: float, seed: int) -> HeldOut:
    return HeldOut(
        measure="log loss",
        losses_of=lambda model: _log_losses(test, _judged_risk(model, test)),
        customers=test.spine["customer_id"],
        naive=_log_losses(test, np.full(len(test.cause), rate)),
        naive_name="last month's rate",
        seed=seed,
    )


def _log_losses(test: ChurnData, risk: Floats) -> Floats:
    """Return what each row adds to :func:`log_loss`, (n,)."""
    p = np.clip(risk, 1e-15, 1 - 1e-15)
    return np.where(test.churned == 1, -np.log(p), -np.log1p(-p))


def _judged_risk(model: ChurnModel, test: ChurnData) -> Floats:
    risk: Floats = 1 - model.evaluation.predict_causes(test.features[list(model.columns)])[:, 0]
    return risk
