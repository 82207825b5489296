"""A small subscriber world whose hazards are known, and the published CDNOW purchases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import expit

MARGIN, RATE = 0.4, 0.10


@dataclass(frozen=True)
class Subscribers:
    """Landmarks of running subscriptions, their observed leads, and both true hazards (n, 60)."""

    features: pd.DataFrame
    contract: pd.DataFrame
    leads: pd.DataFrame
    money: pd.DataFrame
    voluntary: np.ndarray
    involuntary: np.ndarray

    def true_survival(self, months: int) -> np.ndarray:
        return np.cumprod((1 - self.voluntary - self.involuntary)[:, :months], axis=1)

    def true_value(self, months: int) -> np.ndarray:
        """Expected discounted value, month by month: payments at boundaries, 0.5 of cost a month alive."""
        alive = np.hstack([np.ones((len(self.features), 1)), self.true_survival(months)])
        value = np.zeros(len(self.features))
        due, term = self.contract["months_to_renewal"].to_numpy(), self.contract["term_months"].to_numpy()
        price = self.contract["price"].to_numpy()
        for k in range(1, months + 1):
            number = np.ceil((k - 1 - due) / term + 1e-9).clip(min=0)
            when = due + number * term
            pays = (when > k - 1 + 1e-9) & (when <= k + 1e-9)
            value += pays * MARGIN * price * alive[:, k] * (1 + RATE) ** (-when / 12)
            value -= 0.5 * (alive[:, k - 1] + alive[:, k]) / 2 * (1 + RATE) ** (-(k - 0.5) / 12)
        return value


def _true_hazards(rng, n, frailty, cards):
    """Draw customers and return covariates with a function (age in months, lead) -> hazards."""
    yearly = rng.random(n) < 0.4
    method = rng.choice(["iban", "card", "cheque"], size=n, p=[0.4, 0.4, 0.2])
    complaint = (rng.random(n) < 0.15).astype(float)
    hidden = rng.normal(size=n) * frailty
    push = np.where(method == "iban", -0.7, np.where(method == "cheque", 0.5, 0.0)) + hidden
    level = np.where(yearly, -1.4, -3.2) + push

    def hazards(renews, lead):
        fading = 1.0 * complaint * 0.85 ** (lead - 1)
        h1 = np.where(renews, expit(level + fading), 0.0005)
        h2 = np.where(renews & (method == "card"), cards * np.where(yearly, 3, 1), 0.0)
        return h1, h2

    return yearly, method, complaint, hazards


def _contract(yearly: NDArray[np.bool_], due: NDArray[np.float64], age: NDArray[np.float64]) -> pd.DataFrame:
    term = np.where(yearly, 12.0, 1.0)
    return pd.DataFrame(
        {
            "running": True,
            "term_months": term,
            "price": np.where(yearly, 110.0, 10.0),
            "months_to_renewal": due,
            "renewals_done": np.floor(age / term),
            "months_since_start": age,
            "months_since_end": np.nan,
            "cancel_pending": False,
            "ended_involuntary": False,
        }
    )


def make_subscribers(n: int, seed: int, frailty: float = 0.0, leads: int = 18, cards: float = 0.01) -> Subscribers:
    """Simulate subscribers from their start, keep those who run at a landmark, and observe ``leads`` months."""
    rng = np.random.default_rng(seed)
    pool = 6 * n
    yearly, method, complaint, hazards = _true_hazards(rng, pool, frailty, cards)
    age = rng.uniform(0.02, 60, pool)
    term = np.where(yearly, 12.0, 1.0)
    lived = np.ones(pool, dtype=bool)
    for number in range(1, 61):
        h1, h2 = hazards(np.ones(pool, dtype=bool), 99)
        dies = rng.random(pool) < h1 + h2
        lived &= ~(dies & (number * term <= age))
    keep = np.flatnonzero(lived)[:n]
    assert len(keep) == n
    due = term - age % term
    renews_at = np.zeros((pool, 61), dtype=bool)
    for k in range(1, 61):
        renews_at[:, k] = np.floor((k - due) / term + 1e-9) > np.floor((k - 1 - due) / term + 1e-9)
    both = [hazards(renews_at[:, k], k) for k in range(1, 61)]
    h1, h2 = (np.column_stack([pair[c] for pair in both])[keep] for c in (0, 1))
    observed = rng.integers(leads // 3, leads + 1, n)
    u = rng.random((n, 60))
    cause = np.where(u < h1, 1, np.where(u < h1 + h2, 2, 0))
    rows = []
    alive = np.ones(n, dtype=bool)
    exposure = np.zeros(n)
    for k in range(1, leads + 1):
        at = np.flatnonzero(alive & (k <= observed))
        ended = cause[at, k - 1]
        rows.append(pd.DataFrame({"row": at, "lead": k, "renewal": renews_at[keep[at], k], "cause": ended}))
        exposure[at] += np.where(ended > 0, 0.5, 1.0)
        alive[at] = ended == 0
    features = pd.DataFrame(
        {
            "method": method[keep],
            "complaints_30d": complaint[keep],
            "tenure_days": age[keep] * 30.4375,
            "noise": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
        }
    )
    contract = _contract(yearly[keep], due[keep], age[keep])
    money = pd.DataFrame(
        {
            "exposure_months": exposure,
            "ancillary": 0.0,
            "refunds": 0.0,
            "contact_cost": rng.poisson(0.125 * exposure) * 4.0,
            "action_cost": 0.0,
        }
    )
    return Subscribers(features, contract, pd.concat(rows, ignore_index=True), money, h1, h2)


@pytest.fixture(scope="session")
def subscribers() -> Callable[..., Subscribers]:
    """Return the world's maker: ``subscribers(n, seed, frailty=0, leads=18, cards=.01)``."""
    return make_subscribers


