"""Random small worlds: every table, with ties, nulls, late records and events on the very instant."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
from feature_worlds_around import around
from hypothesis import strategies as st
from servicelift.core.config.business import Config
from servicelift.core.contract import CONTRACT, Kind
from servicelift.core.time import instant
from servicelift.features.tables.tables import Tables

START = dt.datetime(2022, 1, 1)
AS_OFS = (dt.datetime(2022, 9, 1), dt.datetime(2023, 3, 31, 12), dt.datetime(2023, 8, 31))
CLOCKS = (dt.timedelta(0), dt.timedelta(hours=12), dt.timedelta(days=1, microseconds=-1))
METHODS = ("iban", "card", "cheque")
ACTIONS = ("iban_switch", "offer")
HORIZON, GRACE = 90, 20
LATE = (
    "subscriptions",
    "payments",
    "payment_methods",
    "contacts",
    "surveys",
    "actions",
    "agents",
    "referrals",
    "customers",
    "prospects",
    "reviews",
    "agent_surveys",
    "interactions",
)
CHANNELS, REASONS = ("phone", "mail", "chat"), ("bill", "delivery")
TICK = dt.timedelta(microseconds=1)
AROUND = ("prospects", "reviews", "agent_surveys", "interactions")
ABSENT: tuple[tuple[str, ...], ...] = (
    (),
    (),
    ("payment_methods",),
    ("payments",),
    ("contacts", "surveys"),
    ("subscriptions",),
    ("agents",),
    AROUND,
)
GAPS = {
    "contacts": (dt.timedelta(days=7), dt.timedelta(days=7) - TICK, dt.timedelta(days=2)),
    "payments": (dt.timedelta(days=14), dt.timedelta(days=14) + TICK, dt.timedelta(days=3)),
}
"""Gaps after another event of the customer, on the edge of a rule of the table."""
OPTIONAL = sorted(
    f"{table.name}.{column.name}"
    for table in CONTRACT.values()
    if table.name in LATE
    for column in table.columns
    if column.optional
)
ARROW = {
    Kind.INSTANT: pa.timestamp("us"),
    Kind.NUMBER: pa.float64(),
    Kind.MONEY: pa.decimal128(18, 4),
    Kind.INTEGER: pa.int64(),
    Kind.BOOL: pa.bool_(),
    Kind.CODE: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
}
EXTRA = {"region": Kind.TEXT, "birth_year": Kind.INTEGER, "recorded_at": Kind.INSTANT}

Row = dict[str, Any]


@dataclass(frozen=True)
class World:
    """Rows of each table, which columns it has, and the config it goes with."""

    rows: dict[str, list[Row]]
    missing: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    text_keys: bool = False
    config: Config = field(default_factory=lambda: config_of())

    def __post_init__(self) -> None:
        """Where terms in days are unknown, every row has one in months."""
        if "subscriptions.term_days" in self.missing:
            for row in self.rows.get("subscriptions", []):
                row["term_months"] = row["term_months"] or 1

    def columns(self, table: str) -> list[str]:
        names = [c for c in CONTRACT[table].column if f"{table}.{c}" not in self.missing]
        extra = ["region", "birth_year"] if table == "customers" else []
        return names + extra + (["recorded_at"] if table in self.late else [])

    def arrow(self, table: str) -> pa.Table:
        known = CONTRACT[table].column
        kinds = {c: known[c].kind if c in known else EXTRA[c] for c in self.columns(table)}
        key = pa.string() if self.text_keys else pa.int64()
        return pa.table({c: pa.array(self._values(table, c, kind), ARROW.get(kind, key)) for c, kind in kinds.items()})

    def tables(self, connection: Any) -> Tables:
        """The tables in contract form, without the checks at the entrance."""
        frames = {table: ibis.memtable(self.arrow(table)) for table in self.rows}
        return Tables(self.config, connection, frames, instant(self.config.data_until))

    def _values(self, table: str, column: str, kind: Kind) -> list[object]:
        values = [row.get(column) for row in self.rows[table]]
        if kind is Kind.MONEY:
            return [None if value is None else Decimal(str(value)) for value in values]
        if kind in (Kind.INSTANT, Kind.DATE):
            return [dt.datetime.fromisoformat(v) if isinstance(v, str) else v for v in values]
        return values

    def has(self, table: str, *columns: str) -> bool:
        return table in self.rows and set(columns) <= set(self.columns(table))

    def seen(self, table: str) -> list[Row]:
        """Rows with the columns that the business brings."""
        kept = self.columns(table)
        return [{c: row.get(c) for c in kept} for row in self.rows.get(table, [])]

    def with_rows(self, rows: dict[str, list[Row]]) -> World:
        return replace(self, rows=rows)


def features_of(**changes: object) -> dict[str, object]:
    """The section ``features`` of a config that counts two channels and a reason apart."""
    return {"channels": CHANNELS[:2], "reasons": REASONS[:1]} | changes


def config_of(**changes: object) -> Config:
    base: dict[str, object] = {
        "tables": {"customers": "-", "subscriptions": "-"},
        "static": ("region", "birth_year"),
        "features": features_of(),
        "data_until": dt.date(2023, 12, 1),
        "incremental": {"actions": {name: {} for name in ACTIONS}},
        "lines": {"press": {"kind": "auto"}, "shop": {"kind": "noncontractual", "payments.kind": "one_off"}},
    }
    return Config.model_validate(base | changes)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world: its options by hypothesis, its many rows from one drawn seed."""
    text_keys = draw(st.booleans())
    late = draw(st.frozensets(st.sampled_from(LATE)))
    missing = draw(st.frozensets(st.sampled_from(OPTIONAL), max_size=3))
    absent = draw(st.sampled_from(ABSENT))
    windows = draw(st.sampled_from([(30, 90, 365), (30, 90, 365), (7, 200)]))
    rows = _Maker(random.Random(draw(st.integers(0, 10**6))), text_keys, late).tables()
    config = config_of(features=features_of(windows_days=windows), churn={"horizon_days": HORIZON, "grace_days": GRACE})
    kept = {table: found for table, found in rows.items() if table not in absent}
    return World(kept, missing, late, text_keys, config)


