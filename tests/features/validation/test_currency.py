"""Amounts in another currency are refused in every table of money, with the currencies that came."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.contract import CONTRACT, Kind
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import Tables, tables_from_frames

CUSTOMERS = pd.DataFrame({"customer_id": ["A"], "signed_up_at": ["2023-01-01"]})


def opened(currencies: list[Any], table: str = "payments", **keys: Any) -> Tables:
    payments = pd.DataFrame({"paid_at": ["2024-01-01"] * len(currencies)})
    payments = payments.assign(payment_id=range(len(payments)), customer_id="A", amount=10, method="card")
    contacts = pd.DataFrame({"opened_at": ["2024-01-01"] * len(currencies)})
    contacts = contacts.assign(contact_id=range(len(contacts)), customer_id="A", channel="chat", cost=3)
    frames = {"customers": CUSTOMERS, "payments": payments, "contacts": contacts}
    frames[table] = frames[table].assign(currency=currencies)
    return tables_from_frames(frames, Config.model_validate({"tables": dict.fromkeys(frames, "-")} | keys))


@pytest.mark.parametrize("table", ["payments", "contacts"])
def test_another_currency_is_an_error_that_names_it(table: str) -> None:
    with pytest.raises(DataError) as error:
        opened(["EUR", "JPY", "EUR", "usd"], table)
    expected = "JPY, USD where the business counts in EUR: 2 of 4 rows (50.0%), e.g. 1, 3"
    assert str(error.value).startswith(f"{table}.currency: {expected}")
    with pytest.raises(DataError, match="set currency: GBP, or convert"):
        opened(["GBP", "GBP"], table)


def test_the_own_currency_is_its_code_or_sign_or_nothing() -> None:
    assert opened(["EUR", " eur ", "\u20ac", None, ""]).has("payments", "currency")
    assert opened(["$", "usd"], currency="USD").has("payments", "currency")


def test_words_that_are_no_currency_are_not_shown() -> None:
    with pytest.raises(DataError) as error:
        opened(["someone@example.org"])
    assert "example.org" not in str(error.value)


def test_every_table_of_money_but_customers_may_name_its_currency() -> None:
    for table in CONTRACT.values():
        money = any(column.kind is Kind.MONEY for column in table.columns)
        assert ("currency" in table.column) == (money and table.name != "customers"), table.name
