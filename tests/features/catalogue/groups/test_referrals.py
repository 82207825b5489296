import pandas as pd
from servicelift.features.catalogue.catalogue import build_features

NAMES = ["referrals_made", "referrals_made_365d", "days_since_referral", "was_referred"]


def referral(giver, taker, moment, **values):
    return {"referrer_id": giver, "referred_id": taker, "referred_at": moment} | values


def test_both_sides_of_a_referral_are_told(tables_of):
    rows = {
        "customers": [{"customer_id": n, "signed_up_at": "2020-01-01"} for n in (1, 2, 3)],
        "referrals": [referral(1, 2, "2022-06-01"), referral(1, 3, "2024-02-01"), referral(2, 3, "2024-03-01")],
    }
    spine = pd.DataFrame({"customer_id": [1, 2, 3, 4], "as_of": pd.Timestamp("2024-03-01")})
    found = build_features(tables_of(rows), spine, NAMES)
    assert found["referrals_made"].tolist() == [2, 0, 0, 0]
    assert found["referrals_made_365d"].tolist() == [1, 0, 0, 0]
    assert found["days_since_referral"].fillna(-1).tolist() == [29, -1, -1, -1]
    assert found["was_referred"].tolist() == [0, 1, 1, 0]


def test_a_referral_recorded_late_is_unknown_before(features_at):
    rows = {"referrals": [referral(1, 2, "2024-02-01", recorded_at="2024-02-10")]}
    looks = ("2024-02-10", "2024-02-11")
    assert [features_at(rows, look, "referrals_made", late={"referrals"}) for look in looks] == [[0], [1]]
