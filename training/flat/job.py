"""The churn model on a flat table: one row a customer, no dates, so no later time to be judged on.

The same model, baseline, measures, grade and gate as for tables with dates. Each customer is judged by a model that did
not learn from them (five random parts in turn), which says nothing of a later time; the page and the notes say so.
"""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from ... import __version__
from ...core.arrays import Floats, Ints
from ...core.config.business import CampaignConfig, Config
from ...core.config.modelling import LeakageConfig
from ...core.config.store import sqlite_file
from ...core.errors import ConfigError, DataError, LeakageError, did_you_mean
from ...core.files import complete_folder
from ...core.output_lock import locked_folder, locked_training
from ...core.progress import Say, silent
from ...features.sources.flat import read_flat
from ...models.churn.baseline import LogisticBaseline, best_penalty
from ...models.churn.competing import ChurnClassifier, CompetingChurn
from ...models.evaluation.customer_profit import CustomerTerms, customer_profit, expected_profit
from ...models.evaluation.grade import grade
from ...models.evaluation.metrics import churn_metrics
from ...models.evaluation.single_feature import outcome_separations
from ...models.registered import ChurnModel
from ...tracking import Run, Tracker, typical_row
from ..judged import HeldOut, JudgedModel
from ..promotion import promote
from ..provenance import environment, git_state
from .report import Judgement, flat_pictures, flat_reasons, flat_report_page
from .table import COSTS, FlatColumns, FlatTable, flat_table

__all__ = ["FlatOutcome", "FlatSettings", "train_flat"]

_PARTS = 5
_PENALTIES = (1.0, 0.1, 0.01, 0.001)
_FEWEST = 50
_STRONGEST = 10
_HOW = (
    f"Judged by {_PARTS}-fold cross-validation: each customer by a model that did not learn from them, drawn at random."
    " The table has no dates, so nothing here speaks of a later time."
)


@dataclass(frozen=True)
class FlatSettings:
    """How a flat table is learnt from, beside its columns.

    Parameters
    ----------
    business
        The model is registered as ``<business>-flat-churn``.
    store, experiment
        MLflow's store and experiment.
    seed
        Of parts and fits.
    campaign
        Worth and costs where no column gives them, and the acceptance.
    leakage
        How well one column alone may tell who leaves, and which are let through.
    folder
        Where the configuration or the table lies.
    """

    business: str
    store: str
    experiment: str
    seed: int
    campaign: CampaignConfig
    leakage: LeakageConfig
    folder: Path

    @classmethod
    def of(cls, config: Config) -> FlatSettings:
        """Return what a configuration says."""
        return cls(
            config.business,
            config.tracking_uri,
            config.experiment,
            config.seed,
            config.churn.campaign,
            config.leakage,
            config.folder,
        )

    @classmethod
    def without_config(cls, table: Path, store: str) -> FlatSettings:
        """Return the defaults; the business is named after the table."""
        name = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in table.stem)
        return cls(name, store, name, 7, CampaignConfig(), LeakageConfig(), table.resolve().parent)


@dataclass(frozen=True)
class FlatOutcome:
    """What a training on a flat table came to, and where its files lie (None: none were asked for)."""

    model: JudgedModel
    judged: Judgement
    out: Path | None

    def lines(self) -> list[str]:
        """Return what a user reads."""
        found, base = self.judged.reports["lightgbm"], self.judged.reports["logistic"]
        earned = self.judged.profit.get("lightgbm")
        return [
            *self.model.lines(),
            f"{self.judged.rows:,} customers, {self.judged.leavers:,} left; {_PARTS}-fold cross-validation, no later"
            f" time: AUC {found.auc:.4f} (logistic regression {base.auc:.4f}), log loss {found.log_loss:.4f}"
            f" ({base.log_loss:.4f})",
            *(
                [
                    f"profit {earned.profit:.2f} a customer, contacting {earned.share:.1%};"
                    f" {earned.everybody:.2f} if everybody were"
                ]
                if earned
                else []
            ),
            *([f"scores and report: {self.out}"] if self.out else []),
        ]


def train_flat(
    path: Path, columns: FlatColumns, settings: FlatSettings, out: Path | None = None, say: Say = silent
) -> FlatOutcome:
    """Fit, judge and register the churn model of a flat table; write scores with reasons and a page.

    Parameters
    ----------
    path
        CSV, Parquet or Excel file of one row a customer.
    columns
        Which of its columns are what.
    settings
        Where the model goes, seed, campaign and gate.
    out
        Folder for ``scores.csv`` and ``report.md``; None: none.
    say
        Told about each step.

    Raises
    ------
    ConfigError
        A column is not there, or the label cannot be told.
    DataError
        The file is no such table, or too few leave or stay.
    LeakageError
        One column alone tells who leaves.
    BusyError
        Another run writes to ``out``, or trains the same business into the same file of models.
    """
    held = nullcontext() if out is None else locked_folder(out)
    with held, locked_training(sqlite_file(settings.store), settings.business):
        return _trained(path, columns, settings, out, say)