def world_of(seed: int, late: frozenset[str] = frozenset(), *, text_keys: bool = False, **changes: object) -> World:
    """A whole world from a seed, for tests that need no choice."""
    rows = _Maker(random.Random(seed), text_keys, late).tables()
    return World(rows, late=late, text_keys=text_keys, config=config_of(**changes))


def spine_of(world: World, as_ofs: Any, seed: int = 0) -> pd.DataFrame:
    """Every customer and an unknown one at every instant, some twice, shuffled, oddly indexed."""
    who = [row["customer_id"] for row in world.rows["customers"]] + ["nobody" if world.text_keys else 999]
    pairs = [(customer, as_of) for customer in who for as_of in as_ofs]
    pairs += pairs[::5]
    random.Random(seed).shuffle(pairs)
    spine = pd.DataFrame(pairs, columns=["customer_id", "as_of"], index=range(1000, 1000 + len(pairs)))
    return spine.assign(as_of=spine["as_of"].astype("datetime64[us]"), ignored="extra")


class _Maker:
    """Makes rows on a coarse grid of instants, so that ties and edges of windows are common."""

    def __init__(self, rng: random.Random, text_keys: bool, late: frozenset[str], customers: int = 14) -> None:
        self.rng, self.text_keys, self.late, self.size = rng, text_keys, late, customers
        self.aside = random.Random()
        self.aside.setstate(rng.getstate())
        self.marks = sorted(as_of - dt.timedelta(days=days) for as_of in AS_OFS for days in (0, 0, 7, 30, 90, 200, 365))

    def tables(self) -> dict[str, list[Row]]:
        made = {"customers": [self._customer(n) for n in range(self.size)]}
        self.signed = [row["signed_up_at"] for row in made["customers"]]
        for name in ("subscriptions", "payments", "payment_methods", "contacts", "surveys", "actions"):
            made[name] = self._many(name)
        made["payment_methods"] = list(
            {(row["customer_id"], row["valid_from"]): row for row in made["payment_methods"]}.values()
        )
        self._link(made["subscriptions"])
        made["agents"] = [self._agent(n) for n in range(3)]
        made["referrals"] = [self._referral() for _ in range(2 * self.size)]
        return made | around(self, made)

    def moment(self, used: list[dt.datetime] | None = None, gaps: tuple[dt.timedelta, ...] = ()) -> dt.datetime:
        if used and self.rng.random() < 0.3:
            return self.rng.choice(used)
        if used and gaps and self.rng.random() < 0.4:
            return self.rng.choice(used) + self.rng.choice(gaps)
        if self.rng.random() < 0.35:
            return self.rng.choice(self.marks) + dt.timedelta(microseconds=self.rng.choice([0, 0, -1, 1]))
        return START + dt.timedelta(days=self.rng.randrange(640)) + self.rng.choice(CLOCKS)

    def after(self, moment: dt.datetime, longest: int) -> dt.datetime:
        if self.rng.random() < 0.1:
            return max(moment, self.rng.choice(AS_OFS))
        return moment + dt.timedelta(days=self.rng.randrange(longest), hours=self.rng.randrange(24))

    def key(self, number: int) -> object:
        return f"k{number}" if self.text_keys else number

    def maybe(self, value: object, share: float = 0.8) -> object:
        return value if self.rng.random() < share else None

    def _many(self, table: str) -> list[Row]:
        keys = list(range(3 * self.size))
        self.rng.shuffle(keys)
        used: dict[int, list[dt.datetime]] = {}
        rows = []
        for key in keys:
            owner = self.rng.randrange(self.size - 2)
            moment = self.moment(used.setdefault(owner, self._special(table, owner)), GAPS.get(table, ()))
            used[owner].append(moment)
            row = getattr(self, f"_{table}")(self.key(key), moment) | {"customer_id": self.key(owner)}
            rows.append(row | self.recorded(table))
        return rows

    def recorded(self, table: str) -> Row:
        """When the row reached the warehouse, if the table says so."""
        return {"recorded_at": self.maybe(self.after(self.moment(), 30), 0.5)} if table in self.late else {}

    def _special(self, table: str, owner: int) -> list[dt.datetime]:
        """Instants on the edge of a rule of the table."""
        if table != "contacts":
            return []
        month = dt.timedelta(days=30)
        return [self.signed[owner] + gap for gap in (month, month - dt.timedelta(microseconds=1))]

    def _customer(self, number: int) -> Row:
        signed = START + dt.timedelta(days=self.rng.randrange(-300, 400))
        late = self.maybe(self.after(signed, 300), 0.7) if "customers" in self.late else None
        return {
            "customer_id": self.key(number),
            "signed_up_at": self.rng.choice([signed, self.rng.choice(AS_OFS)]),
            "contactable": True,
            "acquisition_cost": self.maybe(self.rng.choice([0.0, 12.34, 80.1])),
            "region": self.maybe(self.rng.choice(["north", "south"])),
            "birth_year": self.maybe(self.rng.randrange(1940, 2000)),
            "recorded_at": late,
        }

    def _subscriptions(self, key: object, moment: dt.datetime) -> Row:
        started = moment
        requested = self.maybe(self.after(started, 200), 0.4)
        return {
            "subscription_id": key,
            "product": self.rng.choice(["paper", "digital"]),
            "started_at": started,
            "ended_at": self.maybe(self.after(started, 300), 0.7),
            "term_months": self.rng.choice([1, 1, 3, 12]),
            "price": self.rng.choice([9.99, 30.0, 120.5]),
            "auto_renew": self.maybe(self.rng.random() < 0.5),
            "cancel_requested_at": requested,
            "cancel_withdrawn_at": requested and self.maybe(self.after(requested, 30), 0.5),
            "end_reason": self.rng.choice(["voluntary", "payment_failure", "other"]),
        } | self._waits(started)

    def _waits(self, started: dt.datetime) -> Row:
        """A term in days instead of months, a trial and a pause, in some rows; with a generator of their own."""
        whole, self.rng = self.rng, self.aside
        paused = self.maybe(self.after(started - dt.timedelta(days=2), 200), 0.4)
        row = {
            "trial_until": self.maybe(self.after(started - dt.timedelta(days=2), 40), 0.3),
            "paused_from": paused,
            "paused_until": paused and self.maybe(self.after(paused - dt.timedelta(days=2), 60), 0.6),
        }
        if self.rng.random() < 0.3:
            row |= {"term_months": None, "term_days": self.rng.choice([7, 28])}
        self.rng = whole
        return row

    def _link(self, rows: list[Row]) -> None:
        """Let rows continue, follow or end with others of the customer, on the edges of horizon and grace."""
        gaps = [dt.timedelta(days=days) for days in (0, GRACE, 40)] + [dt.timedelta(days=GRACE, microseconds=1)]
        for row in rows:
            own = [r for r in rows if r["customer_id"] == row["customer_id"] and r is not row]
            other = self.rng.choice(own) if own else None
            row["previous_subscription_id"] = self.maybe(other["subscription_id"], 0.4) if other else None
            if other and other["ended_at"] and self.rng.random() < 0.4:
                row["started_at"] = other["ended_at"] + self.rng.choice(gaps)
            if self.rng.random() < 0.3:
                row["ended_at"] = self.rng.choice(AS_OFS) + dt.timedelta(days=HORIZON)
            elif other and self.rng.random() < 0.2:
                row["ended_at"] = other["ended_at"]
            if row["ended_at"] and row["ended_at"] < row["started_at"]:
                row["ended_at"] = None
            if row["ended_at"] is None:
                row["end_reason"] = None

    def _payments(self, key: object, moment: dt.datetime) -> Row:
        """A payment; its status is that of the day it was made, as the door leaves it."""
        failed_at = self.maybe(max(self.after(moment, 60), moment + TICK), 0.3)
        refunded_at = self.maybe(self.after(moment, 90), 0.3)
        status = self.maybe(self.rng.choice(["paid", "paid", "failed"]))
        row: Row = {
            "failed_at": failed_at if status != "failed" else None,
            "refunded_amount": refunded_at and self.rng.choice([0.0, 0.05, 0.1]),
            "refunded_at": refunded_at,
            "payment_id": key,
            "paid_at": moment,
            "amount": self.rng.choice([0.1, 0.2, 19.99, 33.33, 33.33, -5.0]),
            "method": self.rng.choice(METHODS),
            "status": status,
            "kind": self.maybe(
                self.rng.choice(["renewal", "one_off", "one_off", "upsell", "cross_sell", "refund"]), 0.9
            ),
            "subscription_id": self.maybe(self.key(self.rng.randrange(2)), 0.9),
        }
        if row["amount"] < 0 and row["kind"] != "refund" and status == "failed":
            row["status"] = "paid"  # a payment that came back, booked as its reversal
        return row

    def _payment_methods(self, key: object, moment: dt.datetime) -> Row:
        return {
            "valid_from": moment,
            "method": self.rng.choice(METHODS),
            "expires_on": self.maybe(dt.datetime.combine(self.after(moment, 500).date(), dt.time()), 0.7),
        }

    def _contacts(self, key: object, moment: dt.datetime) -> Row:
        opened = moment
        return {
            "contact_id": key,
            "opened_at": opened,
            "answered_at": self.maybe(self.after(opened, 3)),
            "closed_at": self.maybe(self.after(opened, 20)),
            "channel": self.rng.choice(CHANNELS),
            "reason": self.maybe(self.rng.choice(REASONS)),
            "direction": self.maybe(self.rng.choice(["inbound", "inbound", "outbound"])),
            "agent_id": self.maybe(self.key(self.rng.randrange(4))),
            "handle_seconds": self.maybe(self.rng.randrange(1, 999_999) / 1000),
            "resolved": self.maybe(self.rng.random() < 0.6),
            "is_complaint": self.maybe(self.rng.random() < 0.4),
            "cost": self.maybe(self.rng.choice([0.1, 0.2, 4.5])),
        }

    def _surveys(self, key: object, moment: dt.datetime) -> Row:
        sent = moment
        responded = self.maybe(self.after(sent, 20), 0.7)
        return {
            "survey_id": key,
            "sent_at": sent if responded is None else self.maybe(sent),
            "responded_at": responded,
            "metric": self.rng.choice(["csat", "nps", "ces"]),
            "score": responded and self.maybe(float(self.rng.randrange(1, 8)), 0.9),
            "contact_id": self.maybe(self.key(self.rng.randrange(3 * self.size + 2))),
        }

    def _actions(self, key: object, moment: dt.datetime) -> Row:
        decided = moment
        accepted_at = self.maybe(self.after(decided, 20), 0.6)
        return {
            "action_id": key,
            "action": self.rng.choice([*ACTIONS, "letter"]),
            "decided_at": decided,
            "arm": self.rng.choice(["treated", "treated", "control"]),
            "accepted": self.maybe(accepted_at is not None and self.rng.random() < 0.9),
            "accepted_at": accepted_at,
        }

    def _agent(self, number: int) -> Row:
        """An agent; of those that contacts name, the last is in no table."""
        trained = self.maybe(self.moment(), 0.7)
        return {"agent_id": self.key(number), "team": "a", "trained_at": trained} | self.recorded("agents")

    def _referral(self) -> Row:
        giver, taker = self.rng.sample(range(self.size - 2), 2)
        row = {"referrer_id": self.key(giver), "referred_id": self.key(taker), "referred_at": self.moment()}
        return row | self.recorded("referrals")
