"""One piece of the customers, scored: all that needs no tables, so that a process of its own can do it.

What a piece brings goes to a folder that all processes see; they return no more than what is decided over everybody.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Bools, Floats
from ...core.records import ClvInputs
from ...core.short_repr import ShortRepr
from ...models.portfolio import ClvModel, Valuation
from ...models.registered import ChurnModel, IncrementalModel

__all__ = ["CHURN", "CLV", "VALUES", "WAITING", "Kept", "Piece", "Scored", "Scoring", "contributions", "score_piece"]

CHURN = ["churn_probability", "churn_probability_voluntary", "churn_probability_involuntary"]
CLV = ["clv", "clv_low", "clv_high"]
WAITING = "waiting"
VALUES = ["customer_id", "as_of", "action", "incremental_clv", "incremental_clv_low", "incremental_clv_high"]
VALUES += ["cost", "net_value", "evidence"]


@dataclass(frozen=True)
class Scoring(ShortRepr):
    """The models that score, None where there is no champion, and the folder for what each piece brings."""

    folder: Path
    churn: ChurnModel | None
    clv: ClvModel | None
    effects: IncrementalModel | None


@dataclass(frozen=True)
class Piece(ShortRepr):
    """What is known of n customers at the instant of the scores.

    Parameters
    ----------
    place
        Number of the piece.
    spine
        customer_id and as_of.
    features, inputs
        Features, and what the CLV model reads; None without one.
    fitting
        Who may get each action, (n,), those who wait excepted; an action that is not named is for others.
    waiting
        Why customers wait, an empty text where they do not; None: lapsed customers, who have no scores.
    at_risk
        Who is at risk of churn, (n,).
    """

    place: int
    spine: pd.DataFrame
    features: pd.DataFrame
    inputs: ClvInputs | None
    fitting: Mapping[str, Bools]
    waiting: pd.Series | None = None
    at_risk: Bools | None = None


@dataclass(frozen=True)
class Scored(ShortRepr):
    """What a piece of n ``customers`` says of itself: their risk (NaN: none), and how many rows each action has.

    Lapsed customers have no risk: it is empty.
    """

    place: int
    customers: int
    risk: Floats
    pairs: Mapping[str, int]
    waiting: Mapping[str, int]


@dataclass(frozen=True)
class Kept:
    """The files of one piece in a folder."""

    folder: Path
    place: int

    def write(self, name: str, what: Any) -> None:
        """Keep something."""
        with self._file(name).open("wb") as file:
            pickle.dump(what, file, protocol=pickle.HIGHEST_PROTOCOL)

    def read(self, name: str) -> Any:
        """Return what was kept."""
        with self._file(name).open("rb") as file:
            return pickle.load(file)

    def _file(self, name: str) -> Path:
        return self.folder / f"{self.place}.{name}"


def score_piece(scoring: Scoring, piece: Piece) -> Scored:
    """Score the customers of a piece: ``scores``, ``features`` and each action's values are kept in the folder.

    ``features`` are those that the churn model reads, of who has a risk or may get an action; ``needed`` says who.
    """
    kept = Kept(scoring.folder, piece.place)
    valued = None if scoring.clv is None or piece.inputs is None else scoring.clv.valuation(piece.inputs)
    pairs = {}
    for place, (action, values) in enumerate(_values(scoring.effects, piece, valued)):
        kept.write(f"values-{place}", values)
        pairs[action] = len(values)
    if piece.waiting is None:
        return Scored(piece.place, len(piece.spine), np.zeros(0), pairs, {})
    scores = _scores(scoring.churn, piece, valued)
    risk = scores[CHURN[0]].to_numpy(copy=True)
    if scoring.churn is not None:
        able = np.logical_or.reduce([np.zeros(len(risk), dtype=bool), *piece.fitting.values()])
        needed = able | ~np.isnan(risk)
        kept.write("features", piece.features.loc[needed, list(scoring.churn.columns)])
        kept.write("needed", (needed, able))
    kept.write("scores", scores)
    waits = {str(why): int(n) for why, n in scores[WAITING].value_counts().items()}
    return Scored(piece.place, len(risk), risk, pairs, waits)


def contributions(scoring: Scoring, asked: tuple[int, Bools]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return features of some customers of a piece, and what each adds to their log-odds of churn.

    Parameters
    ----------
    scoring
        Whose churn model is asked.
    asked
        Number of a piece that was scored, and a mask (n,) of its customers, who all have a risk.
    """
    place, explained = asked
    kept = Kept(scoring.folder, place)
    needed, _ = kept.read("needed")
    rows = kept.read("features")[explained[needed]]
    if scoring.churn is None or rows.empty:
        return rows, pd.DataFrame(index=rows.index)
    return rows, scoring.churn.contributions(rows)


def _scores(churn: ChurnModel | None, piece: Piece, valued: Valuation | None) -> pd.DataFrame:
    """Return the scores of n customers without their reasons."""
    frame = piece.spine.copy()
    frame[CHURN] = np.nan if churn is None else churn.predict_frame(piece.features)[CHURN].to_numpy()
    if piece.at_risk is not None:
        frame.loc[~piece.at_risk, CHURN] = np.nan
    frame[CLV] = np.nan if valued is None else valued.to_frame()[CLV].to_numpy()
    why = pd.Series("", index=frame.index) if piece.waiting is None else piece.waiting
    waits = (why != "").to_numpy()
    frame.loc[waits, [*CHURN, *CLV]] = np.nan
    frame[WAITING] = why.astype("str").where(waits)
    return frame


def _values(effects: IncrementalModel | None, piece: Piece, valued: Valuation | None) -> list[tuple[str, pd.DataFrame]]:
    """Return what each action of the model would cause of those who may get it, one row a customer."""
    if effects is None:
        return []
    nobody = np.zeros(len(piece.spine), dtype=bool)
    asked = {action: piece.fitting.get(action, nobody) for action in effects.final}
    predicted = effects.predict_frame(_known(piece, valued), asked)
    costs, found = effects.costs(), []
    for action, fits in asked.items():
        part = piece.spine[fits].assign(action=action)
        for end in ("", "_low", "_high"):
            part[f"incremental_clv{end}"] = predicted.loc[fits, f"{action}.incremental_clv{end}"].to_numpy()
        part = part.assign(cost=costs[action], net_value=part["incremental_clv"] - costs[action])
        found.append((action, part.assign(evidence=effects.final[action].evidence.value)[VALUES]))
    return found


def _known(piece: Piece, valued: Valuation | None) -> pd.DataFrame:
    """Return what action models read: values are spread over customers by what they stand to lose."""
    if valued is None:
        return piece.features
    return pd.concat([piece.features, valued.at_risk.set_axis(piece.features.index)], axis=1)
