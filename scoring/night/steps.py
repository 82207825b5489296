"""The steps of one night: scores, the target list, what is watched. Each writes into the folder that it is made in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.config.business import Config
from ...core.messages import Message
from ...features.tables.tables import Tables
from ..scores.score import RUN, SCORES, score
from ..targets.last import DELTA
from ..targets.policy import NoBetterError
from ..targets.scored import NIGHTS, run_facts, stored
from ..targets.targets import TargetsOutcome, targets
from ..targets.words import LIST_WORDS
from .history import MONITOR, TARGETS, History, Partition
from .plan import PlannedNight
from .words import NIGHT_WORDS

__all__ = ["LIST", "Alarm", "Earlier", "Seen", "Watch", "list_step", "score_step", "watch_step"]

LIST = f"{TARGETS}/targets.csv"
"""Where the list of a night lies in its folder; the holdout and the rest lie beside it."""

_WORK = "work"


@dataclass(frozen=True)
class Alarm:
    """Something that somebody has to look at.

    Parameters
    ----------
    step
        Which step raised it.
    code
        What it is.
    text
        The same in words, in the language of the configuration.
    models
        Whether it speaks of the models, so that training may be the answer.
    """

    step: str
    code: str
    text: str
    models: bool = False

    @classmethod
    def of(cls, config: Config, step: str, message: Message) -> Alarm:
        """Return an alarm whose sentence is among those of the night."""
        return cls(step, message.code, NIGHT_WORDS.write(config.locale, message))


@dataclass(frozen=True)
class Seen:
    """What was seen of a night: what rings, and remarks that ring nowhere, one line each."""

    alarms: Sequence[Alarm] = ()
    notes: Sequence[str] = ()


Watch = Callable[[Tables, History, Partition, Path], Seen]
"""Looks at a night that is about to get its place, beside those before it, and writes into the folder given."""


def score_step(tables: Tables, night: PlannedNight, folder: Path, pieces: Path) -> dict[str, Any]:
    """Score, and lay the files as a night has them; ``pieces`` holds what an earlier run scored, and is removed."""
    work = folder / _WORK
    outcome = score(
        tables.config, night.as_of, work, opened=lambda _: tables, versions=night.inputs.versions, pieces=pieces
    )
    shutil.rmtree(pieces.parent)
    facts = run_facts(work)
    facts["files"] = {NIGHTS.get(name, name): digest for name, digest in facts["files"].items()}
    for file in sorted(work.iterdir()):
        if file.is_file() and file.name != RUN and not file.name.startswith("."):
            goal = folder / NIGHTS.get(file.name, file.name)
            goal.parent.mkdir(exist_ok=True)
            file.replace(goal)
    shutil.rmtree(work)
    (folder / RUN).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return {"customers": outcome.customers, "pairs": outcome.pairs, "notes": list(outcome.notes)}


@dataclass(frozen=True)
class Earlier:
    """What a night's list is compared with: the last list handed out before it, and the last scores; None: none."""

    last: Partition | None
    before: Partition | None

    @classmethod
    def of(cls, history: History, as_of: pd.Timestamp) -> Earlier:
        """Find them among the nights before an instant, however many lie after it."""
        nights = history.partitions(until=as_of)[::-1]
        listed = (each for each in nights if (each.folder / LIST).is_file())
        scored = (each for each in nights if stored(each.folder, SCORES).is_file())
        return cls(next(listed, None), next(scored, None))

    def facts(self) -> dict[str, list[Any] | None]:
        """Return day and revision of both."""
        both = {"list": self.last, "scores": self.before}
        return {name: None if night is None else [night.day, night.revision] for name, night in both.items()}


def list_step(
    tables: Tables, night: PlannedNight, folder: Path, scored: Mapping[str, Any], earlier: Earlier
) -> dict[str, Any]:
    """Make the list that the configuration wishes; one that was handed out stays, unless somebody asks for another.

    The facts say the list's size and how it differs from the last one, or under ``left_out`` why there is none.
    """
    wish = tables.config.nightly
    handed_out = night.before is not None and night.keeps_list and (night.before.folder / TARGETS).is_dir()
    if night.before is not None and handed_out:
        shutil.copytree(night.before.folder / TARGETS, folder / TARGETS)
        return {**night.before.manifest.get("list", {}), "kept_of_revision": night.before.revision}
    if night.late:
        return {"left_out": "none_before"}
    if wish.budget is None:
        return {"left_out": "no_budget"}
    if not scored["pairs"]:
        return {"left_out": "no_list"}
    try:
        made = _made(tables, night, folder, wish.budget, earlier)
    except NoBetterError as error:
        return {"left_out": "no_better", "why": str(error)}
    return {
        "contacted": made.contacted,
        "held_out": made.held_out,
        "cost": made.cost,
        "net_value": made.net_value,
        "notes": [line.replace(f"{folder}/", "") for line in made.lines()],
        "compared_with": earlier.facts(),
        "since": _since(tables.config, made),
    }


def _since(config: Config, made: TargetsOutcome) -> str:
    """Return in words how a list differs from the last one, or that there is none."""
    told = (LIST_WORDS.write(config.locale, one) for one in made.left_out if one.code == DELTA)
    return next(told, NIGHT_WORDS.say(config.locale, "first_list"))


def _made(tables: Tables, night: PlannedNight, folder: Path, budget: float, earlier: Earlier) -> TargetsOutcome:
    """Return the list that the configuration wishes, made."""
    return targets(
        tables.config,
        folder,
        budget=budget,
        capacity=tables.config.nightly.capacity,
        out=folder / LIST,
        opened=lambda _: tables,
        today=night.as_of,
        last=None if earlier.last is None else earlier.last.folder / LIST,
        before=None if earlier.before is None else earlier.before.folder,
    )


def watch_step(
    tables: Tables, planned: PlannedNight, night: Partition, history: History, watch: Watch | None
) -> dict[str, Any]:
    """Let a night be looked at before it gets its place; the facts hold the alarms, or say why nobody looks.

    One that is made again keeps what was seen in its time: an alarm is about tonight.
    """
    if planned.late and planned.before is not None:
        if (planned.before.folder / MONITOR).is_dir():
            shutil.copytree(planned.before.folder / MONITOR, night.folder / MONITOR)
        return {"left_out": "late_rows", "alarms": []}
    if watch is None:
        return {"left_out": "nobody_watches", "alarms": []}
    folder = night.folder / MONITOR
    folder.mkdir(exist_ok=True)
    seen = watch(tables, history, night, folder)
    return {"alarms": [asdict(alarm) for alarm in seen.alarms], "notes": list(seen.notes)}
