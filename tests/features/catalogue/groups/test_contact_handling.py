def contact(key, opened, closed=None, **values):
    return {"contact_id": key, "opened_at": opened, "closed_at": closed, "channel": "phone"} | values


def test_the_longest_wait_leaves_open_questions_out(features_at):
    rows = {
        "contacts": [
            contact(1, "2024-02-10 08:00", answered_at="2024-02-10 09:30"),
            contact(2, "2024-02-11 08:00", answered_at="2024-02-11 08:15"),
            contact(3, "2024-02-12 08:00"),
        ]
    }
    assert features_at(rows, "2024-03-01", "hours_to_answer_max_365d") == [1.5]
    assert features_at(rows, "2024-02-10 09:30", "hours_to_answer_max_365d") == [None]


def test_the_share_solved_is_that_of_contacts_whose_outcome_is_known(features_at):
    outcomes = [(True, "2024-02-12"), (False, "2024-02-12"), (True, "2024-02-12"), (None, "2024-02-12"), (True, None)]
    rows = {"contacts": [contact(n, "2024-02-10", day, resolved=good) for n, (good, day) in enumerate(outcomes)]}
    assert features_at(rows, "2024-03-01", "resolved_share_365d") == [2 / 3]
    assert features_at(rows, "2024-02-12", "resolved_share_365d") == [None]


def test_a_complaint_is_unresolved_until_it_is_closed_and_solved(features_at):
    rows = {
        "contacts": [
            contact(1, "2024-02-10", "2024-02-20", is_complaint=True, resolved=True),
            contact(2, "2024-02-10", "2024-02-20", is_complaint=True, resolved=False),
            contact(3, "2024-02-10", "2024-02-20", is_complaint=True, resolved=None),
            contact(4, "2024-02-10", is_complaint=False),
            contact(5, "2022-02-10", is_complaint=True),
        ]
    }
    assert features_at(rows, "2024-02-20", "complaints_unresolved_365d") == [3]
    assert features_at(rows, "2024-02-21", "complaints_unresolved_365d", "days_since_unresolved_contact") == [1, 11]


def test_the_oldest_open_contact_waits_longest(features_at):
    rows = {"contacts": [contact(1, "2024-02-01", "2024-02-10"), contact(2, "2024-02-05"), contact(3, "2024-02-07")]}
    looks = ("2024-02-10", "2024-02-11")
    assert [features_at(rows, look, "days_open_oldest") for look in looks] == [[9], [6]]


def test_handling_time_and_cost_add_up_once_closed(features_at):
    rows = {
        "contacts": [
            contact(1, "2020-02-10", "2020-02-20", handle_seconds=1000.0, cost=0.1),
            contact(2, "2024-02-10", "2024-02-20", handle_seconds=0.1, cost=0.2),
            contact(3, "2024-02-10", "2024-02-20", handle_seconds=0.2, cost=None),
            contact(4, "2024-02-10", handle_seconds=50.0, cost=9.0),
        ]
    }
    assert features_at(rows, "2024-03-01", "handle_seconds_365d", "cost_to_serve") == [0.3, 0.3]
    assert features_at({"contacts": []}, "2024-03-01", "handle_seconds_365d", "cost_to_serve") == [0, 0]
