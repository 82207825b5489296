"""The smallest tables and trial that a statement can be made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.records import ClvInputs, StudyDesign, TrialData
from servicelift.features.tables.tables import Tables, tables_from_frames


@pytest.fixture(scope="session")
def small_tables() -> Callable[..., Tables]:
    return _tables


@pytest.fixture(scope="session")
def small_trial() -> Callable[..., TrialData]:
    return _trial


def _tables(**changes: object) -> Tables:
    """Three customers, an initiative of two actions, a survey answered out of five."""
    at = pd.to_datetime(["2023-02-01", "2023-03-01", "2023-04-01"])
    frames = {
        "customers": pd.DataFrame(
            {
                "customer_id": [1, 2, 3],
                "signed_up_at": pd.to_datetime(["2022-01-01", "2023-02-01", "2023-03-01"]),
                "acquisition_cost": [100.0, 20.0, 40.0],
            }
        ),
        "payments": pd.DataFrame({"payment_id": [1], "customer_id": [1], "paid_at": at[:1], "amount": [5.0]}).assign(
            method="iban"
        ),
        "actions": pd.DataFrame(
            {
                "action_id": [1, 2, 3, 4],
                "customer_id": [1, 2, 3, 3],
                "action": ["call", "call", "gift", "call"],
                "decided_at": pd.to_datetime(["2023-02-01", "2023-03-01", "2023-04-01", "2022-06-01"]),
                "arm": "treated",
                "initiative": "spring",
            }
        ),
        "initiatives": pd.DataFrame(
            {
                "initiative": ["spring"],
                "name": ["Spring"],
                "when": ["x"],
                "then": ["y"],
                "started_on": pd.to_datetime(["2023-01-01"]),
                "ended_on": pd.to_datetime([None]),
            }
        ),
        "initiative_costs": pd.DataFrame(
            {
                "initiative": ["spring"] * 4,
                "item": ["salaries", "tools", "tools", "training"],
                "amount": [300.0, 30.0, 60.0, 999.0],
                "incurred_on": pd.to_datetime(["2023-01-01", "2023-02-01", "2023-03-01", "2023-07-01"]),
            }
        ),
        "surveys": pd.DataFrame(
            {
                "survey_id": range(5),
                "customer_id": 1,
                "sent_at": pd.Timestamp("2023-03-01"),
                "responded_at": pd.to_datetime(["2023-03-02", None, None, None, None]),
                "metric": "csat",
                "score": [5.0, None, None, None, None],
            }
        ),
    }
    config = {
        "tables": dict.fromkeys(frames, "-"),
        "data_until": "2024-01-01",
        "incremental": {"actions": {"call": {}, "gift": {}}},
        **changes,
    }
    return tables_from_frames(frames, Config.model_validate(config))


def _trial(immature: int = 0) -> TrialData:
    units = pd.DataFrame({"customer_id": [1, 2], "treated": [1, 0], "cost": [2.5, 0.0]})
    empty = pd.DataFrame(index=range(2))
    return TrialData(
        "call", StudyDesign.OBSERVATIONAL, units, empty, empty, ClvInputs(empty, None, {}), empty, *[np.zeros(2)] * 2,
        1, 1, immature, 0,
    )  # fmt: skip
