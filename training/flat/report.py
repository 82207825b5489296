"""What is said of a churn model on a flat table: its page, and why each customer is at risk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...core.arrays import Floats, Ints, Objects
from ...models.evaluation.customer_profit import CustomerProfit, CustomerTerms, expected_profit
from ...models.evaluation.grade import Grade
from ...models.evaluation.metrics import ChurnMetrics
from ..card.plots import calibration_plot, gain_plot, profit_plot

__all__ = ["Judgement", "flat_pictures", "flat_reasons", "flat_report_page"]

_LEAST = 0.02
_MODELS = {"lightgbm": "LightGBM", "logistic": "logistic regression", "rate": "the average rate"}
_FIELDS = {
    "auc": "AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier",
    "lift_10": "lift@10%",
    "ece": "calibration error",
}
_PICTURES = {"calibration": "Calibration", "gain": "Gain", "profit": "Profit of contacting"}
REASONS = ("reason_1", "reason_2", "reason_3")


@dataclass(frozen=True)
class Judgement:
    """How the model did on rows it had not learnt from.

    Parameters
    ----------
    how
        How these rows were kept apart, in words.
    reports
        Measures by model: ``lightgbm``, ``logistic``, ``rate``.
    grade
        The letter, with why.
    profit
        With each customer's own worth and costs, by model; empty without such columns.
    rows, leavers
        How many rows were judged, and how many of them left.
    """

    how: str
    reports: Mapping[str, ChurnMetrics]
    grade: Grade
    profit: Mapping[str, CustomerProfit]
    rows: int
    leavers: int


def flat_pictures(left: Ints, risks: Mapping[str, Floats], terms: CustomerTerms | None) -> dict[str, Figure]:
    """Return the pictures of a judgement: calibration, gain and, with costs of each customer, profit.

    Parameters
    ----------
    left
        1 where a customer left (n,).
    risks
        Out-of-fold probabilities (n,) of ``lightgbm`` and ``logistic``.
    terms
        Worth and costs of each customer; None: there is no picture of profit.
    """
    y = np.asarray(left, dtype=np.float64)
    models = {"LightGBM": risks["lightgbm"], "logistic regression": risks["logistic"]}
    held_out = "on_customers"
    pictures = {
        "calibration": calibration_plot(y, models, held_out=held_out),
        "gain": gain_plot(y, models, held_out=held_out),
    }
    if terms is not None:
        brought = expected_profit(y, terms)
        hoped = {name: expected_profit(risk, terms) for name, risk in models.items()}
        pictures["profit"] = profit_plot(brought, hoped, 0.0, "money", "dot_profit")
    return pictures


def flat_report_page(
    title: str,
    judged: Judgement,
    strongest: Sequence[str],
    notes: Sequence[str],
    pictures: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the page in Markdown: how it was judged, measures beside their baselines, profit, columns, remarks.

    Parameters
    ----------
    title
        Name of the model.
    judged
        How it did.
    strongest
        Columns that move the risk most, the strongest first.
    notes
        Remarks, such as what was left out.
    pictures
        Place of each picture by its name, from the page.
    """
    measures = [[_MODELS[name], *(f"{getattr(r, key):.4f}" for key in _FIELDS)] for name, r in judged.reports.items()]
    parts = [
        f"# {title}",
        f"{judged.grade.line()[:1].upper()}{judged.grade.line()[1:]}.",
        f"{judged.rows:,} customers, {judged.leavers:,} left ({judged.leavers / judged.rows:.1%}). {judged.how}",
        _table(["model", *_FIELDS.values()], measures),
    ]
    if judged.profit:
        rows = [
            [_MODELS[name], f"{p.profit:.2f}", f"{p.share:.1%}", f"{p.everybody:.2f}", f"{p.best:.2f}"]
            for name, p in judged.profit.items()
        ]
        head = ["model", "profit a customer", "contacted", "if everybody were", "at best"]
        parts += [
            "## Profit with each customer's own worth and costs",
            "Those are contacted whose expected profit is above 0. The acceptance is assumed, not measured: what a"
            " campaign really saves takes a trial.",
            _table(head, rows),
        ]
    if pictures:
        shown = "\n".join(f"![{_PICTURES[name]}]({place})" for name, place in pictures.items())
        parts += ["## Pictures", shown]
    parts += ["## Columns that move the risk most", "\n".join(f"{n}. {name}" for n, name in enumerate(strongest, 1))]
    if notes:
        parts += ["## Remarks", "\n".join(f"- {note}" for note in notes)]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)])


def flat_reasons(contributions: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return the three columns that raise each customer's risk most, in the words of their names.

    Parameters
    ----------
    contributions
        What each column adds to the log-odds of leaving (n, columns), exact for the trees.
    features
        The values (n, columns), in the same order.

    Returns
    -------
    pandas.DataFrame
        ``reason_1`` to ``reason_3``, such as ``contract: Month-to-month``; null where nothing raises the risk.
    """
    added = contributions.to_numpy()
    order = np.argsort(-added, axis=1, kind="stable")[:, : len(REASONS)]
    out: Objects = np.full((len(features), len(REASONS)), None, dtype=object)
    names = [str(name) for name in contributions.columns]
    columns = [features[name].to_numpy(dtype=object) for name in names]
    for row in range(len(features)):
        for place, column in enumerate(order[row]):
            if added[row, column] > _LEAST:
                out[row, place] = f"{_words(names[column])}: {_shown(columns[column][row])}"
    return pd.DataFrame(out, columns=list(REASONS), index=features.index, dtype=object)


def _words(name: str) -> str:
    """Return a column's name as words."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return re.sub(r"[_\s]+", " ", apart).strip().lower()


def _shown(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "missing"
    return f"{value:g}" if isinstance(value, float) else str(value)
