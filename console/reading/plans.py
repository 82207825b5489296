"""Experiments: plans that `plan` wrote, what was read of them, and results that `experiment` wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.short_repr import ShortRepr
from ...scoring.experiments.plan_file import PlanFile, read_plan
from .places import Places, read_json

__all__ = ["FlatResult", "KnownPlan", "plans_of", "results_of"]

_NOT_PLANS = ("run.json", "manifest.json", "monitor.json", "experiment.json")


@dataclass(frozen=True)
class KnownPlan(ShortRepr):
    """A plan, and what was read of it.

    Parameters
    ----------
    file, plan
        The plan.
    reading
        The rows of the page that `plan --read` wrote: figure, planned, observed; empty where it was not read.
    conclusion
        Its last sentence.
    """

    file: Path
    plan: PlanFile
    reading: Sequence[Sequence[str]] = field(default_factory=tuple)
    conclusion: str = ""


@dataclass(frozen=True)
class FlatResult(ShortRepr):
    """What `experiment` wrote to a folder: its facts, and one row an outcome and arm."""

    folder: Path
    facts: Mapping[str, Any]
    effects: pd.DataFrame
    page: Path | None


def plans_of(places: Places, config: Config) -> list[KnownPlan]:
    """Return the plans of the business, by first day: those of its folder of experiments, and beside the config.

    Files that are no plans are passed over; plans of another business, too.
    """
    folders = [config.folder, config.folder.parent]
    folders = [places.experiments, *folders] if places.experiments is not None else folders
    files = (file for folder in folders for file in sorted(folder.glob("*.json")))
    found: dict[Path, KnownPlan] = {}
    for file in files:
        if file.name in _NOT_PLANS or file.stat().st_size > 1_000_000 or file.resolve() in found:
            continue
        try:
            plan = read_plan(file)
        except ConfigError:
            continue
        if plan.business == config.business:
            found[file.resolve()] = KnownPlan(file, plan, *_reading(file))
    return sorted(found.values(), key=lambda each: each.plan.starts_on)


def results_of(places: Places, config: Config) -> list[FlatResult]:
    """Return the results of experiments on flat tables, by folder.

    Raises
    ------
    ConfigError
        A file cannot be read.
    """
    roots = [config.folder, config.folder.parent] if places.experiments is None else [places.experiments]
    found = []
    for file in sorted({file.resolve() for root in roots for file in root.glob("*/experiment.json")}):
        effects = file.parent / "effects.parquet"
        if effects.is_file():
            page = file.parent / "experiment.html"
            frame = pd.read_parquet(effects, partitioning=None)
            found.append(FlatResult(file.parent, read_json(file), frame, page if page.is_file() else None))
    return found


def _reading(plan: Path) -> tuple[list[list[str]], str]:
    """Return the table and the conclusion of the page that was written beside a plan when it was read."""
    page = plan.with_name(f"{plan.stem}.reading.md")
    if not page.is_file():
        return [], ""
    lines = page.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.startswith("|")]
    rows = [row for row in cells if len(row) == 3 and not set("".join(row)) <= set("-: ")]
    said = [line for line in lines if line and not line.startswith(("|", "#", ">"))]
    return rows, said[0] if said else ""
