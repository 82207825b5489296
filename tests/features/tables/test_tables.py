from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.core.errors import DataError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.tables.tables import Tables, open_tables, tables_from_frames

CUSTOMERS = pd.DataFrame({"customer_id": [1, 2, 3], "signed_up_at": ["2023-01-01", "2023-02-01", "2023-03-01"]})
PAYMENTS = pd.DataFrame(
    {
        "payment_id": ["a", "b", "c"],
        "customer_id": [1, 1, 2],
        "paid_at": ["2023-05-01 10:00", "2023-06-01 11:00", "2023-07-01 12:00"],
        "amount": [9.99, 9.99, 20.0],
        "method": ["iban", "card", "cheque"],
    }
)


def config(**keys: Any) -> Config:
    return Config.model_validate({"tables": {"customers": "c", "payments": "p"}, **keys})


def opened(tmp_path: Path, yaml: str) -> Tables:
    (tmp_path / "business.yaml").write_text(yaml, encoding="utf-8")
    return open_tables(load_config(tmp_path / "business.yaml"))


def refused(tmp_path: Path, yaml: str) -> str:
    with pytest.raises(DataError) as error:
        opened(tmp_path, yaml)
    assert "\n" not in str(error.value)
    return str(error.value)


def read(tables: Tables, name: str) -> pd.DataFrame:
    return tables.execute(tables[name].order_by(tables[name].columns[0]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The two tables in every form a file can take."""
    typed = PAYMENTS.assign(paid_at=pd.to_datetime(PAYMENTS.paid_at, format="%Y-%m-%d %H:%M"))
    CUSTOMERS.to_parquet(tmp_path / "customers.parquet")
    typed.to_parquet(tmp_path / "payments.parquet")
    PAYMENTS.to_csv(tmp_path / "payments.csv", index=False)
    PAYMENTS.to_csv(tmp_path / "payments.tsv", index=False, sep="\t")
    (tmp_path / "parts" / "deep").mkdir(parents=True)
    typed.iloc[:2].to_parquet(tmp_path / "parts" / "one.parquet")
    typed.iloc[2:].to_parquet(tmp_path / "parts" / "deep" / "two.parquet")
    (tmp_path / "parts" / "_SUCCESS").touch()
    day_first = PAYMENTS.assign(paid_at=["01-05-2023 10:00", "01-06-2023 11:00", "01-07-2023 12:00"])
    day_first = day_first.assign(amount=["9,99", "9,99", "20"])
    day_first.to_csv(tmp_path / "payments_fr.csv", index=False, sep=";", encoding="latin-1")
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("create schema crm")
        connection.register("frame", typed)
        connection.execute("create table payments as select * from frame")
        connection.execute("create table crm.payments as select * from frame")
    return tmp_path


@pytest.mark.parametrize(
    "source",
    [
        "payments.parquet",
        "payments.csv",
        "payments.tsv",
        "parts",
        "parts/**/*.parquet",
        "pay*.parquet",
        "{csv: payments.csv}",
        "{csv: payments_fr.csv, delimiter: ';', dayfirst: true, decimal: ',', encoding: latin-1}",
        "{csv: payments_fr.csv, delimiter: ';', date_format: '%d-%m-%Y', decimal: ','}",
        "{duckdb: shop.duckdb, table: payments}",
        "{duckdb: shop.duckdb, table: crm.payments}",
        "{sql: \"select * from read_parquet('payments.parquet') -- relative;\"}",
        "{sql: \"from 'payments.csv';\"}",
    ],
)
def test_every_source_gives_the_same_table(folder: Path, source: str) -> None:
    tables = opened(folder, f"timezone: Europe/Paris\ntables: {{customers: customers.parquet, payments: {source}}}")
    frame = read(tables, "payments")
    assert frame["payment_id"].tolist() == ["a", "b", "c"]
    assert frame["customer_id"].tolist() == [1, 1, 2]
    assert frame["amount"].tolist() == [Decimal("9.9900"), Decimal("9.9900"), Decimal("20.0000")]
    assert frame["paid_at"].tolist() == list(
        pd.to_datetime(["2023-05-01 08:00", "2023-06-01 09:00", "2023-07-01 10:00"])
    )
    assert frame["paid_at"].dtype == "datetime64[us]"
    assert frame["method"].tolist() == ["iban", "card", "cheque"]


def test_two_tables_of_one_duckdb_file_are_attached_once(folder: Path) -> None:
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.register("frame", CUSTOMERS)
        connection.execute("create table customers as select * from frame")
    source = "{duckdb: shop.duckdb, table: %s}"
    tables = opened(folder, f"tables: {{customers: {source % 'customers'}, payments: {source % 'payments'}}}")
    assert len(read(tables, "customers")) == 3
    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as other:
        assert other.execute("select count(*) from payments").fetchall() == [(3,)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("none.parquet", "payments: unreadable source; expected a file, folder or glob at"),
        ("none*.csv", "expected a file, folder or glob at"),
        ("empty", "expected a folder with .parquet or .csv files"),
        ("empty.csv", "got an empty file"),
        ("false.parquet", "is no Parquet file; name it by what it is, or write it anew"),
        ("notes.xlsx", "expected files that all end in .parquet or .csv"),
        ("mixed", "expected files that all end in .parquet or .csv"),
        ("s3://bucket/payments.parquet", "expected a local file, folder or glob"),
        ("{csv: semicolons.csv}", "name it under csv: with delimiter: ';'"),
        ("{csv: cut.csv}", "missing column"),
        ("{csv: header.csv, encoding: utf-8}", "payments"),
        ("{csv: bytes.csv}", "is not in utf-8; name it under csv: with encoding: cp1252"),
        ("{duckdb: none.duckdb, table: t}", "expected a DuckDB file at"),
        ("{duckdb: shop.duckdb, table: nothing}", "payments: unreadable source"),
        ("{duckdb: false.parquet, table: t}", "payments: unreadable source"),
        ("{sql: \"select * from read_csv('none.csv')\"}", "No files found"),
        ('{sql: "selec 1"}', "Parser Error"),
        ("{sql: \"select cast('jean@mail.fr' as int) as payment_id\"}", "payments: unreadable source"),
        ("postgresql://jean:jean@host/db", "got 'postgresql://host/db'; write connection: and table:"),
        ('{connection: "postgresql://jean@127.0.0.1:1/db", table: crm.payments}', "nothing answers there"),
        ('{connection: "postgresql://${JEAN}@127.0.0.1:1/db", table: p}', "variable JEAN is not set"),
    ],
)
def test_a_source_that_cannot_be_read_is_named_in_one_line(folder: Path, source: str, expected: str) -> None:
    (folder / "empty").mkdir()
    (folder / "mixed").mkdir()
    PAYMENTS.to_csv(folder / "mixed" / "a.csv")
    PAYMENTS.to_parquet(folder / "mixed" / "b.parquet")
    (folder / "empty.csv").touch()
    (folder / "false.parquet").write_text("no parquet at all, but jean@mail.fr")
    (folder / "notes.xlsx").write_text("x")
    PAYMENTS.to_csv(folder / "semicolons.csv", sep=";", index=False)
    PAYMENTS[["payment_id"]].to_csv(folder / "cut.csv", index=False)
    PAYMENTS[["payment_id"]].head(0).to_csv(folder / "header.csv", index=False)
    (folder / "bytes.csv").write_bytes("payment_id,customer_id,method\na,1,ch\xe8que\n".encode("latin-1"))
    message = refused(folder, f"tables: {{customers: customers.parquet, payments: {source}}}")
    assert expected in message
    assert "payments" in message
    assert "jean" not in message


def test_a_conversion_that_fails_while_rows_are_read_shows_no_value(folder: Path) -> None:
    query = "select payment_id::int as payment_id, customer_id, paid_at, amount, method from 'payments.parquet'"
    message = refused(folder, f'tables: {{customers: customers.parquet, payments: {{sql: "{query}"}}}}')
    assert "payments: unreadable source; ConversionException" in message
    assert "'a'" not in message


def test_memory_that_is_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a size such as 4GB"):
        config(engine={"memory": "plenty"})


def test_columns_and_codes_are_mapped_and_other_columns_left_out() -> None:
    theirs = PAYMENTS.rename(columns={"payment_id": "Nº paiement", "method": "Moyen"}).assign(extra=1)
    theirs["Moyen"] = ["sepa ", "CB", "Chèque"]
    mapped = config(
        columns={"payments": {"payment_id": "Nº paiement", "method": "Moyen"}},
        codes={"payments.method": {"iban": ["SEPA", "PRLV"], "card": ["cb"], "cheque": ["chèque"]}},
    )
    tables = tables_from_frames({"customers": CUSTOMERS.assign(name="x"), "payments": theirs}, mapped)
    assert read(tables, "payments")["method"].tolist() == ["iban", "card", "cheque"]
    assert tables["payments"].columns == ("payment_id", "customer_id", "paid_at", "amount", "method")
    assert tables["customers"].columns == ("customer_id", "signed_up_at")


def test_a_mapped_column_is_taken_even_where_another_bears_the_contract_s_name() -> None:
    customers = CUSTOMERS.assign(first_seen=["2022-01-01"] * 3)
    tables = tables_from_frames(
        {"customers": customers, "payments": PAYMENTS}, config(columns={"customers": {"signed_up_at": "first_seen"}})
    )
    assert set(read(tables, "customers")["signed_up_at"]) == {pd.Timestamp("2022-01-01")}


def test_codes_of_free_texts_translate_and_leave_the_rest() -> None:
    subscriptions = pd.DataFrame(
        {
            "subscription_id": [1, 2],
            "customer_id": [1, 2],
            "product": ["PREM", "basic"],
            "started_at": "2023-04-01",
            "term_months": 12,
            "price": 100,
            "auto_renew": ["oui", "non"],
        }
    )
    codes = {
        "subscriptions.product": {"premium": ["prem"]},
        "subscriptions.auto_renew": {"true": "oui", "false": "non"},
    }
    tables = tables_from_frames({"customers": CUSTOMERS, "subscriptions": subscriptions}, config(codes=codes))
    frame = read(tables, "subscriptions")
    assert frame["product"].tolist() == ["premium", "basic"]
    assert frame["auto_renew"].tolist() == [True, False]


def test_identifiers_take_the_type_of_the_key_they_point_to() -> None:
    payments = PAYMENTS.assign(customer_id=["1", "2", "3"], subscription_id=[1.0, np.nan, 2.0])
    subscriptions = pd.DataFrame(
        {
            "subscription_id": [1, 2],
            "customer_id": [1.0, 3.0],
            "product": "paper",
            "started_at": "2023-04-01",
            "term_months": 12,
            "price": 100,
            "previous_subscription_id": [None, "1"],
        }
    )
    frames = {"customers": CUSTOMERS, "payments": payments, "subscriptions": subscriptions}
    tables = tables_from_frames(frames, config())
    integer = tables["customers"].customer_id.type()
    assert tables["payments"].customer_id.type() == integer
    assert tables["subscriptions"].customer_id.type() == integer
    assert tables["payments"].subscription_id.type() == tables["subscriptions"].subscription_id.type()
    assert tables["subscriptions"].previous_subscription_id.type() == tables["subscriptions"].subscription_id.type()
    texts = tables_from_frames({**frames, "customers": CUSTOMERS.assign(customer_id=["1", "2", "3"])}, config())
    assert read(texts, "subscriptions")["customer_id"].tolist() == ["1", "3"]


def test_static_columns_keep_their_kind_and_texts_of_numbers_become_numbers(tmp_path: Path) -> None:
    customers = CUSTOMERS.assign(birth_year=["1980", "", "1990"], city=["Lyon", "été", None], code=["01000", "2", "3"])
    customers.to_csv(tmp_path / "c.csv", index=False)
    PAYMENTS.to_csv(tmp_path / "p.csv", index=False)
    tables = opened(tmp_path, "tables: {customers: c.csv, payments: p.csv}\nstatic: [birth_year, city, code]")
    frame = read(tables, "customers")
    assert frame["birth_year"].dtype == "float64"
    assert frame["birth_year"].tolist()[0::2] == [1980.0, 1990.0]
    assert frame["city"].tolist()[:2] == ["Lyon", "été"]
    assert frame["code"].tolist() == ["01000", "2", "3"]


def test_static_columns_may_be_mapped_and_must_be_there() -> None:
    keys = {"static": ["town"], "columns": {"customers": {"town": "ville"}}}
    tables = tables_from_frames({"customers": CUSTOMERS.assign(ville="Lyon"), "payments": PAYMENTS}, config(**keys))
    assert set(read(tables, "customers")["town"]) == {"Lyon"}
    with pytest.raises(DataError, match=r"customers.town: missing column; the source has no column 'ville'"):
        tables_from_frames({"customers": CUSTOMERS, "payments": PAYMENTS}, config(**keys))


def test_the_data_end_just_after_the_latest_event_or_at_the_configured_midnight() -> None:
    frames = {"customers": CUSTOMERS, "payments": PAYMENTS}
    assert tables_from_frames(frames, config()).data_until == pd.Timestamp("2023-07-01 12:00:00.000001")
    fixed = config(data_until=dt.date(2023, 9, 1), timezone="Europe/Paris")
    assert tables_from_frames(frames, fixed).data_until == pd.Timestamp("2023-08-31 22:00")


def test_an_end_that_is_planned_does_not_move_the_end_of_the_data() -> None:
    row = {"subscription_id": [1], "customer_id": [1], "product": ["p"], "term_months": [12], "price": [1]}
    subscriptions = pd.DataFrame({**row, "started_at": ["2023-04-01"], "ended_at": ["9999-12-31"]})
    frames = {"customers": CUSTOMERS, "payments": PAYMENTS, "subscriptions": subscriptions}
    tables = tables_from_frames(frames, config())
    assert tables.data_until == pd.Timestamp("2023-07-01 12:00:00.000001")
    assert tables.execute(tables["subscriptions"])["ended_at"].dt.year.tolist() == [9999]


def test_tables_say_what_is_there_and_what_is_not() -> None:
    tables = tables_from_frames({"customers": CUSTOMERS, "payments": PAYMENTS}, config())
    assert tables.has("payments")
    assert tables.has("payments", "method", "amount")
    assert not tables.has("payments", "status")
    assert not tables.has("contacts")
    with pytest.raises(DataError, match="table 'contacts' is needed"):
        tables["contacts"]


def test_rows_of_unknown_customers_are_left_out_where_that_is_tolerated() -> None:
    payments = PAYMENTS.assign(customer_id=[1, 2, 99])
    frames = {"customers": CUSTOMERS, "payments": payments}
    with pytest.raises(DataError, match=r"payments.customer_id: unknown customer: 1 of 3 rows \(33.3%\), e.g. c;"):
        tables_from_frames(frames, config(tolerate={"unknown_customers": 0.3}))
    tables = tables_from_frames(frames, config(tolerate={"unknown_customers": 0.34}))
    assert read(tables, "payments")["payment_id"].tolist() == ["a", "b"]


def test_a_frame_may_hold_categories_missing_columns_and_any_index() -> None:
    payments = PAYMENTS.assign(method=PAYMENTS.method.astype("category"), kind=None).set_index(pd.Index([7, 7, 9]))
    tables = tables_from_frames({"customers": CUSTOMERS, "payments": payments}, config())
    assert read(tables, "payments")["method"].tolist() == ["iban", "card", "cheque"]
    assert read(tables, "payments")["kind"].isna().all()


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ({"customer": CUSTOMERS}, "unknown table 'customer'; did you mean 'customers'?"),
        ({"payments": PAYMENTS}, "customers: missing table"),
        ({"customers": CUSTOMERS}, "one of subscriptions or payments is needed"),
        ({"customers": CUSTOMERS.assign(customer_id=[1, "b", 3]), "payments": PAYMENTS}, "expected one type"),
        (
            {"customers": pd.concat([CUSTOMERS, CUSTOMERS.customer_id], axis=1), "payments": PAYMENTS},
            "customers: unreadable source; expected each column once",
        ),
        (
            {"customers": CUSTOMERS.assign(Customer_ID=1), "payments": PAYMENTS},
            "customers: unreadable source; expected each column once, got 'Customer_ID' twice",
        ),
        (
            {"customers": [1], "payments": PAYMENTS},
            "customers: unreadable source; expected a pandas DataFrame, got list",
        ),
        (
            {"customers": CUSTOMERS, "payments": PAYMENTS.rename(columns={"amount": " Amount"})},
            "payments.amount: missing column; the source has 'amount' in other capitals or between blanks",
        ),
        (
            {"customers": CUSTOMERS, "payments": PAYMENTS.assign(Status="failed")},
            "payments.status: missing column; the source has 'status' in other capitals or between blanks; map it",
        ),
        ({"customers": CUSTOMERS.head(0), "payments": PAYMENTS}, "customers: empty table"),
        ({"customers": CUSTOMERS.assign(signed_up_at=None), "payments": PAYMENTS}, "missing value: 3 of 3 rows"),
        (
            {"customers": CUSTOMERS, "payments": PAYMENTS.rename(columns={"amount": "amuont"})},
            "payments.amount: missing column; the source has no column 'amount'; did you mean 'amuont'?",
        ),
    ],
)
def test_frames_that_break_the_contract_are_refused(frames: dict[str, pd.DataFrame], expected: str) -> None:
    with pytest.raises(DataError) as error:
        tables_from_frames(frames, config())
    assert expected in str(error.value)


@pytest.mark.parametrize("named", [[1.0, 1.4, 2.0], ["1", "1.4", "2"], [1.0, 2.0**53 + 2, 2.0], ["1", "1e0", "2"]])
def test_an_identifier_is_never_rounded_to_another_customer_s(named: list[Any]) -> None:
    customers = pd.concat([CUSTOMERS, CUSTOMERS.head(1).assign(customer_id=2**53 + 2)])
    with pytest.raises(DataError, match=r"payments.customer_id: unknown customer: 1 of 3 rows \(33.3%\), e.g. b"):
        tables_from_frames({"customers": customers, "payments": PAYMENTS.assign(customer_id=named)}, config())


def test_a_column_that_is_taken_may_not_stand_twice_in_a_file(tmp_path: Path) -> None:
    yaml = "tables: {customers: c.csv, payments: p.parquet}"
    head = "customer_id,signed_up_at"
    (tmp_path / "c.csv").write_text(f"{head},Signed_Up_At,note,note\n1,2023-01-01,2022-01-01,a,b\n", encoding="utf-8")
    PAYMENTS.to_parquet(tmp_path / "p.parquet")
    assert refused(tmp_path, yaml).startswith(
        "customers: unreadable source; expected column 'signed_up_at' once, got it 2"
    )
    (tmp_path / "c.csv").write_text(f"{head},note,note\n1,2023-01-01,a,b\n2,2023-01-01,a,b\n", encoding="utf-8")
    arrow = pa.Table.from_pandas(PAYMENTS.assign(deep=[{"amount": 1}] * 3))
    pq.write_table(arrow, tmp_path / "p.parquet")
    assert len(read(opened(tmp_path, yaml), "payments")) == 3
    pq.write_table(arrow.append_column("amount", arrow["amount"]), tmp_path / "p.parquet")
    assert refused(tmp_path, yaml).startswith(
        "payments: unreadable source; expected column 'amount' once, got it 2 times"
    )


def test_a_column_that_is_dropped_is_missing_where_it_is_needed() -> None:
    with pytest.raises(DataError, match=r"payments.amount: missing column; 'amount' is listed under drop"):
        tables_from_frames({"customers": CUSTOMERS, "payments": PAYMENTS}, config(drop={"payments": ["amount"]}))


def test_the_engine_leaves_no_files_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    (folder / "business.yaml").touch()
    opened(folder, "tables: {customers: customers.parquet, payments: payments.csv}")
    assert sorted(folder.rglob("*")) == sorted([*before, folder / "business.yaml"])


@pytest.mark.parametrize("mapped", [{}, {"payments": {"failed_at": "taken_back_at"}}])
def test_a_charge_back_of_an_export_is_known_when_it_happened(mapped: dict[str, Any]) -> None:
    """The name that exports give it is read where nothing else is mapped, and that is said."""
    customers = pd.DataFrame({"customer_id": ["A"], "signed_up_at": ["2023-12-01"]})
    payments = pd.DataFrame(
        {"payment_id": [1], "customer_id": ["A"], "paid_at": ["2024-01-10"], "amount": [30.0], "method": ["iban"],
         "status": ["failed"], "charged_back_at": ["2024-02-19"], "taken_back_at": [None]}
    )  # fmt: skip
    frames = {"customers": customers, "payments": payments}
    config = Config.model_validate(
        {"tables": dict.fromkeys(frames, "-"), "columns": mapped, "data_until": "2024-12-31"}
    )
    tables = tables_from_frames(frames, config)
    spine = pd.DataFrame({"customer_id": ["A", "A"], "as_of": pd.to_datetime(["2024-02-01", "2024-03-01"])})
    features = build_features(tables, spine)
    failed_before = 0 if not mapped else 1
    assert list(features["payments_failed_30d"]) == [failed_before, 1 - failed_before]
