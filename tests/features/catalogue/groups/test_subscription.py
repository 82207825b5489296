import pytest


def subscription(key, started, ended=None, **values):
    plain = {"product": "paper", "term_months": 1, "price": 10.0}
    return {"subscription_id": key, "started_at": started, "ended_at": ended} | plain | values


def one(**values):
    return {"subscriptions": [subscription(1, "2024-01-31", **values)]}


@pytest.mark.parametrize(
    ("as_of", "done", "left"),
    [
        ("2024-02-01", 0, 28),
        ("2024-02-29", 1, 31),
        ("2024-02-28 12:00", 0, 0.5),
        ("2024-03-30", 1, 1),
        ("2024-03-31", 2, 30),
    ],
)
def test_terms_end_in_calendar_months_from_the_start(features_at, as_of, done, left):
    assert features_at(one(), as_of, "renewals_done", "days_to_renewal") == [done, left]


def test_the_running_subscription_started_last_is_described(features_at):
    rows = {
        "subscriptions": [
            subscription(1, "2023-01-01", product="paper", price=120.0, term_months=12),
            subscription(2, "2023-06-01", product="digital", price=9.0, auto_renew=True),
            subscription(3, "2023-09-01", "2023-12-01", product="app", price=1.0),
        ]
    }
    names = ("subscriptions_running", "product", "price", "term_months", "price_per_month", "auto_renew")
    assert features_at(rows, "2024-01-01", *names) == [2, "digital", 9, 1, 19, 1]


def test_an_end_is_known_the_instant_after(features_at):
    rows = one(ended="2024-03-01")
    assert features_at(rows, "2024-03-01", "subscriptions_running") == [1]
    assert features_at(rows, "2024-03-01 00:00:01", "subscriptions_running", "product") == [0, None]


def test_a_cancellation_is_pending_until_it_is_withdrawn(features_at):
    rows = one(cancel_requested_at="2024-02-01", cancel_withdrawn_at="2024-02-10")
    names = ("cancel_pending", "cancellations_withdrawn")
    looks = ["2024-02-01", "2024-02-02", "2024-02-10", "2024-02-11"]
    assert [features_at(rows, look, *names) for look in looks] == [[0, 0], [1, 0], [1, 0], [0, 1]]


@pytest.mark.parametrize(("started", "restarts"), [("2024-03-31", 0), ("2024-03-31 00:00:01", 1)])
def test_a_restart_needs_a_gap_longer_than_the_grace_period(features_at, started, restarts):
    rows = {"subscriptions": [subscription(1, "2024-01-01", "2024-03-01"), subscription(2, started)]}
    assert features_at(rows, "2024-06-01", "restarts", churn={"grace_days": 30}) == [restarts]


def test_changes_are_told_by_the_row_that_names_the_one_before(features_at):
    rows = {
        "subscriptions": [
            subscription(1, "2024-01-01", "2024-02-01", price=30.0, term_months=3),
            subscription(2, "2024-02-01", "2024-03-01", previous_subscription_id=1, product="digital", price=12.0),
            subscription(3, "2024-03-01", previous_subscription_id=2, product="digital", price=11.5),
            subscription(4, "2024-03-15", product="app"),
        ]
    }
    names = ("product_changes", "price_change_last", "restarts")
    assert features_at(rows, "2024-02-15", *names) == [1, 2, 0]
    assert features_at(rows, "2024-04-01", *names) == [1, -0.5, 0]


def test_a_row_recorded_late_is_unknown_before(features_at):
    rows = one(recorded_at="2024-02-10")
    look = ("subscriptions_running", "days_since_subscription_start")
    assert features_at(rows, "2024-02-10", *look, late={"subscriptions"}) == [0, None]
    assert features_at(rows, "2024-02-11", *look, late={"subscriptions"}) == [1, 11]


def test_terms_done_stop_at_the_end_of_each_subscription(features_at):
    rows = {
        "subscriptions": [
            subscription(1, "2023-01-31", "2023-03-30", end_reason="payment_failure"),
            subscription(2, "2023-04-15", "2023-06-15", end_reason="voluntary"),
            subscription(3, "2024-01-01", term_months=3),
        ]
    }
    names = ("terms_done", "subscriptions_ever", "payment_failure_ends", "days_since_subscription_end")
    assert features_at(rows, "2024-04-01", *names) == [1 + 2 + 1, 3, 1, 291]
    assert features_at(rows, "2023-03-30", *names) == [1, 1, 0, None]


def test_days_of_two_subscriptions_at_once_count_once(features_at):
    rows = {
        "subscriptions": [
            subscription(1, "2024-01-01", "2024-01-11"),
            subscription(2, "2024-01-05", "2024-01-08"),
            subscription(3, "2024-01-09", "2024-01-21"),
            subscription(4, "2024-02-01"),
        ]
    }
    looks = ("2024-01-01", "2024-01-02", "2024-01-15", "2024-01-31", "2024-02-03")
    assert [features_at(rows, look, "days_subscribed")[0] for look in looks] == [None, 1, 14, 20, 22]


def test_what_runs_is_compared_with_the_first_subscription(features_at):
    rows = {
        "subscriptions": [
            subscription(1, "2023-01-01", "2023-07-01", price=30.0, term_months=3),
            subscription(2, "2023-07-01", price=12.0),
            subscription(3, "2023-12-20", price=24.0, term_months=2, product="digital"),
            subscription(4, "2023-12-21", "2023-12-22", price=99.0, product="app"),
        ]
    }
    names = ("price_versus_first", "products_running", "days_to_renewal", "days_to_first_renewal")
    assert features_at(rows, "2023-12-30", *names) == [2, 2, 52, 2]
    assert features_at(rows, "2023-06-30", "price_versus_first", "products_running") == [0, 1]
    assert features_at({"subscriptions": rows["subscriptions"][:1]}, "2024-01-01", *names) == [None, 0, None, None]
