"""Calendars of the business's zone: terms, renewals, schedules, purchase days, and the time rule around midnight."""

from __future__ import annotations

import datetime as dt
import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.time import instant
from servicelift.features.catalogue.catalogue import build_features, feature_names
from servicelift.features.catalogue.groups.purchases import rfm_summary
from servicelift.features.outcomes.realised_value import realised_value
from servicelift.features.tables.tables import tables_from_frames
from servicelift.features.timeline.contract_state import contract_state

DAY, MINUTE, TICK = dt.timedelta(days=1), dt.timedelta(minutes=1), dt.timedelta(microseconds=1)
ZONES = (
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
)
MONTH = 365.25 / 12
PAYMENT = {"method": "card", "kind": "one_off", "amount": 10.0}
TERMS = [{"term_months": term} for term in (1, 3, 12)] + [{"term_months": None, "term_days": n} for n in (7, 30)]
PAPER = {"product": "paper", "term_months": 1, "price": 10.0}


def worlds(count):
    return settings(settings.get_profile("worlds"), max_examples=count)


@pytest.fixture(scope="module")
def past(oracle):
    """The oracle's own calendar: loops over zoneinfo."""
    return sys.modules["feature_past"]


def moments_near(laws, zone):
    """Local instants beside clock changes, midnights and month ends, or anywhere in a day."""
    months = [dt.datetime(2023, month, 1) for month in range(1, 13)]
    marks = [*laws.clock_changes(zone), *months, *(month - DAY for month in months), dt.datetime(2024, 2, 29)]
    near = st.sampled_from([0, 0, -1, 1, 90, -150, 12 * 60, 23 * 60 + 59]).map(lambda n: n * MINUTE)
    return st.tuples(st.sampled_from(marks), near).map(lambda pair: pair[0] + pair[1])


# By hand: an evening in UTC is the next day in Paris.


@pytest.fixture
def paris(tables_of):
    """Subscribed on 31 March in Paris, which UTC still calls the 30th; bought twice on one Paris day."""
    return tables_of(
        {
            "subscriptions": [{"subscription_id": 1, "started_at": "2023-03-30 22:00"} | PAPER],
            "payment_methods": [{"valid_from": "2023-01-01", "method": "card", "expires_on": "2023-05-31"}],
            "payments": [
                {"payment_id": n, "paid_at": at} | PAYMENT
                for n, at in enumerate(["2023-04-09 22:30", "2023-04-10 21:30", "2023-04-11 22:30"])
            ],
        },
        timezone="Europe/Paris",
    )


def test_terms_days_and_purchases_are_those_of_paris(paris):
    spine = pd.DataFrame(
        {"customer_id": [1, 1], "as_of": [pd.Timestamp("2023-04-29 21:59"), instant("2023-05-01", "Europe/Paris")]}
    )
    names = ["days_to_renewal", "renewals_done", "card_expires_in_days", "purchases_frequency", "purchases_T_days"]
    first, second = build_features(paris, spine, names).to_numpy().tolist()
    # The first term ends on 30 April at midnight in Paris, the second on 31 May; UTC would say 29 and 30 April.
    assert first == [1 / 1440, 0, 31 + 1 / 1440, 1, 19]
    assert second == [30, 1, 30, 1, 21]
    state = contract_state(paris, spine)
    assert state["renewals_done"].tolist() == [0, 1]
    assert state["months_to_renewal"].tolist() == pytest.approx([1 / 1440 / MONTH, 30 / MONTH], rel=1e-12)
    summary = rfm_summary(paris, spine, "shop")
    assert summary["recency"].tolist() == [2, 2]
    assert summary["monetary_value"].tolist() == [10, 10]


def test_payments_are_scheduled_on_the_days_of_paris(tables_of):
    rows = [{"subscription_id": 1, "started_at": "2023-03-30 22:00"} | PAPER]
    tables = tables_of(
        {"subscriptions": rows}, timezone="Europe/Paris", value={"margin_rate": 1.0, "annual_discount_rate": 0.0}
    )
    # Due at midnight in Paris: 30 April is 29 April 22:00 UTC, and not the 30th; 30 November is 23:00 UTC.
    due = pd.to_datetime(["2023-04-29 22:00", "2023-05-30 22:00", "2023-06-29 22:00", "2023-11-29 23:00"]).as_unit("us")
    spine = pd.DataFrame({"customer_id": 1, "as_of": due - TICK})
    assert realised_value(tables, spine, pd.Series(due))["value"].tolist() == [10.0] * 4
    assert realised_value(tables, spine.assign(as_of=due), pd.Series(due + DAY))["value"].tolist() == [0.0] * 4
    year = realised_value(
        tables, spine.head(1).assign(as_of=pd.Timestamp("2023-03-30 22:00")), pd.Timestamp("2023-11-29 23:00")
    )
    assert year["value"].item() == 80.0


