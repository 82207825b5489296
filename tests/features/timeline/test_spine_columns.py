"""One door for every spine: features, labels, outcomes, landmarks and trials refuse and read the same."""

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.catalogue.groups.purchases import rfm_summary
from servicelift.features.outcomes.churn_labels import churn_labels
from servicelift.features.outcomes.landmarks import landmark_money, lead_outcomes, reactivation_outcomes
from servicelift.features.outcomes.realised_value import realised_value
from servicelift.features.timeline.contract_state import contract_state
from servicelift.features.trials.eligibility import eligible
from servicelift.features.trials.follow_up import later_actions

AS_OF = pd.Timestamp("2023-03-01")
UNTIL = pd.Timestamp("2023-09-01")
DOORS = {
    "features": lambda tables, spine: build_features(tables, spine, ["tenure_days", "days_to_renewal"]),
    "labels": churn_labels,
    "value": lambda tables, spine: realised_value(tables, spine, UNTIL),
    "state": contract_state,
    "leads": lambda tables, spine: lead_outcomes(tables, spine, 3),
    "returns": lambda tables, spine: reactivation_outcomes(tables, spine, 3),
    "money": lambda tables, spine: landmark_money(tables, spine, UNTIL),
    "summary": lambda tables, spine: rfm_summary(tables, spine, "shop"),
    "eligible": lambda tables, spine: eligible(tables, spine, "offer"),
    "later actions": lambda tables, spine: later_actions(tables, spine, pd.Series(UNTIL, index=spine.index)),
}


@pytest.fixture(scope="module")
def tables(tables_of):
    plain = {"product": "paper", "term_months": 1, "price": 10.0}
    return tables_of(
        {
            "subscriptions": [{"subscription_id": 1, "started_at": "2023-01-10"} | plain],
            "payments": [
                {"payment_id": n, "paid_at": f"2023-0{n}-10", "amount": 29.53, "method": "card", "kind": "one_off"}
                for n in range(1, 9)
            ],
            "actions": [{"action_id": 1, "action": "offer", "decided_at": "2023-05-01", "arm": "treated"}],
        }
    )


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"customer_id": [1.4], "as_of": [AS_OF]}, "got some that are not whole"),
        ({"customer_id": ["1"], "as_of": [AS_OF]}, "expected numbers as in customers, got text"),
        ({"customer_id": [1, "a"], "as_of": [AS_OF] * 2}, "expected numbers as in customers, got a mixture"),
        ({"customer_id": [True], "as_of": [AS_OF]}, "expected numbers as in customers, got bool"),
        ({"customer_id": [1], "as_of": ["2023-03-01"]}, r"spine\.as_of: expected instants"),
        ({"customer_id": [1, 1], "as_of": [AS_OF, pd.NaT]}, r"spine\.as_of: expected an instant in every row, 1"),
        ({"customer": [1], "as_of": [AS_OF]}, "did you mean 'customer'"),
    ],
)
def test_every_door_refuses_the_same(tables, door, columns, message):
    with pytest.raises(DataError, match=message):
        DOORS[door](tables, pd.DataFrame(columns))


@pytest.mark.parametrize("door", DOORS)
def test_every_door_reads_instants_with_a_zone(tables, door):
    plain = pd.DataFrame({"customer_id": [1, 7], "as_of": [AS_OF, AS_OF - pd.Timedelta(hours=1)]})
    aware = plain.assign(as_of=plain["as_of"].dt.tz_localize("UTC").dt.tz_convert("America/New_York"))
    found, again = (DOORS[door](tables, spine) for spine in (plain, aware))
    compare = pd.testing.assert_series_equal if isinstance(found, pd.Series) else pd.testing.assert_frame_equal
    compare(found, again)


def test_an_until_with_a_zone_means_its_instant(tables):
    spine = pd.DataFrame({"customer_id": [1], "as_of": [AS_OF]})
    until = pd.Timestamp("2023-03-10 01:00", tz="Europe/Paris")
    # The payment of the 10th is made at midnight UTC, which is one o'clock in Paris: 29.53 euros, margin 1 a euro.
    config = tables.config.value
    expected = config.margin_rate * 29.53 * (1 + config.annual_discount_rate) ** (-9 / 365.25)
    for moment in (until, pd.Series([until])):
        assert realised_value(tables, spine, moment)["ancillary"].item() == pytest.approx(expected, abs=1e-7)
    earlier = until - pd.Timedelta(1, "us")
    assert realised_value(tables, spine, earlier)["ancillary"].item() == 0


def test_identifiers_that_no_customer_has_find_nothing(tables):
    spine = pd.DataFrame({"customer_id": [np.nan, 999.0], "as_of": [AS_OF] * 2})
    assert realised_value(tables, spine, UNTIL)["value"].tolist() == [0.0, 0.0]
    assert not contract_state(tables, spine)["running"].any()
