import datetime as dt

import pytest
from servicelift.core.errors import ConfigError

NAMES = ("team_engagement_365d", "team_engagement_last_365d")
MEAN, LAST = NAMES


def contact(number, opened, **values):
    return {"contact_id": number, "opened_at": opened, "channel": "phone"} | values


def survey(team, month, engagement, **values):
    return {"team": team, "month": dt.datetime(*month, 1), "engagement": engagement} | values


def test_a_month_is_not_known_before_it_is_over(features_at):
    rows = {
        "contacts": [contact(1, "2024-03-10", team="north")],
        "agent_surveys": [survey("north", (2024, 2), 6), survey("north", (2024, 3), 8)],
    }
    assert features_at(rows, "2024-03-11", *NAMES) == [6.0, 6.0]
    assert features_at(rows, "2024-04-01", *NAMES) == [6.0, 6.0]
    assert features_at(rows, "2024-04-01T00:00:01", *NAMES) == [8.0, 8.0]


def test_a_later_month_says_nothing_of_an_earlier_contact(features_at):
    rows = {
        "contacts": [contact(1, "2024-03-10", team="north")],
        "agent_surveys": [survey("north", (2024, 4), 9), survey("south", (2024, 3), 5)],
    }
    assert features_at(rows, "2024-06-01", *NAMES) == [None, None]


def test_a_survey_tells_of_eleven_more_months(features_at):
    rows = {"contacts": [contact(1, "2024-03-10", team="north")], "agent_surveys": [survey("north", (2023, 4), 5)]}
    assert features_at(rows, "2024-06-01", *NAMES) == [5.0, 5.0]
    rows["agent_surveys"] = [survey("north", (2023, 3), 5)]
    assert features_at(rows, "2024-06-01", *NAMES) == [None, None]


def test_results_recorded_out_of_order_count_when_they_are_known(features_at):
    rows = {
        "contacts": [contact(1, "2024-03-20", team="north")],
        "agent_surveys": [
            survey("north", (2024, 1), 5, recorded_at="2024-05-01"),
            survey("north", (2024, 2), 6, recorded_at="2024-03-25"),
            survey("north", (2024, 3), 7, recorded_at="2024-06-01"),
        ],
    }
    looks = {"2024-03-24": None, "2024-04-20": 6.0, "2024-05-10": 6.0, "2024-06-02": 7.0}
    for look, expected in looks.items():
        assert features_at(rows, look, LAST, late={"agent_surveys"}) == [expected], look


def test_the_contact_s_own_team_comes_before_the_agent_s(features_at):
    rows = {
        "contacts": [
            contact(1, "2024-03-10", agent_id=7, team="north"),
            contact(2, "2024-03-11", agent_id=7),
            contact(3, "2024-03-12", agent_id=8),
            contact(4, "2024-03-13"),
        ],
        "agents": [{"agent_id": 7, "team": "south"}],
        "agent_surveys": [survey("north", (2024, 3), 4), survey("south", (2024, 3), 7)],
    }
    assert features_at(rows, "2024-06-01", *NAMES) == [5.5, 7.0]
    assert features_at(rows, "2024-06-01", *NAMES, missing=("contacts.team",)) == [7.0, 7.0]
    assert features_at(rows, "2024-06-01", *NAMES, missing=("agents.team",)) == [4.0, 4.0]


def test_an_agent_listed_late_has_no_team_before(features_at):
    rows = {
        "contacts": [contact(1, "2024-03-10", agent_id=7)],
        "agents": [{"agent_id": 7, "team": "south", "recorded_at": "2024-05-01"}],
        "agent_surveys": [survey("south", (2024, 3), 7)],
    }
    looks = ("2024-05-01", "2024-05-02")
    assert [features_at(rows, look, MEAN, late={"agents"}) for look in looks] == [[None], [7.0]]


def test_months_are_those_of_local_clocks(features_at):
    rows = {
        "contacts": [contact(1, "2024-02-29T23:30", team="north")],
        "agent_surveys": [survey("north", (2024, 2), 6), survey("north", (2024, 3), 8)],
    }
    assert features_at(rows, "2024-06-01", MEAN) == [6.0]
    assert features_at(rows, "2024-06-01", MEAN, timezone="Europe/Paris") == [8.0]
    looks = ("2024-03-31T22:00", "2024-03-31T22:01")
    assert [features_at(rows, look, MEAN, timezone="Europe/Paris") for look in looks] == [[6.0], [8.0]]


def test_without_teams_the_features_say_what_they_need(features_at):
    rows = {"contacts": [contact(1, "2024-03-10")], "agent_surveys": [survey("north", (2024, 3), 8)]}
    with pytest.raises(ConfigError, match=r"needs contacts\.team, or contacts\.agent_id and agents\.team"):
        features_at(rows, "2024-06-01", MEAN, missing=("contacts.team",))
