import pytest
from servicelift.core.errors import ConfigError


def contact(key, opened, **values):
    return {"contact_id": key, "opened_at": opened, "channel": "phone"} | values


def test_the_window_holds_its_first_instant_and_not_as_of(features_at):
    opened = ["2024-03-01", "2024-02-29 23:59:59.999999", "2024-01-31", "2024-01-30 23:59:59"]
    rows = {"contacts": [contact(n, moment) for n, moment in enumerate(opened)]}
    names = ("contacts_30d", "contacts_90d", "days_since_contact")
    found = features_at(rows, "2024-03-01", *names)
    assert found[:2] == [2, 3]
    assert found[2] == pytest.approx(1 / 86_400_000_000, rel=1e-9)


def test_an_outcome_counts_from_closing_on(features_at):
    rows = {
        "contacts": [
            contact(1, "2024-02-10", closed_at="2024-02-20", resolved=False, cost=4.1, handle_seconds=100),
            contact(2, "2024-02-10", closed_at="2024-03-01", resolved=False, cost=9.0, handle_seconds=900),
            contact(3, "2024-02-10", closed_at="2024-02-12", resolved=True, cost=0.2, handle_seconds=50.5),
        ]
    }
    names = ("contacts_unresolved_30d", "contacts_open", "contact_cost_30d", "handle_seconds_mean_30d")
    assert features_at(rows, "2024-03-01", *names) == [1, 1, 4.3, 75.25]
    assert features_at(rows, "2024-03-02", *names)[:3] == [2, 0, 13.3]


def test_only_repeats_on_the_same_reason_within_the_window_count(features_at):
    reasons = ["bill", "bill", "bill", "delivery", None, None]
    rows = {"contacts": [contact(n, "2024-02-10", reason=reason) for n, reason in enumerate(reasons)]}
    rows["contacts"].append(contact(9, "2024-01-01", reason="delivery"))
    assert features_at(rows, "2024-03-01", "repeat_contacts_30d", "repeat_contacts_90d") == [2, 3]


def test_the_mean_time_to_answer_leaves_open_questions_out(features_at):
    rows = {
        "contacts": [
            contact(1, "2024-02-10 08:00", answered_at="2024-02-10 10:00"),
            contact(2, "2024-02-10 08:00", answered_at="2024-02-10 09:00"),
            contact(3, "2024-02-29 20:00", answered_at="2024-03-01"),
        ]
    }
    assert features_at(rows, "2024-03-01", "hours_to_answer_mean_30d") == [1.5]


@pytest.mark.parametrize(("opened", "early"), [("2020-01-01", 1), ("2020-01-30 23:00", 1), ("2020-01-31", 0)])
def test_early_contacts_lie_within_thirty_days_of_sign_up(features_at, opened, early):
    rows = {"contacts": [contact(1, opened)]}
    assert features_at(rows, "2021-01-01", "contact_first_30_days") == [early]


def test_complaints_are_those_marked_so(features_at):
    marks = [True, False, None]
    rows = {"contacts": [contact(n, f"2024-02-1{n}", is_complaint=mark) for n, mark in enumerate(marks)]}
    assert features_at(rows, "2024-03-01", "complaints_30d", "days_since_complaint") == [1, 20]


def test_the_trend_is_the_window_minus_the_one_before(features_at):
    opened = ["2024-06-29", "2024-04-02", "2024-04-01 23:59", "2024-01-03", "2024-01-02 23:59"]
    rows = {"contacts": [contact(n, moment) for n, moment in enumerate(opened)]}
    assert features_at(rows, "2024-07-01", "contacts_trend_90d", "contacts_90d") == [0, 2]
    assert features_at(rows, "2024-05-01", "contacts_trend_90d") == [0]
    assert features_at(rows, "2024-03-01", "contacts_trend_90d") == [2]


def test_channels_and_reasons_that_the_config_lists_are_counted_apart(features_at):
    channels, reasons = ["phone", "mail", "phone", "fax"], ["bill", None, "gift", "bill"]
    rows = {
        "contacts": [
            contact(n, "2024-02-10", reason=reason) | {"channel": channel}
            for n, (channel, reason) in enumerate(zip(channels, reasons, strict=True))
        ]
    }
    features = {"channels": ["phone", "fax"], "reasons": ["bill"]}
    names = ("phone_contacts_365d", "fax_contacts_365d", "bill_contacts_365d")
    assert features_at(rows, "2024-03-01", *names, features=features) == [2, 1, 2]


def test_a_channel_and_a_reason_of_one_name_cannot_both_be_counted(features_at):
    with pytest.raises(ConfigError, match="'mail_contacts_365d' would stand for two things; rename"):
        features_at({}, "2024-03-01", "tenure_days", features={"channels": ["mail"], "reasons": ["mail"]})


def test_who_began_a_contact_is_told_by_its_direction(features_at):
    directions = ["outbound", "outbound", "inbound", None]
    rows = {"contacts": [contact(n, f"2024-02-1{n}", direction=way) for n, way in enumerate(directions)]}
    names = ("outbound_contacts_90d", "inbound_contacts_90d", "contacts_90d")
    assert features_at(rows, "2024-02-11", *names) == [1, 0, 1]
    assert features_at(rows, "2024-03-01", *names) == [2, 1, 4]


def test_the_last_channel_and_reason_are_ordered_by_time_then_by_name(features_at):
    rows = {
        "contacts": [
            contact(1, "2024-02-10", reason="bill") | {"channel": "phone"},
            contact(2, "2024-02-12", reason="delivery") | {"channel": "chat"},
            contact(3, "2024-02-12", reason="bill") | {"channel": "mail"},
            contact(4, "2024-02-20") | {"channel": "chat"},
        ]
    }
    names = ("contact_channel_last_365d", "contact_reason_last_365d")
    looks = ("2024-02-10", "2024-02-12", "2024-02-13", "2024-03-01", "2025-02-11")
    found = [features_at(rows, look, *names) for look in looks]
    assert found == [[None, None], ["phone", "bill"], ["mail", "delivery"], ["chat", "delivery"], ["chat", "delivery"]]
    assert features_at(rows, "2025-02-11 00:01", *names) == ["chat", None]
