"""The time rule as law: a feature at as_of uses only what was known strictly before it, and nothing but its own row.

Each law is one property over generated worlds. Below stand the features that break them, each caught by its law.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import random
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.config import Config
from servicelift.core.contract import CONTRACT
from servicelift.core.time import instant, month_starts
from servicelift.features import catalogue
from servicelift.features.catalogue import build_features, explain, feature_names
from servicelift.features.declare import Form, Group
from servicelift.features.labels import churn_labels
from servicelift.features.sources import open_tables, tables_from_frames

AS_OF = dt.datetime(2024, 6, 1)
DAY, TICK = dt.timedelta(days=1), dt.timedelta(microseconds=1)
EXACT_UNITS = ("currency", "days")


def worlds(count):
    return settings(settings.get_profile("worlds"), max_examples=count)


def look(tables, spine):
    """Every feature that the business has."""
    return build_features(tables, spine, feature_names(tables))


def same(found, again, config):
    """Counts, texts, money and dates are equal, other numbers to 1e-12."""
    assert found.columns.tolist() == again.columns.tolist()
    other = [n for n in found if found[n].dtype == "float64" and explain(n, config).unit not in EXACT_UNITS]
    pd.testing.assert_frame_equal(found[other], again[other], rtol=1e-12, atol=0)
    pd.testing.assert_frame_equal(found.drop(columns=other), again.drop(columns=other), check_exact=True)


# What becomes known later changes nothing.


def another_future(world, oracle, as_of, seed):
    """The same past with another future: later rows replaced by new ones, later values by others."""
    rng = random.Random(seed)
    rows = {}
    for table in world.rows:
        seen = world.seen(table)
        kept = [row for row in seen if (oracle.known_at(table, row) or as_of) < as_of]
        rows[table] = [other_values(row, seen, oracle.VALUE_KNOWN.get(table, {}), as_of, rng) for row in kept]
        if table != "customers":
            rows[table] += [later_row(row, n, table, world, as_of, rng) for n, row in enumerate(seen[::2])]
    return world.with_rows(rows)


def other_values(row, rows, known, as_of, rng):
    late = [c for c, moment in known.items() if row.get(moment) is None or row[moment] >= as_of]
    moments = {c: rng.choice([None, as_of, as_of + dt.timedelta(days=9)]) for c in late if known[c] == c}
    return row | {c: rng.choice(rows).get(c) for c in late} | moments


def later_row(row, number, table, world, as_of, rng):
    """A new row that happens at or after as_of, or happened before and is recorded then."""
    key = CONTRACT[table].key[0]
    row = row | ({} if key == "customer_id" else {key: f"new{number}" if world.text_keys else 1000 + number})
    if table in world.late and rng.random() < 0.5:
        return row | {"recorded_at": as_of}
    moment = as_of + dt.timedelta(days=rng.randrange(3))
    return row | {c: moment for c, value in row.items() if isinstance(value, dt.datetime) and c != "recorded_at"}


def law_of_the_future(world, as_of, random_worlds, oracle, connection):
    """Another future leaves every feature as it is."""
    other = another_future(world, oracle, as_of, seed=1)
    assert any(world.seen(table) != other.seen(table) for table in world.rows)
    spine = random_worlds.spine_of(world, [as_of])
    same(*(look(w.tables(connection), spine) for w in (world, other)), world.config)


@worlds(2)
@given(data=st.data())
def test_what_becomes_known_at_or_after_as_of_changes_nothing(data, random_worlds, oracle, connection):
    world = data.draw(random_worlds.worlds())
    as_of = data.draw(st.sampled_from(random_worlds.AS_OFS))
    law_of_the_future(world, as_of, random_worlds, oracle, connection)


@worlds(1)
@given(seed=st.integers(0, 99))
def test_nor_does_it_where_every_row_says_when_it_was_recorded(seed, random_worlds, oracle, connection):
    world = random_worlds.world_of(seed, late=frozenset(random_worlds.LATE))
    law_of_the_future(world, random_worlds.AS_OFS[1], random_worlds, oracle, connection)


# The very instant is not before itself.


def without(world, oracle, as_of):
    """The world without the rows and values that became known exactly at as_of."""
    rows = {}
    for table in world.rows:
        kept = [r for r in world.seen(table) if table == "customers" or oracle.known_at(table, r) != as_of]
        known = oracle.VALUE_KNOWN.get(table, {})
        rows[table] = [r | {c: None for c, moment in known.items() if r.get(moment) == as_of} for r in kept]
    return world.with_rows(rows)


def law_of_the_instant(world, as_of, random_worlds, oracle, connection):
    """What happens at as_of itself is out; a microsecond later it is in."""
    less = without(world, oracle, as_of)
    now, later = (random_worlds.spine_of(world, [moment]) for moment in (as_of, as_of + TICK))
    here, gone = world.tables(connection), less.tables(connection)
    same(look(here, now), look(gone, now), world.config)
    assert not look(here, later).equals(look(gone, later))


@worlds(1)
@given(data=st.data())
def test_an_event_at_as_of_is_out_and_in_a_microsecond_later(data, random_worlds, oracle, connection):
    world = data.draw(random_worlds.worlds())
    as_of = data.draw(st.sampled_from(random_worlds.AS_OFS))
    law_of_the_instant(world, as_of, random_worlds, oracle, connection)


# The spine keeps its rows.


def law_of_the_spine(found, spine, config):
    """Rows, order and index are the spine's; equal pairs have equal features; whoever has no history has a row."""
    pd.testing.assert_index_equal(found.index, spine.index, exact=True)
    first = spine.groupby(["customer_id", "as_of"], sort=False)["ignored"].transform(lambda rows: rows.index[0])
    same(found, found.loc[first].set_axis(found.index), config)
    nobody = found[spine["customer_id"].isin(["nobody", 999])]
    assert len(nobody) > 0
    numbers = nobody.select_dtypes("number")
    assert (numbers.fillna(0) == 0).all(axis=None)
    assert nobody.drop(columns=numbers.columns).isna().all(axis=None)


