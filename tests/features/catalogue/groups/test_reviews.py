import pandas as pd
from servicelift.features.catalogue.catalogue import build_features

NAMES = ("review_rating_last", "review_answered_last", "reviews_revised_up_365d")


def review(number, posted, rating, **values):
    return {"review_id": number, "platform": "maps", "posted_at": posted, "rating": rating} | values


def test_a_rating_is_the_one_that_stood_then(features_at):
    rows = {
        "reviews": [
            review(1, "2024-01-01", 2, answered_at="2024-01-05", revised_at="2024-02-01", revised_rating=4),
        ]
    }
    assert features_at(rows, "2024-01-01", *NAMES) == [None, None, 0]
    assert features_at(rows, "2024-01-05", *NAMES) == [2.0, 0.0, 0]
    assert features_at(rows, "2024-02-01", *NAMES) == [2.0, 1.0, 0]
    assert features_at(rows, "2024-02-02", *NAMES) == [4.0, 1.0, 1]


def test_only_a_rating_raised_after_our_answer_counts_as_revised_up(features_at):
    rows = {
        "reviews": [
            review(1, "2024-01-01", 2, answered_at="2024-01-05", revised_at="2024-01-03", revised_rating=4),
            review(2, "2024-01-01", 3, answered_at="2024-01-02", revised_at="2024-01-03", revised_rating=2),
            review(3, "2024-01-01", 1, revised_at="2024-01-03", revised_rating=5),
            review(4, "2024-01-01", 1, answered_at="2024-01-02", revised_rating=5),
        ]
    }
    assert features_at(rows, "2024-03-01", "reviews_revised_up_365d", "review_rating_mean_365d") == [0, 3.0]


def test_the_last_review_of_one_instant_is_that_of_the_last_key(features_at):
    rows = {"reviews": [review(2, "2024-01-01", 5), review(1, "2024-01-01", 1, answered_at="2024-01-02")]}
    assert features_at(rows, "2024-02-01", "review_rating_last", "review_answered_last") == [5.0, 0.0]


def test_reviews_of_unknown_people_are_nobody_s(tables_of):
    rows = {"reviews": [review(1, "2024-01-01", 1, customer_id=None), review(2, "2024-01-01", 4, asked=False)]}
    spine = pd.DataFrame({"customer_id": [1, 2], "as_of": pd.Timestamp("2024-02-01")})
    names = ["reviews_365d", "review_rating_mean_365d", "reviews_unasked_365d"]
    found = build_features(tables_of(rows), spine, names)
    assert found.fillna(-1).to_numpy().tolist() == [[1, 4, 1], [0, -1, 0]]


def test_windows_hold_the_posting_and_not_its_revision(features_at):
    rows = {
        "reviews": [review(1, "2023-01-01", 2, answered_at="2023-01-02", revised_at="2024-01-30", revised_rating=5)]
    }
    names = ("reviews_365d", "reviews_revised_up_365d", "days_since_review", "review_rating_last")
    assert features_at(rows, "2024-02-01", *names) == [0, 0, 396.0, 5.0]
