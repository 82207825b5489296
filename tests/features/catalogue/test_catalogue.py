"""Every feature against the oracle on random worlds; what the catalogue promises."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.contract import CONTRACT
from servicelift.core.errors import ConfigError
from servicelift.features.catalogue.catalogue import GROUPS, build_features, explain, explain_all, feature_names


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
    "days_as_prospect",
    "prospect_cost",
    "acquisition_cost",
)
RATIOS = ("price_per_month", "price_change_last", "price_versus_first")


@settings(settings.get_profile("worlds"), max_examples=6)
@given(data=st.data())
def test_every_feature_equals_the_brute_force_oracle(data, random_worlds, oracle, connection):
    world = data.draw(random_worlds.worlds())
    spine = random_worlds.spine_of(world, random_worlds.AS_OFS)
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


ABSENT = {
    "customers.acquisition_cost": {"acquisition_cost"},
    "subscriptions.ended_at": {"days_since_subscription_end"},
    "subscriptions.end_reason": {"payment_failure_ends"},
    "subscriptions.auto_renew": {"auto_renew"},
    "subscriptions.cancel_requested_at": {"cancel_pending"},
    "subscriptions.cancel_withdrawn_at": {"cancellations_withdrawn"},
    "subscriptions.previous_subscription_id": {"product_changes", "price_change_last"},
    "subscriptions.trial_until": {"in_trial", "days_since_trial_end"},
    "subscriptions.paused_from": {"is_paused", "pauses_365d", "days_paused_365d", "days_since_pause_end"},
    "subscriptions.paused_until": {"days_since_pause_end"},
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
    "prospects.channel": {"prospect_channel"},
    "prospects.converted_customer_id": {"prospect_channel", "prospect_cost", "days_as_prospect"},
    "prospects.converted_at": set(),
    "prospects.cost": {"prospect_cost"},
    "reviews.customer_id": {
        "reviews_365d",
        "review_rating_last",
        "review_rating_mean_365d",
        "review_answered_last",
        "reviews_revised_up_365d",
        "reviews_unasked_365d",
        "days_since_review",
    },
    "reviews.asked": {"reviews_unasked_365d"},
    "reviews.answered_at": {"review_answered_last", "reviews_revised_up_365d"},
    "reviews.revised_at": {"reviews_revised_up_365d"},
    "reviews.revised_rating": {"reviews_revised_up_365d"},
    "contacts.team": set(),
    "agents.team": set(),
    "interactions.solved": {"self_service_solved_share_365d"},
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
        ({"prospects"}, {"prospect_channel", "prospect_cost", "days_as_prospect"}),
        ({"reviews"}, {"reviews_365d", "review_rating_last", "days_since_review"}),
        ({"contacts", "agent_surveys"}, {"team_engagement_365d", "team_engagement_last_365d"}),
        ({"interactions"}, {"page_interactions_30d", "days_since_self_service"}),
        ({"contacts", "interactions"}, {"self_service_share_365d", "contacts_after_self_service_365d"}),
        ({"referrals"}, {"referrals_made", "referrals_made_365d", "was_referred"}),
    ],
)
def test_a_missing_table_makes_its_features_absent(random_worlds, connection, tables, some):
    world = random_worlds.world_of(1)
    kept = world.with_rows({name: rows for name, rows in world.rows.items() if name in {"customers", *tables}})
    names = set(feature_names(kept.tables(connection)))
    assert some <= names
    assert not any(name.startswith("csat") or "subscription" in name or "offer" in name for name in names)


def test_models_learn_nothing_from_tables_that_are_left_out(random_worlds, connection):
    world = random_worlds.world_of(1)
    tables = world.tables(connection)
    known, without = explain_all(tables.config), frozenset({"surveys", "contacts"})
    features = tables.config.features.model_copy(update={"without": tuple(without)})
    fewer = dataclasses.replace(tables, config=tables.config.model_copy(update={"features": features}))
    left_out = set(feature_names(tables)) - set(feature_names(fewer))
    assert left_out
    assert all(any(source.split(".")[0] in without for source in known[name].sources) for name in left_out)
    kept = feature_names(fewer)
    assert kept == [name for name in feature_names(tables) if name not in left_out], "the order stays"
    assert not any(set(known[name].sources) & {"contacts.opened_at", "surveys.responded_at"} for name in kept)


def test_only_the_tables_of_the_names_asked_for_are_read(random_worlds, connection):
    world = random_worlds.world_of(1)
    tables = world.tables(connection)
    broken = {name: object() for name in ("payments", "surveys")}
    tables = dataclasses.replace(tables, frames={**tables.frames, **broken})
    names = ["contacts_90d", "product", "contacts_30d"]
    assert build_features(tables, random_worlds.spine_of(world, random_worlds.AS_OFS), names).columns.tolist() == names


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
        build_features(tables, random_worlds.spine_of(world, random_worlds.AS_OFS), [name])


def test_an_empty_spine_keeps_its_columns_and_types(random_worlds, connection):
    world = random_worlds.world_of(1)
    names = ["contacts_30d", "amount_paid_30d", "csat_last", "method"]
    empty = build_features(world.tables(connection), random_worlds.spine_of(world, []), names)
    assert empty.shape == (0, 4)
    assert empty.dtypes.astype(str).tolist() == ["int64", "float64", "float64", "str"]


def test_no_name_gives_no_column(random_worlds, connection):
    world = random_worlds.world_of(1)
    spine = random_worlds.spine_of(world, random_worlds.AS_OFS)
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
