NAMES = ("page_interactions_30d", "bot_interactions_30d", "app_interactions_90d")
BOTH = ("self_service_share_365d", "contacts_after_self_service_365d")


def visit(moment, kind="page", **values):
    return {"at": moment, "kind": kind} | values


def contact(number, opened, **values):
    return {"contact_id": number, "opened_at": opened, "channel": "phone"} | values


def test_self_service_is_counted_by_kind_and_window(features_at):
    rows = {"interactions": [visit("2024-02-01"), visit("2024-02-10"), visit("2024-01-05", "app")]}
    assert features_at(rows, "2024-02-10", *NAMES) == [1, 0, 1]
    assert features_at(rows, "2024-02-11", *NAMES, "days_since_self_service") == [2, 0, 1, 1.0]
    assert features_at(rows, "2024-03-11", *NAMES, "days_since_self_service") == [1, 0, 1, 30.0]


def test_what_is_not_told_to_be_solved_does_not_count(features_at):
    rows = {"interactions": [visit("2024-02-01", solved=flag) for flag in (True, True, False, None)]}
    assert features_at(rows, "2024-03-01", "self_service_solved_share_365d") == [2 / 3]


def test_a_contact_within_two_days_tells_that_it_did_not_help(features_at):
    rows = {
        "interactions": [visit("2024-02-01T10:00"), visit("2024-02-01T11:00", "bot")],
        "contacts": [
            contact(1, "2024-02-01T09:59"),
            contact(2, "2024-02-01T10:00"),
            contact(3, "2024-02-03T11:00"),
            contact(4, "2024-02-03T11:01"),
            contact(5, "2024-02-02", direction="outbound"),
        ],
    }
    assert features_at(rows, "2024-02-03T11:00", *BOTH) == [2 / 4, 1]
    assert features_at(rows, "2024-03-01", *BOTH) == [2 / 6, 2]
    assert features_at(rows, "2024-03-01", *BOTH, missing=("contacts.direction",)) == [2 / 7, 3]


def test_self_service_recorded_late_made_no_contact_a_second_try_before(features_at):
    rows = {
        "interactions": [visit("2024-02-01", recorded_at="2024-02-20")],
        "contacts": [contact(1, "2024-02-02")],
    }
    looks = {"2024-02-20": [0.0, 0], "2024-02-21": [0.5, 1]}
    for look, expected in looks.items():
        assert features_at(rows, look, *BOTH, late={"interactions"}) == expected, look


def test_another_customer_s_self_service_does_not_count(features_at):
    rows = {"interactions": [visit("2024-02-01", customer_id=2)], "contacts": [contact(1, "2024-02-02")]}
    assert features_at(rows, "2024-03-01", *BOTH) == [0.0, 0]
