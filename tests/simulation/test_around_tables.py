from __future__ import annotations

import pandas as pd
import pytest
from servicelift.simulation.around_tables import around_tables
from servicelift.simulation.contract_tables import Simulated

NAMES = ("prospects", "reviews", "agent_surveys", "interactions")


def test_the_same_seed_gives_the_same_tables_and_leaves_the_others_alone(world: Simulated) -> None:
    others = {name: frame.copy() for name, frame in world.tables.items() if name not in NAMES}
    again, other = (around_tables(others, world.data_until, seed) for seed in (11, 12))
    for name in NAMES:
        pd.testing.assert_frame_equal(again[name], world.tables[name])
        assert not other[name].equals(again[name])
    for name, frame in others.items():
        pd.testing.assert_frame_equal(frame, world.tables[name])


def test_every_customer_was_a_prospect_first(world: Simulated) -> None:
    prospects = world.tables["prospects"].dropna(subset="converted_customer_id").set_index("converted_customer_id")
    customers = world.tables["customers"].set_index("customer_id")
    assert prospects.index.is_unique
    assert set(prospects.index) == set(customers.index)
    assert (prospects["created_at"] <= prospects["converted_at"]).all()
    assert (prospects["converted_at"] == customers["signed_up_at"].loc[prospects.index]).all()
    assert len(world.tables["prospects"]) > 2 * len(customers)


def test_prospects_come_until_the_end_as_those_of_customers_still_to_come(world: Simulated) -> None:
    prospects = world.tables["prospects"]
    days = (world.data_until - prospects["created_at"]).dt.days
    a_week = ((days >= 60) & (days < 200)).sum() / 20
    assert 0.5 * a_week < (days < 7).sum() < 2 * a_week


def test_reviews_are_answered_then_revised_upwards(world: Simulated) -> None:
    reviews = world.tables["reviews"]
    revised = reviews.dropna(subset="revised_at")
    assert len(revised) > 0
    assert (revised["revised_at"] > revised["answered_at"]).all()
    assert (revised["revised_rating"] > revised["rating"]).all()
    assert (reviews["answered_at"].dropna() > reviews["posted_at"].loc[reviews["answered_at"].dropna().index]).all()


def test_training_raises_the_engagement_of_teams(world: Simulated) -> None:
    months = world.tables["agent_surveys"].groupby("month")["engagement"].mean()
    trained = world.tables["agents"]["trained_at"].dropna().min()
    assert months[months.index > trained].mean() > months[months.index <= trained].mean()


def test_some_contacts_follow_a_failed_try(world: Simulated) -> None:
    tries = world.tables["interactions"]
    assert 0.05 < (~tries["solved"]).mean() < 0.95
    contacts = world.tables["contacts"].sort_values("opened_at")[["customer_id", "opened_at"]]
    before = pd.merge_asof(
        contacts,
        tries[["customer_id", "at"]],
        left_on="opened_at",
        right_on="at",
        by="customer_id",
        tolerance=pd.Timedelta(days=2),
    )
    assert before["at"].notna().mean() == pytest.approx(0.35, abs=0.06)
