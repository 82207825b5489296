"""Every feature against the oracle on random worlds; the time rule; what the catalogue promises."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from servicelift.core.contract import CONTRACT
from servicelift.core.errors import ConfigError
from servicelift.features.catalogue import GROUPS, build_features, explain, feature_names
from servicelift.features.sources import tables_from_frames


def worlds_drawn(count):
    """A few large worlds rather than many small ones: an engine and its queries cost a second each."""
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )


def spine_of(world, as_ofs, seed=0):
    """Every customer and an unknown one at every instant, some twice, shuffled, oddly indexed."""
    who = [row["customer_id"] for row in world.rows["customers"]] + ["nobody" if world.text_keys else 999]
    pairs = [(customer, as_of) for customer in who for as_of in as_ofs]
    pairs += pairs[::5]
    random.Random(seed).shuffle(pairs)
    spine = pd.DataFrame(pairs, columns=["customer_id", "as_of"], index=range(1000, 1000 + len(pairs)))
    return spine.assign(as_of=spine["as_of"].astype("datetime64[us]"), ignored="extra")


def compare(column, expected, tolerance):
    """Counts and texts must be equal, numbers to the tolerance."""
    if column.dtype == "int64":
        np.testing.assert_array_equal(column.to_numpy(), np.array(expected, dtype="int64"))
    elif column.dtype == "float64":
        np.testing.assert_allclose(column.to_numpy(), np.array(expected, dtype=float), rtol=tolerance)
    else:
        assert column.astype(object).where(column.notna(), None).tolist() == expected


EXACT = (
    "price",
    "amount_paid",
    "amount_trend",
    "amount_refunded",
    "contact_cost",
    "cost_to_serve",
    "purchases_amount",
    "days_since",
    "days_with",
    "days_open",
    "days_subscribed",
    "tenure_days",
    "card_expires",
    "acquisition_cost",
)
RATIOS = ("price_per_month", "price_change_last", "price_versus_first")


@worlds_drawn(6)
@given(data=st.data())
def test_every_feature_equals_the_brute_force_oracle(data, random_worlds, oracle, connection):
    world = data.draw(random_worlds.worlds())
    spine = spine_of(world, random_worlds.AS_OFS)
    tables = world.tables(connection)
    found = build_features(tables, spine)
    assert found.index.equals(spine.index)
    assert found.columns.tolist() == feature_names(tables)
    instants = [stamp.to_pydatetime() for stamp in spine["as_of"]]
    expected = [oracle.features(world, who, at) for who, at in zip(spine["customer_id"], instants, strict=True)]
    for name in found:
        values = [row[name] for row in expected]
        exact = name.startswith(EXACT) and name not in RATIOS
        compare(found[name], values, 0.0 if exact else 1e-12)


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
    late = [c for c, instant in known.items() if row.get(instant) is None or row[instant] >= as_of]
    instants = {c: rng.choice([None, as_of, as_of + dt.timedelta(days=9)]) for c in late if known[c] == c}
    return row | {c: rng.choice(rows).get(c) for c in late} | instants


def later_row(row, number, table, world, as_of, rng):
    """A new row that happens at or after as_of, or happened before and is recorded then."""
    key = next(iter(CONTRACT[table].key), "customer_id")
    row = row | ({} if key == "customer_id" else {key: f"new{number}" if world.text_keys else 1000 + number})
    if table in world.late and rng.random() < 0.5:
        return row | {"recorded_at": as_of}
    moment = as_of + dt.timedelta(days=rng.randrange(3))
    return row | {c: moment for c, value in row.items() if isinstance(value, dt.datetime) and c != "recorded_at"}


@worlds_drawn(3)
@given(data=st.data())
def test_what_becomes_known_at_or_after_as_of_changes_nothing(data, random_worlds, oracle, connection):
    world = data.draw(random_worlds.worlds())
    as_of = data.draw(st.sampled_from(random_worlds.AS_OFS))
    other = another_future(world, oracle, as_of, seed=1)
    assert any(world.seen(table) != other.seen(table) for table in world.rows)
    spine = spine_of(world, [as_of])
    found, again = (build_features(w.tables(connection), spine) for w in (world, other))
    ratios = [name for name in found if name in RATIOS]
    pd.testing.assert_frame_equal(found[ratios], again[ratios], rtol=1e-12)
    pd.testing.assert_frame_equal(found.drop(columns=ratios), again.drop(columns=ratios), check_exact=True)


def test_tables_read_at_the_entrance_give_the_same_features(random_worlds, connection):
    world = random_worlds.world_of(5)
    entered = tables_from_frames({name: world.arrow(name).to_pandas() for name in world.rows}, world.config)
    spine = spine_of(world, random_worlds.AS_OFS[:1])
    found, again = (build_features(tables, spine) for tables in (world.tables(connection), entered))
    pd.testing.assert_frame_equal(found, again, rtol=1e-12)


def test_a_row_is_the_same_alone_and_among_others(random_worlds, connection):
    tables = random_worlds.world_of(2).tables(connection)
    everybody = spine_of(random_worlds.world_of(2), random_worlds.AS_OFS)
    names = ["method", "amount_paid_365d", "csat_mean_365d", "restarts", "repeat_contacts_365d"]
    together = build_features(tables, everybody, names)
    alone = build_features(tables, everybody.iloc[[7]], names)
    pd.testing.assert_frame_equal(together.iloc[[7]], alone, check_exact=True)


ABSENT = {
    "customers.acquisition_cost": {"acquisition_cost"},
    "subscriptions.ended_at": {"days_since_subscription_end"},
    "subscriptions.end_reason": {"payment_failure_ends"},
    "subscriptions.auto_renew": {"auto_renew"},
    "subscriptions.cancel_requested_at": {"cancel_pending"},
    "subscriptions.cancel_withdrawn_at": {"cancellations_withdrawn"},
    "subscriptions.previous_subscription_id": {"product_changes", "price_change_last"},
    "payments.status": {
        "payments_failed_<W>d",
        "days_since_failed_payment",
        "payments_recovered_365d",
        "failed_in_a_row",
        "last_payment_failed",
    },
    "payments.subscription_id": {"payments_recovered_365d"},
    "payments.kind": {
        "purchases_<W>d",
        "purchases_amount_<W>d",
        "upsells_365d",
        "cross_sells_365d",
        "days_since_purchase",
        "purchases_frequency",
        "purchases_recency_days",
        "purchases_T_days",
        "purchases_monetary",
    },
    "payment_methods.expires_on": {"card_expires_in_days"},
    "contacts.answered_at": {"hours_to_answer_mean_<W>d", "hours_to_answer_max_365d"},
    "contacts.closed_at": {
        "contacts_unresolved_<W>d",
        "resolved_share_365d",
        "complaints_unresolved_365d",
        "contacts_open",
        "days_open_oldest",
        "days_since_unresolved_contact",
        "hours_to_close_mean_<W>d",
        "handle_seconds_mean_<W>d",
        "handle_seconds_365d",
        "contact_cost_<W>d",
        "cost_to_serve",
        "first_contact_resolved_share_365d",
        "agent_resolved_share_365d",
    },
    "contacts.reason": {
        "repeat_contacts_<W>d",
        "bill_contacts_365d",
        "contact_reason_last_365d",
        "contacts_followed_365d",
        "first_contact_resolved_share_365d",
    },
    "contacts.direction": {"inbound_contacts_90d", "outbound_contacts_90d"},
    "contacts.agent_id": {"trained_agent_share_365d", "agent_resolved_share_365d", "agent_csat_365d"},
    "contacts.resolved": {
        "contacts_unresolved_<W>d",
        "resolved_share_365d",
        "complaints_unresolved_365d",
        "days_since_unresolved_contact",
        "first_contact_resolved_share_365d",
        "agent_resolved_share_365d",
    },
    "contacts.is_complaint": {"complaints_<W>d", "days_since_complaint", "complaints_unresolved_365d"},
    "contacts.handle_seconds": {"handle_seconds_mean_<W>d", "handle_seconds_365d"},
    "contacts.cost": {"contact_cost_<W>d", "cost_to_serve"},
    "contacts.channel": {"phone_contacts_365d", "mail_contacts_365d", "contact_channel_last_365d"},
    "agents.trained_at": {"trained_agent_share_365d"},
    "surveys.sent_at": {"surveys_sent_<W>d", "surveys_unanswered_<W>d", "survey_response_rate_365d"},
    "surveys.contact_id": {"agent_csat_365d"},
    "actions.accepted": set(),
    "actions.accepted_at": {f"{action}_{name}" for action in ("offer", "iban_switch") for name in ("accepted_<W>d",)}
    | {"days_since_offer_accepted", "days_since_iban_switch_accepted", "actions_accepted_share_365d"},
}


@pytest.mark.parametrize("column", ABSENT)
def test_a_missing_column_makes_exactly_its_features_absent(random_worlds, connection, column):
    world = random_worlds.world_of(1)
    lacking = dataclasses.replace(world, missing=frozenset({column}))
    everything, left = (feature_names(w.tables(connection)) for w in (world, lacking))
    expected = {name.replace("<W>", str(w)) for name in ABSENT[column] for w in (30, 90, 365)}
    assert set(everything) - set(left) == expected
    assert left == [name for name in everything if name in left]


@pytest.mark.parametrize(
    ("tables", "some"),
    [
        ({"payments"}, {"method", "payments_30d", "tenure_days", "purchases_frequency"}),
        ({"payment_methods"}, {"method", "method_switches", "card_expires_in_days"}),
        ({"contacts"}, {"contacts_30d", "contact_first_30_days", "contacts_followed_365d"}),
        ({"referrals"}, {"referrals_made", "referrals_made_365d", "was_referred"}),
    ],
)
def test_a_missing_table_makes_its_features_absent(random_worlds, connection, tables, some):
    world = random_worlds.world_of(1)
    kept = world.with_rows({name: rows for name, rows in world.rows.items() if name in {"customers", *tables}})
    names = set(feature_names(kept.tables(connection)))
    assert some <= names
    assert not any(name.startswith("csat") or "subscription" in name or "offer" in name for name in names)


def test_only_the_tables_of_the_names_asked_for_are_read(random_worlds, connection):
    world = random_worlds.world_of(1)
    tables = world.tables(connection)
    broken = {name: object() for name in ("payments", "surveys")}
    tables = dataclasses.replace(tables, frames={**tables.frames, **broken})
    names = ["contacts_90d", "product", "contacts_30d"]
    assert build_features(tables, spine_of(world, random_worlds.AS_OFS), names).columns.tolist() == names


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("contact_30d", "unknown feature 'contact_30d'; did you mean 'contacts_30d'"),
        ("contacts_31d", "unknown feature 'contacts_31d'; did you mean"),
        ("contacts_open", r"'contacts_open' needs contacts\.closed_at"),
        ("handle_seconds_mean_30d", r"needs contacts\.closed_at and contacts\.handle_seconds, which this business"),
    ],
)
def test_an_absent_name_says_what_it_needs(random_worlds, connection, name, message):
    world = random_worlds.world_of(1)
    missing = frozenset({"contacts.closed_at", "contacts.handle_seconds"})
    tables = dataclasses.replace(world, missing=missing).tables(connection)
    with pytest.raises(ConfigError, match=message):
        build_features(tables, spine_of(world, random_worlds.AS_OFS), [name])


def test_an_empty_spine_keeps_its_columns_and_types(random_worlds, connection):
    world = random_worlds.world_of(1)
    names = ["contacts_30d", "amount_paid_30d", "csat_last", "method"]
    empty = build_features(world.tables(connection), spine_of(world, []), names)
    assert empty.shape == (0, 4)
    assert empty.dtypes.astype(str).tolist() == ["int64", "float64", "float64", "str"]


def test_no_name_gives_no_column(random_worlds, connection):
    world = random_worlds.world_of(1)
    spine = spine_of(world, random_worlds.AS_OFS)
    assert build_features(world.tables(connection), spine, []).shape == (len(spine), 0)


def test_every_feature_is_explained(random_worlds, connection):
    tables = random_worlds.world_of(1).tables(connection)
    infos = [explain(name, tables.config) for name in feature_names(tables)]
    assert all(info.meaning.endswith(".") and info.unit and info.known and info.sources for info in infos)
    assert not any("{" in text for info in infos for text in (info.name, info.meaning, *info.sources))
    info = explain("offer_accepted_90d", tables.config)
    assert (info.group, info.window_days, info.sources) == ("actions", 90, ("actions.accepted_at",))
    assert info.meaning == "Times offer was accepted in the window."
    assert explain("csat_min_365d", tables.config).window_days == 365
    with pytest.raises(ConfigError, match="unknown feature 'csat_lst'; did you mean 'csat_last'"):
        explain("csat_lst", tables.config)


def test_the_sources_of_every_feature_are_in_the_contract(random_worlds):
    config = random_worlds.config_of(static=("contactable",))
    for group in GROUPS:
        for feature in group.features(config):
            for source in " or ".join(feature.info.sources).split(" or "):
                table, column = source.split(".")
                assert column in CONTRACT[table].column