@worlds(1)
@given(data=st.data())
def test_the_spine_keeps_rows_order_and_index(data, random_worlds, connection):
    world = data.draw(random_worlds.worlds())
    spine = random_worlds.spine_of(world, random_worlds.AS_OFS, seed=data.draw(st.integers(0, 99)))
    tables = world.tables(connection)
    found = look(tables, spine)
    law_of_the_spine(found, spine, world.config)
    alone = spine.sample(3, random_state=1)
    same(found.loc[alone.index], look(tables, alone), world.config)


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
def test_a_builder_that_loses_the_spine_is_caught(broken, random_worlds, connection):
    world = random_worlds.world_of(1)
    spine = random_worlds.spine_of(world, random_worlds.AS_OFS)
    found = build_features(world.tables(connection), spine, ["contacts_30d", "tenure_days", "method"])
    law_of_the_spine(found, spine, world.config)
    with pytest.raises(AssertionError):
        law_of_the_spine(broken(found), spine, world.config)


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
                key = CONTRACT[table].key[0]
                rows.setdefault(table, []).extend(
                    row | {"customer_id": n} | ({} if key == "customer_id" else {key: 100 * n + place})
                    for place, row in enumerate(found)
                )
        spine = pd.DataFrame({"customer_id": range(len(cases)), "as_of": pd.Timestamp(AS_OF)})
        frame = build_features(tables_of(rows, late=late), spine, names)
        return frame.astype(object).where(frame.notna(), None).to_dict("records")

    return build


@worlds(4)
@given(cases=st.lists(st.tuples(BEFORE, OFFSETS, st.integers(1, 5)), min_size=30, max_size=30))
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


@worlds(4)
@given(cases=st.lists(st.tuples(BEFORE, OFFSETS, st.booleans()), min_size=30, max_size=30))
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


@worlds(4)
@given(cases=st.lists(METHODS, min_size=30, max_size=30))
def test_the_payment_method_is_the_one_valid_at_as_of(cases, features_of):
    rows = [{"payment_methods": [{"valid_from": at(o), "method": m} for o, m in case.items()]} for case in cases]
    for case, row in zip(cases, features_of(rows, ["method", "method_switches"]), strict=True):
        valid = [case[offset] for offset in sorted(case) if in_past(offset)]
        assert row["method"] == (valid[-1] if valid else None)
        assert row["method_switches"] == sum(old != new for old, new in itertools.pairwise(valid))


@worlds(4)
@given(cases=st.lists(st.tuples(BEFORE, OFFSETS), min_size=30, max_size=30))
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


def utc(local, zone):
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(dt.UTC).replace(tzinfo=None)


def clock_changes(zone, year=2023):
    """The local instants at which clocks are put forward or back, as they show just before."""
    hours = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=30 * n) for n in range(2 * 24 * 365)]
    offsets = [moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in hours]
    changed = [n for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]
    return [(hours[n] + offsets[n - 1]).replace(tzinfo=None) for n in changed] or [dt.datetime(year, 3, 1)]


