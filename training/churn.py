"""The churn job: labelled snapshots, a fit beside its baseline, judged on the latest snapshots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..core.arrays import Bools, Floats
from ..core.config.business import Config
from ..core.errors import ConfigError, DataError, did_you_mean
from ..core.progress import Say
from ..core.time import local_day, local_days
from ..features.catalogue.catalogue import feature_names
from ..features.outcomes.churn_labels import churn_labels
from ..features.tables.tables import Tables
from ..features.timeline.waiting import waiting, waiting_line
from ..models.evaluation.time_split import Split, random_split, time_split
from ..models.registered import ChurnModel
from ..tracking import Run, Tracker, typical_row
from .card.portrait import portray
from .card.words import CARD_WORDS, PICTURES
from .churn_models import ChurnData, check_candidates, choose_model, embargo_days, fit_trees, log_losses
from .churn_report import ChurnReport, check_segments, churn_report, segment_table
from .feature_panel import feature_panel
from .judged import HeldOut, JudgedModel
from .leakage_gate import feature_gate, model_gate
from .promotion import promote
from .snapshots import snapshot_instants, snapshot_spine
from .too_few_churners import FEWEST_CHURNERS, too_few
from .tree_settings import searched, study_name

__all__ = ["ChurnData", "churn_data", "churn_held_out", "train_churn"]

_TYPICAL_ROWS = 50_000
"""About how many rows the invented example of the model's input is made from."""


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
    left_out = waiting_line(waiting(tables, spine))
    if left_out:
        say(f"churn: customers at snapshots {left_out}")
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
        A constraint or a segment names no feature, or the logistic regression is asked to hold constraints.
    DataError
        As for :func:`churn_data`.
    LeakageError
        A feature alone tells who leaves, or the model as a whole is too good to be true; nothing is registered.
    """
    config = tables.config
    check_candidates(config)
    _check_monotone(config, feature_names(tables))
    check_segments(config)
    data = churn_data(tables, say)
    say("churn: look for leaks")
    let = feature_gate(config, data.features, data.cause, data.spine["customer_id"], run)
    split, notes = _split(data, embargo_days(config), config.seed)
    settings, searching = _settings(data, split, config, run, say)
    early, test = data.take(_before_test(data, split)), data.take(split.test)
    say(f"churn: fit on {len(early.cause):,} rows, judge on {len(test.cause):,}")
    chosen = choose_model(config, data, split, early, test, settings)
    rate = _last_rate(early)
    report = churn_report(
        config,
        test.churned,
        {**chosen.risks, "last_rate": np.full(len(test.cause), rate)},
        test.features,
        test.spine["as_of"],
        run,
        used=chosen.name,
    )
    doubts = model_gate(config, report.reports[chosen.name], chosen.evaluation, test.features, run)
    say("churn: fit on all rows")
    model = ChurnModel(
        final=chosen.fit(data, config, settings),
        evaluation=chosen.evaluation,
        columns=tuple(map(str, data.features.columns)),
        horizon_days=config.churn.horizon_days,
    )
    run.params({"rows": len(data.cause), "snapshots": data.spine["as_of"].nunique(), "features": len(model.columns)})
    run.tags({"churn_model": chosen.kind})
    _for_the_card(config, data, early, test, report, chosen.name, run)
    say("churn: what the model looks at")
    unit = PICTURES.say(run.locale, "probability")
    portray(run, model.predict_frame, test.features, ["churn_probability"], unit=unit, seed=config.seed)
    say("churn: register")
    return promote(
        tracker,
        config.model_name("churn"),
        model,
        typical_row(data.features.iloc[:: 1 + len(data.cause) // _TYPICAL_ROWS]),
        run=run,
        held_out=replace(_held_out(test, rate, config.seed), rivals=chosen.rivals),
        beside=_figures(report, chosen.name),
        notes=(report.grade.line(), *let, *doubts, *notes, *searching, *chosen.notes),
        losses=log_losses(test.churned, chosen.risks[chosen.name]),
        objections=(f"of grade {report.grade.letter} ({report.grade.word})",) if report.grade.unusable else (),
    )


def _for_the_card(
    config: Config, data: ChurnData, early: ChurnData, test: ChurnData, report: ChurnReport, used: str, run: Run
) -> None:
    """Note what the model was learnt from and judged on, by period, counts and segments."""
    for label, part in (("learnt_from", data), ("judged_on", test), ("early", early)):
        days = local_days(pd.to_datetime(part.spine["as_of"]), config.timezone)
        first, last = (dt.date.fromisoformat(str(day)) for day in (days.min(), days.max()))
        run.facts[CARD_WORDS.say(run.locale, label)] = CARD_WORDS.say(
            run.locale,
            "churn_rows",
            n=int(days.nunique()),
            first=first,
            last=last,
            rows=len(part.cause),
            customers=int(part.spine["customer_id"].nunique()),
            voluntary=int((part.cause == 1).sum()),
            involuntary=int((part.cause == 2).sum()),
            days=config.churn.horizon_days,
        )
    run.segments = segment_table(report.table, used)


def _figures(report: ChurnReport, used: str) -> dict[str, float]:
    """Return what stands beside the loss of the model."""
    return {
        "AUC": report.reports[used].auc,
        "logistic regression log loss": report.reports["logistic"].log_loss,
        "its AUC": report.reports["logistic"].auc,
        "last month's rate log loss": report.reports["last_rate"].log_loss,
    }


def _check_monotone(config: Config, features: Sequence[str]) -> None:
    """Stop at the first constraint on a feature that this business does not have."""
    for name in config.churn.monotone:
        if name not in features:
            near = did_you_mean(name, features)
            raise ConfigError(f"churn.monotone: expected features of this business, got '{name}'{near}")


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
    return searched(lambda chosen: fit_trees(learn, config, {**chosen, "folds": 1}), held, config, name, run, say), ()


def _split(data: ChurnData, embargo: float, seed: int) -> tuple[Split, tuple[str, ...]]:
    """Split by time; a single snapshot is split by customer, and says so."""
    if not data.single_snapshot:
        split = time_split(data.spine["as_of"], embargo)
        return split, (split.note,) if split.note else ()
    split = random_split(data.spine["customer_id"], seed)
    return split, ("a single snapshot: judged on customers held out at random, not on a later time",)


def churn_held_out(tables: Tables, say: Say) -> HeldOut:
    """Return the latest held-out snapshots as judges of any churn model.

    Raises
    ------
    DataError
        As for :func:`churn_data`.
    """
    config = tables.config
    data = churn_data(tables, say)
    split, _ = _split(data, embargo_days(config), config.seed)
    early = data.take(_before_test(data, split))
    return _held_out(data.take(split.test), _last_rate(early), config.seed)


def _held_out(test: ChurnData, rate: float, seed: int) -> HeldOut:
    return HeldOut(
        measure="log loss",
        losses_of=lambda model: log_losses(test.churned, _judged_risk(model, test)),
        customers=test.spine["customer_id"],
        naive=log_losses(test.churned, np.full(len(test.cause), rate)),
        naive_name="last month's rate",
        seed=seed,
    )


def _judged_risk(model: ChurnModel, test: ChurnData) -> Floats:
    risk: Floats = 1 - model.evaluation.predict_causes(test.features[list(model.columns)])[:, 0]
    return risk
