"""A business of subscribers who leave at known rates, and nights that scored them with the truth, or wide of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.tables.tables import Tables, tables_from_frames

CUSTOMERS = 1_500
BEGIN, END = pd.Timestamp("2022-01-01"), pd.Timestamp("2024-01-01")
RATES = np.array([0.0005, 0.002])
"""Daily hazards of the two kinds of customers; half are of each."""


@dataclass
class FakeNight:
    """A night made up from the truth."""

    as_of: pd.Timestamp
    frame: pd.DataFrame
    folder: Path = Path("/nowhere")
    values: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"customer_id": [], "action": [], "incremental_clv": []})
    )

    def scores(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        return self.frame if columns is None else self.frame[list(columns)]

    def action_values(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        return self.values if columns is None else self.values[list(columns)]


def chance_of(rate: np.ndarray, days: float) -> np.ndarray:
    return 1 - np.exp(-rate * days)


@pytest.fixture(scope="session")
def leaving() -> pd.DataFrame:
    """When each customer came and left, and at which rate: customer_id, came, left (NaT: still there), rate."""
    rng = np.random.default_rng(11)
    rate = np.tile(RATES, CUSTOMERS // 2)
    came = BEGIN + pd.to_timedelta(rng.uniform(-300, (END - BEGIN).days, CUSTOMERS), "D")
    left = came + pd.to_timedelta(rng.exponential(1 / rate), "D")
    ids = [f"C{n}" for n in range(CUSTOMERS)]
    return pd.DataFrame({"customer_id": ids, "came": came, "left": left.where(left < END), "rate": rate})


@pytest.fixture(scope="session")
def frames(leaving) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(12)
    paid_at = BEGIN + pd.to_timedelta(rng.uniform(0, (END - BEGIN).days, 12_000), "D")
    payments = pd.DataFrame(
        {
            "payment_id": range(len(paid_at)),
            "customer_id": rng.choice(leaving["customer_id"], len(paid_at)),
            "paid_at": paid_at,
            "amount": 10.0,
            "method": rng.choice(["iban", "card"], len(paid_at)),
        }
    )
    return {
        "customers": pd.DataFrame({"customer_id": leaving["customer_id"], "signed_up_at": leaving["came"]}),
        "subscriptions": pd.DataFrame(
            {
                "subscription_id": range(len(leaving)),
                "customer_id": leaving["customer_id"],
                "product": "paper",
                "started_at": leaving["came"],
                "ended_at": leaving["left"],
                "term_months": 1,
                "price": 10.0,
            }
        ),
        "payments": payments,
    }


@pytest.fixture(scope="session")
def config(tmp_path_factory) -> Config:
    folder = tmp_path_factory.mktemp("watched")
    return Config.model_validate(
        {
            "business": "press",
            "data_until": "2024-01-01",
            "tables": dict.fromkeys(("customers", "subscriptions", "payments"), "none.parquet"),
            "churn": {"horizon_days": 60, "grace_days": 0},
            "value": {"horizon_months": 12},
            "tracking": {"uri": "sqlite:////proc/no/store.db"},
            "folder": folder,
        }
    )


@pytest.fixture(scope="session")
def tables(frames, config) -> Tables:
    return tables_from_frames(frames, config)


@pytest.fixture(scope="session")
def night_at(leaving) -> Callable[..., FakeNight]:
    """A night whose churn probabilities are the truth times ``off``."""

    def made(day: str, off: float = 1.0, version: int = 1, folder: Path = Path("/nowhere")) -> FakeNight:
        at = pd.Timestamp(day)
        there = leaving[(leaving["came"] < at) & ~(leaving["left"] < at)]
        p = np.minimum(chance_of(there["rate"].to_numpy(), 60) * off, 1.0)
        frame = pd.DataFrame(
            {
                "customer_id": there["customer_id"].to_numpy(),
                "churn_probability": p,
                "churn_probability_voluntary": p,
                "churn_probability_involuntary": 0.0,
                "clv": 100 * (1 - p),
                "churn_model_version": version,
            }
        )
        return FakeNight(at, frame, folder)

    return made


@pytest.fixture(scope="session")
def monthly(night_at) -> Callable[..., list[FakeNight]]:
    """Nights at the first of each month from 2023-02 on."""

    def made(until: int = 12, **how: object) -> list[FakeNight]:
        return [night_at(f"2023-{month:02d}-01", **how) for month in range(2, until + 1)]

    return made
