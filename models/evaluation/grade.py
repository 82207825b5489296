"""A plain grade for a churn model, by a written rule, for people who do not read metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .metrics import ChurnMetrics

__all__ = ["BANDS", "GRADE_WORDS", "Grade", "chance_gap", "grade"]

BANDS = (("A", 0.80), ("B", 0.72), ("C", 0.65), ("D", 0.55))
"""Letter and the least AUC that gives it; E below."""

GRADE_WORDS = {"A": "very good", "B": "good", "C": "usable", "D": "weak", "E": "not to be used"}
"""What each letter means in a word."""

_LETTERS = "ABCDE"
FEWEST_CHURNERS = 50
"""Held-out churners from which on a model is graded."""

GAP_SHARE = 0.25
"""Most that predicted rates may be off beyond chance, as a share of the churn rate, before a step is lost."""

_GROUPS = 10
"""Groups of the expected calibration error."""


@dataclass(frozen=True)
class Grade:
    """A letter, A to E (``-`` for none), its word, and why, one clause each.

    Examples
    --------
    >>> Grade("C", "usable", ("logistic regression does as well (C at best)",)).line()
    'grade C (usable): logistic regression does as well (C at best)'
    """

    letter: str
    word: str
    because: tuple[str, ...]

    @property
    def unusable(self) -> bool:
        """Whether the model must not be used by itself: grade E."""
        return self.letter == _LETTERS[-1]

    def line(self) -> str:
        """Return what a user reads."""
        return f"grade {self.letter} ({self.word}): {'; '.join(self.because)}"


def chance_gap(report: ChurnMetrics) -> float:
    """Return the calibration error that true probabilities show on as many rows: rates of ten groups scatter.

    The mean distance of a normal value from its mean is sqrt(2 / pi) deviations; all groups are taken at the mean rate.
    """
    rate = report.positives / report.n
    return math.sqrt(2 / math.pi * rate * (1 - rate) * _GROUPS / report.n)


def grade(model: ChurnMetrics, logistic: ChurnMetrics | None, last_rate: ChurnMetrics) -> Grade:
    """Return the grade of a model on held-out rows.

    Fewer than 50 churners: no grade. Otherwise the AUC gives the letter: A from .80, B from .72, C from .65, D from
    .55, else E. One step down if the predicted rates are off (expected calibration error) by more than a quarter of
    the churn rate beyond what chance alone gives (:func:`chance_gap`). At best C if logistic regression has the lower
    log loss. E if last month's rate for everybody has the lower log loss.

    Parameters
    ----------
    model, logistic, last_rate
        Reports on the same rows of the model, of logistic regression (None where that is the model), and of last
        month's rate for everybody.

    Examples
    --------
    >>> import numpy as np
    >>> from servicelift.models.evaluation.metrics import churn_metrics
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.beta(1, 4, 4_000)
    >>> left = rng.random(4_000) < risk
    >>> rivals = churn_metrics(left, np.sqrt(risk)), churn_metrics(left, np.full(4_000, 0.2))
    >>> grade(churn_metrics(left, risk), *rivals).letter
    'B'
    """
    if model.positives < FEWEST_CHURNERS:
        few = f"{model.positives} churners in the held-out part, at least {FEWEST_CHURNERS} are needed"
        return Grade("-", "not graded", (few,))
    place = next((i for i, (_, least) in enumerate(BANDS) if model.auc >= least), len(BANDS))
    because = [f"of a leaver and a stayer it ranks the leaver higher in {model.auc:.0%} of cases"]
    rate = model.positives / model.n
    if model.ece > GAP_SHARE * rate + chance_gap(model):
        place = min(place + 1, 4)
        because.append(f"predicted rates are off by {model.ece:.1%} where {rate:.1%} leave (a step down)")
    else:
        because.append(f"predicted rates are off by {model.ece:.1%} where {rate:.1%} leave")
    if logistic is not None and logistic.log_loss <= model.log_loss:
        place = max(place, 2)
        because.append("logistic regression does as well (C at best)")
    if last_rate.log_loss <= model.log_loss:
        place = 4
        because.append("last month's rate for everybody does as well (E)")
    return Grade(_LETTERS[place], GRADE_WORDS[_LETTERS[place]], tuple(because))
