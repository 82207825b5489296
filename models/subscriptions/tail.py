"""Shape of the hazard beyond the last observed lead, by term class and cause, in renewals.

A shifted-beta-geometric (or beta-discrete-Weibull) is fitted to renewals at risk and lost by the number of the
renewal. Landmarks enter at the renewal they had reached, so customers who began before the log count from
there on: delayed entry. Only the *movement* of its logit is used, from the renewal at the last observed lead
on; the level there stays the customer's own:

    logit h_i(k) = logit h_i(K) + logit h_sBG(r_i(k)) - logit h_sBG(r_i(K)),   k > K

with r_i(k) the number of the renewal in lead month k. Months without renewal keep their hazard of lead K.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import logit

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError
from .contract import TERM_CLASSES, totals
from .sbg import BetaDiscreteWeibull, ShiftedBetaGeometric

__all__ = ["Tail"]


_LONGEST = 480
_CAUSES = (1, 2)


_SHAPES = {"sbg": ShiftedBetaGeometric, "bdw": BetaDiscreteWeibull}


class Tail:
    """Logit of the renewal hazard by term class, cause and renewal number.

    Parameters
    ----------
    kind
        ``"sbg"``, ``"bdw"``, or ``"flat"`` for no movement.
    min_events
        Fewest losses of a term class and cause to fit a shape; with fewer the hazard stays flat.

    Attributes
    ----------
    shapes_ : pandas.DataFrame
        One row for each term class and cause seen: term_class, cause, at_risk, lost, last_renewal (the highest number
        observed), shape (``kind`` or ``flat``).
    """

    def __init__(self, kind: str = "sbg", min_events: int = 50) -> None:
        self.kind = kind
        self.min_events = min_events

    def fit(self, term_class: Positions, period: Positions, cause: Positions, weight: Floats) -> Tail:
        """Fit to N person-months: class, renewal number (0: none), cause of loss, weight; returns self."""
        if self.kind not in ("flat", *_SHAPES):
            raise ModelError(f"tail: expected 'sbg', 'bdw' or 'flat', got {self.kind!r}")
        self._logits = np.zeros((len(_CAUSES) + 1, len(TERM_CLASSES), _LONGEST + 1))
        found = []
        for place, name in enumerate(TERM_CLASSES):
            here = (term_class == place) & (period > 0) & (weight > 0)
            if not here.any():
                continue
            number = np.minimum(period[here], _LONGEST)
            at_risk = totals(number, weight[here], int(number.max()) + 1)[1:]
            for which in _CAUSES:
                lost = totals(number, weight[here] * (cause[here] == which), len(at_risk) + 1)[1:]
                events = int((cause[here] == which).sum())
                fits = self.kind != "flat" and events >= self.min_events and lost.sum() < at_risk.sum()
                if fits:
                    self._logits[which, place, 1:] = self._shape(at_risk, lost)
                found.append((name, which, at_risk.sum(), lost.sum(), len(at_risk), self.kind if fits else "flat"))
        columns = ["term_class", "cause", "at_risk", "lost", "last_renewal", "shape"]
        self.shapes_ = pd.DataFrame(found, columns=columns)
        return self

    def logits(self, cause: int, term_class: Positions, period: Positions) -> Floats:
        """Return the logit of the shape's hazard at renewal numbers; arguments broadcast."""
        return np.asarray(self._logits[cause, term_class, np.clip(period, 1, _LONGEST)])

    def _shape(self, at_risk: Floats, lost: Floats) -> Floats:
        """Return the logit of the fitted hazard at renewal 1, 2, ..., 480, from counts by renewal."""
        model = _SHAPES[self.kind]().fit(np.arange(1, len(at_risk) + 1), at_risk, lost)
        hazard = model.hazard(np.arange(1, _LONGEST + 1))
        return np.asarray(logit(np.clip(hazard, 1e-9, 1 - 1e-9)))
