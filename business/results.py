"""What the front door returns: frozen results with their frames, a summary in words and a picture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..core.errors import ALARMED
from ..core.records import TrialData
from ..core.short_repr import ShortRepr
from .place import Kept

if TYPE_CHECKING:
    from ..models.actions.effect import ActionEffect
    from ..models.refutation.verdict import Verdict
    from .pictures import Picture

__all__ = [
    "Effect",
    "ExperimentPlan",
    "Result",
    "Scores",
    "Statement",
    "Summary",
    "Targets",
    "Training",
    "Trial",
    "Validation",
    "Watching",
]


@dataclass(frozen=True, eq=False, kw_only=True)
class Summary(ShortRepr):
    """Something done, in words.

    Parameters
    ----------
    lines
        What a user reads about it, one statement a line; aggregates and keys, never a customer's row.
    """

    lines: tuple[str, ...] = field(repr=False)

    def summary(self) -> str:
        """Return the result in words, one statement a line."""
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        """Return the summary as a notebook shows it."""
        items = "".join(f"<div>{escape(line)}</div>" for line in self.lines)
        return f"<div><b>{escape(type(self).__name__)}</b>{items}</div>"


@dataclass(frozen=True, eq=False, kw_only=True)
class Result(Summary, ABC):
    """A result that can be drawn."""

    @abstractmethod
    def plot(self) -> Picture:
        """Return the picture of the result, a matplotlib Figure."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Validation(Result):
    """What checking the tables found.

    Parameters
    ----------
    findings
        One row a broken rule: level (error, warning), table, column, rule, rows, total, hint; errors first.
    rows
        Rows read, by table.
    """

    findings: pd.DataFrame
    rows: Mapping[str, int]

    @property
    def errors(self) -> int:
        """How many findings stop the work."""
        return int((self.findings["level"] == "error").sum())

    def plot(self) -> Picture:
        """Draw the rows read of each table."""
        from .pictures import bar_plot

        return bar_plot({name: float(rows) for name, rows in self.rows.items()}, "Rows read", "rows", logarithmic=True)


@dataclass(frozen=True, eq=False, kw_only=True)
class Training(Result):
    """What a training job made.

    Parameters
    ----------
    models
        One row a model: name, version, alias, measure, loss, champion_loss (of the champion before, on the same
        held-out rows; NaN for a first model).
    not_trained
        Why, by model that could not be trained.
    refused
        ``MODEL:VERSION`` of the first models that lost against their naive forecast and are no champions.
    """

    models: pd.DataFrame
    not_trained: Mapping[str, str]
    refused: tuple[str, ...] = ()

    def plot(self) -> Picture:
        """Draw each model's loss as a share of the loss of the champion before, or of its own for a first model."""
        from .pictures import bar_plot

        before = self.models["champion_loss"].astype(float).fillna(self.models["loss"].astype(float))
        labels = self.models["name"] + " " + self.models["version"].astype(str)
        shares = dict(zip(labels, 100 * self.models["loss"].astype(float) / before, strict=True))
        return bar_plot(shares, "Held-out loss against the champion before", "per cent (lower is better)")


@dataclass(frozen=True, eq=False, kw_only=True)
class Scores(Result):
    """The customer base, scored.

    Parameters
    ----------
    out
        Folder with scores.parquet, action_values.parquet and run.json; a temporary one lives as long as this result.
    customers
        One row a customer: churn probabilities, clv with its interval, reasons, model versions.
    action_values
        One row an eligible pair of customer and action: incremental_clv with its interval, cost, net_value.
    facts
        What run.json says: versions, instant, what could not be scored and why.
    """

    out: Path
    customers: pd.DataFrame
    action_values: pd.DataFrame
    facts: Mapping[str, Any]
    kept: Kept = field(default=None, repr=False)

    def plot(self) -> Picture:
        """Draw how churn probability and lifetime value spread over customers."""
        from .pictures import histogram_plot

        columns = {"churn probability": "churn_probability", "lifetime value": "clv"}
        values = {name: self.customers[column].to_numpy(dtype=float) for name, column in columns.items()}
        shown = {name: numbers for name, numbers in values.items() if not np.isnan(numbers).all()}
        return histogram_plot(shown, f"Scores of {len(self.customers):,} customers")


