"""Realised value against a slow twin, its edges, and what it refuses."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.outcomes.realised_value import PARTS, realised_value, sums_ahead
from servicelift.features.tables.tables import Tables, tables_from_frames

START = dt.datetime(2023, 1, 1)
CUSTOMERS = 40
CONFIG = {
    "tables": {"customers": "-", "subscriptions": "-"},
    "data_until": dt.date(2024, 6, 1),
    "value": {"margin_rate": 0.4, "annual_discount_rate": 0.12, "cost_per_contact": 3.5},
    "incremental": {"actions": {"iban_switch": {"cost": 2.5}, "offer": {"cost": 6.0, "cost_if_accepted": 12.0}}},
}

Row = dict[str, object]
Worlds = dict[str, list[Row]]


def moment(rng: random.Random) -> dt.datetime:
    """A day of a coarse grid, sometimes a microsecond beside it, so that events meet the edges."""
    return START + dt.timedelta(days=30 * rng.randrange(16), microseconds=rng.choice([0, 0, 0, 1, -1]))


def _subscription(rng: random.Random, key: int, owner: Callable[[], str]) -> Row:
    started = START + dt.timedelta(days=rng.randrange(-400, 400), hours=rng.choice([0, 23]))
    lasted = dt.timedelta(days=rng.randrange(400))
    term = rng.choice([1, 3, 12])
    on_boundary = (pd.Timestamp(started) + pd.DateOffset(months=2 * term)).to_pydatetime()
    ended = rng.choice([None, started + lasted, on_boundary, started])
    return {
        "subscription_id": key,
        "customer_id": owner(),
        "product": "paper",
        "started_at": started,
        "ended_at": ended,
        "term_months": term,
        "price": rng.choice([9.99, 100.0]),
    }


def make_world(seed: int) -> Worlds:
    rng = random.Random(seed)
    world: Worlds = {
        "customers": [{"customer_id": f"c{i}", "signed_up_at": START} for i in range(CUSTOMERS)],
        "subscriptions": [],
        "payments": [],
        "contacts": [],
        "actions": [],
    }

    def owner() -> str:
        return f"c{rng.randrange(CUSTOMERS - 4)}"

    world["subscriptions"] = [_subscription(rng, key, owner) for key in range(60)]
    for key in range(300):
        refunded = rng.choice([None, None, 0.05, 0.1])
        world["payments"].append(
            {
                "failed_at": rng.choice([None, None, None, moment(rng)]),
                "refunded_amount": refunded,
                "refunded_at": refunded and rng.choice([None, moment(rng)]),
                "payment_id": key,
                "customer_id": owner(),
                "paid_at": moment(rng),
                "amount": rng.choice([0.1, 19.99, 33.33, -5.0]),
                "method": "card",
                "status": rng.choice([None, "paid", "paid", "failed"]),
                "kind": rng.choice([None, "renewal", "upsell", "cross_sell", "one_off", "refund"]),
            }
        )
        world["contacts"].append(
            {
                "contact_id": key,
                "customer_id": owner(),
                "opened_at": moment(rng),
                "channel": "phone",
                "cost": rng.choice([None, 0.0, 4.25]),
            }
        )
        world["actions"].append(
            {
                "action_id": key,
                "customer_id": owner(),
                "action": rng.choice(["iban_switch", "offer", "letter"]),
                "decided_at": moment(rng),
                "arm": rng.choice(["treated", "control"]),
                "cost": rng.choice([None, 1.5]),
                "accepted": rng.choice([None, True, False]),
            }
        )
    return world


def open_world(world: Worlds, *, drop: tuple[str, ...] = ()) -> Tables:
    """The world's tables without the tables or table.columns in ``drop``."""
    frames = {}
    for name, rows in world.items():
        if name not in drop:
            frame = pd.DataFrame(rows)
            frames[name] = frame.drop(columns=[c for c in frame if f"{name}.{c}" in drop])
    return tables_from_frames(frames, Config.model_validate(CONFIG))


