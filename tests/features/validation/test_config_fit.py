"""Names in the configuration that the tables do not hold are warned of, with the nearest that they do."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.features.tables.tables import open_tables, validate

TABLES = {
    "customers": pd.DataFrame({"customer_id": [1, 2], "signed_up_at": "2023-01-01", "email": ["a", "b"]}),
    "payments": pd.DataFrame(
        {"payment_id": [1, 2], "customer_id": [1, 2], "paid_at": "2023-02-01", "amount": 5.0, "method": "iban"}
    ).assign(kind="renewal"),
    "actions": pd.DataFrame(
        {"action_id": [1], "customer_id": [1], "action": ["iban_switch"], "decided_at": "2023-03-01", "arm": "treated"}
    ),
    "contacts": pd.DataFrame({"contact_id": [1], "opened_at": "2023-03-01", "customer_id": [1], "channel": ["phone"]}),
}


@pytest.fixture
def config(tmp_path):
    def write(text):
        for name, frame in TABLES.items():
            frame.to_parquet(tmp_path / f"{name}.parquet")
        path = tmp_path / "b.yaml"
        names = ", ".join(f"{name}: {name}.parquet" for name in TABLES)
        path.write_text(f"tables: {{{names}}}\n{text}", encoding="utf-8")
        return load_config(path)

    return write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "drop: {customers: [emial]}",
            "customers.emial: no such column to drop; the source has none of this name; did you mean 'email'?",
        ),
        ("drop: {customers: [Email]}", "customers.Email: no such column to drop"),
        (
            "incremental: {actions: {iban_swich: {}}}",
            "actions.action: no row has 'iban_swich'; incremental: actions: names it; did you mean 'iban_switch'?",
        ),
        (
            "features: {channels: [Phone]}",
            "contacts.channel: no row has 'Phone'; features: channels: names it; did you",
        ),
        ("lines: {all: {payments.kind: one_off}}", "payments.kind: no row has 'one_off'; payments.kind: under lines:"),
    ],
)
def test_a_name_that_no_table_holds_is_warned_of(config, text, expected):
    report = validate(config(text))
    assert not report.errors
    assert [f.message for f in report.warnings if expected in f.message]
    open_tables(config(text))


def test_names_that_the_tables_hold_are_not(config):
    text = (
        "drop: {customers: [email]}\nincremental: {actions: {iban_switch: {}}}\nfeatures: {channels: [phone]}\n"
        "lines: {all: {payments.kind: renewal}}"
    )
    assert validate(config(text)).findings == ()


@pytest.mark.parametrize("name", ["Charged_Back_At", "Chargeback_Date", "failed_on", "returned_at"])
def test_an_unread_column_that_may_say_when_payments_came_back_is_named(config, tmp_path, name):
    told = config("")
    TABLES["payments"].assign(**{name: "2023-03-01"}).to_parquet(tmp_path / "payments.parquet")
    lines = [each.message for each in validate(told).warnings]
    expected = f"payments.failed_at: not there, and the source's '{name}' may be it; map it under columns: payments:"
    assert any(line.startswith(expected) for line in lines), lines
    mapped = told.model_copy(update={"columns": {"payments": {"failed_at": name}}})
    dropped = told.model_copy(update={"drop": {"payments": [name]}})
    for other in (mapped, dropped):
        assert not any("may be it" in each.message for each in validate(other).warnings)


def test_columns_of_other_meanings_are_not_taken_for_it(config, tmp_path):
    told = config("")
    others = {"failure_reason": "x", "created_at": "2023-03-01", "return_url": "x", "failed_attempts": 1}
    TABLES["payments"].assign(**others).to_parquet(tmp_path / "payments.parquet")
    assert not any("may be it" in each.message for each in validate(told).warnings)
