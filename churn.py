"""Churn: who leaves, by cause, and how good such a forecast is. Frames and arrays in, numbers out.

Every classifier follows scikit-learn: ``fit(X, y)``, ``predict_proba(X)``; ``X`` is a frame with numbers, categories
and missing values as they are.
"""

from __future__ import annotations

from .models.churn.baseline import LogisticBaseline
from .models.churn.classifier import ChurnClassifier
from .models.churn.competing import CompetingChurn
from .models.churn.tuning import Tuned, tune
from .models.evaluation.grade import Grade, grade
from .models.evaluation.metrics import ChurnMetrics, churn_metrics, gain_curve, lift_at
from .models.evaluation.profit import CampaignTerms, Profit, expected_maximum_profit, maximum_profit
from .models.evaluation.time_split import Split, time_split

__all__ = [
    "CampaignTerms",
    "ChurnClassifier",
    "ChurnMetrics",
    "CompetingChurn",
    "Grade",
    "LogisticBaseline",
    "Profit",
    "Split",
    "Tuned",
    "churn_metrics",
    "expected_maximum_profit",
    "gain_curve",
    "grade",
    "lift_at",
    "maximum_profit",
    "time_split",
    "tune",
]
