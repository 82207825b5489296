"""What may differ between customers, by several learners that start from no common idea of it.

All learn from the same doubly robust scores with weights e(1 - e), which is R-learning in another notation
(:mod:`.individual`): lines, small trees, and a forest of small trees on halves of the rows, with few features each.
Lines and trees learn twice: the effect as it is, and the effect as a share of what the customer stands to lose. The
second is how an action differs that lowers the hazard of some more than of others, and where risk tells customers apart
it needs far fewer rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from ...core.arrays import Floats, Positions
from ...core.short_repr import ShortRepr
from ..fitting.design import DesignMatrix
from ..fitting.ridge import ridge
from ..fitting.trees import without_rows
from .crossfit import thinned

__all__ = ["Learners", "learner_names", "out_of_fold"]

_MOST = 200_000

_ALPHAS = np.logspace(1, 7, 25)
_PLAIN = ("lines", "trees", "forest")
_SHARES = ("lines of the risk", "trees of the risk")
_TREES = {"learning_rate": 0.05, "num_leaves": 4, "lambda_l2": 20.0, "feature_fraction": 0.5, "objective": "l2"}
_FOREST = {
    "boosting": "rf",
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "num_leaves": 8,
    "feature_fraction": 0.4,
    "objective": "l2",
}
_ROUNDS = {"trees": 60, "forest": 60}


def learner_names(by_risk: bool) -> tuple[str, ...]:
    """Return the learners in the order of their predictions; those of the risk where there is one."""
    return (*_PLAIN, *_SHARES) if by_risk else _PLAIN


@dataclass(frozen=True)
class Learners(ShortRepr):
    """All learners fitted to the same rows.

    Parameters
    ----------
    lines
        Intercept and slopes (p,) of the ridge regressions: of the effect, and of its share of the risk if there is one.
    trees
        Boosted trees and forest of the effect, and boosted trees of its share if there is one.
    """

    lines: tuple[tuple[float, Floats], ...]
    trees: tuple[lgb.Booster, ...]

    @classmethod
    def fitted(
        cls, design: DesignMatrix, rows: Positions, score: Floats, weight: Floats, risk: Floats | None, seed: int
    ) -> Learners:
        """Return learners of some rows.

        Parameters
        ----------
        design
            Encoded features of n units.
        rows
            Ascending positions of those learnt from.
        score, weight
            Doubly robust scores and their weights, (n,).
        risk
            What each customer stands to lose over the mean, above 0, (n,); None: no learner of the risk.
        """
        y, w = score[rows], weight[rows]
        leaf = {"min_data_in_leaf": max(40, len(rows) // 50)}

        def grown(kind: str, params: dict[str, object], of: Floats, by: Floats) -> lgb.Booster:
            settings = {**params, **leaf, "seed": seed}
            return without_rows(design.boost(rows, of, by / by.mean(), _ROUNDS[kind], settings))

        lines = [_line(design, rows, y, w)]
        trees = [grown("trees", _TREES, y, w), grown("forest", _FOREST, y, w)]
        if risk is not None:
            z = risk[rows]
            lines.append(_line(design, rows, y / z, w * z**2))
            trees.append(grown("trees", _TREES, y / z, w * z**2))
        return cls(tuple(lines), tuple(trees))

    def predict(self, matrix: Floats, risk: Floats | None) -> Floats:
        """Return all predictions for the rows of a design matrix, (n, learners), named by :func:`learner_names`."""
        by_line: Callable[[int], Floats] = lambda k: self.lines[k][0] + matrix @ self.lines[k][1]  # noqa: E731
        by_tree = [np.asarray(tree.predict(matrix, num_threads=1)) for tree in self.trees]
        columns = [by_line(0), *by_tree[:2]]
        if risk is not None:
            columns += [risk * by_line(1), risk * by_tree[2]]
        return np.column_stack(columns)


def _line(design: DesignMatrix, rows: Positions, y: Floats, w: Floats) -> tuple[float, Floats]:
    x = design.matrix if len(rows) == len(design) else design.matrix[rows]
    x_mean, y_mean = np.average(x, axis=0, weights=w), float(np.average(y, weights=w))
    slope = ridge(x, y - y_mean, w, alphas=_ALPHAS, centre=x_mean)
    return y_mean - float(x_mean @ slope), slope


def out_of_fold(
    design: DesignMatrix, score: Floats, weight: Floats, risk: Floats | None, fold: Positions, seed: int
) -> Floats:
    """Return what each learner of the other folds predicts, (n, learners).

    Parameters
    ----------
    design, score, weight, risk
        As :meth:`Learners.fitted`. Beyond 200,000 rows each fold's learners see a random part.
    fold
        Fold of each unit, (n,), whole customers.
    """
    parts = []
    for k in np.unique(fold):
        train, test = np.flatnonzero((fold != k) & (weight > 0)), np.flatnonzero(fold == k)
        learners = Learners.fitted(design, thinned(train, seed, most=_MOST), score, weight, risk, seed)
        parts.append((test, learners.predict(design.matrix[test], None if risk is None else risk[test])))
    found = np.empty((len(design), parts[0][1].shape[1]))
    for test, predicted in parts:
        found[test] = predicted
    return found
