"""Contract state, lead and restart outcomes and money beside the contract, against slow twins."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.outcomes.landmarks import contract_state, landmark_money, lead_outcomes, reactivation_outcomes
from servicelift.features.tables.tables import Tables, tables_from_frames

Stamp = pd.Timestamp
Days = pd.Timedelta
AS_OFS = [Stamp(2023, 3, 1), Stamp(2023, 6, 30, 12), Stamp(2024, 2, 29)]
MONTH = pd.Timedelta(days=365.25 / 12)
GRACE = pd.Timedelta(days=20)
DATA_UNTIL = Stamp(2024, 12, 1)
CUSTOMERS = 60
TICK = pd.Timedelta(1, "us")
CONFIG = {
    "tables": {"customers": "-", "subscriptions": "-"},
    "data_until": dt.date(2024, 12, 1),
    "churn": {"horizon_days": 90, "grace_days": 20},
    "value": {"margin_rate": 0.5, "cost_per_contact": 4.0},
}


@dataclass(frozen=True)
class Sub:
    """One subscription of the slow twins."""

    subscription_id: int
    customer_id: str
    started_at: Stamp
    ended_at: Stamp | None
    term_months: int
    price: float
    cancel_requested_at: Stamp | None
    cancel_withdrawn_at: Stamp | None
    end_reason: str | None
    recorded_at: Stamp | None

    def known_end(self, as_of: Stamp) -> Stamp | None:
        return self.ended_at if self.seen(self.ended_at, as_of) else None

    def seen(self, moment: Stamp | None, as_of: Stamp) -> bool:
        late = self.recorded_at is not None and self.recorded_at >= as_of
        return moment is not None and moment < as_of and not late

    @property
    def ran(self) -> bool:
        return self.ended_at is None or self.ended_at > self.started_at

    @property
    def end(self) -> Stamp:
        return self.ended_at or Stamp(2200, 1, 1)

    def pending(self, as_of: Stamp) -> bool:
        asked = self.seen(self.cancel_requested_at, as_of)
        return self.known_end(as_of) is None and asked and not self.seen(self.cancel_withdrawn_at, as_of)


def near(rng: random.Random) -> Stamp:
    """An instant at, or at an edge of grace and months around, one of the landmarks."""
    away = rng.choice([0, 1, 2, 3, -1, -6]) * MONTH + rng.choice([pd.Timedelta(0), GRACE, -GRACE])
    return rng.choice(AS_OFS) + away + rng.choice([0, 0, 1, -1]) * TICK


def make_subs(seed: int, *, late: bool) -> list[Sub]:
    rng = random.Random(seed)
    subs = []
    for key in range(170):
        anywhere = Stamp(2022, 1, 31, 10) + pd.Timedelta(days=rng.randrange(1000))
        same_day = rng.choice(AS_OFS) - pd.DateOffset(months=rng.randrange(1, 14))
        started = rng.choice([near(rng), anywhere, anywhere, same_day])
        term = rng.choice([1, 1, 3, 12])
        boundary = started + pd.DateOffset(months=term * rng.randrange(1, 4))
        anytime = started + Days(days=rng.randrange(500))
        ended = rng.choice([None, near(rng), boundary, boundary, anytime, anytime, started])
        if ended is not None and ended < started:
            ended = None
        asked = rng.choice([None, None, near(rng)])
        subs.append(
            Sub(
                subscription_id=key,
                customer_id=f"c{rng.randrange(CUSTOMERS - 3)}",
                started_at=started,
                ended_at=ended,
                term_months=term,
                price=rng.choice([10.0, 99.9]),
                cancel_requested_at=asked,
                cancel_withdrawn_at=None if asked is None else rng.choice([None, asked + GRACE]),
                end_reason=None if ended is None else rng.choice(["voluntary", "payment_failure", "other", None]),
                recorded_at=rng.choice([None, started + pd.Timedelta(days=rng.randrange(90))]) if late else None,
            )
        )
    return subs


def open_subs(subs: list[Sub]) -> Tables:
    rng = random.Random(1)
    frame = pd.DataFrame([vars(s) for s in subs]).assign(product="paper")
    for name in ("started_at", "ended_at", "cancel_requested_at", "cancel_withdrawn_at", "recorded_at"):
        frame[name] = frame[name].astype("datetime64[us]")
    contacts = pd.DataFrame(
        {
            "contact_id": range(200),
            "customer_id": [f"c{rng.randrange(CUSTOMERS)}" for _ in range(200)],
            "opened_at": [near(rng) for _ in range(200)],
            "channel": "phone",
        }
    )
    payments = contacts.rename(columns={"contact_id": "payment_id", "opened_at": "paid_at"}).drop(columns="channel")
    payments = payments.assign(amount=8.0, method="card", kind=[rng.choice(["renewal", "upsell"]) for _ in range(200)])
    customers = pd.DataFrame({"customer_id": [f"c{i}" for i in range(CUSTOMERS)], "signed_up_at": Stamp(2021, 1, 1)})
    tables = {"customers": customers, "subscriptions": frame, "contacts": contacts, "payments": payments}
    return tables_from_frames(tables, Config.model_validate(CONFIG))


def make_spine() -> pd.DataFrame:
    rng = random.Random(11)
    rows = [(f"c{i}", as_of) for i in range(CUSTOMERS) for as_of in AS_OFS]
    rng.shuffle(rows)
    spine = pd.DataFrame(rows + rows[:7], columns=["customer_id", "as_of"]).astype({"as_of": "datetime64[us]"})
    spine.index = pd.Index(rng.choices(range(90), k=len(spine)))
    return spine


def known_of(subs: list[Sub], customer: str, as_of: Stamp) -> list[Sub]:
    mine = [s for s in subs if s.customer_id == customer and s.ran and s.seen(s.started_at, as_of)]
    return sorted(mine, key=lambda s: (s.started_at, s.subscription_id))


def stretch_starts(subs: list[Sub], ends: list[Stamp]) -> list[Stamp]:
    """Starts that open a new spell, in order of start."""
    fresh = []
    for position, sub in enumerate(subs):
        before = ends[:position]
        if not before or sub.started_at > max(before) + GRACE:
            fresh.append(sub.started_at)
    return fresh


def state_of(subs: list[Sub], customer: str, as_of: Stamp) -> dict[str, float | bool]:
    known = known_of(subs, customer, as_of)
    running = [s for s in known if s.known_end(as_of) is None]
    numbers = ("term_months", "price", "months_to_renewal", "renewals_done", "months_since_start", "months_since_end")
    state: dict[str, float | bool] = dict.fromkeys(numbers, math.nan)
    state |= {"running": bool(running), "cancel_pending": False, "ended_involuntary": False}
    if not known:
        return state
    ended = sorted((s.known_end(as_of), s.subscription_id, s) for s in known if s not in running)  # type: ignore[type-var]
    main = running[-1] if running else ended[-1][2]
    until = as_of if running else main.end - TICK
    passed = 0
    while main.started_at + pd.DateOffset(months=(passed + 1) * main.term_months) <= until:
        passed += 1
    ends = [s.known_end(as_of) or Stamp(2200, 1, 1) for s in known]
    state["term_months"] = main.term_months
    state["price"] = sum(s.price / s.term_months for s in running or [main]) * main.term_months
    state["renewals_done"] = passed
    state["months_since_start"] = (as_of - stretch_starts(known, ends)[-1]) / MONTH
    if running:
        boundary = main.started_at + pd.DateOffset(months=(passed + 1) * main.term_months)
        state["months_to_renewal"] = (boundary - as_of) / MONTH
        state["cancel_pending"] = any(s.pending(as_of) for s in running)
    else:
        state["months_since_end"] = (as_of - main.end) / MONTH
        state["ended_involuntary"] = main.end_reason == "payment_failure"
    return state


def fate_of(subs: list[Sub], customer: str, as_of: Stamp) -> tuple[Stamp, int]:
    """When the spell that as_of lies in ends, and by which cause: walk on from end to end."""
    mine = [s for s in subs if s.customer_id == customer and s.ran]
    reached = [s for s in mine if s.started_at < as_of]
    opened = sorted(reached, key=lambda s: (s.started_at, s.subscription_id))
    start = stretch_starts(opened, [s.end for s in opened])[-1]
    inside = [s for s in mine if s.started_at == start]
    while True:
        end = max(s.end for s in inside)
        more = [s for s in mine if start <= s.started_at <= end + GRACE]
        if len(more) == len(inside):
            break
        inside = more
    last = max(inside, key=lambda s: (s.end, s.subscription_id))
    return last.end, 2 if last.end_reason == "payment_failure" and last.ended_at is not None else 1


def lead_rows(subs: list[Sub], spine: pd.DataFrame, max_leads: int) -> list[tuple[int, int, bool, int]]:
    rows = []
    for row, (customer, as_of) in enumerate(spine.itertuples(index=False)):
        state = state_of(subs, customer, as_of)
        if not state["running"]:
            continue
        end, cause = fate_of(subs, customer, as_of)
        boundaries = [state["months_to_renewal"] + j * state["term_months"] for j in range(30)]
        for lead in range(1, max_leads + 1):
            if as_of + lead * MONTH + GRACE > DATA_UNTIL:
                break
            renewal = any(lead - 1 < b - 1e-8 and b - 1e-8 <= lead for b in boundaries)
            ends_here = end <= as_of + lead * MONTH
            rows.append((row, lead, renewal, cause if ends_here else 0))
            if ends_here:
                break
    return rows


def restart_rows(subs: list[Sub], spine: pd.DataFrame, max_leads: int) -> list[tuple[int, int, int]]:
    rows = []
    for row, (customer, as_of) in enumerate(spine.itertuples(index=False)):
        known = known_of(subs, customer, as_of)
        if not known or any(s.known_end(as_of) is None for s in known):
            continue
        coming = [s.started_at for s in subs if s.customer_id == customer and s.ran and s not in known]
        for lead in range(1, max_leads + 1):
            if as_of + lead * MONTH > DATA_UNTIL:
                break
            back = any(start <= as_of + lead * MONTH for start in coming)
            rows.append((row, lead, int(back)))
            if back:
                break
    return rows


@dataclass(frozen=True)
class World:
    subs: list[Sub]
    tables: Tables
    spine: pd.DataFrame


@pytest.fixture(scope="module", params=[(1, False), (2, False), (3, True)], ids=["one", "two", "recorded late"])
def world(request: pytest.FixtureRequest) -> World:
    subs = make_subs(request.param[0], late=request.param[1])
    return World(subs, open_subs(subs), make_spine())


def test_state_equals_the_slow_twin(world: World) -> None:
    got = contract_state(world.tables, world.spine)
    rows = [state_of(world.subs, c, a) for c, a in world.spine.itertuples(index=False)]
    expected = pd.DataFrame(rows, index=world.spine.index)[list(got.columns)].astype(got.dtypes)
    assert expected["cancel_pending"].any()
    assert expected["ended_involuntary"].any()
    pd.testing.assert_frame_equal(got, expected, rtol=1e-12, atol=1e-12)


def test_state_agrees_with_the_features(world: World) -> None:
    names = ["renewals_done", "days_to_renewal", "term_months", "price_per_month", "subscriptions_running"]
    features = build_features(world.tables, world.spine, [*names, "cancel_pending"])
    state = contract_state(world.tables, world.spine)
    runs = state["running"].to_numpy()
    assert ((features["subscriptions_running"] > 0).to_numpy() == runs).all()
    assert ((features["cancel_pending"] > 0).to_numpy() == state["cancel_pending"].to_numpy()).all()
    days = state["months_to_renewal"] * 365.25 / 12
    np.testing.assert_allclose(days[runs], features["days_to_renewal"][runs], rtol=1e-12)
    np.testing.assert_array_equal(state["renewals_done"][runs], features["renewals_done"][runs])
    np.testing.assert_array_equal(state["term_months"][runs], features["term_months"][runs])
    monthly = state["price"] / state["term_months"]
    np.testing.assert_allclose(monthly[runs], features["price_per_month"][runs], rtol=1e-12)


def test_the_future_changes_no_state(world: World) -> None:
    as_of = AS_OFS[1]
    spine = world.spine[(world.spine["as_of"] == as_of).to_numpy()]
    past = [s for s in world.subs if s.started_at < as_of]
    cut = [
        Sub(**(vars(s) | {n: None for n in vars(s) if n.endswith("_at") and n != "started_at" and not before(s, n)}))
        for s in past
    ]
    cut = [Sub(**(vars(s) | ({} if s.ended_at else {"end_reason": None}))) for s in cut]
    late = {s.subscription_id for s in past if s.recorded_at is not None and s.recorded_at >= as_of}
    cut = [s for s in cut if s.subscription_id not in late]
    pd.testing.assert_frame_equal(contract_state(open_subs(cut), spine), contract_state(world.tables, spine))


def before(sub: Sub, name: str) -> bool:
    value = getattr(sub, name)
    return value is not None and value < AS_OFS[1]


def test_leads_equal_the_slow_twin(world: World) -> None:
    got = lead_outcomes(world.tables, world.spine, 11)
    expected = lead_rows(world.subs, world.spine, 11)
    assert {cause for *_, cause in expected} == {0, 1, 2}
    assert {lead for _, lead, _, cause in expected if cause} >= {1, 2, 3}
    assert list(got.itertuples(index=False, name=None)) == expected


def test_restarts_equal_the_slow_twin(world: World) -> None:
    got = reactivation_outcomes(world.tables, world.spine, 11)
    expected = restart_rows(world.subs, world.spine, 11)
    assert {back for *_, back in expected} == {0, 1}
    assert list(got.itertuples(index=False, name=None)) == expected


def test_a_landmark_stops_at_its_event(world: World) -> None:
    leads = lead_outcomes(world.tables, world.spine, 24)
    for _, rows in leads.groupby("row"):
        assert rows["lead"].tolist() == list(range(1, len(rows) + 1))
        assert (rows["cause"].iloc[:-1] == 0).all()
    runs = contract_state(world.tables, world.spine)["running"].to_numpy()
    assert runs[leads["row"].unique()].all()


def test_money_equals_the_slow_twin(world: World) -> None:
    until = (world.spine["as_of"] + pd.Timedelta(days=200)).clip(upper=DATA_UNTIL)
    got = landmark_money(world.tables, world.spine, until)
    contacts = world.tables.execute(world.tables["contacts"])
    payments = world.tables.execute(world.tables["payments"])
    rows = []
    for (customer, as_of), end in zip(world.spine.itertuples(index=False), until, strict=True):
        called = contacts[(contacts["customer_id"] == customer) & contacts["opened_at"].between(as_of + TICK, end)]
        paid = payments[(payments["customer_id"] == customer) & payments["paid_at"].between(as_of + TICK, end)]
        rows.append(
            (ran_months(world.subs, customer, as_of, end), 4.0 * (paid["kind"] == "upsell").sum(), 4.0 * len(called))
        )
    expected = pd.DataFrame(rows, index=world.spine.index, columns=["exposure_months", "ancillary", "contact_cost"])
    pd.testing.assert_frame_equal(got[list(expected.columns)], expected, rtol=1e-12, atol=1e-12, check_dtype=False)
    assert (got[["refunds", "action_cost"]] == 0).all(axis=None)
    none = landmark_money(world.tables, world.spine, until, exclude_kinds=("upsell",))
    assert (none["ancillary"] == 0).all()


def ran_months(subs: list[Sub], customer: str, as_of: Stamp, end: Stamp) -> float:
    """Length of the union of subscriptions with gaps of at most GRACE filled, within (as_of, end]."""
    mine = sorted(
        (s for s in subs if s.customer_id == customer and s.ran), key=lambda s: (s.started_at, s.subscription_id)
    )
    pieces: list[list[Stamp]] = []
    for sub in mine:
        if pieces and sub.started_at <= pieces[-1][1] + GRACE:
            pieces[-1][1] = max(pieces[-1][1], sub.end)
        else:
            pieces.append([sub.started_at, sub.end])
    lengths = [max(pd.Timedelta(0), min(e, end) - max(b, as_of)) for b, e in pieces]
    return sum(lengths, pd.Timedelta(0)) / MONTH
