import pytest


def payment(key, paid_at, amount=10.0, method="card", **values):
    return {"payment_id": key, "paid_at": paid_at, "amount": amount, "method": method} | values


def test_failures_and_refunds_are_no_payments(features_at):
    rows = {
        "payments": [
            payment(1, "2024-02-10", 0.1),
            payment(2, "2024-02-11", 0.2, status="paid"),
            payment(3, "2024-02-12", 50.0, status="failed"),
            payment(4, "2024-02-13", -5.0),
            payment(5, "2024-02-14", 3.0, kind="refund"),
            payment(6, "2024-02-15", -4.0, status="failed"),
        ]
    }
    names = ("payments_30d", "amount_paid_30d", "payments_failed_30d", "refunds_30d", "days_since_failed_payment")
    assert features_at(rows, "2024-03-01", *names) == [2, 0.3, 2, 2, 15]


def test_the_method_is_that_of_the_table_of_methods(features_at):
    rows = {
        "payment_methods": [
            {"valid_from": "2024-01-01", "method": "cheque"},
            {"valid_from": "2024-02-01", "method": "iban"},
            {"valid_from": "2024-02-15", "method": "iban"},
            {"valid_from": "2024-03-01", "method": "card"},
        ],
        "payments": [payment(1, "2024-02-20", method="card"), payment(2, "2024-02-21", method="wallet")],
    }
    names = ("method", "method_switches", "days_since_method_switch")
    assert features_at(rows, "2024-03-01", *names) == ["iban", 1, 29]
    assert features_at(rows, "2024-03-02", *names) == ["card", 2, 1]


def test_without_a_known_method_the_last_payment_made_tells(features_at):
    rows = {
        "payment_methods": [{"valid_from": "2024-03-05", "method": "iban"}],
        "payments": [
            payment(1, "2024-01-10", method="cheque"),
            payment(2, "2024-02-10", method="card"),
            payment(3, "2024-02-20", method="iban", status="failed"),
            payment(4, "2024-02-21", method="wallet", amount=-1.0),
        ],
    }
    names = ("method", "method_switches", "days_since_method_switch")
    assert features_at(rows, "2024-03-01", *names) == ["card", 1, 20]
    assert features_at(rows, "2024-01-01", *names) == [None, 0, None]


def test_payments_of_the_same_instant_are_ordered_by_key(features_at):
    rows = {"payments": [payment(key, "2024-01-10", method=m) for key, m in ((2, "iban"), (3, "card"), (1, "card"))]}
    assert features_at(rows, "2024-02-01", "method", "method_switches") == ["card", 2]


@pytest.mark.parametrize(("method", "left"), [("card", 9), ("iban", None)])
def test_only_a_card_in_use_expires(features_at, method, left):
    rows = {"payment_methods": [{"valid_from": "2024-01-01", "method": method, "expires_on": "2024-03-10"}]}
    assert features_at(rows, "2024-03-01", "card_expires_in_days") == [left]


def test_a_card_expires_at_midnight_of_the_business(features_at):
    rows = {"payment_methods": [{"valid_from": "2024-01-01", "method": "card", "expires_on": "2024-03-10"}]}
    found = features_at(rows, "2024-03-01", "card_expires_in_days", timezone="Europe/Paris")
    assert found == [9 - 1 / 24]
