from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.contract import CONTRACT, Column, Kind
from servicelift.core.time import discount
from servicelift.features.tables.tables import open_tables
from servicelift.features.trials.eligibility import eligible
from servicelift.simulation.action_rules import RULES
from servicelift.simulation.contract_tables import Simulated, simulate_frames
from servicelift.simulation.settings import WorldConfig
from servicelift.simulation.write import simulate

DAY = pd.Timedelta("1D")


def instants(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.select_dtypes("datetime")


NOT_SIMULATED = {
    *("currency", "failed_at", "refunded_amount", "refunded_at"),
    *("term_days", "trial_until", "paused_from", "paused_until"),
}
"""The built-in publisher counts in one currency and in months; without trials, pauses or money back later."""

SIMULATED = [name for name in CONTRACT if name != "fx"]
"""One currency needs no rates."""


def simulated(name: str) -> list[Column]:
    """The columns of a table that the world has; contacts are served by the agent's own team, and nobody hangs up."""
    left_out = NOT_SIMULATED | {
        "contacts": {"team", "abandoned"},
        "actions": {"segment"},
        "agent_surveys": {"enps"},
    }.get(name, set())
    return [column for column in CONTRACT[name].columns if column.name not in left_out]


@pytest.mark.parametrize("name", SIMULATED)
def test_every_contract_column_is_there_with_contract_codes(world: Simulated, name: str) -> None:
    frame, table = world.tables[name], CONTRACT[name]
    extra = {"birth_year"} if name == "customers" else set()
    assert set(frame.columns) == {column.name for column in simulated(name)} | extra
    assert len(frame) > 0
    for column in simulated(name):
        values = frame[column.name]
        if column.codes:
            assert set(values.dropna()) <= set(column.codes)
        if not column.nullable:
            assert values.notna().all(), column.name
    if table.key:
        assert not frame.duplicated(list(table.key)).any()


@pytest.mark.parametrize("name", SIMULATED)
def test_references_point_to_rows(world: Simulated, name: str) -> None:
    for column in CONTRACT[name].columns:
        if column.references:
            there = world.tables[column.references][CONTRACT[column.references].key[0]]
            assert world.tables[name][column.name].dropna().isin(there).all(), column.name


def test_the_codes_of_a_publisher_all_occur(world: Simulated) -> None:
    tables = world.tables
    kinds = {"renewal", "upsell", "cross_sell", "one_off", "refund"}
    assert set(tables["payments"]["kind"]) == kinds
    assert set(tables["payments"]["method"]) == {"iban", "card", "cheque", "wallet"}
    assert set(tables["subscriptions"]["term_months"]) == {1, 12}
    assert set(tables["subscriptions"]["end_reason"].dropna()) == {"voluntary", "payment_failure", "other"}
    assert set(tables["surveys"]["metric"]) == {"csat", "ces", "nps"}
    assert set(tables["actions"]["action"]) == {rule.name for rule in RULES}
    assert tables["subscriptions"]["cancel_withdrawn_at"].notna().any()
    assert 0.3 < tables["surveys"]["score"].notna().mean() < 0.7


def test_no_event_at_or_after_data_until(world: Simulated) -> None:
    for name, frame in world.tables.items():
        for column, values in instants(frame).items():
            if column != "expires_on":
                assert not (values >= world.data_until).any(), f"{name}.{column}"


def test_the_log_window_begins_after_the_stock(world: Simulated) -> None:
    start = pd.Timestamp("2022-01-01")
    assert (world.tables["customers"]["signed_up_at"] < start).mean() == pytest.approx(0.5, abs=0.01)
    for name, column in (("payments", "paid_at"), ("contacts", "opened_at"), ("actions", "decided_at")):
        assert (world.tables[name][column] >= start).all()


def test_nothing_happens_before_sign_up(world: Simulated) -> None:
    signed_up = world.tables["customers"].set_index("customer_id")["signed_up_at"]
    for name in ("subscriptions", "payments", "payment_methods", "contacts", "surveys", "actions", "interactions"):
        frame = world.tables[name]
        first = frame[CONTRACT[name].row_known]
        assert (first >= frame["customer_id"].map(signed_up)).all(), name


def test_causes_precede_effects_in_service(world: Simulated) -> None:
    contacts, surveys = world.tables["contacts"], world.tables["surveys"]
    assert (contacts["answered_at"] > contacts["opened_at"]).all()
    assert (contacts["closed_at"] > contacts["answered_at"]).all()
    closed = surveys["contact_id"].map(contacts.set_index("contact_id")["closed_at"])
    assert (surveys["sent_at"] > closed)[closed.notna()].all()
    answered = surveys["responded_at"].notna()
    assert (surveys["responded_at"] > surveys["sent_at"])[answered].all()
    assert (surveys["score"].notna() == answered).all()


def test_causes_precede_effects_in_money(world: Simulated) -> None:
    subscriptions, payments = world.tables["subscriptions"], world.tables["payments"]
    voluntary = subscriptions[subscriptions["end_reason"] == "voluntary"]
    assert (voluntary["cancel_requested_at"] < voluntary["ended_at"]).all()
    taken_back = subscriptions[subscriptions["cancel_withdrawn_at"].notna()]
    assert (taken_back["cancel_withdrawn_at"] > taken_back["cancel_requested_at"]).all()
    assert not (taken_back["end_reason"] == "voluntary").any()
    failed = payments[payments["status"] == "failed"].groupby("subscription_id")["paid_at"].max()
    lost = subscriptions[subscriptions["end_reason"] == "payment_failure"]
    waited = lost["ended_at"] - lost["subscription_id"].map(failed)
    assert waited.between(pd.Timedelta(0), 2 * DAY).all()
    refunds = payments[payments["kind"] == "refund"]
    complaints = world.tables["contacts"].query("is_complaint")[["customer_id", "closed_at"]]
    pairs = refunds.merge(complaints, on="customer_id")
    before = pairs[(pairs["closed_at"] < pairs["paid_at"]) & (pairs["closed_at"] > pairs["paid_at"] - 20 * DAY)]
    assert set(before["payment_id"]) == set(refunds["payment_id"])
    assert (refunds["amount"] < 0).all()


def test_subscription_rows_form_chains_without_overlap(world: Simulated) -> None:
    rows = world.tables["subscriptions"].sort_values(["customer_id", "started_at"])
    known = rows.set_index("subscription_id")
    later = rows[rows["previous_subscription_id"].notna()]
    previous = known.loc[later["previous_subscription_id"]]
    assert (previous["ended_at"].to_numpy() == later["started_at"].to_numpy()).all()
    assert (previous["customer_id"].to_numpy() == later["customer_id"].to_numpy()).all()
    assert (previous["end_reason"] == "other").all()
    assert (rows["end_reason"].eq("other").sum()) == len(later)
    end = rows.groupby("customer_id")["ended_at"].shift()
    same = rows["customer_id"].eq(rows["customer_id"].shift())
    assert (rows["started_at"][same] >= end[same]).all()


def test_renewals_are_paid_at_calendar_anniversaries(world: Simulated) -> None:
    rows = world.tables["subscriptions"].set_index("subscription_id")
    paid = world.tables["payments"].query("kind == 'renewal'").copy()
    row = rows.loc[paid["subscription_id"]].reset_index(drop=True)
    paid = paid.reset_index(drop=True)
    months = (paid["paid_at"].dt.year - row["started_at"].dt.year) * 12 + (
        paid["paid_at"].dt.month - row["started_at"].dt.month
    )
    assert (months % row["term_months"] == 0).all()
    same_day = (paid["paid_at"].dt.normalize() - paid["paid_at"]) == (
        row["started_at"].dt.normalize() - row["started_at"]
    )
    wait = paid["paid_at"].dt.day - row["started_at"].dt.day
    assert same_day.all()
    assert set(wait) == {0, 2}, "at the anniversary, or two days later at the second attempt"
    np.testing.assert_allclose(paid["amount"], row["price"])


def test_action_rows_say_how_they_were_assigned(world: Simulated) -> None:
    actions = world.tables["actions"]
    share = actions.groupby("action")["propensity"].agg(["min", "max"])
    treated = actions["arm"].eq("treated").groupby(actions["action"]).mean()
    for name in ("complaint_recovery", "retention_offer", "courtesy_call", "skilled_callback", "resubscription_offer"):
        assert share.loc[name, "min"] == share.loc[name, "max"]
        assert treated[name] == pytest.approx(share.loc[name, "min"], abs=0.09), name
    assert treated["iban_switch"] == 1
    assert share.loc["iban_switch"].isna().all()
    assert (actions["cost"][actions["arm"] == "control"] == 0).all()
    assert (actions["accepted_at"] > actions["decided_at"])[actions["accepted_at"].notna()].all()


def test_callbacks_follow_an_unresolved_contact_and_the_agents_training(world: Simulated) -> None:
    actions = world.tables["actions"].query("action == 'skilled_callback'")
    contact = world.tables["contacts"].set_index("contact_id").loc[actions["contact_id"]]
    assert (contact["customer_id"].to_numpy() == actions["customer_id"].to_numpy()).all()
    assert (contact["closed_at"].to_numpy() < actions["decided_at"].to_numpy()).all()
    assert not contact["resolved"].any()
    trained_at = actions["agent_id"].map(world.tables["agents"].set_index("agent_id")["trained_at"])
    assert (trained_at.notna() == (actions["arm"] == "treated")).all()
    assert (trained_at < actions["decided_at"])[trained_at.notna()].all()


def test_an_accepted_switch_changes_the_method_afterwards(world: Simulated) -> None:
    accepted = world.tables["actions"].query("action == 'iban_switch' and accepted == True")
    methods = world.tables["payment_methods"].query("method == 'iban'")
    pairs = accepted.merge(methods, on="customer_id")
    soon = pairs[(pairs["valid_from"] > pairs["accepted_at"]) & (pairs["valid_from"] < pairs["accepted_at"] + DAY)]
    assert set(soon["action_id"]) == set(accepted["action_id"])


def test_tables_carry_the_money_that_the_world_books(world: Simulated) -> None:
    """Two routes to the realised value of the stock over the log: the tables, and the world's own books."""
    start, config = pd.Timestamp("2022-01-01"), WorldConfig().billing
    tables = world.tables

    def present(rows: pd.DataFrame, when: str, money: pd.Series) -> pd.Series:
        days = (rows[when] - start) / DAY
        return (money * discount(days, config.annual_discount_rate)).groupby(rows["customer_id"]).sum()

    paid = tables["payments"].query("status == 'paid' and kind != 'one_off'")
    parts = [
        present(paid, "paid_at", paid["amount"] * config.margin_rate),
        -present(tables["contacts"], "closed_at", tables["contacts"]["cost"]),
        -present(tables["actions"], "decided_at", tables["actions"]["cost"]),
    ]
    stock = np.flatnonzero(world.history.people.start_month < 0)
    ids = tables["customers"]["customer_id"].iloc[stock]
    realised = sum(part.reindex(ids).fillna(0.0) for part in parts)
    np.testing.assert_allclose(realised, world.history.final.value[stock], atol=0.25, rtol=2e-3)


def test_the_same_seed_gives_the_same_frames_and_another_seed_does_not() -> None:
    first, again, other = simulate_frames(200, 5), simulate_frames(200, 5), simulate_frames(200, 6)
    for name, frame in first.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name])
    assert not first.tables["payments"].equals(other.tables["payments"])


def test_who_the_world_can_decide_on_is_who_the_config_calls_eligible(tmp_path, world: Simulated, truth) -> None:
    """The world's own rule on its state, and the config's conditions on features, pick the same customers."""
    written = simulate(tmp_path / "world", customers=1_500, seed=11, truth=False)
    config = load_config(written.config)
    tables = open_tables(config)
    actions = world.tables["actions"].rename(columns={"decided_at": "as_of"})
    everyone = world.tables["customers"][["customer_id"]].assign(as_of=world.data_until)
    for name in config.incremental.actions:
        decided = actions.loc[actions["action"] == name, ["customer_id", "as_of"]]
        assert eligible(tables, decided, name).all(), name
        possible = everyone["customer_id"][eligible(tables, everyone, name)]
        known = truth.snapshot.query("action == @name")["customer_id"]
        assert set(possible) == set(known), name


def test_kinds_of_columns_fit_the_contract(world: Simulated) -> None:
    for name in SIMULATED:
        for column in simulated(name):
            is_instant = pd.api.types.is_datetime64_dtype(world.tables[name][column.name])
            assert is_instant == (column.kind in (Kind.INSTANT, Kind.DATE)), f"{name}.{column.name}"
