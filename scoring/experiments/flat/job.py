"""Judge an experiment on a flat table and write what it shows: tables, a file of facts and a page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from .... import __version__
from ....core.config.experiment import ExperimentConfig
from ....core.files import complete_folder
from ....core.messages import Message
from ....core.output_lock import locked_folder
from ....core.progress import Say, silent
from ....core.short_repr import ShortRepr
from ....models.randomised.rule import Advice
from .analysis import Analysis, analyse
from .assigned import assigned, read_assigned
from .lines import experiment_lines
from .page import experiment_page
from .words import EXPERIMENT

__all__ = ["FACTS", "PAGE", "ExperimentOutcome", "experiment", "rules_table"]

FACTS, PAGE = "experiment.json", "experiment.html"


@dataclass(frozen=True)
class ExperimentOutcome(ShortRepr):
    """What an experiment shows, and the folder that says so.

    Parameters
    ----------
    found
        Everything that was computed.
    facts
        As ``experiment.json`` holds them.
    page
        HTML.
    said
        Lines for a reader.
    """

    found: Analysis
    facts: dict[str, object]
    page: str
    said: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return what a user reads."""
        return list(self.said)


def experiment(
    config: ExperimentConfig, out: Path, table: pd.DataFrame | None = None, say: Say = silent
) -> ExperimentOutcome:
    """Judge an experiment and write ``experiment.html``, ``experiment.json`` and its tables to a folder.

    Parameters
    ----------
    config
        Which columns are what.
    out
        Folder for the results.
    table
        The rows, in place of the file that the configuration names.
    say
        Told about each step.

    Raises
    ------
    ConfigError, DataError
        As :func:`~.assigned.assigned`; or ``out`` cannot be written.
    BusyError
        Another run writes there.
    """
    with locked_folder(out):
        return _judged(config, out, table, say)


def _judged(config: ExperimentConfig, out: Path, table: pd.DataFrame | None, say: Say) -> ExperimentOutcome:
    say("read the table")
    data = read_assigned(config) if table is None else assigned(table, config)
    found = analyse(data, config, say)
    locale = config.locale
    page, facts = experiment_page(found, config.experiment, locale), _facts(found, config)
    say("write the results")
    with complete_folder(out) as folder:
        found.effects.to_parquet(folder / "effects.parquet", index=False)
        found.balance.table.assign(arm=[data.arms[a] for a in found.balance.table["arm"]]).to_parquet(
            folder / "balance.parquet", index=False
        )
        found.differences.to_parquet(folder / "differences.parquet", index=False)
        rules = rules_table(found)
        if rules is not None and found.choices is not None:
            rules.to_parquet(folder / "rules.parquet", index=False)
            found.choices.to_parquet(folder / "choices.parquet", index=False)
        (folder / PAGE).write_text(page, encoding="utf-8")
        (folder / FACTS).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = (*experiment_lines(found, locale), EXPERIMENT.say(locale, "files", page=str(out / PAGE)))
    return ExperimentOutcome(found, facts, page, lines)


def rules_table(found: Analysis) -> pd.DataFrame | None:
    """Return the value of the rules with the arm that each gives to all, null for the one by customer; None without."""
    if found.rule is None:
        return None
    table, arms = found.rule.table, found.data.arms
    named = [None if rule == Advice.PERSONAL else arms[a] for rule, a in zip(table["rule"], table["arm"], strict=True)]
    return table.assign(arm=pd.Series(named, dtype=object))


def _facts(found: Analysis, config: ExperimentConfig) -> dict[str, object]:
    """Return what a machine reads beside the tables."""
    split, moved, rule = found.split, found.over_time, found.rule
    advice = None if rule is None else rule.advice.value if found.believed else "refused"
    return {
        "experiment": config.experiment,
        "servicelift": __version__,
        "seed": config.seed,
        "customers": len(found.data.codes),
        "control": found.data.arms[0],
        "arms": [
            {"arm": arm, "customers": int(n), "planned": float(planned)}
            for arm, n, planned in zip(found.data.arms, split.counts, split.expected, strict=True)
        ],
        "split_p_value": split.p_value,
        "shares_over_time_p_value": None if moved is None else moved.p_value,
        "balance_p_value": found.balance.p_value,
        "largest_standardised_difference": found.balance.worst,
        "believed": found.believed,
        "advice": advice,
        "advised_arm": found.data.arms[rule.arm] if rule is not None and advice == "one_arm" else None,
        "rule": None if found.ruled is None else found.ruled.model_dump(),
        "cautions": [_plain(message) for message in found.cautions],
        "notes": [_plain(message) for message in found.data.notes],
    }


def _plain(message: Message) -> dict[str, object]:
    figures = {
        name: value.item() if isinstance(value, np.generic) else list(value) if isinstance(value, tuple) else value
        for name, value in message.figures.items()
    }
    return {"code": message.code, **figures}
