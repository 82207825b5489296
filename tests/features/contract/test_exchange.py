"""Money converted at the rate of the day: brute force on random tables, and laws of conversion."""

from __future__ import annotations

import datetime as dt
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.tables.tables import Tables, tables_from_frames

PARIS = ZoneInfo("Europe/Paris")
CURRENCIES = ("EUR", "USD", "JPY", None)
START = dt.datetime(2024, 1, 10, tzinfo=dt.UTC)


def opened(frames: dict[str, pd.DataFrame], **keys: Any) -> Tables:
    config = {"tables": dict.fromkeys(frames, "-"), "timezone": "Europe/Paris", "data_until": "2024-12-31"} | keys
    return tables_from_frames(frames, Config.model_validate(config))


def money_frames(seed: int, payments: int = 40) -> dict[str, pd.DataFrame]:
    """Payments, refunds, prices and costs in four currencies around local midnights, with gaps among the rates."""
    rng = random.Random(seed)

    def moment() -> dt.datetime:
        return START + dt.timedelta(days=rng.randrange(60), minutes=rng.choice([0, 1300, 1379, 1380, 1381, 1439]))

    def amount() -> Decimal:
        return Decimal(rng.randrange(1, 99_999)) / 100

    frames = {"customers": pd.DataFrame({"customer_id": [1, 2], "signed_up_at": ["2023-01-01"] * 2})}
    tables: dict[str, list[dict[str, Any]]] = {"payments": [], "subscriptions": [], "contacts": [], "actions": []}
    for n in range(payments):
        common = {"customer_id": rng.choice([1, 2]), "currency": rng.choice(CURRENCIES)}
        refund = rng.random() < 0.4
        tables["payments"].append(
            {"payment_id": n, "paid_at": moment(), "amount": amount() + 1000, "method": "card", **common}
            | {"refunded_amount": amount() if refund else None, "refunded_at": moment() if refund else None}
        )
        tables["subscriptions"].append(
            {"subscription_id": n, "started_at": moment(), "price": amount(), "term_months": 1, "product": "p"} | common
        )
        tables["contacts"].append(
            {"contact_id": n, "opened_at": moment(), "cost": amount(), "channel": "chat"} | common
        )
        tables["actions"].append(
            {"action_id": n, "decided_at": moment(), "cost": amount(), "arm": "treated", "action": "call"} | common
        )
    first = START.date() - dt.timedelta(days=3)
    fx = [{"currency": c, "at": first, "rate": r} for c, r in (("USD", 0.9123), ("JPY", 0.0061))]
    for days in range(70):
        for currency, rate in (("usd", 0.9), ("JPY", 0.006)):
            if rng.random() < 0.5:
                day = first + dt.timedelta(days=days + 1)
                fx.append({"currency": currency, "at": day, "rate": round(rate * (1 + rng.random() / 5), 6)})
    frames["fx"] = pd.DataFrame(fx)
    return frames | {name: pd.DataFrame(rows) for name, rows in tables.items()}


def by_hand(frames: dict[str, pd.DataFrame], money: Any, currency: Any, moment: Any) -> Decimal | None:
    """Return an amount in euros at the last rate on or before its day in Paris."""
    if money is None or pd.isna(money):
        return None
    if currency in (None, "EUR") or pd.isna(currency):
        return Decimal(str(money))
    day = moment.astimezone(PARIS).date()
    rates = [
        (row.at, row.rate)
        for row in frames["fx"].itertuples(index=False)
        if row.currency.upper() == currency and row.at <= day
    ]
    rate = Decimal(str(max(rates)[1]))
    return (Decimal(str(money)) * rate).quantize(Decimal("0.0001"), ROUND_HALF_UP)


COLUMNS = (
    ("payments", "payment_id", "amount", "paid_at"),
    ("payments", "payment_id", "refunded_amount", "refunded_at"),
    ("subscriptions", "subscription_id", "price", "started_at"),
    ("contacts", "contact_id", "cost", "opened_at"),
    ("actions", "action_id", "cost", "decided_at"),
)


@pytest.mark.parametrize("seed", range(2))
def test_every_column_of_money_is_what_a_loop_over_the_rates_gives(seed: int) -> None:
    frames = money_frames(seed)
    tables = opened(frames)
    for name, key, column, moment in COLUMNS:
        got = tables.execute(tables[name]).set_index(key)[column]
        for row in frames[name].to_dict("records"):
            want = by_hand(frames, row[column], row["currency"], row[moment])
            came = got[row[key]]
            assert (None if pd.isna(came) else came) == want, (name, column, row)
        assert set(tables.execute(tables[name])["currency"]) == {"EUR"}


def test_an_initiative_costs_what_its_money_was_worth_on_its_day() -> None:
    frames = money_frames(0, 2)
    frames["initiatives"] = pd.DataFrame(
        [{"initiative": "i", "name": "n", "when": "w", "then": "t", "started_on": "2024-01-01", "ended_on": None}]
    )
    cost = {"initiative": "i", "item": "tools", "amount": 100, "currency": "USD", "incurred_on": "2024-01-07"}
    frames["initiative_costs"] = pd.DataFrame([cost])
    tables = opened(frames)
    assert tables.execute(tables["initiative_costs"])["amount"].tolist() == [Decimal("91.2300")]


def test_rates_of_one_change_nothing_and_rates_scale() -> None:
    frames = money_frames(4)
    for name in ("payments", "subscriptions", "contacts", "actions"):
        frames[name] = frames[name].assign(currency="USD")

    def money(rate: float) -> dict[tuple[str, str], list[float]]:
        fx = pd.DataFrame({"currency": ["USD"], "at": ["2023-12-01"], "rate": [rate]})
        tables = opened(frames | {"fx": fx})
        found = {name: tables.execute(tables[name].order_by(key)) for name, key, _, _ in COLUMNS}
        return {(name, column): found[name][column].astype(float).tolist() for name, _, column, _ in COLUMNS}

    plain = opened({name: frame for name, frame in frames.items() if name != "fx"}, currency="USD")
    own = {(n, c): plain.execute(plain[n].order_by(key))[c].astype(float).tolist() for n, key, c, _ in COLUMNS}
    assert {place: pytest.approx(values, abs=0, nan_ok=True) for place, values in own.items()} == money(1.0)
    halves, tripled = money(0.5), money(1.5)
    for place, values in halves.items():
        assert [3 * value for value in values] == pytest.approx(tripled[place], abs=4e-4, nan_ok=True)


def test_a_rate_that_was_recorded_later_is_not_used_before() -> None:
    frames = money_frames(0, 1)
    instants = pd.to_datetime(["2024-02-01 12:00", "2024-02-02 22:59", "2024-02-02 23:00"], utc=True)
    frames["payments"] = pd.DataFrame({"payment_id": range(3), "customer_id": 1, "paid_at": instants, "amount": 10})
    frames["payments"] = frames["payments"].assign(method="card", currency="JPY")
    frames["fx"] = pd.DataFrame(
        {
            "currency": ["JPY", "JPY", "USD"],
            "at": ["2024-01-01", "2024-02-01", "2024-01-01"],
            "rate": [0.5, 0.7, 1.0],
            "recorded_at": ["2024-01-01", "2024-02-03", "2024-01-01"],
        }
    )
    tables = opened({name: frames[name] for name in ("customers", "payments", "fx")})
    got = tables.execute(tables["payments"].order_by("payment_id"))["amount"].astype(float).tolist()
    assert got == [5.0, 5.0, 7.0]
