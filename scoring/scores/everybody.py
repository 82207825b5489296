"""All customers, scored: piece by piece in processes of this machine, or part by part by the workers of a cluster.

Both do the same to a piece. On a cluster a part of the customers is read, made into features and scored within one
worker (:mod:`..features.catalogue.shards`), in one pass; what comes back is how risky each customer is, eight bytes,
and what is counted. The rest lies in a folder that the workers and this process see.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.config.business import ModelKind
from ...core.errors import ServiceliftError
from ...core.parallel import each_in_parallel, piece_of, written
from ...core.progress import Say
from ...core.short_repr import ShortRepr
from ...features.catalogue.shards import Shards, cut
from ...features.tables.tables import Tables
from ...models.fitting.encoding import FrameEncoding
from ...models.portfolio import ClvModel
from ...models.registered import ChurnModel, IncrementalModel
from ...tracking import Loaded
from .champions import Champions
from .inputs import InputCounts
from .kept_pieces import KeptPieces
from .one_piece import Scored, Scoring, score_piece
from .pieces import PIECE, Customers, check_anybody, pieces

__all__ = ["Everybody", "Night", "place_of_pieces", "score_everybody"]

_PIECES_A_PART = 4
_NUMBERS = 1_000
"""Numbers of pieces that each part may use."""


@dataclass(frozen=True)
class Night(ShortRepr):
    """What scores are made of: the instant, the models without what scores do not need, and what those learnt.

    ``folder`` takes what each piece brings.
    """

    as_of: pd.Timestamp
    champions: Champions
    encodings: Mapping[str, Sequence[FrameEncoding]]
    folder: Path

    @classmethod
    def of(
        cls,
        as_of: pd.Timestamp,
        champions: Champions,
        encodings: Mapping[str, Sequence[FrameEncoding]],
        folder: Path,
    ) -> Night:
        """Return it; a process of its own reads the models anew, so that they are made small."""
        lean = {kind: None if one is None else _lean(one) for kind, one in champions.models.items()}
        return cls(as_of, replace(champions, models=lean), encodings, folder)

    @property
    def scoring(self) -> Scoring:
        """The models that a piece is scored with."""
        kinds: tuple[ModelKind, ...] = ("churn", "clv", "incremental")
        churn, clv, effects = (None if (one := self.champions[kind]) is None else one.model for kind in kinds)
        return Scoring(self.folder, churn, clv, effects)


@dataclass(frozen=True)
class Everybody(ShortRepr):
    """What the pieces of all customers said: those who run, then the lapsed, each in the order of customers.

    Parameters
    ----------
    scored
        By piece.
    running, lapsed
        What the models cannot use of the features of either.
    runs
        How many run.
    nobody
        A spine without rows, which says what identifiers are.
    """

    scored: list[Scored]
    running: InputCounts
    lapsed: InputCounts
    runs: int
    nobody: pd.DataFrame


def score_everybody(tables: Tables, night: Night, say: Say) -> Everybody:
    """Score all customers, on the workers of the engine where it has some, else on the cores of this machine.

    Raises
    ------
    ModelError
        There is nobody to score, or a champion was trained on columns that these tables do not give.
    """
    found = _on_workers(tables, night, say) if tables.engine.workers else _here(tables, night, say)
    check_anybody(found.runs, tables, night.as_of)
    return found


def place_of_pieces(tables: Tables, out: Path) -> Path | None:
    """Return where the folder of pieces has to lie: beside the results where workers write it, else anywhere (None)."""
    if not tables.engine.workers:
        return None
    return next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.is_dir())


def _here(tables: Tables, night: Night, say: Say) -> Everybody:
    """Score on the cores of this machine."""
    say("features: build")
    config, customers = tables.config, Customers.at(tables, night.as_of, night.champions)
    check_anybody(len(customers.running), tables, night.as_of)
    counts = InputCounts(config, night.encodings), InputCounts(config, night.encodings)
    kept = KeptPieces(night.folder)
    scored = kept.all()
    queue = pieces(tables, customers, night.champions, kept, counts)
    say("scores: churn, value, action values")
    done = sum(piece.customers for piece in scored)
    for piece in each_in_parallel(score_piece, night.scoring, queue, threads=config.engine.threads):
        scored.append(kept.keep(piece))
        done += piece.customers
        say(f"scores: {done:,} of {len(customers):,} customers")
    scored.sort(key=lambda one: one.place)
    return Everybody(scored, *counts, len(customers.running), customers.running.iloc[:0])


def _on_workers(tables: Tables, night: Night, say: Say) -> Everybody:
    """Score part by part, each by a worker: one pass over the tables, whose rows never come here."""
    say("tables: cut by customer")
    place = night.folder / "tables"
    shutil.rmtree(place, ignore_errors=True)
    shards = cut(tables, place, PIECE * _PIECES_A_PART)
    say(f"scores: {shards.count:,} parts of the customers on the workers of {tables.config.engine.name}")
    file = written((shards, night), str(night.folder))
    done = [_told(each) for each in tables.engine.on_workers(partial(_part_in_bytes, file), shards.count)]
    running, lapsed = (InputCounts(tables.config, night.encodings) for _ in range(2))
    for part in done:
        running.add(part.running.counted())
        lapsed.add(part.lapsed.counted())
    scored = sorted((one for part in done for one in part.scored), key=lambda one: (not len(one.risk), one.place))
    say(f"scores: {sum(one.customers for one in scored):,} customers")
    return Everybody(scored, running, lapsed, sum(part.runs for part in done), done[0].nobody)


def _part_in_bytes(file: str, place: int) -> bytes:
    """Score a part in a worker, and return what it says, or the error of our own that stopped it."""
    try:
        return pickle.dumps(piece_of(file, _part, place))
    except ServiceliftError as error:
        return pickle.dumps(error)


def _told(told: bytes) -> Everybody:
    """Return what a worker said; its error is raised here."""
    found: Everybody | ServiceliftError = pickle.loads(told)
    if isinstance(found, ServiceliftError):
        raise found
    return found


def _part(shared: tuple[Shards, Night], place: int) -> Everybody:
    """Score the customers of one part, in its worker's process alone."""
    shards, night = shared
    tables = shards.open(place)
    customers = Customers.at(tables, night.as_of, night.champions)
    counts = InputCounts(tables.config, night.encodings), InputCounts(tables.config, night.encodings)
    kept, first = KeptPieces(night.folder), place * _NUMBERS
    scored = kept.all(range(first, first + _NUMBERS))
    queue = pieces(tables, customers, night.champions, kept, counts, first)
    scored += map(kept.keep, each_in_parallel(score_piece, night.scoring, queue, threads=1))
    return Everybody(scored, *counts, len(customers.running), customers.running.iloc[:0])


def _lean(loaded: Loaded) -> Loaded:
    """Return a champion without what scores do not need."""
    model: Any = loaded.model
    if isinstance(model, ClvModel):
        model = replace(model, bootstrap=(), evaluation=model.final)
    elif isinstance(model, ChurnModel):
        model = replace(model, evaluation=model.final)
    elif isinstance(model, IncrementalModel):
        model = replace(model, evaluation={})
    return replace(loaded, model=model)
