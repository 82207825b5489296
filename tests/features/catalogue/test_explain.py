"""A feature in words: what the declarations say, put in the business's own dates and names."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.catalogue.catalogue import GROUPS
from servicelift.features.catalogue.explain import explain_feature

AS_OF = pd.Timestamp("2024-06-01")


@pytest.fixture
def config(tmp_path):
    """Three tables of which only the columns are there, one under another name; a fourth is not there at all."""
    columns = {
        "customers": "customer_id,signed_up_at,region",
        "subscriptions": "subscription_id,customer_id,product,started_at,term_months,price",
        "contacts": "ticket,customer_id,submitted,channel,is_complaint",
    }
    for name, head in columns.items():
        (tmp_path / f"{name}.csv").write_text(head + "\n" + ",".join(["1"] * (head.count(",") + 1)) + "\n")
    tables = {name: f"{name}.csv" for name in columns} | {"payments": "nowhere.csv"}
    named = {"contacts": {"contact_id": "ticket", "opened_at": "submitted"}}
    base = {"tables": tables, "columns": named, "static": ("region",), "drop": {"contacts": ["is_complaint"]}}
    return Config.model_validate(base | {"folder": tmp_path})


def lines(config, name):
    head, *rows = explain_feature(config, name, AS_OF)
    assert head == name
    return {row.split()[0]: " ".join(row.split()[1:]) for row in rows}


def test_a_windowed_feature(config):
    assert lines(config, "contacts_90d") == {
        "meaning": "Contacts opened in the window, inbound and outbound.",
        "unit": "contacts",
        "window": "90 days: from 2024-03-03 00:00 UTC on, before 2024-06-01 00:00 UTC",
        "sources": "contacts.opened_at (your submitted)",
        "known": "opened_at (recorded_at, if that is later), strictly before 2024-06-01 00:00 UTC",
        "here": "available",
    }


def test_a_state_and_a_static_column(config):
    assert lines(config, "price")["window"] == "none: all history, or the state at as_of"
    assert lines(config, "region")["known"].endswith(
        "the table does not say when it was written: taken as never changed since"
    )
    assert "never changed" not in lines(config, "tenure_days")["known"]


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("complaints_30d", "needs contacts.is_complaint"),
        ("cancel_pending", "needs subscriptions.cancel_requested_at"),
        ("csat_last", "needs surveys.responded_at and surveys.score"),
    ],
)
def test_an_absent_feature_says_what_it_needs(config, name, needs):
    here = lines(config, name)["here"]
    assert here.startswith("absent: ")
    assert needs in here


def test_an_unknown_name_gets_the_nearest(config):
    with pytest.raises(ConfigError, match="unknown feature 'contacts_9d'; did you mean 'contacts_90d'"):
        explain_feature(config, "contacts_9d", AS_OF)


def test_only_the_tables_that_matter_are_opened(config):
    """The payments are not there: that stops only what rests on them."""
    assert lines(config, "contacts_30d")["here"] == "available"
    with pytest.raises(DataError, match=r"tables\.payments: expected a file"):
        explain_feature(config, "payments_30d", AS_OF)


def test_every_feature_has_a_block(config):
    config = config.model_copy(update={"tables": {n: s for n, s in config.tables.items() if n != "payments"}})
    for group in GROUPS:
        for feature in group.features(config)[:2]:
            assert set(lines(config, feature.info.name)) == {"meaning", "unit", "window", "sources", "known", "here"}
