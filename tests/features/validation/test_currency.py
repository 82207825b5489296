"""Amounts in another currency are refused in every table of money, with the currencies that came."""

from __future__ import annotations

from functools import partial
from typing import Any

import ibis
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.contract import CONTRACT, Kind
from servicelift.core.errors import DataError
from servicelift.features.engines.choose import connect
from servicelift.features.tables.assemble import assemble
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.validation.findings import Report

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
    with pytest.raises(DataError, match="set currency: GBP, or add the rates of the days as a table fx, or convert"):
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
        assert ("currency" in table.column) == ((money and table.name != "customers") or table.name == "fx")


def rated(rates: list[tuple[str, str, float]], currencies: list[Any], days: list[str]) -> Report:
    frames = {
        "customers": CUSTOMERS,
        "payments": pd.DataFrame({"paid_at": days, "currency": currencies}).assign(
            payment_id=range(len(days)), customer_id="A", amount=10, method="card"
        ),
        "fx": pd.DataFrame(rates, columns=["currency", "at", "rate"]),
    }
    config = Config.model_validate({"tables": dict.fromkeys(frames, "-")})
    connection = connect(config)
    readers = {name: partial(ibis.memtable, frame) for name, frame in frames.items()}
    return assemble(connection, config, readers, dict.fromkeys(frames)).report


def test_what_was_converted_is_said() -> None:
    report = rated(
        [("USD", "2024-01-01", 0.5), ("USD", "2024-01-03", 0.75), ("$", "2024-02-01", 0.6)],
        ["USD", "usd", "EUR"],
        ["2024-01-02", "2024-01-03", "2023-01-01"],
    )
    assert not report.errors
    assert report.notes == ("payments.amount: converted to EUR: 2 from USD at 0.5 to 0.75",)
    assert report.notes[0] in report.lines()


def test_money_without_a_rate_is_one_error_with_currency_first_day_and_remedy() -> None:
    report = rated(
        [("USD", "2024-01-10", 0.5)],
        ["USD", "USD", "JPY", "USD"],
        ["2024-01-09", "2024-01-02", "2024-03-01", "2024-02-01"],
    )
    (error,) = report.errors
    assert error.message == (
        "payments.amount: no rate to EUR of JPY on 2024-03-01, USD on 2024-01-02: 3 of 4 rows (75.0%), e.g. 0, 1, 2;"
        " add a rate with `at` on or before that day to the table fx"
    )


@pytest.mark.parametrize(
    ("rates", "text"),
    [
        ([("USD", "2024-01-01", 0.5), ("usd", "2024-01-01", 0.6)], "fx.currency/at: duplicate rate: 1"),
        ([("USD", "2024-01-01", 0.5)] * 2, "fx.currency/at: duplicate key: 1"),
        ([("USD", "2024-01-01", 0.0)], "fx.rate: rates not above 0: 1"),
        ([("USD", "2024-01-01", -1.0)], "fx.rate: rates not above 0: 1"),
        ([("USD", "2024-01-01", 2e6)], "fx.rate: rates too large: 1"),
        ([("USD", "2024-01-01", 0.9), ("EUR", "2024-01-01", 1.1)], "fx.rate: the rate of EUR itself is not 1: 1"),
    ],
)
def test_rates_that_cannot_be_used_are_errors(rates: list[tuple[str, str, float]], text: str) -> None:
    report = rated(rates, ["USD"], ["2024-01-05"])
    assert any(error.message.startswith(text) for error in report.errors), report.lines()


def test_old_rates_and_rates_that_jump_are_warned_of() -> None:
    report = rated([("JPY", "2024-01-01", 0.006), ("JPY", "2024-01-02", 163.0)], ["JPY"], ["2024-03-01"])
    assert not report.errors
    rules = [(each.column, each.rule, each.rows) for each in report.warnings]
    assert ("amount", "converted by a rate more than 31 days old", 1) in rules
    assert ("rate", "more than 3 times the rate before it, or less than a third", 1) in rules


def test_rates_of_currencies_that_nobody_pays_in_change_nothing() -> None:
    report = rated([("USD", "2024-01-01", 0.5)], ["EUR", None], ["2023-01-05", "2024-01-05"])
    assert (report.errors, report.notes) == ((), ())
