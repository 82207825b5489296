NAMES = ("prospect_channel", "prospect_cost", "days_as_prospect")


def prospect(number, created, customer=1, **values):
    return {"prospect_id": number, "created_at": created, "converted_customer_id": customer} | values


def test_a_prospect_is_nobody_s_before_the_very_instant_after_conversion(features_at):
    rows = {"prospects": [prospect(1, "2024-01-01", converted_at="2024-02-01", channel="fair", cost=12.5)]}
    assert features_at(rows, "2024-02-01", *NAMES) == [None, None, None]
    assert features_at(rows, "2024-02-02", *NAMES) == ["fair", 12.5, 31.0]


def test_several_prospects_of_one_customer_are_told_once(features_at):
    rows = {
        "prospects": [
            prospect(1, "2024-01-10", converted_at="2024-02-01", channel="web", cost=0.1),
            prospect(2, "2024-01-02", converted_at="2024-03-01", channel="fair", cost=0.2),
            prospect(3, "2024-01-01", converted_at="2024-02-01"),
            prospect(4, "2023-01-01", customer=2, converted_at="2024-02-01", channel="radio", cost=50),
        ]
    }
    assert features_at(rows, "2024-02-10", *NAMES) == ["web", 0.1, 31.0]
    assert features_at(rows, "2024-03-02", *NAMES) == ["fair", 0.3, 31.0]


def test_without_a_column_of_its_own_conversion_is_the_sign_up(features_at):
    rows = {
        "customers": [{"customer_id": 1, "signed_up_at": "2024-02-01"}],
        "prospects": [prospect(1, "2024-01-01", channel="fair", cost=3)],
    }
    missing = ("prospects.converted_at",)
    assert features_at(rows, "2024-02-01", *NAMES, missing=missing) == [None, None, None]
    assert features_at(rows, "2024-02-02", *NAMES, missing=missing) == ["fair", 3.0, 31.0]


def test_a_conversion_without_its_instant_is_never_known(features_at):
    rows = {"prospects": [prospect(1, "2024-01-01", channel="fair"), prospect(2, "2024-01-01", customer=None)]}
    assert features_at(rows, "2025-02-02", *NAMES) == [None, None, None]


def test_a_conversion_recorded_late_is_unknown_before(features_at):
    rows = {
        "prospects": [prospect(1, "2024-01-01", converted_at="2024-02-01", recorded_at="2024-03-01", channel="web")]
    }
    looks = ("2024-03-01", "2024-03-02")
    assert [features_at(rows, look, "prospect_channel", late={"prospects"}) for look in looks] == [[None], ["web"]]
