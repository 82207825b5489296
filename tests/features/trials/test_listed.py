"""Who counts as treated from a list: within a month of it, its own instant included."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import tables_from_frames
from servicelift.features.trials.listed import REACHED_WITHIN_DAYS, listed_trial

AS_OF = pd.Timestamp("2023-02-28 23:30")
DAYS = {"A": 0, "B": REACHED_WITHIN_DAYS - 1, "C": REACHED_WITHIN_DAYS, "D": -1, "E": None, "F": 3}


def tables(**changes):
    called = {name: day for name, day in DAYS.items() if day is not None}
    frames = {
        "customers": pd.DataFrame({"customer_id": list(DAYS), "signed_up_at": pd.Timestamp("2022-01-01")}),
        "payments": pd.DataFrame(
            {"payment_id": [1], "customer_id": ["A"], "paid_at": [AS_OF], "amount": [5.0], "method": ["card"]}
        ),
        "actions": pd.DataFrame(
            {
                "action_id": range(len(called)),
                "customer_id": list(called),
                "action": "call",
                "decided_at": [AS_OF.tz_localize("UTC") + pd.Timedelta(days=day) for day in called.values()],
                "arm": ["control" if name == "F" else "treated" for name in called],
            }
        ),
    }
    config = {
        "tables": dict.fromkeys(frames, "-"),
        "data_until": "2024-01-01",
        "timezone": "Europe/Paris",
        "incremental": {"follow_up_days": 90, "actions": {"call": {}}},
        **changes,
    }
    return tables_from_frames(frames, Config.model_validate(config))


def test_treated_are_those_reached_within_a_month():
    listed = pd.DataFrame({"customer_id": list(DAYS), "as_of": AS_OF, "distance": range(len(DAYS))})
    trial = listed_trial(tables(), "call", listed)
    units = trial.units.set_index("customer_id")
    assert units["treated"].to_dict() == {"A": 1, "B": 1, "C": 0, "D": 0, "E": 0, "F": 0}
    assert units["distance"].to_dict() == dict(zip(DAYS, range(len(DAYS)), strict=True))
    assert set(units["period"]) == {"2023-03"}, "it is March in Paris"
    assert units["treated_later"].to_dict()["C"]


def test_a_list_whose_follow_up_is_not_over_is_refused():
    listed = pd.DataFrame({"customer_id": list(DAYS), "as_of": AS_OF})
    with pytest.raises(DataError, match="at the cut of its lists"):
        listed_trial(tables(data_until="2023-04-15"), "call", listed)
