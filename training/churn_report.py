"""The churn model's report: every measure overall, by snapshot and by segment, beside its baselines, and the grade."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..core.arrays import Floats, Ints, Objects
from ..core.config.business import CampaignConfig, Config
from ..core.short_repr import ShortRepr
from ..core.time import local_days
from ..features.catalogue.catalogue import explain
from ..models.evaluation.grade import Grade, grade
from ..models.evaluation.metrics import ChurnMetrics, churn_metrics
from ..models.evaluation.profit import CampaignTerms
from ..models.evaluation.slices import Campaign, bands, reliability, slice_metrics
from ..tracking import Run
from .card.plots import calibration_plot, gain_plot, profit_plot
from .card.words import PICTURES

__all__ = ["ChurnReport", "check_segments", "churn_report", "churn_report_page", "segment_table", "segments"]

_PAGE_COLUMNS = {
    "slice": "slice",
    "value": "value",
    "model": "model",
    "rows": "rows",
    "churners": "churners",
    "auc": "AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier",
    "lift_10": "lift@10%",
    "ece": "calibration error",
    "empc": "EMPC",
    "mpc": "MPC",
    "break_even_profit": "profit above break-even",
    "break_even_share": "share above it",
}
_WHOLE = ("rows", "churners")
_NAMES = {"lightgbm": "LightGBM", "logistic": "logistic regression", "last_rate": "last month's rate"}


@dataclass(frozen=True)
class ChurnReport(ShortRepr):
    """Reports by model (``lightgbm``, ``logistic``, ``last_rate``), the table with all slices, and the grade."""

    reports: dict[str, ChurnMetrics]
    table: pd.DataFrame
    grade: Grade


def churn_report(
    config: Config,
    churned: Ints,
    risks: dict[str, Floats],
    features: pd.DataFrame,
    as_of: pd.Series[Any],
    run: Run,
    *,
    used: str = "lightgbm",
) -> ChurnReport:
    """Judge the held-out rows and log the table (CSV and Markdown), the reliability curve, the plots and the grade.

    Parameters
    ----------
    config
        Whose segments and campaign are meant.
    churned
        1 where a customer was lost (n,).
    risks
        Probabilities (n,) of ``lightgbm``, ``logistic`` and ``last_rate``.
    features, as_of
        Features and snapshots of the rows (n); a slice is named by the snapshot's day in the config's timezone.
    run
        Where everything is logged.
    used
        Which of ``risks`` is the model's, and is graded.
    """
    days = local_days(pd.to_datetime(as_of), config.timezone)
    slices: dict[str, Objects] = {"snapshot": days.to_numpy(dtype=object)}
    slices |= segments(config, features)
    campaign = _campaign(config.churn.campaign)
    table = slice_metrics(churned, risks, slices, campaign)
    reports = {name: churn_metrics(churned, risk) for name, risk in risks.items()}
    graded = grade(reports[used], None if used == "logistic" else reports["logistic"], reports["last_rate"])
    for name, report in reports.items():
        run.metrics(asdict(report), prefix=f"{name}_")
        profits = table[(table["slice"] == "all") & (table["model"] == name)].iloc[0]
        run.metrics({key: profits[key] for key in ("empc", "mpc", "break_even_profit")}, prefix=f"{name}_")
    run.table(table, "judgement.csv")
    run.text(churn_report_page(table, graded, campaign, config.currency, used), "judgement.md")
    run.table(reliability(churned, risks), "reliability.csv")
    run.tags({"grade": graded.letter})
    _draw(churned, risks, campaign, config.currency, run)
    return ChurnReport(reports, table, graded)


def _draw(churned: Ints, risks: dict[str, Floats], campaign: Campaign, currency: str, run: Run) -> None:
    shown = {"LightGBM": risks["lightgbm"], PICTURES.say(run.locale, "logistic"): risks["logistic"]}
    y = churned.astype(float)
    run.figure(calibration_plot(y, shown, locale=run.locale), "calibration")
    run.figure(gain_plot(y, shown, locale=run.locale), "gain")
    saved = campaign.accept_rate * (campaign.terms.clv - campaign.terms.incentive_cost) - campaign.terms.contact_cost
    each = np.where(churned == 1, saved, -campaign.terms.incentive_cost - campaign.terms.contact_cost)
    run.figure(profit_plot(each, shown, campaign.break_even, currency, locale=run.locale), "profit")


def check_segments(config: Config) -> None:
    """Stop at the first segment that names no feature of the catalogue.

    Raises
    ------
    ConfigError
        It names the nearest feature.
    """
    for name in config.churn.segments:
        explain(name, config)


def segments(config: Config, features: pd.DataFrame) -> dict[str, Objects]:
    """Return a label a row for each of the config's segments that this business has."""
    return {name: bands(features[name]) for name in config.churn.segments if name in features.columns}


def _campaign(config: CampaignConfig) -> Campaign:
    terms = CampaignTerms(clv=config.clv, incentive_cost=config.incentive_cost, contact_cost=config.contact_cost)
    return Campaign(terms, config.accept_rate)


def churn_report_page(table: pd.DataFrame, graded: Grade, campaign: Campaign, currency: str, used: str) -> str:
    """Return the table as Markdown, with the grade, which model is used, and what the profit measures assume."""
    terms = campaign.terms
    head = [
        "# The churn model on held-out snapshots",
        "",
        f"{graded.line()[:1].upper()}{graded.line()[1:]}.",
        "",
        f"The model used is {_NAMES[used]}.",
        "",
        f"Profit is a customer of the base, in {currency}, of a campaign as the config assumes it: a saved customer is"
        f" worth {terms.clv:g}, {campaign.accept_rate:.0%} of the leavers accept, the incentive costs"
        f" {terms.incentive_cost:g}, a contact {terms.contact_cost:g}. Contact pays above a risk of"
        f" {campaign.break_even:.1%}. What a campaign really saves is measured by `servicelift roi`.",
        "",
    ]
    shown = table.assign(model=table["model"].map(_NAMES))[list(_PAGE_COLUMNS)]
    lines = [f"| {' | '.join(_PAGE_COLUMNS.values())} |", "|" + "---|" * len(_PAGE_COLUMNS)]
    for row in shown.to_dict("records"):
        lines.append(f"| {' | '.join(_cell(name, value) for name, value in row.items())} |")
    return "\n".join([*head, *lines, ""])


def segment_table(table: pd.DataFrame, used: str) -> pd.DataFrame:
    """Return how the used model does on each slice: rows, churners, observed and predicted rate, AUC."""
    own = table[table["model"] == used]
    columns = {"slice": "segment", "value": "value", "rows": "rows", "churners": "lost", "churn_rate": "observed rate",
               "mean_risk": "mean predicted risk", "auc": "AUC"}  # fmt: skip
    return own[[name for name in columns if name in own]].rename(columns=columns).reset_index(drop=True)


def _cell(name: Any, value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "-"
    return f"{value:,.0f}" if name in _WHOLE else f"{value:.4g}"
