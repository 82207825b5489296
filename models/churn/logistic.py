"""Logistic regression as the churn model itself: where boosted trees do no better, the simpler model is the better.

One multinomial regression tells staying and the causes of leaving apart. It answers what
:class:`~.competing.CompetingChurn` answers: scores, reasons and comparisons do not ask which of the two they have.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ..fitting.encoding import read_input
from .baseline import LogisticBaseline
from .classifier import BASE
from .competing import probability_of_causes

__all__ = ["LogisticChurn"]


class LogisticChurn(LogisticBaseline):
    """Leaving for one of several causes by multinomial logistic regression; parameters of :class:`LogisticBaseline`.

    The smallest label is staying; in this package 0 stays, 1 voluntary, 2 involuntary.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"tenure": [1, 2, 3, 30, 31, 32], "method": ["card", "iban"] * 3})
    >>> model = LogisticChurn().fit(X, [1, 1, 2, 0, 0, 0])
    >>> model.predict_causes(X).shape, model.contributions(X).columns.tolist()
    ((6, 3), ['tenure', 'method', 'base'])
    """

    def predict_causes(self, X: Any) -> Floats:
        """Return probabilities (n, 3) of staying (0), leaving voluntarily (1) and involuntarily (2).

        A cause that never struck in training has probability 0.

        Raises
        ------
        DataError
            The model was fitted to other labels than 0, 1 and 2.
        """
        return probability_of_causes(self.classes_, self.predict_proba(X))

    def contributions(self, X: Any) -> pd.DataFrame:
        """Return what each feature adds to the risk of leaving, on the log-odds scale, and ``base``.

        Each cause's log-odds against staying are a sum over the columns of the design, each at distance 0 for the
        average row. Those of a feature's columns are added; causes are weighted by their share of the row's risk: to
        first order, the change of the log of the total odds. With one cause a row sums to its log-odds.
        """
        design = np.concatenate([self._encoded(part) for part in read_input(self, X, reset=False).parts()])
        risk = self.predict_proba(X)[:, 1:]
        shares = risk / np.maximum(risk.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        slope, level = self._against_staying()
        owners = self.columns_.owners()
        columns = [*self.encoding_.columns, BASE]
        out = np.zeros((len(design), len(columns)))
        each = design.astype(np.float64) * (shares @ slope)
        for place in range(len(columns) - 1):
            out[:, place] = each[:, owners == place].sum(axis=1)
        out[:, -1] = shares @ level
        return pd.DataFrame(out, columns=columns, index=X.index if isinstance(X, pd.DataFrame) else None)

    def _against_staying(self) -> tuple[Floats, Floats]:
        """Return slopes (causes, design columns) and levels (causes,) of the log-odds against staying."""
        slope, level = self.model_.coef_, self.model_.intercept_
        if len(slope) == 1:
            return slope, level
        return slope[1:] - slope[0], level[1:] - level[0]
