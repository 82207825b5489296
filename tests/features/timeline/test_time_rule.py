"""The time rule as law: a feature at as_of uses only what was known strictly before it, and nothing but its own row.

Each law (`laws.py`) is one property over generated worlds. At the end stand features that break them, each caught.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.contract import CONTRACT
from servicelift.core.time import month_starts
from servicelift.features.catalogue import catalogue
from servicelift.features.catalogue.catalogue import build_features, feature_names
from servicelift.features.catalogue.declare import Form, Group
from servicelift.features.outcomes.churn_labels import churn_labels

AS_OF = dt.datetime(2024, 6, 1)
DAY, TICK = dt.timedelta(days=1), dt.timedelta(microseconds=1)


def worlds(count):
    return settings(settings.get_profile("worlds"), max_examples=count)


# What becomes known later changes nothing.


@worlds(2)
@given(data=st.data())
def test_what_becomes_known_at_or_after_as_of_changes_nothing(data, random_worlds, oracle, connection, laws):
    world = data.draw(random_worlds.worlds())
    as_of = data.draw(st.sampled_from(random_worlds.AS_OFS))
    laws.the_future(world, as_of, random_worlds, oracle, connection)


@worlds(1)
@given(seed=st.integers(0, 99))
def test_nor_does_it_where_every_row_says_when_it_was_recorded(seed, random_worlds, oracle, connection, laws):
    world = random_worlds.world_of(seed, late=frozenset(random_worlds.LATE))
    laws.the_future(world, random_worlds.AS_OFS[1], random_worlds, oracle, connection)


# The very instant is not before itself.


@worlds(1)
@given(data=st.data())
def test_an_event_at_as_of_is_out_and_in_a_microsecond_later(data, random_worlds, oracle, connection, laws):
    world = data.draw(random_worlds.worlds())
    as_of = data.draw(st.sampled_from(random_worlds.AS_OFS))
    laws.the_instant(world, as_of, random_worlds, oracle, connection)


# The spine keeps its rows.


@worlds(1)
@given(data=st.data())
def test_the_spine_keeps_rows_order_and_index(data, random_worlds, connection, laws):
    world = data.draw(random_worlds.worlds())
    spine = random_worlds.spine_of(world, random_worlds.AS_OFS, seed=data.draw(st.integers(0, 99)))
    tables = world.tables(connection)
    found = laws.look(tables, spine)
    laws.the_spine(found, spine, world.config)
    alone = spine.sample(3, random_state=1)
    laws.same(found.loc[alone.index], laws.look(tables, alone), world.config)


@pytest.mark.parametrize(
    "broken",
    [
        lambda found: found.iloc[::-1],
        lambda found: found.reset_index(drop=True),
        lambda found: found[~found.duplicated()],
        lambda found: found.iloc[::-1].set_axis(found.index),
        lambda found: found.assign(contacts_30d=found["contacts_30d"] + 1),
    ],
)
def test_a_builder_that_loses_the_spine_is_caught(broken, random_worlds, connection, laws):
    world = random_worlds.world_of(1)
    spine = random_worlds.spine_of(world, random_worlds.AS_OFS)
    found = build_features(world.tables(connection), spine, ["contacts_30d", "tenure_days", "method"])
    laws.the_spine(found, spine, world.config)
    with pytest.raises(AssertionError):
        laws.the_spine(broken(found), spine, world.config)


# Values with an instant of their own: one customer a case, instants drawn around as_of.

OFFSETS = st.sampled_from([-300 * DAY, -3 * DAY, -TICK, 0 * DAY, TICK, 2 * DAY, None])
BEFORE = st.sampled_from([-364 * DAY, -40 * DAY, -5 * DAY, -TICK, 0 * DAY, DAY])


def at(offset):
    return None if offset is None else AS_OF + offset


def in_past(*offsets):
    return all(offset is not None and offset < 0 * DAY for offset in offsets)


@pytest.fixture
def features_of(tables_of):
    """The features of customers 0, 1, ... at AS_OF, None for null: one list of rows a customer and table."""

    def build(cases, names, late=()):
        rows = {"customers": [{"customer_id": n, "signed_up_at": dt.datetime(2020, 1, 1)} for n in range(len(cases))]}
        for n, case in enumerate(cases):
            for table, found in case.items():
                key = next(iter(CONTRACT[table].key), "customer_id")
                rows.setdefault(table, []).extend(
                    row | {"customer_id": n} | ({} if key == "customer_id" else {key: 100 * n + place})
                    for place, row in enumerate(found)
                )
        spine = pd.DataFrame({"customer_id": range(len(cases)), "as_of": pd.Timestamp(AS_OF)})
        frame = build_features(tables_of(rows, late=late), spine, names)
        return frame.astype(object).where(frame.notna(), None).to_dict("records")

    return build


@worlds(2)
@given(cases=st.lists(st.tuples(BEFORE, OFFSETS, st.integers(1, 5)), min_size=90, max_size=90))
def test_a_survey_answered_later_is_out_although_its_contact_is_in(cases, features_of):
    def case(opened, answered, score):
        answered = at(None if answered is None else max(answered, opened))
        answer = {"responded_at": answered, "score": answered and float(score), "metric": "csat"}
        return {
            "contacts": [{"opened_at": at(opened), "channel": "phone"}],
            "surveys": [{"sent_at": at(opened)} | answer],
        }

    names = ["contacts_365d", "surveys_sent_365d", "csat_last", "csat_mean_365d", "days_since_survey_answer"]
    for (opened, answered, score), row in zip(cases, features_of([case(*c) for c in cases], names), strict=True):
        asked, told = in_past(opened), answered is not None and in_past(max(answered, opened))
        assert (row["contacts_365d"], row["surveys_sent_365d"]) == (asked, asked)
        assert row["csat_last"] == row["csat_mean_365d"] == (score if told else None)
        assert (row["days_since_survey_answer"] is not None) == told


@worlds(2)
@given(cases=st.lists(st.tuples(BEFORE, OFFSETS, st.booleans()), min_size=90, max_size=90))
def test_an_open_contact_has_no_resolution_time_or_cost_yet(cases, features_of):
    def case(opened, closed, resolved):
        closed = at(None if closed is None else max(closed, opened))
        outcome = {"resolved": resolved, "handle_seconds": 60.0, "cost": 4.5}
        return {"contacts": [{"opened_at": at(opened), "closed_at": closed, "channel": "phone"} | outcome]}

    names = ["contacts_365d", "contacts_open", "contacts_unresolved_365d", "handle_seconds_mean_365d"]
    names += ["hours_to_close_mean_365d", "contact_cost_365d"]
    for (opened, closed, resolved), row in zip(cases, features_of([case(*c) for c in cases], names), strict=True):
        asked, over = in_past(opened), closed is not None and in_past(max(closed, opened))
        assert row["contacts_365d"] == asked
        assert row["contacts_open"] == (asked and not over)
        assert row["contacts_unresolved_365d"] == (over and not resolved)
        assert row["handle_seconds_mean_365d"] == (60.0 if over else None)
        assert (row["hours_to_close_mean_365d"] is not None) == over
        assert row["contact_cost_365d"] == (4.5 if over else 0.0)


METHODS = st.dictionaries(BEFORE, st.sampled_from(["iban", "card", "cheque"]), min_size=1, max_size=5)


@worlds(2)
@given(cases=st.lists(METHODS, min_size=90, max_size=90))
def test_the_payment_method_is_the_one_valid_at_as_of(cases, features_of):
    rows = [{"payment_methods": [{"valid_from": at(o), "method": m} for o, m in case.items()]} for case in cases]
    for case, row in zip(cases, features_of(rows, ["method", "method_switches"]), strict=True):
        valid = [case[offset] for offset in sorted(case) if in_past(offset)]
        assert row["method"] == (valid[-1] if valid else None)
        assert row["method_switches"] == sum(old != new for old, new in itertools.pairwise(valid))


@worlds(2)
@given(cases=st.lists(st.tuples(BEFORE, OFFSETS), min_size=90, max_size=90))
def test_recorded_at_wins_where_it_is_later_than_the_event(cases, features_of):
    rows = [
        {"payments": [{"paid_at": at(paid), "recorded_at": at(recorded), "amount": 2.0, "method": "card"}]}
        for paid, recorded in cases
    ]
    found = features_of(rows, ["payments_365d", "amount_paid_365d"], late={"payments"})
    for (paid, recorded), row in zip(cases, found, strict=True):
        known = in_past(paid) and (recorded is None or in_past(recorded))
        assert row == {"payments_365d": known, "amount_paid_365d": 2.0 * known}


# Local time: instants without a zone are the business's own clock, a date is its first midnight.

ZONES = ("Europe/Paris", "America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kolkata")


@worlds(5)
@given(data=st.data(), zone=st.sampled_from(ZONES))
def test_naive_instants_are_local_through_gap_and_fold(data, zone, random_worlds, laws):
    changes = laws.clock_changes(zone)
    minutes = st.integers(-150, 150).map(lambda n: dt.timedelta(minutes=n))
    drawn = data.draw(st.lists(st.tuples(st.sampled_from(changes), minutes), min_size=40, max_size=40))
    day = data.draw(st.sampled_from([*(change.date() for change in changes), dt.date(2023, 12, 1)]))
    midnight = dt.datetime.combine(day, dt.time())
    moments = [change + gap for change, gap in drawn] + [midnight, midnight - TICK * 1000, midnight - DAY]
    config = random_worlds.config_of(static=(), timezone=zone)
    laws.local_time(laws.local_world(zone, moments), moments, day, zone, config)


def test_reading_local_instants_as_utc_is_caught(random_worlds, laws):
    zone, moments = "Europe/Paris", [dt.datetime(2023, 3, 26, 2, 30), dt.datetime(2023, 10, 29, 2, 30)]
    frames, day = laws.local_world(zone, moments), dt.date(2023, 12, 1)
    laws.local_time(frames, moments, day, zone, random_worlds.config_of(static=(), timezone=zone))
    with pytest.raises(AssertionError):
        laws.local_time(frames, moments, day, zone, random_worlds.config_of(static=(), timezone="UTC"))


# Training features are scoring features.


@worlds(1)
@given(seed=st.integers(0, 99))
def test_training_features_are_scoring_features_also_through_files(
    seed, random_worlds, connection, tmp_path_factory, laws
):
    world = random_worlds.world_of(seed, text_keys=True)
    folder = tmp_path_factory.mktemp("files")
    for name in world.rows:
        pq.write_table(world.arrow(name), folder / f"{name}.parquet")
        world.arrow(name).to_pandas().to_csv(folder / f"{name}.csv", index=False)
    who = [row["customer_id"] for row in world.rows["customers"]]
    as_ofs = month_starts(dt.date(2022, 9, 1), dt.date(2023, 8, 1))
    assert len(as_ofs) == 12
    scored = {as_ofs[0]: laws.opened(world, folder, "csv"), as_ofs[-1]: laws.opened(world, folder, "parquet")}
    laws.scoring(world.tables(connection), who, as_ofs, scored)


# Labels are there only where their time is over.


@worlds(2)
@given(data=st.data())
def test_labels_are_there_only_where_horizon_and_grace_are_over(data, random_worlds, connection, laws):
    ahead = (random_worlds.HORIZON + random_worlds.GRACE) * DAY
    as_of = data.draw(st.sampled_from(random_worlds.AS_OFS))
    churn = {"horizon_days": random_worlds.HORIZON, "grace_days": random_worlds.GRACE}
    world = random_worlds.world_of(data.draw(st.integers(0, 99)), churn=churn)
    tables, spine = world.tables(connection), random_worlds.spine_of(world, random_worlds.AS_OFS)
    for gap in (-DAY, -TICK, 0 * DAY, DAY):
        whole = laws.labels(dataclasses.replace(tables, data_until=pd.Timestamp(as_of + ahead + gap)), spine, ahead)
    here = (spine["as_of"] == as_of).to_numpy()
    again = churn_labels(laws.cut(world, as_of, ahead).tables(connection), spine[here])
    pd.testing.assert_frame_equal(whole[here], again)


def test_labels_of_an_unfinished_horizon_are_caught(random_worlds, connection, laws):
    churn = {"horizon_days": random_worlds.HORIZON, "grace_days": random_worlds.GRACE}
    tables = random_worlds.world_of(1, churn=churn).tables(connection)
    as_of = tables.data_until - pd.Timedelta(days=random_worlds.HORIZON)
    spine = random_worlds.spine_of(random_worlds.world_of(1), [as_of])
    laws.labels(tables, spine, (random_worlds.HORIZON + random_worlds.GRACE) * DAY)
    with pytest.raises(AssertionError):
        laws.labels(tables, spine, random_worlds.HORIZON * DAY)


# Each law can fail: features that break it, declared like any other.


def joined(table, when=lambda e: True):
    """Return the rows of a group that joins a table as it stands, without the time rule."""

    def rows(tables, keys):
        pair, raw = keys.table, tables[table].rename(owner="customer_id")
        e = pair.inner_join(raw, pair.customer_id == raw.owner)
        return e.filter(when(e))

    return rows


def crowd(tables, keys):
    """Return each pair with the number of pairs asked for beside it."""
    return keys.table.mutate(others=keys.table.row.count().over())


SEEN = {
    "rows known or not": (joined("contacts"), lambda e: e.count()),
    "an event at as_of": (joined("contacts", lambda e: e.opened_at <= e.as_of), lambda e: e.count()),
    "closed_at unmasked": (joined("contacts", lambda e: e.opened_at < e.as_of), lambda e: e.closed_at.count()),
    "cost of open contacts": (joined("contacts", lambda e: e.opened_at < e.as_of), lambda e: e.cost.sum()),
    "answers to come": (joined("surveys", lambda e: e.sent_at < e.as_of), lambda e: e.score.max()),
    "the latest method": (joined("payment_methods"), lambda e: (e.method == "iban").cast("int64").argmax(e.valid_from)),
    "recorded_at ignored": (joined("payments", lambda e: e.paid_at < e.as_of), lambda e: e.count()),
    "end of what runs": (joined("subscriptions", lambda e: e.started_at < e.as_of), lambda e: e.ended_at.count()),
}


@pytest.fixture
def plant(monkeypatch):
    """Make one feature the whole catalogue."""

    def declare(rows, aggregate):
        def planted(e):
            """A feature that breaks the time rule."""
            return aggregate(e)

        group = Group("planted", rows)
        group.feature(unit="events", sources=("customers.signed_up_at",), known="never", form=Form.SUM)(planted)
        monkeypatch.setattr(catalogue, "GROUPS", (group,))

    return declare


@pytest.mark.parametrize("name", SEEN)
def test_a_feature_that_looks_ahead_is_caught(name, plant, random_worlds, oracle, connection, laws):
    world = random_worlds.world_of(3, late=frozenset({"payments"}))
    plant(*SEEN[name])
    assert feature_names(world.tables(connection)) == ["planted"]
    with pytest.raises(AssertionError):
        laws.the_future(world, random_worlds.AS_OFS[1], random_worlds, oracle, connection)


def test_a_feature_that_counts_the_very_instant_is_caught(plant, random_worlds, oracle, connection, laws):
    world, as_of = random_worlds.world_of(3), random_worlds.AS_OFS[1]
    contact = world.rows["contacts"][0] | {"contact_id": 999, "opened_at": as_of, "closed_at": None}
    world = world.with_rows(world.rows | {"contacts": [*world.rows["contacts"], contact]})
    plant(*SEEN["an event at as_of"])
    with pytest.raises(AssertionError):
        laws.the_instant(world, as_of, random_worlds, oracle, connection)
    plant(joined("contacts", lambda e: e.opened_at < e.as_of), lambda e: e.count())
    laws.the_instant(world, as_of, random_worlds, oracle, connection)


def test_a_feature_that_depends_on_the_rest_of_the_spine_is_caught(plant, random_worlds, connection, laws):
    world = random_worlds.world_of(3)
    tables, who = world.tables(connection), [row["customer_id"] for row in world.rows["customers"]]
    as_ofs = [pd.Timestamp(moment) for moment in random_worlds.AS_OFS]
    plant(crowd, lambda e: e.others.max())
    with pytest.raises(AssertionError):
        laws.scoring(tables, who, as_ofs, {as_ofs[0]: tables})
