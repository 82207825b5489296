import pytest


def payment(key, paid_at, status="paid", subscription=1, amount=10.0):
    plain = {"payment_id": key, "paid_at": paid_at, "status": status, "subscription_id": subscription}
    return plain | {"amount": amount, "method": "card"}


@pytest.mark.parametrize(
    ("paid_at", "subscription", "amount", "recovered"),
    [
        ("2024-02-24", 1, 10.0, 1),
        ("2024-02-24 00:00:01", 1, 10.0, 0),
        ("2024-02-10", 1, 10.0, 0),
        ("2024-02-12", 2, 10.0, 0),
        ("2024-02-12", 1, -10.0, 0),
    ],
)
def test_a_failure_is_recovered_by_a_payment_for_the_same_subscription(
    features_at, paid_at, subscription, amount, recovered
):
    later = payment(2, paid_at, subscription=subscription, amount=amount)
    rows = {"payments": [payment(1, "2024-02-10", "failed"), later]}
    assert features_at(rows, "2024-03-01", "payments_recovered_365d") == [recovered]


def test_failures_in_a_row_end_with_the_next_payment_known(features_at):
    rows = {
        "payments": [
            payment(1, "2024-01-10", "failed"),
            payment(2, "2024-01-15", subscription=2),
            payment(3, "2024-02-10", "failed"),
            payment(4, "2024-02-15", "failed"),
            payment(5, "2024-02-16", amount=-5.0),
            payment(6, "2024-03-01"),
        ]
    }
    names = ("failed_in_a_row", "last_payment_failed", "payments_recovered_365d")
    looks = ("2024-01-10", "2024-01-15", "2024-02-01", "2024-03-01", "2024-03-02")
    found = [features_at(rows, look, *names) for look in looks]
    assert found == [[0, 0, 0], [1, 1, 0], [0, 0, 0], [2, 1, 0], [0, 0, 0]]
    rows["payments"][-1]["paid_at"] = "2024-02-29"
    assert features_at(rows, "2024-03-01", *names) == [0, 0, 1]


def test_a_payment_recorded_late_answers_once_it_is_recorded(features_at):
    paid = payment(2, "2024-02-12") | {"recorded_at": "2024-02-20"}
    rows = {"payments": [payment(1, "2024-02-10", "failed"), paid]}
    names = ("failed_in_a_row", "payments_recovered_365d")
    looks = ("2024-02-20", "2024-02-21")
    assert [features_at(rows, look, *names, late={"payments"}) for look in looks] == [[1, 0], [0, 1]]
