from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from servicelift.core.config.business import Config, CsvSource, DuckdbSource, FileSource, SqlSource, load_config
from servicelift.core.errors import ConfigError

MINIMAL = "tables: {customers: c.parquet, payments: p.parquet}\n"
DESIGN = """
business: press
currency: EUR
timezone: Europe/Paris
data_until: 2024-06-30
seed: 7
engine: {name: duckdb, memory: 4GB, threads: 2}
tables:
  customers: data/customers.parquet
  payments: {csv: data/pay/*.csv, delimiter: ";", date_format: "%d-%m-%Y"}
  surveys: {sql: "select 1 from read_csv('tickets.csv')"}
  actions: {connection: "postgresql://host/db", table: crm.actions}
columns:  {contacts: {contact_id: ticket_id, opened_at: submitted_at}}
codes:    {payments.method: {iban: [SEPA, PRLV], card: [CB]}}
static:   [acquisition_channel, birth_year]
drop:     {customers: [email]}
tolerate: {unknown_customers: 0.01}
lines:    {single_copies: {kind: noncontractual, payments.kind: one_off}}
snapshots: {first: 2023-01-01, last: 2024-06-01, every_months: 1}
features: {windows_days: [30, 90, 365]}
churn:    {horizon_days: 90, grace_days: 30}
value:    {margin_rate: 0.35, annual_discount_rate: 0.10, horizon_months: 36, cost_per_contact: 4.0}
scales:   {csat: [1, 5], nps: [0, 10], ces: [1, 7]}
incremental:
  follow_up_days: 180
  cool_down_days: 30
  holdout: {share: 0.1, salt: "2024"}
  actions:
    iban_switch: {cost: 2.5, assignment: chosen, eligible: "method != 'iban'", capacity: 2000}
    retention_offer: {cost: 6.0, cost_if_accepted: 12.0, assignment: mixed}
tracking: {uri: "sqlite:///mlflow.db", experiment: press}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "business.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def fault(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        load_config(write(tmp_path, text))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_design_s_own_example_is_read(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, DESIGN))
    assert config.tables["customers"] == FileSource(path="data/customers.parquet")
    assert config.tables["payments"] == CsvSource(csv="data/pay/*.csv", delimiter=";", date_format="%d-%m-%Y")
    assert isinstance(config.tables["surveys"], SqlSource)
    assert config.codes["payments.method"]["iban"] == ("SEPA", "PRLV")
    assert config.lines["single_copies"].payments_kind == "one_off"
    assert config.incremental.actions["retention_offer"].cost_if_accepted == 12.0
    assert config.folder == tmp_path.resolve()


def test_only_tables_are_needed(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, MINIMAL))
    assert (config.timezone, config.churn.horizon_days, config.value.horizon_months) == ("UTC", 90, 36)
    assert config.model_name("churn") == "business-churn"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MINIMAL + "chrun: {horizon_days: 3}", "unknown key 'chrun'; did you mean 'churn'?"),
        (MINIMAL + "churn: {horizn_days: 3}", "unknown key 'churn.horizn_days'; did you mean 'horizon_days'?"),
        (MINIMAL + "churn: {tuning: {trails: 3}}", "unknown key 'churn.tuning.trails'; did you mean 'trials'?"),
        (MINIMAL + "churn: {tuning: {trials: -1}}", "churn.tuning.trials"),
        (MINIMAL + "churn: {tuning: {file: 'sqlite:///a.db'}}", "churn.tuning.file: expected a path to a file"),
        (MINIMAL + "churn: {monotone: {tenure_days: 2}}", "churn.monotone.tenure_days: expected one of 1 or -1, got 2"),
        (MINIMAL + "churn: {campaign: {accept_rate: 1.5}}", "churn.campaign.accept_rate"),
        (MINIMAL + "language: de", "language: expected one of 'en' or 'fr', got 'de'"),
        (
            MINIMAL + "incremental: {actions: {call: {cots: 3}}}",
            "unknown key 'incremental.actions.call.cots'; did you mean 'cost'?",
        ),
        (MINIMAL + "checks: {a: {colunm: x}}", "unknown key 'checks.a.colunm'; did you mean 'column'?"),
        (MINIMAL + "checks: {a: {column: actions.action}}", "checks.a.rule: expected it, found none; add it"),
        ("tables: {customer: c.csv, payments: p.csv}", "unknown table 'customer'; did you mean 'customers'?"),
        ("tables: {customers: c.csv}", "one of 'subscriptions' or 'payments' is needed"),
        ("tables: {payments: c.csv}", "'customers' is missing"),
        (MINIMAL + "columns: {payments: {paidat: x}}", "no column 'paidat'; did you mean 'paid_at'?"),
        (MINIMAL + "columns: {paiments: {}}", "unknown table 'paiments'; did you mean 'payments'?"),
        (MINIMAL + "codes: {payments.methd: {}}", "unknown column 'payments.methd'; did you mean 'payments.method'?"),
        (MINIMAL + "codes: {payments.method: {sepa: [X]}}", "unknown code 'sepa'; expected one of iban, card"),
        (MINIMAL + "timezone: Europe/Pari", "'Europe/Pari' is no time zone"),
        (MINIMAL + "value: {margin_rate: 3}", "value.margin_rate"),
        (MINIMAL + "lines: {shop: {purchase_model: nbd}}", "lines.shop.purchase_model"),
        (
            MINIMAL + "lines: {press: {kind: contractual, purchase_model: bgnbd}}",
            "a line with contracts has none; leave it out or set kind: noncontractual",
        ),
        (MINIMAL + "tolerate: {unknown_customers: 1.5}", "tolerate.unknown_customers"),
        (MINIMAL + "data_until: 30-06-2024", "data_until"),
        (MINIMAL + "folder: /x", "unknown key 'folder'"),
        (
            "tables: {customers: c.csv, payments: {csv: p.csv, delimeter: ';'}}",
            "unknown key 'tables.payments.delimeter'; did you mean 'delimiter'?",
        ),
        (
            "tables: {customers: c.csv, payments: {duckdb: p.db}}",
            "tables.payments.table: expected it, found none; add it",
        ),
        ("tables: {customers: c.csv, payments: {file: p}}", "expected a path, or csv:"),
        ("tables: {customers: c.csv, payments: 3}", "expected a path, or csv:"),
        ("tables: {1: c.csv}", "expected a table of the contract"),
        ("tables: {customers: a.csv, customers: b.csv}", "key 'customers' stands twice"),
        (MINIMAL + "columns: {payments: {paid_at: a, paid_at: b}}", "key 'paid_at' stands twice"),
        ("tables:", "tables: "),
        ("- a", "expected keys such as 'tables:'"),
        ("", "expected keys such as 'tables:'"),
        ("tables: [", "is not readable YAML"),
        (MINIMAL + "checks: {a: {column: x.y, rule: r, sql: s}}", "checks.a.column: unknown table 'x'"),
    ],
)
def test_a_fault_is_named_in_one_line(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in fault(tmp_path, text)


def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="found none at"):
        load_config(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigError, match="not readable YAML"):
        load_config(tmp_path / "bytes.yaml")


def test_codes_may_be_single_numbers_and_yaml_flags(tmp_path: Path) -> None:
    text = MINIMAL + "codes: {payments.status: {paid: 1, failed: [0, no]}, contacts.resolved: {true: solved}}"
    codes = load_config(write(tmp_path, text)).codes
    assert codes["payments.status"] == {"paid": ("1",), "failed": ("0", "false")}
    assert codes["contacts.resolved"] == {"true": ("solved",)}


def test_relative_paths_start_at_the_config_s_folder(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, MINIMAL))
    assert config.resolve("data/c.parquet") == str(tmp_path.resolve() / "data/c.parquet")
    assert config.resolve("/elsewhere/c.parquet") == "/elsewhere/c.parquet"
    assert config.resolve("s3://bucket/c.parquet") == "s3://bucket/c.parquet"
    assert config.tracking_uri == f"sqlite:///{tmp_path.resolve() / 'mlflow.db'}"


def test_environment_variables_are_filled_in_where_data_and_tracking_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESS_DATA", "/srv/press")
    query = "select '$x' from '${PRESS_DATA}/p'"
    text = f"tables: {{customers: '${{PRESS_DATA}}/c.csv', payments: {{sql: \"{query}\"}}}}"
    config = load_config(write(tmp_path, text))
    assert config.tables["customers"] == FileSource(path="/srv/press/c.csv")
    assert config.tables["payments"] == SqlSource(sql="select '$x' from '/srv/press/p'")


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRESS_DATA", raising=False)
    message = fault(tmp_path, "tables: {customers: c.csv, payments: {csv: '${PRESS_DATA}/p.csv'}}")
    assert "tables.payments.csv: the environment variable PRESS_DATA is not set" in message


def test_sources_are_told_apart_by_their_keys() -> None:
    config = Config.model_validate({"tables": {"customers": "c.csv", "payments": {"duckdb": "x.db", "table": "pay"}}})
    assert config.tables["payments"] == DuckdbSource(duckdb="x.db", table="pay")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(Config.model_fields)), PLAIN)
def test_no_value_of_any_key_gives_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: object
) -> None:
    document = {"tables": {"customers": "c.csv", "payments": "p.csv"}, key: value}
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with contextlib.suppress(ConfigError):
        assert isinstance(load_config(path), Config)


def test_covariates_of_purchases_are_static_columns_of_lines_without_contracts():
    shop = {"tables": {"customers": "c", "payments": "p"}, "static": ["channel"]}
    line = {"kind": "noncontractual", "covariates": ["channel"]}
    assert Config.model_validate(shop | {"lines": {"shop": line}}).lines["shop"].covariates == ("channel",)
    with pytest.raises(
        ValueError, match=r"lines\.shop\.covariates: expected columns that stand under static, got 'chanel'"
    ):
        Config.model_validate(shop | {"lines": {"shop": line | {"covariates": ["chanel"]}}})
    with pytest.raises(ValueError, match="covariates: a line with contracts has none"):
        Config.model_validate(shop | {"lines": {"press": {"kind": "contractual", "covariates": ["channel"]}}})


def test_variables_are_of_the_kind_of_their_key_and_never_shown(tmp_path, monkeypatch):
    file = tmp_path / "press.yaml"
    text = "tables: {customers: c, payments: p}\nseed: ${SEED}\ndata_until: ${UNTIL}\ntimezone: ${ZONE}\n"
    file.write_text(text, encoding="utf-8")
    for name, value in (("SEED", "11"), ("UNTIL", "2024-06-30"), ("ZONE", "Europe/Paris")):
        monkeypatch.setenv(name, value)
    config = load_config(file)
    assert (config.seed, str(config.data_until), config.timezone) == (11, "2024-06-30", "Europe/Paris")
    monkeypatch.setenv("ZONE", "s3cret")
    with pytest.raises(ConfigError, match=r"timezone") as error:
        load_config(file)
    assert "s3cret" not in str(error.value)
    assert "${ZONE}" in str(error.value)
