import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.errors import DataError
from servicelift.features.outcomes.churn_labels import at_risk, churn_labels

AS_OF = "2024-01-01"
CHURN = {"horizon_days": 90, "grace_days": 30}
END = "2024-03-31"


def subscription(key, started="2023-01-15", ended=None, **values):
    plain = {"product": "paper", "term_months": 1, "price": 10.0}
    return {"subscription_id": key, "started_at": started, "ended_at": ended} | plain | values


@pytest.fixture
def labels(tables_of):
    """The labels of cases given as rows, each case a customer of its own; ``table`` holds their rows."""

    def look(cases, table="subscriptions", data_until="2025-01-01", **options):
        rows = [row | {"customer_id": n} for n, case in enumerate(cases) for row in case]
        key = table.removesuffix("s") + "_id"
        rows = [row | {key: 100 * row["customer_id"] + row.get(key, place)} for place, row in enumerate(rows)]
        customers = [{"customer_id": n, "signed_up_at": "2020-01-01"} for n in range(len(cases))]
        world = {"customers": customers, table: rows}
        tables = tables_of(world, data_until=data_until, churn=CHURN, **options)
        spine = pd.DataFrame({"customer_id": range(len(cases)), "as_of": pd.Timestamp(AS_OF)})
        found = churn_labels(tables, spine)
        assert at_risk(tables, spine).tolist() == found["at_risk"].tolist()
        return found.astype(int).to_dict("records")

    return look


def named(at_risk=1, observed=1, voluntary=0, involuntary=0):
    found = {"at_risk": at_risk, "observed": observed, "churned": voluntary + involuntary}
    return found | {"voluntary": voluntary, "involuntary": involuntary}


STAYS, LEAVES, UNPAID, SAFE = named(), named(voluntary=1), named(involuntary=1), named(at_risk=0)


def check(labels, cases, **options):
    """Compare the labels of named cases, each (rows, expected)."""
    found = dict(zip(cases, labels([rows for rows, _ in cases.values()], **options), strict=True))
    assert found == {name: expected for name, (_, expected) in cases.items()}


def test_churn_is_the_end_of_what_ran(labels):
    cases = {
        "runs on": ([subscription(1)], STAYS),
        "ends at as_of": ([subscription(1, ended=AS_OF)], LEAVES),
        "ends at as_of + h": ([subscription(1, ended=END)], LEAVES),
        "ends later": ([subscription(1, ended="2024-03-31 00:00:01")], STAYS),
        "unpaid": ([subscription(1, ended=END, end_reason="payment_failure")], UNPAID),
        "another reason": ([subscription(1, ended=END, end_reason="other")], LEAVES),
        "ended before": ([subscription(1, ended="2023-12-31 23:59:59")], SAFE),
        "not begun": ([subscription(1, started=AS_OF)], SAFE),
    }
    check(labels, cases)


def test_who_comes_back_within_the_grace_period_stays(labels):
    def ended(moment, begins):
        return [subscription(1, ended=moment), subscription(2, started=begins, previous_subscription_id=1)]

    cases = {
        "a continuing row": (ended("2024-03-01", "2024-03-01"), STAYS),
        "back as the grace period ends": (ended("2024-03-01", "2024-03-31"), STAYS),
        "back after it": (ended("2024-03-01", "2024-04-05"), LEAVES),
        "grace runs from the end": (ended("2024-03-30", "2024-04-29"), STAYS),
        "and not from the horizon": (ended("2024-03-30", "2024-04-29 00:00:01"), LEAVES),
        "won back before the horizon": (ended("2024-01-10", "2024-03-20"), STAYS),
        "won back on the horizon": (ended("2024-01-10", END), STAYS),
    }
    check(labels, cases)


def test_the_last_of_several_decides(labels):
    first = subscription(1, ended="2024-02-01", end_reason="payment_failure")
    tied = subscription(2, ended="2024-02-01", end_reason="voluntary")
    cases = {
        "one runs on": ([first, subscription(2)], STAYS),
        "the last ends by will": ([first, subscription(2, ended="2024-03-01")], LEAVES),
        "ties go by key": ([first, tied], LEAVES),
        "whatever the order of rows": ([tied | {"subscription_id": 0}, first], UNPAID),
    }
    check(labels, cases)


def test_a_pending_cancellation_is_no_risk_any_more(labels):
    asked = subscription(1, ended="2024-02-01", cancel_requested_at="2023-12-20")
    cases = {
        "pending": ([asked], SAFE),
        "one of two pending": ([asked, subscription(2)], SAFE),
        "withdrawn": ([asked | {"cancel_withdrawn_at": "2023-12-25", "ended_at": None}], STAYS),
        "withdrawn too late": ([asked | {"cancel_withdrawn_at": AS_OF, "ended_at": None}], SAFE),
        "asked at as_of": ([asked | {"cancel_requested_at": AS_OF}], LEAVES),
    }
    check(labels, cases)


@pytest.mark.parametrize(("data_until", "observed"), [("2024-04-30", 1), ("2024-04-29", 0)])
def test_a_label_counts_once_horizon_and_grace_lie_within_the_data(labels, data_until, observed):
    cases = {"leaves": ([subscription(1, ended="2024-02-01")], named(observed=observed, voluntary=observed))}
    check(labels, cases, data_until=data_until)


def test_without_contracts_churn_is_no_purchase(labels):
    def paid(*moments, **values):
        plain = {"amount": 5.0, "method": "card"}
        return [{"paid_at": moment} | plain | values for moment in moments]

    before = paid("2023-06-01")
    cases = {
        "buys at as_of": (before + paid(AS_OF), STAYS),
        "buys at as_of + h": (before + paid(END), STAYS),
        "buys later": (before + paid("2024-03-31 00:00:01"), LEAVES),
        "fails": (before + paid("2024-01-10", status="failed"), LEAVES),
        "gets money back": (before + paid("2024-01-10", amount=-5.0) + paid("2024-01-11", kind="refund"), LEAVES),
        "no customer yet": (paid(AS_OF), SAFE),
    }
    check(labels, cases, table="payments")


def test_a_contractual_business_needs_subscriptions(labels):
    with pytest.raises(DataError, match="'subscriptions' is needed"):
        labels([[]], table="payments", lines={"all": {"kind": "contractual"}})


@settings(settings.get_profile("worlds"), max_examples=8)
@given(data=st.data())
def test_labels_equal_the_brute_force_oracle(data, random_worlds, oracle, connection):
    world = data.draw(random_worlds.worlds())
    tables = world.tables(connection)
    pairs = [(row["customer_id"], at) for row in world.rows["customers"] for at in random_worlds.AS_OFS]
    spine = pd.DataFrame(pairs + pairs[:3], columns=["customer_id", "as_of"]).sample(frac=1, random_state=0)
    spine["as_of"] = spine["as_of"].astype("datetime64[us]")
    found = churn_labels(tables, spine)
    assert found.index.equals(spine.index)
    assert at_risk(tables, spine).tolist() == found["at_risk"].tolist()
    until = tables.data_until.to_pydatetime()
    expected = [
        oracle.labels(world, who, at.to_pydatetime(), until)
        for who, at in zip(spine["customer_id"], spine["as_of"], strict=True)
    ]
    assert found.to_dict("records") == expected
