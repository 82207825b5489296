"""The laws of the time rule, and the worlds in which they must hold: another future, a boundary, a local clock."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from servicelift.core.config.business import Config
from servicelift.core.contract import CONTRACT
from servicelift.core.time import instant
from servicelift.features.catalogue.catalogue import build_features, explain, feature_names
from servicelift.features.outcomes.churn_labels import churn_labels
from servicelift.features.tables.tables import open_tables, tables_from_frames

DAY, TICK = dt.timedelta(days=1), dt.timedelta(microseconds=1)
EXACT_UNITS = ("currency", "days")


def look(tables, spine):
    """Every feature that the business has."""
    return build_features(tables, spine, feature_names(tables))


def same(found, again, config):
    """Counts, texts, money and dates are equal, other numbers to 1e-12."""
    assert found.columns.tolist() == again.columns.tolist()
    other = [n for n in found if found[n].dtype == "float64" and explain(n, config).unit not in EXACT_UNITS]
    pd.testing.assert_frame_equal(found[other], again[other], rtol=1e-12, atol=0)
    pd.testing.assert_frame_equal(found.drop(columns=other), again.drop(columns=other), check_exact=True)


def another_future(world, oracle, as_of, seed):
    """The same past with another future: later rows replaced by new ones, later values by others."""
    rng = random.Random(seed)
    rows = {}
    for table in world.rows:
        seen = world.seen(table)
        kept = [row for row in seen if (oracle.known_at(table, row) or as_of) < as_of]
        rows[table] = [other_values(row, seen, oracle.value_known(world, table), as_of, rng) for row in kept]
        if table != "customers":
            rows[table] += [later_row(row, n, table, world, as_of, rng) for n, row in enumerate(seen[::2])]
    return world.with_rows(rows)


def other_values(row, rows, known, as_of, rng):
    late = [c for c, moment in known.items() if row.get(moment) is None or row[moment] >= as_of]
    moments = {c: rng.choice([None, as_of, as_of + dt.timedelta(days=9)]) for c in late if known[c] == c}
    return row | {c: rng.choice(rows).get(c) for c in late} | moments


def later_row(row, number, table, world, as_of, rng):
    """A new row that happens at or after as_of, or happened before and is recorded then."""
    key = next(iter(CONTRACT[table].key), "customer_id")
    row = row | ({} if key in ("customer_id", "team") else {key: f"new{number}" if world.text_keys else 1000 + number})
    if table in world.late and rng.random() < 0.5:
        return row | {"recorded_at": as_of}
    moment = as_of + dt.timedelta(days=rng.randrange(3))
    return row | {c: moment for c, value in row.items() if isinstance(value, dt.datetime) and c != "recorded_at"}


def the_future(world, as_of, random_worlds, oracle, connection):
    """Another future leaves every feature as it is."""
    other = another_future(world, oracle, as_of, seed=1)
    assert any(world.seen(table) != other.seen(table) for table in world.rows)
    spine = random_worlds.spine_of(world, [as_of])
    same(*(look(w.tables(connection), spine) for w in (world, other)), world.config)


def without(world, oracle, as_of):
    """The world without the rows and values that became known exactly at as_of."""
    rows = {}
    for table in world.rows:
        kept = [r for r in world.seen(table) if table == "customers" or oracle.known_at(table, r) != as_of]
        known = oracle.value_known(world, table)
        rows[table] = [r | {c: None for c, moment in known.items() if r.get(moment) == as_of} for r in kept]
    return world.with_rows(rows)


def the_instant(world, as_of, random_worlds, oracle, connection):
    """What happens at as_of itself is out; a microsecond later it is in."""
    less = without(world, oracle, as_of)
    now, later = (random_worlds.spine_of(world, [moment]) for moment in (as_of, as_of + TICK))
    here, gone = world.tables(connection), less.tables(connection)
    same(look(here, now), look(gone, now), world.config)
    assert not look(here, later).equals(look(gone, later))


def the_spine(found, spine, config):
    """Rows, order and index are the spine's; equal pairs have equal features; whoever has no history has a row."""
    pd.testing.assert_index_equal(found.index, spine.index, exact=True)
    first = spine.groupby(["customer_id", "as_of"], sort=False)["ignored"].transform(lambda rows: rows.index[0])
    same(found, found.loc[first].set_axis(found.index), config)
    nobody = found[spine["customer_id"].isin(["nobody", 999])]
    assert len(nobody) > 0
    numbers = nobody.select_dtypes("number")
    assert (numbers.fillna(0) == 0).all(axis=None)
    assert nobody.drop(columns=numbers.columns).isna().all(axis=None)


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


def local_time(frames, moments, day, zone, config):
    """The age of each contact is the time that really passed until the first midnight of ``day``."""
    as_of = instant(day, zone)
    spine = pd.DataFrame({"customer_id": range(len(moments)), "as_of": as_of})
    found = build_features(tables_from_frames(frames, config), spine, ["days_since_contact", "contacts_365d"])
    passed = [(as_of.to_pydatetime() - utc(moment, zone)) / DAY for moment in moments]
    np.testing.assert_array_equal(found["days_since_contact"], [gap if gap > 0 else np.nan for gap in passed])
    np.testing.assert_array_equal(found["contacts_365d"], [int(0 < gap <= 365) for gap in passed])


def scoring(tables, who, as_ofs, scored):
    """The features of a panel are, row by row, those that scoring builds for one instant alone.

    ``scored`` names for some instants the tables that scoring opens.
    """
    panel = pd.DataFrame([(customer, as_of) for as_of in as_ofs for customer in who], columns=["customer_id", "as_of"])
    trained = look(tables, panel)
    for as_of, opened in scored.items():
        rows = panel[panel["as_of"] == as_of].iloc[::-1]
        again = look(opened, rows.reset_index(drop=True))
        same(trained.loc[rows.index].reset_index(drop=True), again, tables.config)


def opened(world, folder, kind):
    sources = {name: {"path": f"{name}.{kind}"} for name in world.rows}
    return open_tables(Config.model_validate(world.config.model_dump() | {"tables": sources, "folder": folder}))


def labels(tables, spine, ahead):
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
