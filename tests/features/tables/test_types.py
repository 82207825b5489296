"""What other people's files hold is read right, or refused by name: instants, counts, cents, words for missing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError
from servicelift.features.tables.tables import Tables, open_tables, validate

CUSTOMERS = "customer_id,signed_up_at,birth_year\nA,2023-01-01,1980\nB,2023-01-01,1990\nC,2023-02-01,1970\n"
PAYMENTS = "payment_id,customer_id,paid_at,amount,method\n1,A,2024-01-01,10,card\n"
MORNING = dt.datetime(2024, 1, 1, 10)
SECONDS = 1_704_103_200


class Desk:
    """A folder with tables that a test replaces one by one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("customers.csv", CUSTOMERS)
        self.write("payments.csv", PAYMENTS)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def config(self, rest: str = "", **tables: str) -> Any:
        entries = {"customers": "customers.csv", "payments": "payments.csv"} | tables
        listed = ", ".join(f"{name}: {entry}" for name, entry in entries.items())
        self.write("b.yaml", f"tables: {{{listed}}}\n{rest}")
        return load_config(self.folder / "b.yaml")

    def rows(self, table: str, rest: str = "", **tables: str) -> pd.DataFrame:
        opened: Tables = open_tables(self.config(rest, **tables))
        return opened.execute(opened[table].order_by(opened[table].columns[0]))

    def lines(self, rest: str = "", **tables: str) -> list[str]:
        return list(validate(self.config(rest, **tables)).lines())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Paris", "+02:00"])
def test_instants_of_every_unit_and_zone_are_read_from_parquet(desk: Desk, unit: str, zone: str | None) -> None:
    per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    stamps = pa.array([SECONDS * per], pa.timestamp(unit, zone))
    rows = pa.table({"contact_id": [1], "customer_id": ["A"], "opened_at": stamps, "channel": ["chat"]})
    pq.write_table(rows, desk.folder / "contacts.parquet")
    found = desk.rows("contacts", "timezone: Europe/Paris", contacts="contacts.parquet")["opened_at"]
    assert found.tolist() == [MORNING if zone else MORNING - dt.timedelta(hours=1)]


def test_days_and_legacy_instants_are_read_from_parquet(desk: Desk) -> None:
    rows = {"contact_id": [1], "customer_id": ["A"], "channel": ["chat"]}
    for kind in (pa.date32(), pa.date64()):
        pq.write_table(pa.table(rows | {"opened_at": pa.array([MORNING.date()], kind)}), desk.folder / "c.parquet")
        assert desk.rows("contacts", contacts="c.parquet")["opened_at"].tolist() == [dt.datetime(2024, 1, 1)]
    stamps = pa.table(rows | {"opened_at": pa.array([MORNING], pa.timestamp("ns"))})
    pq.write_table(stamps, desk.folder / "c.parquet", use_deprecated_int96_timestamps=True)
    assert desk.rows("contacts", contacts="c.parquet")["opened_at"].tolist() == [MORNING]


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_numbers_that_count_from_1970_are_instants_where_declared(desk: Desk, unit: str, factor: int) -> None:
    desk.write("contacts.csv", f"contact_id,customer_id,opened_at,channel\n1,A,{SECONDS * factor},chat\n")
    entry = f"{{csv: contacts.csv, epoch: {unit}}}"
    found = desk.rows("contacts", "timezone: Europe/Paris", contacts=entry)["opened_at"]
    assert found.tolist() == [MORNING]
    rows = pa.table({"contact_id": [1], "customer_id": ["A"], "opened_at": [SECONDS * factor], "channel": ["chat"]})
    pq.write_table(rows, desk.folder / "contacts.parquet")
    entry = f"{{path: contacts.parquet, epoch: {unit}}}"
    assert desk.rows("contacts", "timezone: Asia/Tokyo", contacts=entry)["opened_at"].tolist() == [MORNING]
    assert any("unparseable date" in line for line in desk.lines(contacts="contacts.parquet"))


def test_an_epoch_leaves_written_dates_as_they_are(desk: Desk) -> None:
    desk.write(
        "contacts.csv", f"contact_id,customer_id,opened_at,channel\n1,A,{SECONDS},chat\n2,A,2024-01-01T10:00:00Z,chat\n"
    )
    found = desk.rows("contacts", contacts="{csv: contacts.csv, epoch: s}")["opened_at"]
    assert found.tolist() == [MORNING, MORNING]


def test_cents_are_hundredths_and_a_fraction_of_a_cent_is_refused(desk: Desk) -> None:
    desk.write("payments.csv", PAYMENTS.replace(",10,", ",1999,"))
    assert desk.rows("payments", payments="{csv: payments.csv, cents: true}")["amount"].tolist() == [Decimal("19.99")]
    pq.write_table(
        pa.table({"payment_id": [1], "customer_id": ["A"], "paid_at": [MORNING], "amount": [-250], "method": ["iban"]}),
        desk.folder / "p.parquet",
    )
    found = desk.rows("payments", payments="{path: p.parquet, cents: [amount]}")["amount"]
    assert found.tolist() == [Decimal("-2.50")]
    desk.write("payments.csv", PAYMENTS.replace(",10,", ",19.99,"))
    assert "payments.amount: unparseable number" in desk.lines(payments="{csv: payments.csv, cents: true}")[0]
    with pytest.raises(ConfigError, match=r"tables.payments.cents: 'method' is no amount; expected some of amount"):
        desk.config(payments="{csv: payments.csv, cents: method}")


def test_declared_words_are_missing_values(desk: Desk) -> None:
    desk.write("customers.csv", CUSTOMERS.replace("1990", "N/A").replace("1970", "Unknown"))
    rest = "static: [birth_year]"
    found = desk.rows("customers", rest, customers="{csv: customers.csv, missing: [n/a, unknown]}")["birth_year"]
    assert found[0] == 1980.0
    assert found.isna().tolist() == [False, True, True]
    desk.write("payments.csv", PAYMENTS.replace(",10,", ",offered,"))
    lines = desk.lines(payments="{csv: payments.csv, missing: offered}")
    assert "payments.amount: missing value" in lines[0]


def test_one_word_among_numbers_is_counted_with_its_key(desk: Desk) -> None:
    desk.write("customers.csv", CUSTOMERS.replace("1990", "secret"))
    (line,) = [line for line in desk.lines("static: [birth_year]") if "birth_year" in line]
    assert "warning: customers.birth_year: no number, where others are: 1 of 3 rows (33.3%), e.g. B;" in line
    assert "tables.customers.missing" in line
    assert "secret" not in line


def test_a_static_column_without_values_is_missing_numbers(desk: Desk) -> None:
    desk.write("customers.csv", "customer_id,signed_up_at,birth_year\nA,2023-01-01,\nB,2023-01-01,\n")
    found = desk.rows("customers", "static: [birth_year]")["birth_year"]
    assert found.dtype == "float64"
    assert found.isna().all()
    assert not any("birth_year" in line for line in desk.lines("static: [birth_year]"))


def test_codes_that_look_like_grouped_numbers_stay_texts(desk: Desk) -> None:
    desk.write("customers.csv", CUSTOMERS.replace("1980", "75 001").replace("1990", "01000").replace("1970", "5 EUR"))
    assert desk.rows("customers", "static: [birth_year]")["birth_year"].tolist() == ["75 001", "01000", "5 EUR"]