@dataclass(frozen=True)
class Purchases:
    """Histories (frequency, recency and T in weeks, monetary_value) and purchases of the 39 weeks after."""

    summary: pd.DataFrame
    holdout: np.ndarray

    @property
    def rfm(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return tuple(self.summary[name].to_numpy() for name in ("frequency", "recency", "T"))


@pytest.fixture(scope="session")
def cdnow() -> Purchases:
    """The 2,357 customers of the CDNOW sample, one purchase a day, calibration to 1997-09-30."""
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "datasets" / "CDNOW_sample.txt"
    names = ["master", "customer", "day", "discs", "amount"]
    raw = pd.read_csv(file, sep=r"\s+", header=None, names=names)
    raw["day"] = pd.to_datetime(raw["day"].astype(str))
    days = raw.groupby(["customer", "day"], as_index=False)["amount"].sum()
    return _summary(days, pd.Timestamp("1997-09-30"))


def _summary(days: pd.DataFrame, end: pd.Timestamp) -> Purchases:
    """One row a customer from one row a (customer, day)."""
    known = days[days["day"] <= end]
    grouped = known.groupby("customer")["day"].agg(["min", "max", "count"])
    first = known.groupby("customer")["day"].transform("min")
    repeat = known[known["day"] > first].groupby("customer")["amount"].mean()
    later = days[days["day"] > end].groupby("customer")["day"].count()
    summary = pd.DataFrame(
        {
            "frequency": (grouped["count"] - 1).astype(float),
            "recency": (grouped["max"] - grouped["min"]).dt.days / 7,
            "T": (end - grouped["min"]).dt.days / 7,
            "monetary_value": repeat.reindex(grouped.index).fillna(0.0),
        }
    )
    return Purchases(summary, later.reindex(grouped.index).fillna(0).to_numpy(dtype=float))


@pytest.fixture(scope="session")
def online_retail(data_dir: Path) -> Purchases:
    """UCI Online Retail: sales with a customer and a price, one purchase a day, calibration to 2011-08-31."""
    raw = pd.read_parquet(
        data_dir / "clv" / "online_retail_uci.parquet", columns=["CustomerID", "InvoiceDate", "Quantity", "UnitPrice"]
    )
    sold = raw[raw["CustomerID"].notna() & (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0)]
    sold = sold.assign(day=sold["InvoiceDate"].dt.normalize(), amount=sold["Quantity"] * sold["UnitPrice"])
    days = sold.groupby(["CustomerID", "day"], as_index=False)["amount"].sum()
    return _summary(days.rename(columns={"CustomerID": "customer"}), pd.Timestamp("2011-08-31"))
