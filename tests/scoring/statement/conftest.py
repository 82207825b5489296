"""The smallest tables and trial that a statement can be made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.records import ClvInputs, RowKind, StudyDesign, TrialData
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.models.actions.effect import EffectSettings, estimate_action
from servicelift.models.portfolio import ClvModel
from servicelift.scoring.statement.estimate import Estimated


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


@pytest.fixture(scope="session")
def fitted_world() -> Callable[[float], list[Estimated]]:
    return _world


SETTINGS = EffectSettings(folds=3, cross_fits=1, annual_discount_rate=0.0, seed=1)


class Monthly:
    """A CLV model that knows what a state pays a month."""

    def __init__(self, factor: float = 1.0):
        self.factor = factor

    def predict_horizons(self, inputs, *, months, late_hazard=1.0, shared=None):
        rate = inputs.features["rate"].to_numpy(dtype=float) * self.factor / late_hazard
        return rate[:, None] * np.asarray(months)[None, :]


CLV = ClvModel(Monthly(), tuple(Monthly(1 + 0.01 * np.sin(i)) for i in range(12)), Monthly(), 36, 5)


@pytest.fixture(scope="session")
def statement_model() -> tuple[ClvModel, EffectSettings]:
    return CLV, SETTINGS


@cache
def _world(hidden: float, seed: int = 0, n: int = 3_000) -> list[Estimated]:
    """Agents choose by x and, if ``hidden``, by a liking that nobody records; both actions add 3 a month.

    ``offer`` has held-out controls, ``switch`` has none.
    """
    rng = np.random.default_rng(seed)
    x, liking = rng.normal(size=(2, n))
    features = pd.DataFrame({"x": x, **{f"noise_{i}": rng.normal(size=n) for i in range(3)}})
    estimated = []
    for action, held_share in (("offer", 0.35), ("switch", 0.0)):
        chosen = rng.random(n) < 1 / (1 + np.exp(1.2 - 0.7 * x - hidden * liking))
        held = chosen & (rng.random(n) < held_share)
        designs = [("observational", ~held, chosen & ~held)]
        if held_share:
            designs.insert(0, ("randomised", chosen, chosen & ~held))
        rate = 10 + x + liking + 3.0 * (chosen & ~held) + rng.normal(size=n)
        for place, (design, rows, treated) in enumerate(designs):
            at = np.flatnonzero(rows)
            trial = _fitted_trial(
                action, design, features.iloc[at].reset_index(drop=True), treated[at], rate[at], at, rng
            )
            estimated.append(Estimated(RowKind.ACTION, None, place == 0, trial, estimate_action(trial, CLV, SETTINGS)))
    return estimated


def _fitted_trial(action, design, features, treated, rate, customers, rng):
    n = len(features)
    units = pd.DataFrame({"customer_id": customers, "treated": treated.astype(int), "agent_id": None})
    units["propensity"] = 0.65 if design == "randomised" else np.nan
    units = units.assign(cost=10.0 * treated, cost_recorded=treated == 1, treated_later=False)
    return TrialData(
        action=action,
        design=StudyDesign(design),
        units=units,
        features=features,
        realised=pd.DataFrame({"value": rate * 6}),
        state=ClvInputs(pd.DataFrame({"rate": rate}), None, {}),
        later=pd.DataFrame({action: np.zeros(n)}),
        before=rng.normal(size=n),
        beyond=rate * 180 / (365.25 / 12),
        beyond_days=180,
        follow_up_days=180,
        immature=0,
        ineligible=0,
    )
