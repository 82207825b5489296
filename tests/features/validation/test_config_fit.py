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
