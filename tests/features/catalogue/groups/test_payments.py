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
    assert features_at(rows, "2024-03-01", *names) == [2, 0.3, 1, 2, 18]


def test_a_refund_that_failed_is_no_failure_of_the_customers(features_at):
    rows = {
        "payments": [payment(1, "2024-01-10", 30.0), payment(2, "2024-02-19", -30.0, status="failed", kind="refund")]
    }
    names = (
        "payments_failed_365d",
        "failed_in_a_row",
        "last_payment_failed",
        "days_since_failed_payment",
        "refunds_365d",
    )
    assert features_at(rows, "2024-03-01", *names) == [0, 0, 0, None, 0]


def test_a_payment_that_comes_back_counts_until_then(features_at):
    rows = {
        "payments": [payment(1, "2024-01-10", 30.0, "iban", failed_at="2024-02-19"), payment(2, "2024-03-10", 30.0)]
    }
    names = ("payments_90d", "amount_paid_90d", "payments_failed_30d", "days_since_failed_payment", "failed_in_a_row")
    looks = ("2024-02-01", "2024-02-19", "2024-02-20", "2024-03-11")
    found = [features_at(rows, look, *names) for look in looks]
    assert found == [[1, 30, 0, None, 0], [1, 30, 0, None, 0], [0, 0, 1, 1, 1], [1, 30, 1, 21, 0]]
    assert features_at(rows, "2024-03-01", "method", "payments_365d") == ["iban", 0]


def test_an_answer_that_comes_back_answers_until_then(features_at):
    late = payment(2, "2024-01-12", subscription_id=1, failed_at="2024-02-10")
    rows = {"payments": [payment(1, "2024-01-10", status="failed", subscription_id=1), late]}
    names = ("failed_in_a_row", "last_payment_failed", "payments_recovered_365d")
    found = [features_at(rows, look, *names) for look in ("2024-01-12", "2024-01-13", "2024-02-10", "2024-02-11")]
    assert found == [[1, 1, 0], [0, 0, 1], [0, 0, 1], [2, 1, 0]]


def test_what_was_given_back_in_the_same_row_is_known_when_it_was(features_at):
    rows = {"payments": [payment(1, "2024-01-10", 30.0, refunded_amount=12.5, refunded_at="2024-02-01")]}
    names = ("payments_90d", "amount_paid_90d", "refunds_90d", "amount_refunded_365d", "days_since_refund")
    found = [features_at(rows, look, *names) for look in ("2024-02-01", "2024-02-02")]
    assert found == [[1, 30, 0, 0, None], [1, 30, 1, 12.5, 1]]
    assert features_at(rows, "2024-02-02", "refunds_90d", missing={"payments.refunded_at"}) == [0]


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


def test_the_trend_of_amounts_is_the_window_minus_the_one_before(features_at):
    days, amounts = ["2024-06-29", "2024-04-02", "2024-04-01", "2024-01-03", "2024-01-02"], [0.1, 0.2, 0.6, 1.0, 50.1]
    rows = {"payments": [payment(n, *row) for n, row in enumerate(zip(days, amounts, strict=True))]}
    names = ("amount_trend_90d", "amount_mean_365d", "days_since_payment")
    assert features_at(rows, "2024-07-01", *names) == [-1.3, 10.4, 2]
    assert features_at({"payments": []}, "2024-07-01", *names) == [0, None, None]


def test_what_was_given_back_is_above_zero(features_at):
    rows = {
        "payments": [
            payment(1, "2024-02-10", -5.1),
            payment(2, "2024-02-12", 3.2, kind="refund"),
            payment(3, "2024-02-20", -9.0, status="failed"),
            payment(4, "2022-02-20", -70.0),
        ]
    }
    assert features_at(rows, "2024-03-01", "amount_refunded_365d", "days_since_refund") == [8.3, 18]


def test_a_method_that_came_back_counts_from_its_return(features_at):
    methods = ["card", "iban", "card", "card"]
    rows = {"payment_methods": [{"valid_from": f"2024-02-0{n + 1}", "method": m} for n, m in enumerate(methods)]}
    assert features_at(rows, "2024-02-11", "methods_used", "days_with_method") == [2, 8]
    assert features_at(rows, "2024-02-02", "methods_used", "days_with_method") == [1, 1]
    assert features_at(rows, "2024-02-01", "methods_used", "days_with_method") == [0, None]