@dataclass(frozen=True, eq=False, kw_only=True)
class Targets(Result):
    """Whom to contact, and whom to leave alone so that the effect can be measured.

    Parameters
    ----------
    out
        CSV file to contact, the holdout beside it; temporary files live as long as this result.
    contact, holdout
        The lists as the files hold them; both load back as ``actions``.
    currency
        The money's name.
    """

    out: Path
    contact: pd.DataFrame
    holdout: pd.DataFrame
    currency: str
    kept: Kept = field(default=None, repr=False)

    def plot(self) -> Picture:
        """Draw what the list is predicted to earn against what it costs, from the most valuable contact on."""
        from .pictures import curve_plot

        ranked = self.contact.sort_values("rank")
        cost, value = (np.concatenate([[0.0], np.cumsum(ranked[name])]) for name in ("cost", "net_value"))
        axes = (f"cost, {self.currency}", f"predicted net value, {self.currency}")
        return curve_plot(cost, value, f"{len(ranked):,} customers to contact", axes, (cost[-1], value[-1]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Watching(Result):
    """A night, watched.

    Parameters
    ----------
    out
        Folder with monitor.parquet, monitor.json and monitor.html; a temporary one lives as long as this result.
    rows
        One row a measure: group, measure, subject, value, low, high, reference, expected, alarm and by which rule.
    alarms
        The rows that ring.
    by_night
        One row a past night that answers for its scores: churn observed over foreseen (``ratio``) with its interval.
    """

    out: Path
    rows: pd.DataFrame
    alarms: pd.DataFrame
    by_night: pd.DataFrame
    kept: Kept = field(default=None, repr=False)

    @property
    def exit_code(self) -> int:
        """With what the command ends: 3 if something rings, else 0."""
        return ALARMED if len(self.alarms) else 0

    def plot(self) -> Picture:
        """Draw churn of past nights, observed over foreseen."""
        from .pictures import Interval, interval_plot

        figures = (self.by_night.get(name, pd.Series(dtype=float)) for name in ("as_of", "ratio", "low", "high"))
        nights = [
            Interval(str(at)[:10], float(ratio), float(low), float(high), 1.0)
            for at, ratio, low, high in zip(*figures, strict=True)
        ]
        return interval_plot(nights, "Churn of past nights", "observed over foreseen", "as foreseen")


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial(Result):
    """The matured decisions on an action, treated and controls, each followed up.

    Parameters
    ----------
    data
        Decisions, features, realised values and later states: what estimators take.
    since, until
        Period of the decisions, naive UTC; the end is left out.
    """

    data: TrialData
    since: pd.Timestamp
    until: pd.Timestamp

    @property
    def units(self) -> pd.DataFrame:
        """One row a decision: customer_id, as_of, treated, propensity, cost and more."""
        return self.data.units

    @property
    def features(self) -> pd.DataFrame:
        """Features at the decision, in the order of ``units``."""
        return self.data.features

    @property
    def treated(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """1 for treated, 0 for control, (n,)."""
        return self.data.treated

    def plot(self) -> Picture:
        """Draw the decisions by month and arm."""
        from .pictures import arms_plot

        return arms_plot(self.units, f"{self.data.action.replace('_', ' ')}: decisions ({self.data.design})")


@dataclass(frozen=True, eq=False, kw_only=True)
class Effect(Result):
    """What an action caused for a treated customer, its checks, and the verdict.

    Parameters
    ----------
    action, design
        What was decided, and how it was assigned: ``randomised`` or ``observational``.
    estimate, low, high
        Incremental CLV of one treated customer with its 95% interval, the action's own cost not subtracted.
    naive
        Difference in means of treated and controls, which is no effect where assignment was chosen.
    cost
        What one treated customer cost, the action alone.
    verdict
        By the one written rule, judged alone.
    details
        The estimate with every check: placebo, surrogate check, overlap, stability, sensitivity.
    currency
        The money's name.
    """

    action: str
    design: str
    estimate: float
    low: float
    high: float
    naive: float
    cost: float
    verdict: Verdict
    details: ActionEffect
    currency: str

    def plot(self) -> Picture:
        """Draw the effect beside the naive difference and the checks that have to include 0."""
        from .pictures import Interval, interval_plot

        found, placebo = self.details.effect, self.details.placebo
        width = 1.96 * found.naive_std_error
        rows = [
            Interval("effect", self.estimate, self.low, self.high, self.cost),
            Interval("naive difference", self.naive, self.naive - width, self.naive + width),
            Interval("placebo (before)", placebo.estimate, placebo.low, placebo.high),
        ]
        if self.details.surrogate_check is not None:
            later = self.details.surrogate_check.effect
            rows.append(Interval("surrogate check", later.estimate, later.low, later.high))
        title = f"{self.action.replace('_', ' ')} ({self.design})"
        return interval_plot(rows, title, f"{self.currency} for one treated customer", "cost")


@dataclass(frozen=True, eq=False, kw_only=True)
class Statement(Result):
    """What each action earned against what it cost.

    Parameters
    ----------
    out
        Folder with the page and the Parquet files; a temporary one lives as long as this result.
    rows
        One row an action x initiative x design and one a contrast, as roi.parquet holds them.
    totals, months
        As roi_totals.parquet and roi_by_month.parquet hold them.
    cuts
        What actions earn at the cuts of lists, as roi_threshold.parquet holds it; empty where no list was read.
    rollouts
        What initiatives earned that reached units at different dates, as roi_rollouts.parquet holds it; empty where the
        configuration has none.
    page
        The statement as a page, HTML.
    judged
        Row by row the action_id of every treated decision that the row rests on.
    currency
        The money's name.
    """

    out: Path
    rows: pd.DataFrame
    totals: pd.DataFrame
    months: pd.DataFrame
    page: str = field(repr=False)
    judged: tuple[tuple[str, ...], ...]
    currency: str
    cuts: pd.DataFrame = field(default_factory=pd.DataFrame)
    rollouts: pd.DataFrame = field(default_factory=pd.DataFrame)
    kept: Kept = field(default=None, repr=False)

    def plot(self) -> Picture:
        """Draw what each action earned for a treated customer, with what it cost."""
        from .pictures import Interval, interval_plot

        shown = self.rows[self.rows["headline"].astype(bool)]
        rows = []
        for _, row in shown.iterrows():
            n = row["n_treated"]
            middle, low, high = (float(row[f"incremental_clv{end}"] / n) for end in ("", "_low", "_high"))
            rows.append(Interval(row["action"].replace("_", " "), middle, low, high, float(row["cost"] / n)))
        return interval_plot(rows, "Earned by one treated customer", self.currency, "cost")


@dataclass(frozen=True, eq=False, kw_only=True)
class ExperimentPlan(Result):
    """An experiment before it is paid for.

    Parameters
    ----------
    out
        JSON file by which it is read afterwards, a page beside it; temporary files live as long as this result.
    figures
        Everything the file holds, by name.
    """

    out: Path
    figures: Mapping[str, Any]
    kept: Kept = field(default=None, repr=False)

    def plot(self) -> Picture:
        """Draw the smallest effect that shows against the number of customers; the plan is marked."""
        from ..models.targeting.power import Terms
        from .pictures import curve_plot

        plan = self.figures
        spread = plan["spread_left"] * plan["wider"]
        terms = Terms(spread, plan["holdout"], plan["power"], plan["level"], plan["agents"], plan["icc"])
        needed = plan["customers"]
        sizes = np.geomspace(50, max(4 * (needed or 5_000), 500), 60)
        point = None if needed is None else (float(needed), terms.detectable(needed))
        names = ("customers, both arms", f"smallest effect that shows, {plan['currency']}")
        return curve_plot(
            sizes, np.array([terms.detectable(size) for size in sizes]), "How many it takes", names, point
        )