def _trained(path: Path, columns: FlatColumns, settings: FlatSettings, out: Path | None, say: Say) -> FlatOutcome:
    say("read the table")
    table = flat_table(read_flat(path), columns)
    leavers = int(table.left.sum())
    if min(leavers, len(table.left) - leavers) < _FEWEST:
        raise DataError(
            f"expected at least {_FEWEST} customers who left and as many who stayed, got {leavers} and"
            f" {len(table.left) - leavers}; a model cannot be learnt and judged on fewer"
        )
    terms = _terms(table, settings.campaign)
    tracker = Tracker(settings.store, settings.experiment)
    tags = {
        "business": settings.business,
        "fingerprint": hashlib.sha256(path.read_bytes()).hexdigest()[:16],
        "servicelift": __version__,
        **git_state(settings.folder),
    }
    with tracker.run("flat-churn", tags=tags) as run:
        run.text(environment(), "environment.txt")
        say("look for leaks")
        notes = (*table.notes, *_gate(table, settings, run))
        return _learnt(table, settings, terms, tracker, run, notes, out, say)


def _learnt(
    table: FlatTable,
    settings: FlatSettings,
    terms: CustomerTerms | None,
    tracker: Tracker,
    run: Run,
    notes: tuple[str, ...],
    out: Path | None,
    say: Say,
) -> FlatOutcome:
    say(f"fit {_PARTS} times on {len(table.left):,} customers, each judged once")
    risks, first, held = _cross_validated(table, settings.seed)
    judged = _judgement(table, risks, terms)
    say("fit on all customers")
    final = _fit(table.features, table.left, table.customers, settings.seed)
    model = ChurnModel(final, first, tuple(map(str, table.features.columns)), horizon_days=0)
    contributions = model.contributions(table.features)
    strongest = contributions.abs().mean().sort_values(ascending=False).index[:_STRONGEST].tolist()
    name = f"{settings.business}-flat-churn"
    _log(run, judged, len(table.features.columns))
    pictures = flat_pictures(table.left, risks, terms)
    for picture, figure in pictures.items():
        run.figure(figure, picture)
    shown = {picture: f"plots/{picture}.png" for picture in pictures}
    run.text(flat_report_page(name, judged, strongest, notes, shown), "report.md")
    say("register")
    registered = promote(
        tracker,
        name,
        model,
        typical_row(table.features),
        run=run,
        held_out=_held_out(table, held, settings.seed),
        beside={"AUC": judged.reports["lightgbm"].auc, "logistic regression AUC": judged.reports["logistic"].auc},
        notes=(judged.grade.line(), "no dates: judged on customers drawn at random, not on a later time", *notes),
    )
    if out is not None:
        say("write scores and report")
        scores = _scores(table, risks["lightgbm"], contributions, terms)
        with complete_folder(out) as place:
            scores.to_csv(place / "scores.csv", index=False)
            for picture, figure in pictures.items():
                figure.savefig(place / f"{picture}.png")
            shown = {picture: f"{picture}.png" for picture in pictures}
            page = flat_report_page(name, judged, strongest, notes, shown)
            (place / "report.md").write_text(page, encoding="utf-8")
    return FlatOutcome(registered, judged, out)


def _cross_validated(table: FlatTable, seed: int) -> tuple[dict[str, Floats], CompetingChurn, Ints]:
    """Return out-of-fold risks by model, the model of the first part, and the rows (places) it was judged on."""
    n = len(table.left)
    risks = {name: np.empty(n) for name in ("lightgbm", "logistic", "rate")}
    folds = list(StratifiedKFold(_PARTS, shuffle=True, random_state=seed).split(np.zeros(n), table.left))
    baseline = LogisticBaseline(C=_penalty(table, folds[0][0]))
    models = []
    for train, test in folds:
        X, y = table.features.iloc[train], table.left[train]
        models.append(_fit(X, y, table.customers.iloc[train], seed))
        risks["lightgbm"][test] = 1 - models[-1].predict_causes(table.features.iloc[test])[:, 0]
        risks["logistic"][test] = baseline.fit(X, y).predict_proba(table.features.iloc[test])[:, 1]
        risks["rate"][test] = y.mean()
    return risks, models[0], np.asarray(folds[0][1], dtype=np.int64)


