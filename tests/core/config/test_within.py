"""Paths of a configuration stay within the folders that it is allowed, links and dots included."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.config.within import check_within, folders_of
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.tables.tables import open_tables

PEOPLE = pd.DataFrame({"customer_id": [1, 2], "signed_up_at": pd.to_datetime(["2023-01-01", "2023-02-01"])})
PAID = pd.DataFrame(
    {
        "payment_id": [1],
        "customer_id": [1],
        "paid_at": pd.to_datetime(["2024-01-01"]),
        "amount": [9.0],
        "method": ["iban"],
    }
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder that is allowed, one beside it that is not, and a link from the one into the other."""
    for name in ("allowed", "other"):
        (tmp_path / name).mkdir()
        PEOPLE.to_parquet(tmp_path / name / "people.parquet")
        PAID.to_parquet(tmp_path / name / "paid.parquet")
    (tmp_path / "allowed" / "link").symlink_to(tmp_path / "other")
    return tmp_path


def config(data: Path, **more: object) -> Config:
    tables = {"customers": "allowed/people.parquet", "payments": "allowed/paid.parquet"}
    made = {"tables": tables, "within": ["allowed"], "folder": data} | more
    return Config.model_validate(made)


@pytest.mark.parametrize("path", ["a.parquet", "sub/a.parquet", "../allowed/a.parquet", "sub/*.parquet"])
def test_what_lies_within_is_taken(data: Path, path: str) -> None:
    whole = str(data / "allowed" / path)
    assert check_within(whole, ["allowed"], data) == whole
    assert check_within(whole, [], data) == whole


@pytest.mark.parametrize(
    "path", ["../other/a.parquet", "link/people.parquet", "../allowed-too/a.parquet", "/etc/passwd"]
)
def test_what_leads_out_is_refused(data: Path, path: str) -> None:
    with pytest.raises(ConfigError, match=r"^expected a path within 'allowed', got '.*'; move it there, or allow it"):
        check_within(str(data / "allowed" / path), ["allowed"], data)


def test_addresses_begin_with_one_that_is_allowed() -> None:
    assert check_within("s3a://bucket/payments", ["s3a://bucket"], Path("/"))
    for other in ("s3a://bucket-of-others/payments", "s3a://bucket/../others", "http://bucket/payments"):
        with pytest.raises(ConfigError):
            check_within(other, ["s3a://bucket"], Path("/"))


def test_folders_follow_links(data: Path) -> None:
    (data / "short").symlink_to(data / "allowed")
    assert folders_of(["short"], data) == [data / "allowed"]


def test_tables_within_open_and_others_do_not(data: Path) -> None:
    assert open_tables(config(data)).has("payments")
    for path in ("other/people.parquet", "allowed/link/people.parquet", "allowed/l*/people.parquet"):
        tables = {"customers": path, "payments": "allowed/paid.parquet"}
        with pytest.raises(ConfigError, match=r"expected a path within"):
            open_tables(config(data, tables=tables))


def test_a_query_opens_no_file_elsewhere(data: Path) -> None:
    query = "select * from read_parquet('{}/people.parquet')"
    inside = {"customers": {"sql": query.format(data / "allowed")}, "payments": "allowed/paid.parquet"}
    assert open_tables(config(data, tables=inside)).has("customers")
    for place in (data / "other", data / "allowed" / "link", data / "allowed" / ".." / "other"):
        tables = {"customers": {"sql": query.format(place)}, "payments": "allowed/paid.parquet"}
        with pytest.raises(DataError, match=r"Permission Error"):
            open_tables(config(data, tables=tables))


def test_the_store_of_models_stays_within(data: Path) -> None:
    assert config(data, tracking={"uri": "sqlite:///allowed/mlflow.db"}).tracking_uri.endswith("allowed/mlflow.db")
    with pytest.raises(ConfigError, match=r"expected a path within"):
        config(data).tracking_uri  # noqa: B018
