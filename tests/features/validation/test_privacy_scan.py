from __future__ import annotations

import random
from typing import Any

import ibis
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import tables_from_frames
from servicelift.features.validation.findings import Finding
from servicelift.features.validation.privacy_scan import privacy_findings

N = 40
IBAN = "FR1420041010050500013M02606"
PHONES = [f"06 12 34 56 {i:02d}" for i in range(N)]


def config(**keys: Any) -> Config:
    return Config.model_validate({"tables": {"customers": "c", "payments": "p"}, **keys})


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": [f"K-{i:03d}" for i in range(N)], "signed_up_at": "2023-01-01", **columns})


def scan(connection: Any, table: pd.DataFrame, **keys: Any) -> list[Finding]:
    return privacy_findings(connection, config(**keys), "customers", ibis.memtable(table))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([f"person{i}@mail.example" for i in range(N)], "e-mail addresses"),
        (["ask jean@mail.fr", *["nothing"] * (N - 1)], "e-mail addresses"),
        ([IBAN] * N, "IBANs"),
        ([*["by cheque"] * (N - 1), "DE89 3704 0044 0532 0130 00"], "IBANs"),
        (["4111 1111 1111 1111"] * N, "card numbers"),
        ([4111111111111111] * N, "card numbers"),
        ([-4111111111111111] * N, "card numbers"),
        ([4111111111111111.0, None] * (N // 2), "card numbers"),
        (PHONES, "phone numbers"),
        ([f"+336123456{i:02d}" for i in range(N)], "phone numbers"),
        ([f"06123456{i:02d}" for i in range(N)], "phone numbers"),
        ([None] * (N - 4) + PHONES[:4], "phone numbers"),
        ([["a@b.fr"]] * N, "e-mail addresses"),
    ],
)
def test_a_column_that_looks_personal_is_named_with_what_to_do(connection: Any, values: list[Any], name: str) -> None:
    (finding,) = scan(connection, frame(secret=values))
    assert (finding.level, finding.table, finding.column) == ("error", "customers", "secret")
    assert finding.rule == f"looks like {name}"
    assert finding.hint == "drop it: drop: {customers: [secret]}"
    assert 1 <= finding.rows <= finding.total
    assert set(finding.examples) <= {f"K-{i:03d}" for i in range(N)}
    assert not any(str(value) in finding.message for value in values if value is not None)
    assert scan(connection, frame(secret=values), drop={"customers": ["secret"]}) == []


def digits(source: random.Random, length: int) -> str:
    return str(source.randrange(10 ** (length - 1), 10**length))


@pytest.mark.parametrize(
    "make",
    [
        lambda s, i: f"{i:010d}",
        lambda s, i: f"{s.getrandbits(128):032X}",
        lambda s, i: digits(s, 16),
        lambda s, i: digits(s, 13),
        lambda s, i: int(digits(s, 9)),
        lambda s, i: f"{1 + i % 28:02d}-07-2023 {i % 24:02d}:00",
        lambda s, i: f"2023-07-{1 + i % 28:02d}",
        lambda s, i: f"{s.random():.9f}",
        lambda s, i: "été à la mer",
        lambda s, i: f"S-{s.getrandbits(24):06x}",
        lambda s, i: None,
        lambda s, i: s.random(),
    ],
)
def test_keys_dates_and_numbers_are_not_taken_for_personal_data(connection: Any, make: Any) -> None:
    source = random.Random(11)
    assert scan(connection, frame(value=[make(source, i) for i in range(N)])) == []


def test_one_phone_like_text_among_many_is_no_column_of_phone_numbers(connection: Any) -> None:
    assert scan(connection, frame(value=["06 12 34 56 78", *["billing"] * (N - 1)])) == []


def test_a_key_that_is_personal_shows_no_examples(connection: Any) -> None:
    table = frame().assign(customer_id=[f"person{i}@mail.example" for i in range(N)])
    (finding,) = scan(connection, table)
    assert (finding.column, finding.examples) == ("customer_id", ())
    assert finding.hint == "replace it by a key of your own"


def test_columns_the_contract_leaves_out_are_looked_at_and_refuse_the_tables() -> None:
    row = {"payment_id": [1], "customer_id": ["K-001"], "paid_at": ["2023-05-01"], "amount": [1], "method": ["iban"]}
    payments = pd.DataFrame({**row, "account": [IBAN]})
    with pytest.raises(DataError, match=r"payments.account: looks like IBANs: 1 of 1 rows") as error:
        tables_from_frames({"customers": frame(), "payments": payments}, config())
    assert IBAN not in str(error.value)
    tables = tables_from_frames({"customers": frame(), "payments": payments}, config(drop={"payments": ["account"]}))
    assert "account" not in tables["payments"].columns


def test_personal_keys_are_shown_by_no_other_finding() -> None:
    mails = [f"person{i}@mail.example" for i in range(N)]
    customers = pd.DataFrame({"customer_id": mails, "signed_up_at": "soon"})
    row = {"payment_id": [1], "customer_id": mails[:1], "paid_at": ["2023-05-01"], "amount": [1], "method": ["iban"]}
    with pytest.raises(DataError) as error:
        tables_from_frames({"customers": customers, "payments": pd.DataFrame(row)}, config())
    assert "@" not in str(error.value)
