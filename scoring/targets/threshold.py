"""The cut of a list: everybody who could have been on it, their score, and where it cut.

A list under a budget and capacities takes the pairs of customer and action whose net value exceeds what they take of
them, at the prices of the plan. What a pair is worth beyond that, less the best that the list could do for the customer
instead (nothing included), is one number that decides: above 0 the customer is listed for the action, below it not. The
cut is set where fewest are on its other side, next to 0, as prices are known to a rounding. Just above and just below
it customers are alike, so the next statement can learn the effect there
(:func:`servicelift.effects.threshold_effect`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from ...core.arrays import Bools, Floats, Positions
from ...core.messages import Message
from ...core.short_repr import ShortRepr

__all__ = ["COLUMNS", "ListCut", "NoCut", "list_cut"]

COLUMNS = ["customer_id", "action", "as_of", "score", "cut", "instead", "listed", "arm"]
"""Columns of the file: whom and what, the instant looked from, the score and the cut in money, what a customer below
the cut gets instead (null: nothing), and what was decided."""

_MISPLACED = 0.05
_LEAST = 20


class NoCut(StrEnum):
    """Why the list of an action has no cut that can be read."""

    MISPLACED = "cut_misplaced"
    ONE_SIDED = "cut_one_sided"


@dataclass(frozen=True)
class ListCut(ShortRepr):
    """Scores and cut of a list.

    Parameters
    ----------
    rows
        One row a pair of customer and action whose action has a cut, with :data:`COLUMNS`.
    without
        Why an action has none: its code and figures.
    """

    rows: pd.DataFrame
    without: tuple[Message, ...]


def list_cut(pairs: pd.DataFrame, reduced: Floats, chosen: Bools, held: pd.Series) -> ListCut:
    """Return the score of every pair that a list could choose, action by action, where one cut decided.

    Parameters
    ----------
    pairs
        customer_id, action and as_of, n rows: all pairs that the list could choose.
    reduced
        Net value less what a pair takes of the budget and the capacities at their prices, (n,).
    chosen
        Pairs that were chosen, (n,).
    held
        Whether each customer of the list was held out, by customer_id.
    """
    known = np.isfinite(reduced)
    pairs, reduced, chosen = pairs[known].reset_index(drop=True), reduced[known], chosen[known]
    other = _best_other(pairs["customer_id"], reduced)
    worth = np.where(other >= 0, reduced[other], 0.0)
    instead = pairs["action"].astype(object).to_numpy()[other]
    arm = np.where(pairs["customer_id"].isin(held.index[held.to_numpy(dtype=bool)]), "control", "treated")
    rows = pairs[["customer_id", "action", "as_of"]].assign(
        score=reduced - np.maximum(worth, 0.0),
        cut=0.0,
        instead=pd.Series(instead, index=pairs.index).where(worth > 0),
        listed=chosen,
        arm=pd.Series(arm, index=pairs.index).where(chosen),
    )
    kept, without = [], []
    for action, scored in rows.groupby("action", sort=True):
        own = scored.assign(cut=_cut(scored["score"].to_numpy(), scored["listed"].to_numpy(dtype=bool)))
        why = _unreadable(str(action), own)
        kept += [own] if why is None else []
        without += [] if why is None else [why]
    whole = pd.concat(kept) if kept else rows.iloc[:0]
    return ListCut(whole.sort_values(["action", "score"], ascending=[True, False], ignore_index=True), tuple(without))


def _best_other(customers: pd.Series, reduced: Floats) -> Positions:
    """Return the position of the best of the customer's other pairs, (n,); -1 where there is no other."""
    codes = pd.factorize(customers)[0]
    order = np.lexsort((-reduced, codes))
    first = np.append(True, codes[order][1:] != codes[order][:-1])[: len(order)]
    second = np.append(False, first[:-1])[: len(order)] & ~first
    best, runner_up = np.full((2, int(codes.max(initial=-1)) + 1), -1)
    best[codes[order[first]]] = order[first]
    runner_up[codes[order[second]]] = order[second]
    return np.where(best[codes] == np.arange(len(reduced)), runner_up[codes], best[codes])


def _cut(score: Floats, listed: Bools) -> float:
    """Return the cut that leaves fewest on the wrong side, nearest to 0 of those: prices are known to a rounding."""
    order = np.argsort(-score, kind="stable")
    ranked, on = score[order], listed[order]
    wrong = np.append(0, np.cumsum(~on)) + on.sum() - np.append(0, np.cumsum(on))
    edges = np.concatenate([[ranked[0] + 1.0], (ranked[1:] + ranked[:-1]) / 2, [ranked[-1] - 1.0]])
    possible = np.concatenate([[True], ranked[1:] < ranked[:-1], [True]])
    edges, wrong = edges[possible], wrong[possible]
    best = edges[wrong == wrong.min()]
    return float(best[np.abs(best).argmin()])


def _unreadable(action: str, own: pd.DataFrame) -> Message | None:
    """Return why one cut does not tell who of an action's pairs was listed; None where it does."""
    above, listed = (own["score"] > own["cut"]).to_numpy(), own["listed"].to_numpy(dtype=bool)
    misplaced = int((above != listed).sum())
    if misplaced > _MISPLACED * max(int(listed.sum()), 1):
        return Message.of(NoCut.MISPLACED, action=action, n=misplaced, listed=int(listed.sum()))
    alone = own["instead"].isna().to_numpy()
    fewest = min(own.loc[side & alone, "score"].nunique() for side in (above, ~above))
    if fewest < _LEAST:
        return Message.of(NoCut.ONE_SIDED, action=action, n=fewest, least=_LEAST)
    return None