# Against the oracle, in every zone.


@worlds(6)
@given(data=st.data(), zone=st.sampled_from(ZONES))
def test_calendars_are_those_of_the_oracle(data, zone, tables_of, past, oracle, laws):
    near = moments_near(laws, zone)
    drawn = data.draw(st.lists(st.tuples(near, near, near, st.sampled_from(TERMS)), min_size=30, max_size=30))
    rows = {"customers": [], "subscriptions": [], "payments": [], "payment_methods": []}
    cases = []
    for n, (started, bought, look, term) in enumerate(drawn):
        who = {"customer_id": n}
        started, as_of = past.utc(started - 400 * DAY, zone), past.utc(look, zone)
        rows["customers"].append(who | {"signed_up_at": dt.datetime(2020, 1, 1)})
        rows["subscriptions"].append(who | PAPER | {"subscription_id": n, "started_at": started} | term)
        paid = {as_of - 40 * DAY, past.utc(bought, zone) - 300 * DAY, as_of - MINUTE, as_of, as_of + MINUTE}
        rows["payments"] += [
            who | PAYMENT | {"payment_id": 9 * n + k, "paid_at": at} for k, at in enumerate(sorted(paid))
        ]
        expiry = dt.datetime.combine(bought.date(), dt.time())
        rows["payment_methods"].append(who | {"valid_from": started, "method": "card", "expires_on": expiry})
        cases.append((n, as_of))
    tables = tables_of(rows, timezone=zone)
    spine = pd.DataFrame(cases, columns=["customer_id", "as_of"])
    names = ["days_to_renewal", "days_to_first_renewal", "renewals_done", "terms_done", "card_expires_in_days"]
    names += ["purchases_frequency", "purchases_recency_days", "purchases_T_days", "payments_30d"]
    found = build_features(tables, spine, names)
    state = contract_state(tables, spine)
    for (n, as_of), row, months in zip(cases, found.to_dict("records"), state["months_to_renewal"], strict=True):
        own = {table: [r for r in kept if r["customer_id"] == n] for table, kept in rows.items()}
        sub, (card,) = own["subscriptions"][0], own["payment_methods"]
        done = oracle.boundaries(sub, as_of, zone)
        ahead = oracle.boundary(sub, done + 1, zone)
        days = sorted({past.local(r["paid_at"], zone).date() for r in own["payments"] if r["paid_at"] < as_of})
        left = past.clock_days(ahead, as_of, zone)
        assert row["days_to_renewal"] == row["days_to_first_renewal"] == left > 0
        assert row["renewals_done"] == row["terms_done"] == done
        assert row["card_expires_in_days"] == past.clock_days(past.utc(card["expires_on"], zone), as_of, zone)
        assert row["purchases_frequency"] == len(days) - 1
        assert row["purchases_recency_days"] == (days[-1] - days[0]).days
        assert row["purchases_T_days"] == (past.local(as_of, zone).date() - days[0]).days
        assert months == pytest.approx(left / MONTH, rel=1e-12)


@worlds(4)
@given(data=st.data(), zone=st.sampled_from(ZONES))
def test_schedules_are_those_of_the_oracle(data, zone, tables_of, past, oracle, laws):
    near = moments_near(laws, zone)
    drawn = data.draw(st.lists(st.tuples(near, st.sampled_from(TERMS), near), min_size=20, max_size=20))
    rows = {"customers": [], "subscriptions": []}
    expected, since, until = [], past.utc(dt.datetime(2023, 2, 28), zone), past.utc(dt.datetime(2023, 11, 30), zone)
    for n, (started, term, ended) in enumerate(drawn):
        begin, end = past.utc(started - 365 * DAY, zone), past.utc(ended + 365 * DAY, zone)
        rows["customers"].append({"customer_id": n, "signed_up_at": dt.datetime(2020, 1, 1)})
        sub = {"customer_id": n, "subscription_id": n, "started_at": begin, "ended_at": end} | term
        rows["subscriptions"].append(PAPER | sub)
        due = [oracle.boundary(sub, k, zone) for k in range(130)]
        expected.append(10.0 * sum(since < at <= until and at < end for at in due))
    tables = tables_of(rows, timezone=zone, value={"margin_rate": 1.0, "annual_discount_rate": 0.0})
    spine = pd.DataFrame({"customer_id": range(len(drawn)), "as_of": pd.Timestamp(since)})
    assert realised_value(tables, spine, pd.Timestamp(until))["value"].tolist() == expected


# A world on other clocks: the same local times give the same calendar.


CALENDAR = ("days_to_renewal", "days_to_first_renewal", "renewals_done", "terms_done", "card_expires_in_days")


