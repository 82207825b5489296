def action(key, decided, arm="treated", name="offer", **values):
    return {"action_id": key, "decided_at": decided, "arm": arm, "action": name} | values


def test_held_out_decisions_are_no_offers(features_at):
    rows = {"actions": [action(1, "2024-02-10"), action(2, "2024-02-20", "control")]}
    names = ("offer_offered_30d", "actions_30d", "days_since_offer_offered", "days_since_action")
    assert features_at(rows, "2024-03-01", *names) == [1, 1, 20, 20]


def test_a_yes_is_known_when_it_was_said(features_at):
    rows = {"actions": [action(1, "2024-01-10", accepted=True, accepted_at="2024-02-10")]}
    names = ("offer_offered_30d", "offer_accepted_30d", "days_since_offer_accepted")
    assert features_at(rows, "2024-02-10", *names) == [0, 0, None]
    assert features_at(rows, "2024-02-11", *names) == [0, 1, 1]


def test_a_no_is_no_acceptance_whatever_its_date(features_at):
    rows = {"actions": [action(1, "2024-01-10", accepted=False, accepted_at="2024-02-10")]}
    assert features_at(rows, "2024-03-01", "offer_accepted_30d") == [0]
    assert features_at(rows, "2024-03-01", "offer_accepted_30d", missing={"actions.accepted"}) == [1]


def test_actions_outside_the_config_count_among_all(features_at):
    rows = {"actions": [action(1, "2024-02-20", name="letter")]}
    names = ("iban_switch_offered_30d", "offer_offered_30d", "actions_30d", "days_since_action")
    assert features_at(rows, "2024-03-01", *names) == [0, 0, 1, 10]


def test_the_share_accepted_is_that_of_what_was_carried_out(features_at):
    yes = {"accepted": True, "accepted_at": "2024-02-20"}
    rows = {
        "actions": [
            action(1, "2024-02-10", **yes),
            action(2, "2024-02-11", name="letter"),
            action(3, "2024-02-12", accepted=False, accepted_at="2024-02-20"),
            action(4, "2024-02-13", "control", "iban_switch"),
        ]
    }
    names = ("action_kinds_365d", "actions_accepted_share_365d")
    assert features_at(rows, "2024-02-20", *names) == [2, 0]
    assert features_at(rows, "2024-03-01", *names) == [2, 1 / 3]
    assert features_at({"actions": []}, "2024-03-01", *names) == [0, None]