def _penalty(table: FlatTable, rows: Ints) -> float:
    """Return the logistic regression's penalty, chosen on a third of the first part's own rows."""
    learn, check = rows[np.arange(len(rows)) % 3 != 0], rows[np.arange(len(rows)) % 3 == 0]
    sides = [(table.features.iloc[part], table.left[part]) for part in (learn, check)]
    return best_penalty(sides[0], sides[1], _PENALTIES)


def _fit(features: pd.DataFrame, left: Ints, customers: pd.Series[str], seed: int) -> CompetingChurn:
    return CompetingChurn(classifier=ChurnClassifier(), random_state=seed).fit(features, left, groups=customers)


def _judgement(table: FlatTable, risks: dict[str, Floats], terms: CustomerTerms | None) -> Judgement:
    reports = {name: churn_metrics(table.left, risk) for name, risk in risks.items()}
    graded = grade(reports["lightgbm"], reports["logistic"], reports["rate"])
    profit = {} if terms is None else {name: customer_profit(table.left, risk, terms) for name, risk in risks.items()}
    return Judgement(_HOW, reports, graded, profit, len(table.left), int(table.left.sum()))


def _terms(table: FlatTable, campaign: CampaignConfig) -> CustomerTerms | None:
    """Return each customer's worth and costs, the campaign's where no column gives one; None without any column."""
    if not table.money:
        return None
    given = {kind: table.money.get(kind, np.full(len(table.left), float(getattr(campaign, kind)))) for kind in COSTS}
    return CustomerTerms(**given, accept_rate=campaign.accept_rate)


def _gate(table: FlatTable, settings: FlatSettings, run: Run) -> tuple[str, ...]:
    """Stop if one column alone tells who left; return a note for each that is let through."""
    limits = settings.leakage
    for name in limits.allow:
        if name not in table.features.columns:
            raise ConfigError(f"leakage.allow: unknown column '{name}'{did_you_mean(name, table.features.columns)}")
    found = outcome_separations(
        table.features, {"left": table.left}, table.customers, fewest=limits.min_churners, seed=settings.seed
    )["left"]
    if found:
        run.table(pd.DataFrame([vars(separation) for separation in found]), "leakage.csv")
        run.metrics({"leakage_highest_auc": found[0].auc})
    far = [separation for separation in found if separation.auc > limits.max_auc]
    stopped = [separation for separation in far if separation.feature not in limits.allow]
    if stopped:
        first, others = stopped[0], ", ".join(f"'{s.feature}'" for s in stopped[1:6])
        raise LeakageError(
            f"column '{first.feature}' knows too much: by {first.by} alone those who left are told from the others with"
            f" AUC {first.auc:.3f}, expected up to {limits.max_auc:g}; it was probably written when they left: leave it"
            f" out with --drop '{first.feature}'" + (f" (the same holds for {others})" if others else "")
        )
    return tuple(f"leakage: '{s.feature}' is let through: {limits.allow[s.feature]}" for s in far)


def _held_out(table: FlatTable, held: Ints, seed: int) -> HeldOut:
    """Return the first part's customers as judges of any model of this table."""
    features, left = table.features.iloc[held], table.left[held]
    others = np.setdiff1d(np.arange(len(table.left)), held)

    def losses_of(model: ChurnModel) -> Floats:
        return _log_losses(left, 1 - model.evaluation.predict_causes(features[list(model.columns)])[:, 0])

    rate = np.full(len(left), table.left[others].mean())
    return HeldOut("log loss", losses_of, table.customers.iloc[held], _log_losses(left, rate), "the average rate", seed)


def _log_losses(left: Ints, risk: Floats) -> Floats:
    p = np.clip(risk, 1e-15, 1 - 1e-15)
    return np.where(left == 1, -np.log(p), -np.log1p(-p))


def _scores(table: FlatTable, risk: Floats, contributions: pd.DataFrame, terms: CustomerTerms | None) -> pd.DataFrame:
    """Return one row a customer: the risk by a model that did not learn from them, and the reasons."""
    columns = {table.identifier: table.customers.to_numpy(), "churn_probability": risk}
    if terms is not None:
        columns["expected_profit_of_contact"] = expected_profit(risk, terms)
    reasons = flat_reasons(contributions, table.features)
    scores = pd.DataFrame({**columns, **{str(name): reasons[name].to_numpy() for name in reasons.columns}})
    return scores.sort_values("churn_probability", ascending=False, kind="stable")


def _log(run: Run, judged: Judgement, columns: int) -> None:
    run.params({"rows": judged.rows, "features": columns, "judged": f"{_PARTS}-fold cross-validation, no later time"})
    for name, report in judged.reports.items():
        run.metrics(asdict(report), prefix=f"{name}_")
    for name, profit in judged.profit.items():
        run.metrics(asdict(profit), prefix=f"{name}_own_costs_")
    run.tags({"grade": judged.grade.letter})
