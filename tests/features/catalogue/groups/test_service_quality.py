import pandas as pd
import pytest
from servicelift.features.catalogue.catalogue import build_features


def contact(key, opened, closed=None, **values):
    return {"contact_id": key, "opened_at": opened, "closed_at": closed, "channel": "phone", "reason": "bill"} | values


@pytest.mark.parametrize(
    ("second", "reason", "followed"),
    [
        ("2024-02-16 23:59:59", "bill", 1),
        ("2024-02-17", "bill", 0),
        ("2024-02-10", "bill", 0),
        ("2024-02-12", "delivery", 0),
        ("2024-02-12", None, 0),
    ],
)
def test_a_contact_is_followed_by_another_on_the_same_reason_within_a_week(features_at, second, reason, followed):
    rows = {"contacts": [contact(1, "2024-02-10"), contact(2, second, reason=reason)]}
    assert features_at(rows, "2024-03-01", "contacts_followed_365d") == [followed]


def test_a_contact_recorded_late_follows_once_it_is_recorded(features_at):
    rows = {"contacts": [contact(1, "2024-02-10"), contact(2, "2024-02-12", recorded_at="2024-02-20")]}
    looks = ("2024-02-20", "2024-02-21")
    found = [features_at(rows, look, "contacts_followed_365d", late={"contacts"}) for look in looks]
    assert found == [[0], [1]]


def test_other_customers_contacts_follow_nobody(features_at):
    rows = {"contacts": [contact(1, "2024-02-10"), contact(2, "2024-02-12", customer_id=2)]}
    assert features_at(rows, "2024-03-01", "contacts_followed_365d") == [0]


def test_solved_at_the_first_contact_waits_for_the_week_to_end(features_at):
    rows = {
        "contacts": [
            contact(1, "2024-02-01", "2024-02-02", resolved=True),
            contact(2, "2024-02-05", "2024-02-06", resolved=True),
            contact(3, "2024-02-05", "2024-02-06", resolved=False, reason="delivery"),
            contact(4, "2024-02-05", "2024-02-06", resolved=True, reason=None),
        ]
    }
    name = "first_contact_resolved_share_365d"
    assert features_at(rows, "2024-02-07 23:00", name) == [None]
    assert features_at(rows, "2024-02-08", name) == [0]
    assert features_at(rows, "2024-02-12", name) == [1 / 3]


def test_an_agent_counts_as_trained_from_training_on(features_at):
    rows = {
        "agents": [{"agent_id": 7, "trained_at": "2024-02-10"}, {"agent_id": 8, "trained_at": None}],
        "contacts": [
            contact(1, "2024-02-10", agent_id=7),
            contact(2, "2024-02-11", agent_id=7),
            contact(3, "2024-02-12", agent_id=8),
            contact(4, "2024-02-13", agent_id=9),
            contact(5, "2024-02-13", agent_id=None),
        ],
    }
    name = "trained_agent_share_365d"
    assert features_at(rows, "2024-02-11", name) == [0]
    assert features_at(rows, "2024-03-01", name) == [1 / 3]
    rows["agents"][0]["recorded_at"] = "2024-03-01"
    assert features_at(rows, "2024-03-01", name, late={"agents"}) == [0]


@pytest.fixture
def record():
    """Agent 7 solved one of three other customers' contacts, one of them closed in March; agent 8 none yet."""
    return {
        "customers": [{"customer_id": n, "signed_up_at": "2020-01-01"} for n in (1, 2)],
        "contacts": [
            contact(1, "2024-01-10", "2024-01-20", customer_id=2, agent_id=7, resolved=True),
            contact(2, "2024-01-10", "2024-01-20", customer_id=2, agent_id=7, resolved=False),
            contact(3, "2024-01-10", "2024-03-01", customer_id=2, agent_id=7, resolved=False),
            contact(4, "2024-02-20", agent_id=7),
            contact(5, "2024-02-21", agent_id=8),
        ],
        "surveys": [
            {"survey_id": 1, "contact_id": 1, "metric": "csat", "score": 5.0, "responded_at": "2024-01-25"},
            {"survey_id": 2, "contact_id": 2, "metric": "csat", "score": 2.0, "responded_at": "2024-01-25"},
            {"survey_id": 3, "contact_id": 3, "metric": "csat", "score": 2.0, "responded_at": "2024-03-05"},
            {"survey_id": 4, "contact_id": 3, "metric": "nps", "score": 9.0, "responded_at": "2024-01-25"},
        ],
    }


@pytest.mark.parametrize(
    ("as_of", "solved", "liked"),
    [("2024-02-22", 0.5, 3.5), ("2024-03-31 12:00", 0.5, 3.5), ("2024-04-01", 0.333333, 3.0)],
)
def test_an_agent_is_worth_what_was_known_when_the_month_began(features_at, record, as_of, solved, liked):
    assert features_at(record, as_of, "agent_resolved_share_365d", "agent_csat_365d") == [solved, liked]


def test_every_contact_weighs_alike_and_agents_without_a_record_do_not_count(tables_of, record):
    record["contacts"] += [
        contact(6, "2024-02-22", agent_id=7),
        contact(7, "2024-02-23", agent_id=9),
        contact(8, "2024-01-01", "2024-01-02", customer_id=2, agent_id=9, resolved=True),
    ]
    spine = pd.DataFrame({"customer_id": [1, 2], "as_of": pd.Timestamp("2024-03-10")})
    found = build_features(tables_of(record), spine, ["agent_resolved_share_365d"])
    assert found["agent_resolved_share_365d"].tolist() == [pytest.approx((0.5 + 0.5 + 1) / 3), 0.625]
