"""The churn job: labelled snapshots, a fit beside its baseline, judged on the latest snapshots."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.errors import DataError
from ..core.progress import Say
from ..features.catalogue import build_features
from ..features.labels import churn_labels
from ..features.sources import Tables
from ..models.baseline import LogisticBaseline
from ..models.churn import ChurnClassifier, CompetingChurn
from ..models.metrics import ChurnReport, churn_report
from ..models.served import ChurnModel
from ..models.split import Split, random_split, time_split
from ..tracking import Run, Tracker, typical_row
from .judge import Judged, Jury, promote
from .leakage import feature_gate
from .plots import calibration_plot, gain_plot
from .snapshots import snapshot_instants, snapshot_spine

__all__ = ["ChurnData", "churn_data", "churn_jury", "train_churn"]

_FEWEST_CHURNERS = 30


@dataclass(frozen=True)
class ChurnData:
    """Labelled rows: who was at risk at a snapshot, what was known, and which cause struck (0 stays)."""

    spine: pd.DataFrame
    features: pd.DataFrame
    cause: NDArray[np.int64]

    @property
    def churned(self) -> NDArray[np.int64]:
        """1 where a customer was lost, whatever the cause."""
        return (self.cause > 0).astype(np.int64)

    @property
    def single_snapshot(self) -> bool:
        """Whether all rows look from the same instant."""
        return len(self.spine["as_of"].unique()) == 1

    def take(self, rows: NDArray[np.bool_]) -> ChurnData:
        """Return the rows of a mask."""
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
        raise DataError(
            f"expected customers at risk at a snapshot at least {days} days (horizon and grace) before the data end"
            f" at {tables.data_until:%Y-%m-%d}, found none; choose earlier snapshots or a shorter horizon"
        )
    spine, labels = spine[usable].reset_index(drop=True), labels[usable]
    cause = (labels["voluntary"] + 2 * labels["involuntary"]).to_numpy(dtype=np.int64)
    churners = spine.loc[cause > 0, "customer_id"].nunique()
    if churners < _FEWEST_CHURNERS:
        raise DataError(
            f"no churner to learn from: expected at least {_FEWEST_CHURNERS} customers lost within"
            f" {config.churn.horizon_days} days of a snapshot, found {churners} among"
            f" {spine['customer_id'].nunique():,}; check subscriptions.ended_at, the horizon and the snapshots"
            if churners == 0
            else f"too few churners to learn from: expected at least {_FEWEST_CHURNERS} customers lost within"
            f" {config.churn.horizon_days} days of a snapshot, found {churners} among"
            f" {spine['customer_id'].nunique():,}; bring more history or lengthen churn.horizon_days"
        )
    say(f"churn: features of {len(spine):,} rows")
    return ChurnData(spine, build_features(tables, spine), cause)


def train_churn(tables: Tables, tracker: Tracker, run: Run, say: Say) -> Judged:
    """Fit, judge, log and register the churn model.

    Raises
    ------
    DataError
        As for :func:`churn_data`.
    LeakageError
        A feature alone tells who leaves; no model is fitted.
    """
    config = tables.config
    data = churn_data(tables, say)
    say("churn: look for leaks")
    let = feature_gate(config, data.features, data.cause, data.spine["customer_id"], run)
    embargo = float(config.churn.horizon_days + config.churn.grace_days)
    split, notes = _split(data, embargo, config.seed)
    early, test = data.take(~split.test & (split.train | split.validation)), data.take(split.test)
    say(f"churn: fit on {len(early.cause):,} rows, judge on {len(test.cause):,}")
    judged = _fit(early, embargo, config.seed)
    baseline = LogisticBaseline().fit(early.features, early.churned)
    say("churn: fit on all rows")
    model = ChurnModel(
        point=_fit(data, embargo, config.seed),
        judged=judged,
        columns=tuple(map(str, data.features.columns)),
        horizon_days=config.churn.horizon_days,
    )
    reports = _report(test, judged, baseline, early.churned.mean(), run)
    run.params({"rows": len(data.cause), "snapshots": data.spine["as_of"].nunique(), "features": len(model.columns)})
    say("churn: register")
    return promote(
        tracker,
        config.model_name("churn"),
        model,
        typical_row(data.features),
        run=run,
        jury=_jury(test, float(early.churned.mean()), config.seed),
        beside={
            "AUC": reports["lightgbm"].auc,
            "logistic regression log loss": reports["logistic"].log_loss,
            "its AUC": reports["logistic"].auc,
        },
        notes=(*let, *notes, *judged.notes_),
    )


def _split(data: ChurnData, embargo: float, seed: int) -> tuple[Split, tuple[str, ...]]:
    """Split by time; a single snapshot is split by customer, and says so."""
    if not data.single_snapshot:
        split = time_split(data.spine["as_of"], embargo)
        return split, (split.note,) if split.note else ()
    split = random_split(data.spine["customer_id"], seed)
    return split, ("a single snapshot: judged on customers held out at random, not on a later time",)


def _fit(data: ChurnData, embargo: float, seed: int) -> CompetingChurn:
    one = data.single_snapshot
    template = ChurnClassifier(embargo=0.0 if one else embargo)
    return CompetingChurn(classifier=template, random_state=seed).fit(
        data.features,
        data.cause,
        order=None if one else data.spine["as_of"],
        groups=data.spine["customer_id"],
    )


def churn_jury(tables: Tables, say: Say) -> Jury:
    """Return the latest held-out snapshots as judges of any churn model.

    Raises
    ------
    DataError
        As for :func:`churn_data`.
    """
    config = tables.config
    data = churn_data(tables, say)
    split, _ = _split(data, float(config.churn.horizon_days + config.churn.grace_days), config.seed)
    early = data.take(~split.test & (split.train | split.validation))
    return _jury(data.take(split.test), float(early.churned.mean()), config.seed)


def _jury(test: ChurnData, rate: float, seed: int) -> Jury:
    return Jury(
        measure="log loss",
        losses_of=lambda model: _log_losses(test, _judged_risk(model, test)),
        customers=test.spine["customer_id"],
        floor=_log_losses(test, np.full(len(test.cause), rate)),
        floor_name="the rate of the time before",
        seed=seed,
    )


def _log_losses(test: ChurnData, risk: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each row adds to :func:`~servicelift.models.metrics.log_loss`, (n,)."""
    p = np.clip(risk, 1e-15, 1 - 1e-15)
    return np.where(test.churned == 1, -np.log(p), -np.log1p(-p))


def _judged_risk(model: ChurnModel, test: ChurnData) -> NDArray[np.float64]:
    risk: NDArray[np.float64] = 1 - model.judged.predict_causes(test.features[list(model.columns)])[:, 0]
    return risk


def _report(
    test: ChurnData, judged: CompetingChurn, baseline: LogisticBaseline, rate: float, run: Run
) -> dict[str, ChurnReport]:
    """Log metrics and plots of model, baseline and the rate of the time before."""
    risks = {
        "lightgbm": 1 - judged.predict_causes(test.features)[:, 0],
        "logistic": baseline.predict_proba(test.features)[:, 1],
        "last_rate": np.full(len(test.cause), rate),
    }
    reports = {name: churn_report(test.churned, risk) for name, risk in risks.items()}
    for name, report in reports.items():
        run.metrics(asdict(report), prefix=f"{name}_")
    shown = {"LightGBM": risks["lightgbm"], "logistic regression": risks["logistic"]}
    y = test.churned.astype(float)
    run.figure(calibration_plot(y, shown), "calibration")
    run.figure(gain_plot(y, shown), "gain")
    return reports
