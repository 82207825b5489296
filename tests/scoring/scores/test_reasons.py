"""Reasons in words: features of one topic speak once, the strongest for all, and only what raises the risk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.scoring.scores.reasons import reasons

CONFIG = Config(tables={"customers": "c", "payments": "p"})


class Model:
    """Contributions as given, whatever the features."""

    def __init__(self, contributions):
        self.given = contributions

    def contributions(self, frame):
        return self.given.loc[frame.index]


def told(features, given, config=CONFIG):
    model = Model(pd.DataFrame(given))
    return reasons(model, pd.DataFrame(features), np.ones(len(next(iter(features.values()))), dtype=bool), config)


def test_one_topic_speaks_once_and_only_what_raises_the_risk_is_named():
    found = told(
        {"complaints_30d": [1, 0], "complaints_90d": [3, 0], "tenure_days": [10.0, 900.0]},
        {"complaints_30d": [0.2, -0.1], "complaints_90d": [0.3, -0.1], "tenure_days": [0.4, -0.5]},
    )
    assert found.loc[0].tolist() == ["3 complaints in 90 days", "customer for 10 days", None]
    assert found.loc[1].isna().all()


def test_features_of_a_topic_are_weighed_together():
    """Two contributions that nearly cancel are no reason, however large the first is."""
    found = told(
        {"contacts_30d": [4], "contacts_90d": [4], "price": [12.5]},
        {"contacts_30d": [0.9], "contacts_90d": [-0.89], "price": [0.05]},
    )
    assert found.loc[0].tolist() == ["pays 12.50 EUR a term", None, None]


@pytest.mark.parametrize(
    ("contacts", "words"), [(0.1, "2 contacts in 90 days"), (-0.1, "service cost 8 EUR in 90 days")]
)
def test_a_quiet_feature_lets_others_that_raise_the_risk_speak(contacts, words):
    found = told(
        {"contact_cost_90d": [8.0], "contacts_90d": [2]},
        {"contact_cost_90d": [0.5], "contacts_90d": [contacts]},
    )
    assert found.loc[0, "reason_1"] == words


def test_what_did_not_happen_lets_others_speak_and_what_is_not_so_does_not():
    found = told(
        {"complaints_90d": [0], "days_since_complaint": [200.0], "auto_renew": [0.0], "days_to_renewal": [20.0]},
        {"complaints_90d": [0.5], "days_since_complaint": [0.1], "auto_renew": [0.4], "days_to_renewal": [0.1]},
    )
    assert found.loc[0].tolist() == ["last complaint 6 months ago", "does not renew automatically", None]
    alone = told({"complaints_90d": [0]}, {"complaints_90d": [0.5]})
    assert alone.loc[0, "reason_1"] == "no complaint in 90 days"


def test_what_has_nothing_to_tell_lets_others_speak():
    found = told(
        {"csat_last": [np.nan], "nps_last": [2.0]},
        {"csat_last": [0.5], "nps_last": [0.1]},
    )
    assert found.loc[0, "reason_1"] == "last NPS score: 2"


@pytest.mark.parametrize(
    ("days", "told_as"),
    [
        (12.0, ["pays by card that failed last month", "customer for 10 days", None]),
        (50.0, ["pays by card", "customer for 10 days", "a payment failed 50 days ago"]),
        (np.nan, ["pays by card", "customer for 10 days", "no payment ever failed"]),
    ],
)
def test_a_card_that_failed_is_told_once(days, told_as):
    found = told(
        {"method": ["card"], "tenure_days": [10.0], "days_since_failed_payment": [days]},
        {"method": [0.5], "tenure_days": [0.3], "days_since_failed_payment": [0.2]},
    )
    assert found.loc[0].tolist() == told_as


def test_in_french():
    config = CONFIG.model_copy(update={"language": "fr"})
    found = told(
        {"method": ["card"], "contacts_unresolved_90d": [2], "days_since_failed_payment": [3.0]},
        {"method": [0.1], "contacts_unresolved_90d": [0.9], "days_since_failed_payment": [0.3]},
        config,
    )
    assert found.loc[0].tolist() == [
        "2 contacts non résolus en 90 jours",
        "paie par carte, refusée le mois dernier",
        None,
    ]


def test_nobody_else_is_explained():
    features = pd.DataFrame({"tenure_days": [10.0, 20.0]})
    given = pd.DataFrame({"tenure_days": [1.0, 1.0]})
    found = reasons(Model(given), features, np.array([False, True]), CONFIG)
    assert found["reason_1"].isna().tolist() == [True, False]
