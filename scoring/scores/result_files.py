"""The files of a run, put together from its pieces: reasons come when everybody's risk is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.arrays import Bools, Floats, Objects
from ...core.config.business import Config
from ...core.parallel import each_in_parallel
from ...core.time import with_zone
from .one_piece import VALUES, Kept, Scored, Scoring, contributions
from .reason_features import REASON_FEATURES
from .reasons import REASONS, reason_words
from .row_groups import RowGroups

__all__ = ["ACTION_VALUES", "SCORES", "write_action_values", "write_scores"]

SCORES = "scores.parquet"
ACTION_VALUES = "action_values.parquet"


def write_scores(
    folder: Path, config: Config, scoring: Scoring, scored: Sequence[Scored], versions: Mapping[str, int | None]
) -> None:
    """Write the scores with the reasons of the riskiest, and what the reasons of others are found from.

    Parameters
    ----------
    folder
        Where the files go.
    config
        Whose ``models: explain_share`` says how many are explained.
    scoring, scored
        The models with the folder of the pieces, and what each piece of customers with scores said.
    versions
        Of the models, by kind; None where there is none.
    """
    top = _top_share(np.concatenate([piece.risk for piece in scored]), config.models.explain_share)
    ends = np.cumsum([len(piece.risk) for piece in scored])[:-1]
    explained = np.split(top, ends)
    with ExitStack() as stack:
        scores = stack.enter_context(RowGroups(folder / SCORES, texts=REASONS))
        features = None if scoring.churn is None else stack.enter_context(RowGroups(folder / REASON_FEATURES))
        for piece, words in zip(scored, _words(config, scoring, scored, explained), strict=True):
            kept = Kept(scoring.folder, piece.place)
            frame = kept.read("scores").reset_index(drop=True)
            if features is not None:
                needed, able = kept.read("needed")
                wanted = able & pd.isna(words[:, 0])
                whose = frame.loc[wanted, "customer_id"].reset_index(drop=True)
                known = kept.read("features")[wanted[needed]].reset_index(drop=True)
                features.write(pd.concat([whose, known], axis=1))
            said = pd.DataFrame(words, columns=list(REASONS), dtype=object)
            frame = pd.concat([frame, said], axis=1)
            for kind, version in versions.items():
                frame[f"{kind}_model_version"] = pd.array([version] * len(frame), dtype="Int64")
            scores.write(with_zone(frame))


def _words(config: Config, scoring: Scoring, scored: Sequence[Scored], explained: Sequence[Bools]) -> Iterator[Objects]:
    """Yield three reasons a row of each piece, (n, 3), None where nobody looks."""
    asked = [] if scoring.churn is None else list(zip((p.place for p in scored), explained, strict=True))
    found = each_in_parallel(contributions, scoring, asked, threads=config.engine.threads)
    for piece, chosen in zip(scored, explained, strict=True):
        words = np.full((len(piece.risk), len(REASONS)), None, dtype=object)
        if scoring.churn is not None:
            rows, added = next(found)
            if len(rows):
                words[chosen] = reason_words(added, rows, config)
        yield words


def write_action_values(folder: Path, kept: Path, scored: Sequence[Scored], empty: pd.DataFrame) -> int:
    """Write one row a customer and action, action by action, and return how many.

    Parameters
    ----------
    folder, kept
        Where the file goes, and where the pieces lie.
    scored
        What each piece said.
    empty
        A spine without rows, which says what the identifiers are.
    """
    done = 0
    with RowGroups(folder / ACTION_VALUES) as groups:
        groups.write(with_zone(_columns(empty)))
        for place, action in enumerate(scored[0].pairs):
            for piece in scored:
                if piece.pairs[action]:
                    done += piece.pairs[action]
                    groups.write(with_zone(Kept(kept, piece.place).read(f"values-{place}")))
    return done


def _columns(empty: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of action values without rows."""
    texts = ("action", "evidence")
    more = {name: pd.Series([], dtype="str" if name in texts else "float64") for name in VALUES[2:]}
    return empty.assign(**more)[VALUES]


def _top_share(risk: Floats, share: float) -> Bools:
    """Return the riskiest ``share`` of the rows as a mask; rows without risk are never in it."""
    most = int(np.ceil(share * int((~np.isnan(risk)).sum())))
    top = np.zeros(len(risk), dtype=bool)
    top[np.argsort(-np.nan_to_num(risk, nan=-1.0), kind="stable")[:most]] = True
    return top
