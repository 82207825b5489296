"""The training job: fit, judge, register and promote the three models of a business."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from .. import __version__
from ..core.config import Config, ModelKind
from ..core.errors import ServiceliftError
from ..core.progress import Say, silent
from ..features.fingerprint import fingerprint
from ..features.sources import Tables, open_tables
from ..tracking import Run, Tracker
from .churn import train_churn
from .clv import train_clv
from .incremental import train_incremental
from .judge import Judged
from .leakage import undated_gate

__all__ = ["TrainingOutcome", "train"]

_JOBS: dict[ModelKind, Callable[[Tables, Tracker, Run, Say], Judged]] = {
    "churn": train_churn,
    "clv": train_clv,
    "incremental": train_incremental,
}


@dataclass(frozen=True)
class TrainingOutcome:
    """What a training job did: a judgement for each model trained, a reason for each that could not be.

    ``notes`` are remarks on the tables, such as columns let through the leakage gate.
    """

    judged: tuple[Judged, ...]
    not_trained: dict[str, str]
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return one line a model, with what it was judged by."""
        return [
            *(line for model in self.judged for line in model.lines()),
            *(f"{name}: not trained: {reason}" for name, reason in self.not_trained.items()),
            *self.notes,
        ]


def train(config: Config, only: ModelKind | None = None, say: Say = silent) -> TrainingOutcome:
    """Fit the models over the snapshots, log them, and promote what beats the champion.

    Without ``only``, a business whose tables do not allow CLV or incremental CLV still gets its churn model,
    and is told what is missing.

    Raises
    ------
    ServiceliftError
        The tables break the contract, a feature knows too much (LeakageError), or the churn model (or the model
        named by ``only``) cannot be learnt.
    """
    say("tables: open and check")
    tables = open_tables(config)
    wanted: tuple[ModelKind, ...] = (only,) if only else tuple(_JOBS)
    judged: list[Judged] = []
    lacking: dict[str, str] = {}
    say("tracking: open the store")
    tracker = Tracker.of(config)
    with tracker.run("train") as run:
        _describe(run, tables)
        say("leakage: columns without an instant of their own")
        notes = undated_gate(tables, run)
        for kind in wanted:
            try:
                with tracker.run(kind, nested=True) as child:
                    judged.append(_JOBS[kind](tables, tracker, child, say))
            except ServiceliftError as error:
                if only or kind == "churn":
                    raise
                lacking[kind] = str(error)
        run.tags({f"not_trained.{kind}": reason for kind, reason in lacking.items()})
    return TrainingOutcome(tuple(judged), lacking, notes)


def _describe(run: Run, tables: Tables) -> None:
    """Log version, configuration and the data's fingerprint."""
    config = tables.config
    run.params({"servicelift": __version__, "seed": config.seed, "data_until": tables.data_until})
    # Where tables and the store lie, and queries, may hold what the environment filled in.
    run.text(config.model_dump_json(indent=2, exclude={"folder", "tables", "checks", "tracking"}), "config.json")
    prints = fingerprint(tables)
    run.text(json.dumps(prints, indent=2), "fingerprint.json")
    run.tags({"fingerprint": prints["all"]})
