from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from servicelift.onboarding.propose import propose_tables
from servicelift.onboarding.sniff import sniff


@pytest.fixture
def proposed(tmp_path: Path):
    def run(**frames: dict[str, list[object]]):
        for name, columns in frames.items():
            pd.DataFrame(columns).to_csv(tmp_path / f"{name}.csv", index=False)
        return {p.table: p for p in propose_tables(sniff([str(tmp_path)], tmp_path).tables)}

    return run


CUSTOMERS = {"client": ["a", "b", "c"], "inscrit_le": ["2024-01-01", "2024-01-02", "2024-01-02"]}


def test_two_columns_that_may_be_meant_are_not_chosen_between(proposed):
    table = proposed(
        contracts={
            "contract_id": [1, 2, 3],
            "client": ["a", "b", "c"],
            "plan": ["x", "y", "x"],
            "start_date": ["2024-01-01"] * 3,
            "term": [1, 12, 1],
            "mrr": [5, 6, 7],
            "arr": [60, 72, 84],
        }
    )["subscriptions"]
    assert table.columns["price"].name is None
    assert set(table.columns["price"].others) == {"mrr", "arr"}
    assert table.columns["term_months"].name == "term"


def test_a_key_must_be_unique(proposed):
    table = proposed(
        payments={
            "payment_id": [1, 1, 2],
            "client": ["a", "b", "c"],
            "payment_date": ["2024-01-01"] * 3,
            "amount": [1.5, 2, 3],
            "method": ["CB", "SEPA", "CB"],
        }
    )["payments"]
    assert table.columns["payment_id"].name is None
    assert "stands twice" in table.columns["payment_id"].reason


def test_a_column_of_the_right_name_that_holds_something_else_is_not_taken(proposed):
    table = proposed(customers={"client": ["a", "b"], "signup_date": ["spring", "autumn"]})["customers"]
    assert table.columns["signed_up_at"].name is None
    assert "does not hold what is expected" in table.columns["signed_up_at"].reason


def test_codes_are_seen_by_their_words_whatever_the_name(proposed):
    table = proposed(
        payments={
            "payment_id": [1, 2, 3],
            "client": ["a", "b", "c"],
            "payment_date": ["2024-01-01"] * 3,
            "amount": [1.5, 2, 3],
            "xyz": ["PRLV", "CB", "CB"],
        }
    )["payments"]
    assert table.columns["method"].name == "xyz"
    assert table.columns["method"].sureness == "likely"


def test_a_table_of_losses_is_no_table_of_payments(proposed):
    tables = proposed(
        clients=CUSTOMERS,
        churn_events={
            "churn_event_id": [1, 2],
            "client": ["a", "b"],
            "churn_date": ["2024-01-01"] * 2,
            "refund": [1, 2],
        },
    )
    assert set(tables) == {"customers"}


def test_contacts_with_a_score_are_surveys_too(proposed):
    tables = proposed(
        clients=CUSTOMERS,
        tickets={
            "ticket_id": [1, 2],
            "client": ["a", "b"],
            "created_at": ["2024-01-01"] * 2,
            "channel": ["mail", "chat"],
            "satisfaction": [4, 5],
        },
    )
    assert tables["surveys"].source.name == "tickets"
    assert tables["surveys"].columns["score"].name == "satisfaction"


def test_an_id_and_a_date_make_no_table_of_the_contract(proposed):
    rows = {"id": [1, 2, 3], "created_at": ["2024-01-01"] * 3, "channel": ["a", "b", "a"], "client": ["a", "b", "c"]}
    assert set(proposed(visits=rows)) <= {"customers"}
    assert "contacts" not in proposed(visits=rows)


def test_ratings_are_surveys_not_agents_or_customers(proposed):
    rows = {"id": [1, 2, 3], "requester_id": ["a", "b", "c"], "ticket_id": [1, 2, 3], "created_at": ["2024-01-01"] * 3}
    tables = proposed(clients=CUSTOMERS, ratings={**rows, "score": ["good", "bad", "offered"]})
    assert set(tables) == {"customers", "surveys"}


def test_a_start_is_no_answer_because_the_answers_date_is_missing_in_some(proposed):
    rows = {"token": ["x", "y"], "client": ["a", "b"], "start": ["2024-01-01"] * 2, "submit": ["2024-01-01", None]}
    tables = proposed(clients=CUSTOMERS, survey={**rows, "score": [1, 2]})
    assert tables["surveys"].columns["responded_at"].name is None


DAYS = [f"2024-01-{day:02d}" for day in range(1, 13)]
WHO = [f"c{n}" for n in range(12)]
TAKEN = {"customers": {"customer_id": WHO, "signed_up_at": DAYS}}
ENGLISH = {
    "leads": {"lead_id": range(12), "created_at": DAYS, "source": ["web", "fair"] * 6, "converted_customer_id": WHO},
    "reviews": {"review_id": range(12), "platform": ["maps"] * 12, "posted_at": DAYS, "rating": [1, 5, 4] * 4},
    "team_engagement": {"team": ["a", "b"] * 6, "month": ["2024-01", "2024-02"] * 6, "engagement": [7.5] * 12},
    "self_service": {"customer_id": WHO, "date": DAYS, "type": ["chatbot", "faq", "app"] * 4},
}
FRENCH = {
    "prospects": {"numero_prospect": range(12), "date_creation": DAYS, "canal": ["web"] * 12, "numero_client": WHO},
    "avis": {"id_avis": range(12), "plateforme": ["maps"] * 12, "date_publication": DAYS, "note": [1, 5, 4] * 4},
    "engagement_equipes": {"equipe": ["a", "b"] * 6, "mois": ["2024-01", "2024-02"] * 6, "engagement": [7.5] * 12},
    "interactions": {"numero_client": WHO, "date": DAYS, "type": ["site", "bot", "appli"] * 4},
}
AROUND = ("prospects", "reviews", "agent_surveys", "interactions")


@pytest.mark.parametrize("frames", [ENGLISH, FRENCH], ids=["english", "french"])
def test_what_stands_around_customers_is_known_by_name_and_content(proposed, frames):
    found = proposed(**TAKEN, **frames)
    assert [found[table].source.name for table in AROUND] == list(frames)
    for table, source in zip(AROUND, frames.values(), strict=True):
        assert {c.name for c in found[table].columns.values() if c.name} == set(source), table


def test_interactions_with_agents_are_contacts(proposed):
    calls = {"id": range(12), "customer_id": WHO, "created": DAYS, "channel": ["phone", "mail", "app"] * 4}
    found = proposed(**TAKEN, interactions=calls)
    assert "interactions" not in found
    assert found["contacts"].source.name == "interactions"
