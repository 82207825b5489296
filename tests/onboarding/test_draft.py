from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from servicelift.onboarding.draft import draft
from servicelift.onboarding.sniff import sniff

IDS = [f"k{i}" for i in range(60)]


def payments(dates, amounts, **more):
    n = len(IDS)
    return pd.DataFrame(
        {
            "payment_id": range(n),
            "client": IDS,
            "payment_date": [dates[i % len(dates)] for i in range(n)],
            "amount": [amounts[i % len(amounts)] for i in range(n)],
            "method": ["PRLV", "CB", "CHQ"] * (n // 3),
            **more,
        }
    )


@pytest.fixture
def drafted(tmp_path: Path):
    def run(frame: pd.DataFrame, clients=None):
        people = pd.DataFrame({"client": IDS, "date_inscription": "2023-01-01"}) if clients is None else clients
        people.to_csv(tmp_path / "clients.csv", index=False)
        frame.to_csv(tmp_path / "payments.csv", index=False, sep=";")
        found = draft(sniff([str(tmp_path)], tmp_path))
        return found, {table.proposal.table: table for table in found.tables}

    return run


def test_the_order_of_dates_is_taken_where_a_value_proves_it(drafted):
    _, tables = drafted(payments(["03/04/2024", "25/04/2024"], ["1.50"]))
    assert tables["payments"].entry["dayfirst"] is True
    _, tables = drafted(payments(["03/04/2024", "04/25/2024"], ["1.50"]))
    assert tables["payments"].entry["date_format"] == "%m/%d/%Y"
    _, tables = drafted(payments(["03/04/24", "25/04/24"], ["1.50"]))
    assert tables["payments"].entry["date_format"] == "%d/%m/%y"


@pytest.mark.parametrize(
    ("dates", "why"),
    [
        (["03/04/2024", "05/06/2024"], "can be read with the day or the month first"),
        (["13/04/2024", "05/16/2024"], "some dates have the day first and some the month"),
    ],
)
def test_an_order_that_nothing_proves_is_asked_and_left_out(drafted, dates, why):
    _, tables = drafted(payments(dates, ["1.50"]))
    entry = tables["payments"].entry
    assert not {"dayfirst", "date_format"} & set(entry)
    assert [why in q.text for q in tables["payments"].questions] == [True]


def test_the_decimal_mark_is_taken_where_a_value_proves_it(drafted):
    _, tables = drafted(payments(["2024-04-03"], ["1,50", "20"]))
    assert tables["payments"].entry["decimal"] == ","
    _, tables = drafted(payments(["2024-04-03"], ["1.50", "20"]))
    assert "decimal" not in tables["payments"].entry


def test_a_decimal_mark_that_nothing_proves_leaves_the_amounts_out(drafted):
    _, tables = drafted(payments(["2024-04-03"], ["1,234", "20"]))
    assert "amount" not in tables["payments"].names()
    (question,) = tables["payments"].questions
    assert (question.column, "decimal mark" in question.text) == ("amount", True)


def test_codes_are_proposed_and_unknown_ones_asked(drafted):
    _, tables = drafted(payments(["2024-04-03"], ["1.50"], method=["PRLV", "Bitcoin"] * 30))
    assert tables["payments"].codes["method"][0].codes == {"iban": ("PRLV",)}
    assert "Bitcoin (30 rows)" in tables["payments"].questions[0].text


def test_keys_that_are_not_in_customers_are_asked(drafted):
    _, tables = drafted(payments(["2024-04-03"], ["1.50"], client=[f"x{i}" for i in range(60)]))
    assert "customer_id" not in tables["payments"].names()
    assert "only 0% of the keys of 'client' are in customers" in tables["payments"].questions[0].text


def test_personal_columns_are_dropped_by_content_or_name(drafted):
    people = pd.DataFrame({"client": IDS, "date_inscription": "2023-01-01"})
    people = people.assign(mail=[f"{i}@shop.org" for i in IDS], prenom=IDS, country=["FR", "DE"] * 30)
    _, tables = drafted(payments(["2024-04-03"], ["1.50"]), people)
    assert tables["customers"].drop == {"mail": "e-mail addresses", "prenom": "by its name"}
    assert tables["customers"].static == ["country"]


def test_a_table_without_dates_that_says_who_left_is_flat(tmp_path: Path):
    pd.DataFrame({"id": IDS, "tenure": range(60), "Churn": ["Yes", "No"] * 30}).to_csv(tmp_path / "f.csv", index=False)
    found = draft(sniff([str(tmp_path)], tmp_path))
    assert found.flat is not None
    assert found.flat[1] == "Churn"


def test_tables_that_are_needed_are_asked_for(tmp_path: Path):
    pd.DataFrame({"client": IDS, "date_inscription": "2023-01-01"}).to_csv(tmp_path / "clients.csv", index=False)
    found = draft(sniff([str(tmp_path)], tmp_path))
    assert [q.table for q in found.all_questions()] == ["subscriptions"]
