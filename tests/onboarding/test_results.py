from __future__ import annotations

from servicelift.core.contract import CONTRACT
from servicelift.onboarding.results import missing_results


def test_every_table_but_customers_costs_something():
    lines = missing_results({"customers": {"customer_id"}})
    assert [line.partition(":")[0] for line in lines] == [name for name in lines_of() if name != "customers"]


def lines_of():
    order = [line.partition(":")[0] for line in missing_results({})]
    assert set(order) == set(CONTRACT) - {"customers"}
    return order


def test_a_missing_column_is_told_only_of_a_table_that_is_there():
    lines = missing_results({"customers": set(), "payments": {"payment_id"}})
    assert any(line.startswith("payments.status:") for line in lines)
    assert not any(line.startswith("contacts.") for line in lines)
