"""The training job: fit, judge, register and promote the three models of a business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from .. import __version__
from ..core.config.business import Config, ModelKind
from ..core.config.store import sqlite_file
from ..core.errors import ServiceliftError
from ..core.output_lock import locked_training
from ..core.progress import Say, silent
from ..features.tables.fingerprint import fingerprint
from ..features.tables.staleness import check_fresh, stale_line
from ..features.tables.tables import Opener, Tables, open_tables
from ..tracking import Run, Tracker
from .churn import train_churn
from .clv import train_clv
from .incremental import train_incremental
from .judged import JudgedModel
from .leakage_gate import undated_gate
from .promotion import finished
from .provenance import config_text, log_provenance, provenance_tags
from .resume import close_dead_runs, job_key, job_tags, unfinished_job
from .stages import DURATIONS_FILE, Stages, read_durations

__all__ = ["TrainingOutcome", "train"]

_JOBS: dict[ModelKind, Callable[[Tables, Tracker, Run, Say], JudgedModel]] = {
    "churn": train_churn,
    "clv": train_clv,
    "incremental": train_incremental,
}


@dataclass(frozen=True)
class TrainingOutcome:
    """What a training job did: a judgement for each model trained, a reason for each that could not be.

    ``notes`` are remarks on the tables, such as columns let through the leakage gate.
    """

    judged: tuple[JudgedModel, ...]
    not_trained: dict[str, str]
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return one line a model, with what it was judged by."""
        return [
            *(line for model in self.judged for line in model.lines()),
            *(f"{name}: not trained: {reason}" for name, reason in self.not_trained.items()),
            *self.notes,
        ]


def train(
    config: Config, only: ModelKind | None = None, say: Say = silent, opened: Opener | None = None
) -> TrainingOutcome:
    """Fit the models over the snapshots, log them, and promote what beats the champion beyond noise.

    Without ``only``, a business whose tables do not allow CLV or incremental CLV still gets its churn model,
    and is told what is missing. A job that was stopped goes on: what it had registered is kept, not trained again.

    ``opened`` gives the tables of a configuration where they are open already.

    Raises
    ------
    ServiceliftError
        The tables break the contract, a feature knows too much (LeakageError), or the churn model (or the model
        named by ``only``) cannot be learnt.
    BusyError
        Another training of the business writes into the same file of models.
    """
    with locked_training(sqlite_file(config.tracking_uri), config.business):
        return _trained(config, only, say, opened)


def _trained(config: Config, only: ModelKind | None, say: Say, opened: Opener | None) -> TrainingOutcome:
    stages = Stages(say)
    stages("tables: open and check")
    tables = (opened or open_tables)(config)
    stale = tuple(stale_line(tables, each, tables.data_until) for each in check_fresh(tables, tables.data_until))
    prints = fingerprint(tables)
    stages("tracking: open the store")
    tracker = Tracker.of(config)
    closed = close_dead_runs(tracker)
    key = job_key(prints["all"], config_text(tables), __version__)
    job = unfinished_job(tracker, key) or uuid4().hex
    stages.expect(_earlier(tracker, only))
    marks = job_tags(key, job) | provenance_tags(tables, prints)
    with tracker.run("train", tags=marks | {"servicelift.only": only or "all"}) as run:
        log_provenance(run, tables, prints)
        stages("leakage: columns without an instant of their own")
        notes = (*stale, *undated_gate(tables, run))
        judged, kept, lacking = _models(tables, tracker, marks, only, stages)
        run.tags({f"not_trained.{kind}": reason for kind, reason in lacking.items()})
        stages.finish()
        if not kept:
            run.text(stages.text(), DURATIONS_FILE)
    if closed:
        notes = (*notes, f"{closed} runs of a process that is gone were closed as killed")
    return TrainingOutcome(tuple(judged), lacking, notes)


def _models(
    tables: Tables, tracker: Tracker, marks: dict[str, str], only: ModelKind | None, say: Say
) -> tuple[list[JudgedModel], bool, dict[str, str]]:
    """Train what is wanted; return the judgements, whether some were there before, and reasons of those left out."""
    judged: list[JudgedModel] = []
    lacking: dict[str, str] = {}
    kept = False
    wanted: tuple[ModelKind, ...] = (only,) if only else tuple(_JOBS)
    for kind in wanted:
        before = finished(tracker, tables.config.model_name(kind), marks["servicelift.job"])
        if before is not None:
            judged.append(before)
            kept = True
            continue
        try:
            with tracker.run(kind, nested=True, tags=marks) as child:
                child.locale = tables.config.locale
                judged.append(_JOBS[kind](tables, tracker, child, say))
        except ServiceliftError as error:
            if only or kind == "churn":
                raise
            lacking[kind] = str(error)
    return judged, kept, lacking


def _earlier(tracker: Tracker, only: ModelKind | None) -> list[tuple[str, float]]:
    """Return the stages of the latest finished run that trained the same models, none for a first one."""
    for run in tracker.past("FINISHED", "train", most=20):
        if run.tags.get("servicelift.only") == (only or "all"):
            return read_durations(tracker.artefact(run.run_id, DURATIONS_FILE))
    return []