@worlds(3)
@given(seed=st.integers(0, 99), zone=st.sampled_from([z for z in ZONES if z not in ("UTC", "Asia/Beirut")]))
def test_the_same_local_times_give_the_same_calendar_and_value(seed, zone, random_worlds, connection, past):
    world = random_worlds.world_of(seed)
    moved = shifted(world, zone, past, random_worlds)
    spine = random_worlds.spine_of(world, random_worlds.AS_OFS)
    there = spine.assign(as_of=[past.utc(moment.to_pydatetime(), zone) for moment in spine["as_of"]])
    here, again = world.tables(connection), moved.tables(connection)
    names = [name for name in feature_names(here) if name in CALENDAR or name.startswith("purchases_")]
    names = [name for name in names if not name.endswith("d")] + ["subscriptions_running", "cancel_pending"]
    pd.testing.assert_frame_equal(build_features(again, there, names), build_features(here, spine, names))
    until = random_worlds.AS_OFS[-1]
    scheduled = [tables_without_payments(w, random_worlds, connection) for w in (world, moved)]
    value = realised_value(scheduled[0], spine, pd.Timestamp(until))
    moved_value = realised_value(scheduled[1], there, pd.Timestamp(past.utc(until, zone)))
    # Discounting is by the time that really passed: an hour of summer time is 1.1e-5 of a year's 10 per cent.
    pd.testing.assert_frame_equal(moved_value, value, rtol=2e-5, atol=1e-6)


def shifted(world, zone, past, random_worlds):
    """The world whose clocks show the same in another zone."""

    def moved(row):
        return {c: past.utc(v, zone) if isinstance(v, dt.datetime) and c != "expires_on" else v for c, v in row.items()}

    rows = {table: [moved(row) for row in kept] for table, kept in world.rows.items()}
    config = random_worlds.config_of(timezone=zone)
    return random_worlds.World(rows, world.missing, world.late, world.text_keys, config)


def tables_without_payments(world, random_worlds, connection):
    rows = {table: kept for table, kept in world.rows.items() if table != "payments"}
    config = random_worlds.config_of(timezone=world.config.timezone, lines={"press": {"kind": "auto"}})
    return random_worlds.World(rows, world.missing, world.late, world.text_keys, config).tables(connection)


# The time rule, a minute to each side, through the whole door: texts with an offset, local and UTC.


@worlds(5)
@given(data=st.data(), zone=st.sampled_from(ZONES))
def test_an_event_is_out_a_minute_before_it_and_in_a_minute_after(data, zone, random_worlds, past, laws):
    local = data.draw(st.lists(moments_near(laws, zone), min_size=25, max_size=25))
    extra = [past.utc(change, zone) + n * 30 * MINUTE for change in laws.clock_changes(zone) for n in range(-2, 4)]
    moments = [past.utc(moment, zone) for moment in local] + extra
    frames = dated(moments, [text(moment, zone, n) for n, moment in enumerate(moments)])
    tables = tables_from_frames(frames, random_worlds.config_of(static=(), timezone=zone))
    names = ["contacts_365d", "payments_365d", "subscriptions_ever", "actions_365d", "purchases_T_days"]
    looks = [
        (n, moment + gap, gap > dt.timedelta(0))
        for gap in (-MINUTE, 0 * MINUTE, MINUTE)
        for n, moment in enumerate(moments)
    ]
    spine = pd.DataFrame(looks, columns=["customer_id", "as_of", "seen"]).astype({"as_of": "datetime64[us]"})
    seen = spine.pop("seen")
    found = build_features(tables, spine, names)
    assert (found[names[:-1]].eq(seen.astype("int64"), axis=0)).all(axis=None)
    assert (found["purchases_T_days"].notna() == seen).all()
    assert (contract_state(tables, spine)["running"] == seen).all()


def text(moment, zone, n):
    """An instant as a text with the zone's own offset, or that of UTC or of another place."""
    there = ("UTC", "Asia/Kolkata", zone)[n % 3]
    stamp = pd.Timestamp(moment, tz="UTC").tz_convert(there)
    return stamp.isoformat(sep=" ") if n % 2 else stamp.strftime("%Y-%m-%dT%H:%M:%S%z")


def dated(moments, texts):
    """One event of each kind a customer, all at the customer's instant."""
    who = pd.DataFrame({"customer_id": range(len(moments))})
    key = who["customer_id"]
    return {
        "customers": who.assign(signed_up_at="2020-01-01"),
        "contacts": who.assign(contact_id=key, channel="phone", opened_at=texts),
        "payments": who.assign(payment_id=key, paid_at=texts, **PAYMENT),
        "subscriptions": who.assign(subscription_id=key, started_at=texts, **PAPER),
        "actions": who.assign(action_id=key, action="offer", arm="treated", decided_at=texts),
    }
