"""The front door for an experiment on one flat table: no subscriptions, no models, no dates needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..core.config.experiment import ExperimentConfig, load_experiment
from ..core.progress import Progress
from ..terminal import fitting_display
from .place import Kept, place
from .results import Result

if TYPE_CHECKING:
    from .pictures import Picture

__all__ = ["Experiment", "experiment"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Experiment(Result):
    """What an experiment on a flat table shows.

    Parameters
    ----------
    out
        Folder with experiment.html, experiment.json and the tables; a temporary one lives as long as this result.
    effects
        One row an outcome and arm: estimate with its interval alone and together with all others, and the plain
        difference in means.
    differences
        One row an outcome, arm and target (autoc, qini): whether customers differ in the effect.
    balance
        One row an arm and covariate: means and standardised difference.
    rules
        One row a rule: its value on customers not learnt from; None where no rule is asked for or too few are there.
    choices
        One row a customer: predicted net value of each arm and the arm of the personal rule; None as ``rules``.
    facts
        As experiment.json holds them: split, balance, advice, cautions.
    page
        HTML.

    Examples
    --------
    >>> mails = pd.DataFrame({"group": ["no", "mail"] * 200, "visits": [2, 3] * 200})
    >>> keys = {"arm": "group", "control": "no", "assignment": "random", "outcomes": {"visits": "number"}}
    >>> float(experiment(keys, table=mails).effects["estimate"].iloc[0])
    1.0
    """

    out: Path
    effects: pd.DataFrame
    differences: pd.DataFrame
    balance: pd.DataFrame
    rules: pd.DataFrame | None
    choices: pd.DataFrame | None
    facts: Mapping[str, Any]
    page: str = field(repr=False)
    kept: Kept = field(default=None, repr=False)

    def plot(self) -> Picture:
        """Draw the effects of the first outcome with their intervals."""
        from .pictures import Interval, interval_plot

        first = self.effects[self.effects["outcome"] == self.effects["outcome"].iloc[0]]
        rows = [Interval(row["arm"], row["estimate"], row["low"], row["high"]) for _, row in first.iterrows()]
        name = str(first["outcome"].iloc[0]).replace("_", " ")
        return interval_plot(rows, f"Effect on {name}", f"{name} a customer", "cost")


def experiment(
    config: str | Path | Mapping[str, Any] | ExperimentConfig,
    *,
    table: pd.DataFrame | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Experiment:
    """Judge an experiment on a table of one row a customer: effects, split, balance, differences and a targeting rule.

    Parameters
    ----------
    config
        Its YAML file, or the keys of one; `docs/experiment.md` has them all.
    table
        The rows, in place of the file that ``table:`` names.
    out
        Folder for the page, the facts and the tables; None: a temporary one that lives as long as the result.
    progress
        How long work is shown; by default a line in a notebook, steps on a terminal, nothing elsewhere.

    Raises
    ------
    ConfigError
        The configuration breaks a rule, names no chance, or a column or arm that is not there.
    DataError
        The table has several rows a customer, an arm of fewer than 20, or a column that cannot be read.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> mails = pd.DataFrame({"group": rng.choice(["none", "mail"], 2_000), "recency": rng.uniform(0, 12, 2_000)})
    >>> gain = np.where(mails["group"] == "mail", 12 - mails["recency"], 0.0)
    >>> mails["spend"] = 20 - mails["recency"] + gain + rng.normal(size=2_000)
    >>> keys = {"arm": "group", "control": "none", "assignment": "random", "outcomes": {"spend": "money"}}
    >>> found = sl.experiment(keys | {"costs": {"mail": 5.0}}, table=mails)
    >>> found.effects[["arm", "estimate", "shown"]].round()
        arm  estimate  shown
    0  mail       6.0   True
    >>> bool(found.differences["evidence"].all()), found.facts["advice"]
    (True, 'personal')
    """
    from ..scoring.experiments.flat import job

    loaded = config if isinstance(config, ExperimentConfig) else load_experiment(config)
    kept, folder = place(out)
    with (progress or fitting_display())() as say:
        outcome = job.experiment(loaded, folder, table, say=say)
    found, arms = outcome.found, outcome.found.data.arms
    return Experiment(
        lines=tuple(outcome.lines()),
        out=folder,
        effects=found.effects,
        differences=found.differences,
        balance=found.balance.table.assign(arm=[arms[a] for a in found.balance.table["arm"]]),
        rules=job.rules_table(found),
        choices=found.choices,
        facts=outcome.facts,
        page=outcome.page,
        kept=kept,
    )
