"""Reasons in words: meaning, window and value; windows of one feature speak once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config import Config
from servicelift.features.catalogue import explain
from servicelift.scoring.reasons import in_words, reasons

CONFIG = Config(tables={"customers": "c", "payments": "p"})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("complaints_90d", 2, "Complaints opened in the last 90 days: 2"),
        ("method", "cheque", "How the customer pays: cheque"),
        ("csat_last", np.nan, "Latest csat score: none"),
        ("contact_first_30_days", 1.0, "Whether a contact was opened within 30 days of sign-up: yes"),
        ("amount_paid_365d", 1234.5, "Amount paid in the last 365 days: 1,234"),
    ],
)
def test_in_words(name, value, words):
    assert in_words(explain(name, CONFIG), value) == words


class Model:
    """Contributions as given, whatever the features."""

    def __init__(self, contributions):
        self.given = contributions

    def contributions(self, frame):
        return self.given.loc[frame.index]


def test_windows_of_one_feature_speak_once_and_only_what_raises_the_risk_is_named():
    features = pd.DataFrame({"complaints_30d": [1, 0], "complaints_90d": [3, 0], "tenure_days": [10.0, 900.0]})
    given = pd.DataFrame({"complaints_30d": [0.2, -0.1], "complaints_90d": [0.3, -0.1], "tenure_days": [0.4, -0.5]})
    found = reasons(Model(given), features, np.array([True, True]), CONFIG)
    assert found.loc[0].tolist() == [
        "Complaints opened in the last 90 days: 3",
        "Days since the customer signed up: 10",
        None,
    ]
    assert found.loc[1].isna().all()


def test_nobody_else_is_explained():
    features = pd.DataFrame({"tenure_days": [10.0, 20.0]})
    given = pd.DataFrame({"tenure_days": [1.0, 1.0]})
    found = reasons(Model(given), features, np.array([False, True]), CONFIG)
    assert found["reason_1"].isna().tolist() == [True, False]
