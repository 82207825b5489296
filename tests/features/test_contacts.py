import pytest


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