def local_world(zone, moments):
    """One contact a customer at a local instant, as texts without a zone."""
    customers = pd.DataFrame({"customer_id": range(len(moments)), "signed_up_at": "2020-01-01"})
    contacts = customers[["customer_id"]].assign(
        contact_id=customers["customer_id"], channel="phone", opened_at=[str(moment) for moment in moments]
    )
    payments = pd.DataFrame(
        {"payment_id": [1], "customer_id": [0], "paid_at": "2023-01-01", "amount": 1.0, "method": "card"}
    )
    return {"customers": customers, "contacts": contacts, "payments": payments}


def law_of_local_time(frames, moments, day, zone, config):
    """The age of each contact is the time that really passed until the first midnight of ``day``."""
    as_of = instant(day, zone)
    spine = pd.DataFrame({"customer_id": range(len(moments)), "as_of": as_of})
    found = build_features(tables_from_frames(frames, config), spine, ["days_since_contact", "contacts_365d"])
    passed = [(as_of.to_pydatetime() - utc(moment, zone)) / DAY for moment in moments]
    np.testing.assert_array_equal(found["days_since_contact"], [gap if gap > 0 else np.nan for gap in passed])
    np.testing.assert_array_equal(found["contacts_365d"], [int(0 < gap <= 365) for gap in passed])


@worlds(5)
@given(data=st.data(), zone=st.sampled_from(ZONES))
def test_naive_instants_are_local_through_gap_and_fold(data, zone, random_worlds):
    changes = clock_changes(zone)
    minutes = st.integers(-150, 150).map(lambda n: dt.timedelta(minutes=n))
    drawn = data.draw(st.lists(st.tuples(st.sampled_from(changes), minutes), min_size=40, max_size=40))
    day = data.draw(st.sampled_from([*(change.date() for change in changes), dt.date(2023, 12, 1)]))
    midnight = dt.datetime.combine(day, dt.time())
    moments = [change + gap for change, gap in drawn] + [midnight, midnight - TICK * 1000, midnight - DAY]
    config = random_worlds.config_of(static=(), timezone=zone)
    law_of_local_time(local_world(zone, moments), moments, day, zone, config)


def test_reading_local_instants_as_utc_is_caught(random_worlds):
    zone, moments = "Europe/Paris", [dt.datetime(2023, 3, 26, 2, 30), dt.datetime(2023, 10, 29, 2, 30)]
    frames, day = local_world(zone, moments), dt.date(2023, 12, 1)
    law_of_local_time(frames, moments, day, zone, random_worlds.config_of(static=(), timezone=zone))
    with pytest.raises(AssertionError):
        law_of_local_time(frames, moments, day, zone, random_worlds.config_of(static=(), timezone="UTC"))


# Training features are scoring features.


def law_of_scoring(tables, who, as_ofs, scored):
    """The features of a panel are, row by row, those that scoring builds for one instant alone.

    ``scored`` names for some instants the tables that scoring opens.
    """
    panel = pd.DataFrame([(customer, as_of) for as_of in as_ofs for customer in who], columns=["customer_id", "as_of"])
    trained = look(tables, panel)
    for as_of, opened in scored.items():
        rows = panel[panel["as_of"] == as_of].iloc[::-1]
        again = look(opened, rows.reset_index(drop=True))
        same(trained.loc[rows.index].reset_index(drop=True), again, tables.config)


@worlds(1)
@given(seed=st.integers(0, 99))
def test_training_features_are_scoring_features_also_through_files(seed, random_worlds, connection, tmp_path_factory):
    world = random_worlds.world_of(seed, text_keys=True)
    folder = tmp_path_factory.mktemp("files")
    for name in world.rows:
        pq.write_table(world.arrow(name), folder / f"{name}.parquet")
        world.arrow(name).to_pandas().to_csv(folder / f"{name}.csv", index=False)
    who = [row["customer_id"] for row in world.rows["customers"]]
    as_ofs = month_starts(dt.date(2022, 9, 1), dt.date(2023, 8, 1))
    assert len(as_ofs) == 12
    scored = {as_ofs[0]: opened(world, folder, "csv"), as_ofs[-1]: opened(world, folder, "parquet")}
    law_of_scoring(world.tables(connection), who, as_ofs, scored)


