def survey(key, metric="csat", **values):
    return {"survey_id": key, "metric": metric} | values


def test_an_answer_is_known_once_given(features_at):
    rows = {
        "surveys": [
            survey(1, sent_at="2024-02-01", responded_at="2024-02-05", score=2.0),
            survey(2, sent_at="2024-02-02", responded_at="2024-03-01", score=5.0),
            survey(3, sent_at="2024-02-03", responded_at="2024-02-05", score=3.0),
            survey(4, "nps", sent_at="2024-02-04", responded_at="2024-02-06", score=9.0),
        ]
    }
    names = ("csat_last", "csat_mean_30d", "csat_min_365d", "nps_last", "ces_last", "surveys_unanswered_30d")
    assert features_at(rows, "2024-03-01", *names) == [3, 2.5, 2, 9, None, 1]
    assert features_at(rows, "2024-03-02", *names) == [5, 10 / 3, 2, 9, None, 0]


def test_a_survey_without_a_date_of_sending_is_known_at_its_answer(features_at):
    rows = {"surveys": [survey(1, responded_at="2024-02-05", score=4.0)]}
    names = ("csat_last", "surveys_sent_30d", "days_since_survey_answer")
    assert features_at(rows, "2024-02-05", *names) == [None, 0, None]
    assert features_at(rows, "2024-02-06", *names) == [4, 0, 1]
    assert features_at(rows, "2024-02-06", "csat_last", missing={"surveys.sent_at"}) == [4]


def test_means_do_not_depend_on_the_order_of_the_answers(features_at):
    scores = [0.1, 0.2, 0.3, 0.7, 1e6]
    answers = [survey(n, responded_at=f"2024-02-0{n + 1}", score=score) for n, score in enumerate(scores)]
    found = features_at({"surveys": answers}, "2024-02-20", "csat_mean_30d")
    swapped = [row | {"survey_id": 9 - n} for n, row in enumerate(reversed(answers))]
    assert found == features_at({"surveys": swapped}, "2024-02-20", "csat_mean_30d") == [200_000.26]


def test_the_trend_is_the_last_answer_minus_the_mean_of_those_before(features_at):
    scores = [5.0, 2.0, 1.0, 4.0]
    answers = [survey(n, responded_at=f"2024-02-0{n + 1}", score=score) for n, score in enumerate(scores)]
    looks = ("2024-02-02", "2024-02-03", "2024-02-04", "2024-03-01")
    found = [features_at({"surveys": answers}, look, "csat_trend", "csat_answers_365d") for look in looks]
    assert found == [[None, 1], [-3, 2], [-2.5, 3], [4 / 3, 4]]


def test_low_answers_are_those_at_the_bottom_of_the_scale(features_at):
    scores = {"csat": [1, 2, 2.5, 5], "nps": [0, 6, 7, 10, 9], "ces": [3, 4, None]}
    rows = [(metric, score) for metric, given in scores.items() for score in given]
    answers = [survey(n, metric, responded_at="2024-02-01", score=score) for n, (metric, score) in enumerate(rows)]
    names = ("csat_low_share_365d", "nps_low_share_365d", "ces_low_share_365d", "days_since_ces_answer")
    assert features_at({"surveys": answers}, "2024-02-11", *names) == [0.5, 0.4, 0.5, 10]
    wide = features_at({"surveys": answers}, "2024-02-11", *names, scales={"csat": [0, 10], "nps": [0, 100]})
    assert wide[:2] == [0.75, 1]


def test_the_response_rate_counts_surveys_sent(features_at):
    rows = {
        "surveys": [
            survey(1, sent_at="2024-02-01", responded_at="2024-02-02", score=4.0),
            survey(2, "nps", sent_at="2024-02-01", responded_at="2024-02-10", score=4.0),
            survey(3, sent_at="2024-02-01", responded_at=None),
            survey(4, responded_at="2024-02-02", score=4.0),
        ]
    }
    looks = ("2024-02-01", "2024-02-10", "2024-02-11")
    assert [features_at(rows, look, "survey_response_rate_365d")[0] for look in looks] == [None, 1 / 3, 2 / 3]
