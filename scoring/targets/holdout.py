"""Who of a list is left alone at random, so that the next return can be measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ...core.arrays import Bools
from ...core.config.business import HoldoutConfig
from ...core.hashing import uniform_hash
from ...core.locale import Locale
from ...core.short_repr import ShortRepr
from .words import LIST_WORDS

__all__ = ["Holdout", "drawn_holdout"]

_STRATA = 4
"""Most groups of predicted value within an action by which the draw is checked."""

_LEAST = 5.0
"""Held-out customers to be expected in a stratum; actions with fewer are checked together."""

_DOUBTFUL = 0.01


@dataclass(frozen=True)
class Holdout(ShortRepr):
    """A drawn holdout.

    Parameters
    ----------
    held
        Whether each listed customer is left alone, (n,).
    share
        The chance of it.
    strata
        One row an action and group of predicted value: ``n``, ``held`` and ``held_share``.
    chance
        Probability that an even draw leaves the strata at least as uneven as this; 1 where there is nothing to
        compare.
    """

    held: Bools
    share: float
    strata: pd.DataFrame
    chance: float

    def line(self, locale: Locale) -> str:
        """Return how evenly the draw fell, and what to do where it did not."""
        if self.strata.empty:
            return LIST_WORDS.say(locale, "nobody")
        if not 0 < self.share < 1:
            return LIST_WORDS.say(locale, "one_arm")
        parts = [LIST_WORDS.say(locale, "share", share=float(self.held.mean()), wanted=self.share)]
        large = self.strata[self.strata["n"] * self.share >= _LEAST]
        if len(large) > 1:
            low, high = float(large["held_share"].min()), float(large["held_share"].max())
            parts.append(LIST_WORDS.say(locale, "strata", low=low, high=high, n=len(large)))
        shares = ", ".join(parts)
        if self.chance >= _DOUBTFUL:
            return shares
        return f"{shares}: {LIST_WORDS.say(locale, 'uneven', chance=f'{self.chance:.1g}')}"


def drawn_holdout(customers: pd.Series, actions: pd.Series, net_value: pd.Series, holdout: HoldoutConfig) -> Holdout:
    """Draw the holdout of n listed customers and check it in strata of action and predicted value.

    A customer's arm depends on the identifier and the config's salt alone: never on the list, the budget, the day or
    who runs it. Shares within strata are therefore even up to chance, not exactly: strata of predicted value change
    from month to month, and a draw that is exact in them cannot leave every customer in his arm. The check says
    how even it fell; adjusting for the features in the estimate takes out what is left (`benchmarks/holdout_draw.py`
    measures what an exact draw would add). The salt is the one free choice: choosing it before the first list is
    re-randomisation (Morgan & Rubin 2012).

    Parameters
    ----------
    customers, actions, net_value
        The list, (n,) each.
    holdout
        Share and salt.
    """
    held = np.asarray(uniform_hash(customers, f"holdout/{holdout.salt}") < holdout.share)
    frame = pd.DataFrame({"action": actions.to_numpy(), "held": held, "value": net_value.to_numpy()})
    expected = frame.groupby("action")["held"].transform("size") * holdout.share
    frame.loc[expected < _LEAST, "action"] = "others"
    groups = np.clip(frame.groupby("action")["held"].transform("size") * holdout.share // _LEAST, 1, _STRATA)
    place = frame.groupby("action")["value"].rank(method="first", pct=True)
    frame["stratum"] = np.ceil(place * groups).astype(int)
    strata = frame.groupby(["action", "stratum"])["held"].agg(n="size", held="sum").reset_index()
    strata["held_share"] = strata["held"] / strata["n"]
    return Holdout(held, holdout.share, strata, _chance(strata, holdout.share))


def _chance(strata: pd.DataFrame, share: float) -> float:
    """Return the p-value of Pearson's chi-square of the strata's counts against the share."""
    if not 0 < share < 1 or strata.empty:
        return 1.0
    expected = strata["n"] * share
    terms = (strata["held"] - expected) ** 2 / (expected * (1 - share))
    return float(stats.chi2.sf(terms.sum(), len(strata)))