def make_spine(seed: int) -> tuple[pd.DataFrame, pd.Series]:
    rng = random.Random(seed)
    rows = [(f"c{rng.randrange(CUSTOMERS)}", moment(rng)) for _ in range(120)]
    spine = pd.DataFrame(rows + rows[:5], columns=["customer_id", "as_of"])
    spine["as_of"] = spine["as_of"].astype("datetime64[us]")
    spine.index = pd.Index(rng.choices(range(50), k=len(spine)))
    days = [rng.choice([0, 30, 60, 365]) for _ in rows]
    until = spine["as_of"] + pd.to_timedelta(days + days[:5], unit="D")
    return spine, until.clip(upper=pd.Timestamp(2024, 6, 1)).astype("datetime64[us]")


def flows_of(
    world: Worlds, drop: tuple[str, ...], exclude: tuple[str, ...] = ()
) -> list[tuple[str, object, str, float]]:
    """Every flow of money of the slow twin: customer, instant, part, amount."""

    def value(row: Row, table: str, column: str) -> object:
        return None if f"{table}.{column}" in drop else row.get(column)

    flows = []
    for row in world["payments"] if "payments" not in drop else []:
        kind, amount = value(row, "payments", "kind"), float(row["amount"])  # type: ignore[arg-type]
        amount = -abs(amount) if kind == "refund" else amount
        failed_at, paid_at = value(row, "payments", "failed_at"), row["paid_at"]
        late = failed_at is not None and failed_at > paid_at  # type: ignore[operator]
        status = value(row, "payments", "status")
        if status == "failed" and kind != "refund" and float(str(row["amount"])) < 0:
            status = "paid"  # the reversal of a payment that came back
        if kind in exclude or (status == "failed" and not late) or (failed_at is not None and not late):
            continue
        default = "ancillary" if "subscriptions" in drop else "subscription"
        part = {"renewal": "subscription", None: default}.get(kind, "ancillary")  # type: ignore[call-overload]
        part = "refunds" if kind == "refund" or amount < 0 else part
        flows.append((row["customer_id"], paid_at, part, amount))
        part_back = value(row, "payments", "refunded_amount")
        if late:
            flows.append((row["customer_id"], failed_at, part, -amount))
        elif part_back and amount >= 0:
            given = value(row, "payments", "refunded_at") or paid_at
            flows.append((row["customer_id"], given, "refunds", -float(part_back)))  # type: ignore[arg-type]
    if "payments" in drop:
        flows += scheduled_of(world)
    for row in world["contacts"]:
        cost = value(row, "contacts", "cost")
        flows.append((row["customer_id"], row["opened_at"], "contact_cost", 3.5 if cost is None else cost))
    for row in world["actions"]:
        # The config is silent about letters: those without a cost take the mean of the others, all 1.5.
        letter = 0.0 if "actions.cost" in drop else 1.5
        unit = {"iban_switch": 2.5, "offer": 6.0, "letter": letter}[row["action"]]  # type: ignore[index]
        if row["action"] == "offer" and (value(row, "actions", "accepted") or "actions.accepted" in drop):
            unit += 12.0
        cost = value(row, "actions", "cost")
        if row["arm"] == "treated":
            flows.append((row["customer_id"], row["decided_at"], "action_cost", unit if cost is None else cost))
    return flows  # type: ignore[return-value]


def scheduled_of(world: Worlds) -> list[tuple[object, object, str, float]]:
    flows = []
    for row in world["subscriptions"]:
        due, term = pd.Timestamp(row["started_at"]), 0  # type: ignore[arg-type]
        end = pd.Timestamp(row["ended_at"] or dt.datetime(2030, 1, 1))  # type: ignore[arg-type]
        while due < end and due <= pd.Timestamp(2024, 6, 1):
            flows.append((row["customer_id"], due, "subscription", float(row["price"])))  # type: ignore[arg-type]
            term += 1
            months = pd.DateOffset(months=term * int(row["term_months"]))  # type: ignore[call-overload]
            due = pd.Timestamp(row["started_at"]) + months  # type: ignore[arg-type]
    return flows


