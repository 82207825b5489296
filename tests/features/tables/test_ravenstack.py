"""The RavenStack data set contradicts itself on purpose: the mapping alone must bring that to light."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.core.errors import ConfigError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.tables.tables import Tables, open_tables, validate
from servicelift.features.timeline.spine import running_spine

MAPPING = Path("configs") / "ravenstack.yaml"


@pytest.fixture(scope="module")
def config(data_dir: Path, pytestconfig: pytest.Config) -> Config:
    if not (data_dir / "churn" / "ravenstack").is_dir():
        pytest.skip(f"RavenStack is not at {data_dir}/churn/ravenstack")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SERVICELIFT_DATA", str(data_dir))
        return load_config(pytestconfig.rootpath / MAPPING)


@pytest.fixture(scope="module")
def tables(config: Config) -> Tables:
    return open_tables(config)


def test_validation_names_the_contradictions_with_their_published_shares(config: Config) -> None:
    report = validate(config)
    assert report.errors == ()
    lines = report.lines()
    tickets = "warning: contacts.opened_at: before sign-up: 1,077 of 2,000 rows (53.9%), e.g. T-"
    flags = "warning: customers.churn_flag: churn events of accounts flagged as not churned: 465 of 600 rows (77.5%)"
    assert any(line.startswith(tickets) for line in lines)
    assert any(line.startswith(flags) for line in lines)
    assert lines[-1].endswith("rows read: customers 500, subscriptions 5,000, contacts 2,000, surveys 2,000")


def test_day_first_dates_are_read_with_and_without_a_time(tables: Tables) -> None:
    contacts = tables["contacts"]
    first = tables.execute(contacts.filter(contacts.contact_id == "T-0024de")).iloc[0]
    assert first["opened_at"] == pd.Timestamp("2023-07-27")
    assert first["closed_at"] == pd.Timestamp("2023-07-28 03:00")


def test_tickets_feed_contacts_and_surveys(tables: Tables) -> None:
    counts = tables.execute(tables["surveys"].aggregate(sent=lambda t: t.count(), answered=lambda t: t.score.count()))
    assert counts.iloc[0].tolist() == [2_000, 1_175]
    assert tables.execute(tables["contacts"].count()) == 2_000


def test_every_account_keeps_a_running_subscription_and_features_come_out(tables: Tables) -> None:
    spine = running_spine(tables, [tables.data_until])
    assert len(spine) == 500
    features = build_features(tables, spine, ["subscriptions_running", "contacts_90d", "csat_last"])
    assert features["subscriptions_running"].min() >= 1
    assert features["contacts_90d"].sum() > 0
    assert set(features["csat_last"].dropna()) <= {3.0, 4.0, 5.0}


def test_without_the_folder_the_mapping_says_which_variable_to_set(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVICELIFT_DATA", raising=False)
    with pytest.raises(ConfigError, match="environment variable SERVICELIFT_DATA is not set"):
        load_config(pytestconfig.rootpath / MAPPING)