def opened(world, folder, kind):
    sources = {name: {"path": f"{name}.{kind}"} for name in world.rows}
    return open_tables(Config.model_validate(world.config.model_dump() | {"tables": sources, "folder": folder}))


# Labels are there only where their time is over.


def law_of_labels(tables, spine, ahead):
    """Labels are observed where as_of + horizon + grace lies within the data, and are 0 elsewhere."""
    found = churn_labels(tables, spine)
    complete = spine["as_of"] + ahead <= tables.data_until
    assert found["observed"].tolist() == complete.tolist()
    hidden = found.loc[~(complete & found["at_risk"]).to_numpy(), ["churned", "voluntary", "involuntary"]]
    assert (hidden == 0).all(axis=None)
    return found


def cut(world, as_of, ahead):
    """The world without what happens to subscriptions after a label's time is over."""
    end = as_of + ahead
    rows = [row for row in world.seen("subscriptions") if row["started_at"] <= end]
    kept = [r | ({} if (r.get("ended_at") or end) <= end else {"ended_at": None, "end_reason": None}) for r in rows]
    return world.with_rows(world.rows | {"subscriptions": kept})


@worlds(2)
@given(data=st.data())
def test_labels_are_there_only_where_horizon_and_grace_are_over(data, random_worlds, connection):
    ahead = (random_worlds.HORIZON + random_worlds.GRACE) * DAY
    as_of = data.draw(st.sampled_from(random_worlds.AS_OFS))
    churn = {"horizon_days": random_worlds.HORIZON, "grace_days": random_worlds.GRACE}
    world = random_worlds.world_of(data.draw(st.integers(0, 99)), churn=churn)
    tables, spine = world.tables(connection), random_worlds.spine_of(world, random_worlds.AS_OFS)
    for gap in (-DAY, -TICK, 0 * DAY, DAY):
        whole = law_of_labels(dataclasses.replace(tables, data_until=pd.Timestamp(as_of + ahead + gap)), spine, ahead)
    here = (spine["as_of"] == as_of).to_numpy()
    again = churn_labels(cut(world, as_of, ahead).tables(connection), spine[here])
    pd.testing.assert_frame_equal(whole[here], again)


def test_labels_of_an_unfinished_horizon_are_caught(random_worlds, connection):
    churn = {"horizon_days": random_worlds.HORIZON, "grace_days": random_worlds.GRACE}
    tables = random_worlds.world_of(1, churn=churn).tables(connection)
    as_of = tables.data_until - pd.Timedelta(days=random_worlds.HORIZON)
    spine = random_worlds.spine_of(random_worlds.world_of(1), [as_of])
    law_of_labels(tables, spine, (random_worlds.HORIZON + random_worlds.GRACE) * DAY)
    with pytest.raises(AssertionError):
        law_of_labels(tables, spine, random_worlds.HORIZON * DAY)


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
def test_a_feature_that_looks_ahead_is_caught(name, plant, random_worlds, oracle, connection):
    world = random_worlds.world_of(3, late=frozenset({"payments"}))
    plant(*SEEN[name])
    assert feature_names(world.tables(connection)) == ["planted"]
    with pytest.raises(AssertionError):
        law_of_the_future(world, random_worlds.AS_OFS[1], random_worlds, oracle, connection)


def test_a_feature_that_counts_the_very_instant_is_caught(plant, random_worlds, oracle, connection):
    world, as_of = random_worlds.world_of(3), random_worlds.AS_OFS[1]
    contact = world.rows["contacts"][0] | {"contact_id": 999, "opened_at": as_of, "closed_at": None}
    world = world.with_rows(world.rows | {"contacts": [*world.rows["contacts"], contact]})
    plant(*SEEN["an event at as_of"])
    with pytest.raises(AssertionError):
        law_of_the_instant(world, as_of, random_worlds, oracle, connection)
    plant(joined("contacts", lambda e: e.opened_at < e.as_of), lambda e: e.count())
    law_of_the_instant(world, as_of, random_worlds, oracle, connection)


def test_a_feature_that_depends_on_the_rest_of_the_spine_is_caught(plant, random_worlds, connection):
    world = random_worlds.world_of(3)
    tables, who = world.tables(connection), [row["customer_id"] for row in world.rows["customers"]]
    as_ofs = [pd.Timestamp(moment) for moment in random_worlds.AS_OFS]
    plant(crowd, lambda e: e.others.max())
    with pytest.raises(AssertionError):
        law_of_scoring(tables, who, as_ofs, {as_ofs[0]: tables})