def twin(
    world: Worlds, spine: pd.DataFrame, until: pd.Series, drop: tuple[str, ...] = (), exclude: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Realised value row by row, in plain Python."""
    flows = flows_of(world, drop, exclude)
    rows = []
    for (customer, as_of), end in zip(spine.itertuples(index=False), until, strict=True):
        sums = dict.fromkeys(PARTS, 0.0)
        for who, at, part, amount in flows:
            if who == customer and as_of < pd.Timestamp(at) <= end:
                years = (pd.Timestamp(at) - as_of) / pd.Timedelta(days=365.25)
                margin = 0.4 if part in PARTS[:3] else 1.0
                sums[part] += margin * float(amount) * 1.12**-years
        revenue = sums["subscription"] + sums["ancillary"] + sums["refunds"]
        rows.append({"value": revenue - sums["contact_cost"] - sums["action_cost"], **sums})
    return pd.DataFrame(rows, index=spine.index)


DROPS: list[tuple[str, ...]] = [
    (),
    ("payments",),
    ("payments.kind", "contacts.cost", "actions.cost"),
    ("payments.status", "actions.accepted"),
    ("subscriptions",),
]


@pytest.mark.parametrize("drop", DROPS, ids=lambda d: "without " + " ".join(d) if d else "all")
def test_equals_the_slow_twin(drop: tuple[str, ...]) -> None:
    world = make_world(seed=len(drop) + 1)
    spine, until = make_spine(seed=5)
    tables = open_world(world, drop=drop)
    expected = twin(world, spine, until, drop)
    assert (expected.drop(columns="value").to_numpy() != 0).any(axis=0).sum() >= 3
    pd.testing.assert_frame_equal(realised_value(tables, spine, until), expected, rtol=0, atol=1e-6)


def test_kinds_of_another_line_are_left_out() -> None:
    world = make_world(seed=9)
    # Which purchase a refund gives back is told in test_refund_shapes.py.
    world["payments"] = [r for r in world["payments"] if float(str(r["amount"])) > 0 and r["kind"] != "refund"]
    spine, until = make_spine(seed=6)
    tables = open_world(world)
    got = realised_value(tables, spine, until, exclude_kinds=("one_off", "upsell"))
    expected = twin(world, spine, until, exclude=("one_off", "upsell"))
    assert not np.allclose(expected["ancillary"], twin(world, spine, until)["ancillary"])
    pd.testing.assert_frame_equal(got, expected, rtol=0, atol=1e-6)
    with pytest.raises(DataError, match=r"payments\.kind"):
        realised_value(open_world(world, drop=("payments.kind",)), spine, until, exclude_kinds=("one_off",))


EDGES = {
    1: ("2023-03-01 00:00:00", False),
    2: ("2023-03-01 00:00:00.000001", True),
    3: ("2024-03-01 00:00:00", True),
    4: ("2024-03-01 00:00:00.000001", False),
}
"""For customers 1 to 4 an instant, and whether it lies in (2023-03-01, 2024-03-01]."""

AS_OF = pd.Timestamp("2023-03-01")
UNTIL = pd.Timestamp("2024-03-01")


def open_frames(customers: int, **tables: pd.DataFrame) -> Tables:
    people = pd.DataFrame({"customer_id": range(1, customers + 1), "signed_up_at": START})
    return tables_from_frames({"customers": people, **tables}, Config.model_validate(CONFIG))


def spine_of(*customers: int) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": customers, "as_of": AS_OF}).astype({"as_of": "datetime64[us]"})


@pytest.fixture(scope="module")
def small() -> Tables:
    """One payment at each edge for customers 1-4, ten of 0.10 for customer 5, two actions for customer 6."""
    paid = [(who, at, 100.0) for who, (at, _) in EDGES.items()] + [(5, "2023-05-01 00:00:00", 0.1)] * 10
    payments = pd.DataFrame(paid, columns=["customer_id", "paid_at", "amount"])
    payments = payments.assign(
        payment_id=range(len(paid)), method="iban", paid_at=pd.to_datetime(payments["paid_at"], format="ISO8601")
    )
    actions = pd.DataFrame(
        {
            "action_id": [1, 2],
            "customer_id": [6, 6],
            "action": "offer",
            "decided_at": pd.to_datetime(["2023-03-01", "2023-04-01"]),
            "arm": "treated",
            "accepted": False,
        }
    )
    return open_frames(6, payments=payments, actions=actions)


def test_interval_is_open_at_as_of_and_closed_at_until(small: Tables) -> None:
    got = realised_value(small, spine_of(*EDGES), UNTIL)
    for (at, counts), value in zip(EDGES.values(), got["value"], strict=True):
        years = (pd.Timestamp(at) - AS_OF) / pd.Timedelta(days=365.25)
        assert value == pytest.approx(counts * 40.0 * 1.12**-years, abs=1e-7)


def test_the_decision_itself_costs_nothing_inside_v(small: Tables) -> None:
    got = realised_value(small, spine_of(6), UNTIL)
    assert got["action_cost"].item() == pytest.approx(6.0 * 1.12 ** (-31 / 365.25), abs=1e-7)
    assert got["value"].item() == -got["action_cost"].item()


def test_without_discount_sums_are_exact(small: Tables) -> None:
    got = sums_ahead(small, spine_of(5), UNTIL, annual_rate=0.0)
    assert got["ancillary"].item() == 1.0 * 0.4


def test_an_empty_spine_gives_an_empty_frame(small: Tables) -> None:
    got = realised_value(small, spine_of(1).iloc[:0], UNTIL)
    assert list(got.columns) == ["value", *PARTS]
    assert len(got) == 0


def test_what_it_refuses(small: Tables) -> None:
    spine = spine_of(1)
    with pytest.raises(DataError, match="the data end at 2024-06-01"):
        realised_value(small, spine, pd.Timestamp("2024-06-02"))
    with pytest.raises(DataError, match="at or after as_of"):
        realised_value(small, spine, pd.Timestamp("2023-02-28"))
    with pytest.raises(DataError, match="index"):
        realised_value(small, spine, pd.Series([UNTIL], index=[7]))
    with pytest.raises(DataError, match="customer_id"):
        realised_value(small, spine.assign(customer_id="1"), UNTIL)
    with pytest.raises(DataError, match="as_of once each"):
        realised_value(small, spine.drop(columns="as_of"), UNTIL)
    with pytest.raises(DataError, match="until: expected an instant in every row, 1"):
        realised_value(small, spine, pd.Series([pd.NaT], index=spine.index))


def test_month_ends_of_scheduled_payments_are_clipped_from_the_start() -> None:
    subscriptions = pd.DataFrame(
        {
            "subscription_id": [1],
            "customer_id": [1],
            "product": "paper",
            "started_at": [pd.Timestamp("2023-01-31 10:00")],
            "term_months": [1],
            "price": [10.0],
        }
    )
    days = pd.to_datetime(["2023-02-28 10:00", "2023-03-31 10:00", "2023-04-30 10:00"]).as_unit("us")
    spine = pd.DataFrame({"customer_id": 1, "as_of": days - pd.Timedelta(1, "us")})
    tables = open_frames(1, subscriptions=subscriptions)
    at = realised_value(tables, spine, pd.Series(days, index=spine.index))
    assert at["subscription"].tolist() == pytest.approx([4.0, 4.0, 4.0], abs=1e-7)
    before = realised_value(tables, spine, spine["as_of"])
    assert before["subscription"].tolist() == [0.0, 0.0, 0.0]


class SparkOptions(ibis.config.Config):
    treat_nan_as_null: bool = False


def test_the_query_compiles_for_spark(small: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    queries: list[ibis.Table] = []

    def prepared_query(self: Tables, key: object, rows: pa.Table, expr: Callable[[Any], Any]) -> Any:
        queries.append(expr(ibis.memtable(rows)))
        return queries[0]

    monkeypatch.setattr(Tables, "prepared_query", prepared_query)
    monkeypatch.setattr(ibis.options, "pyspark", SparkOptions())
    realised_value(small, spine_of(1), UNTIL)
    assert "POW" in ibis.to_sql(queries[0], dialect="pyspark").upper()
