from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.core.config.presets import preset_names, preset_tables, with_presets
from servicelift.core.contract import CONTRACT
from servicelift.core.errors import ConfigError


def config(**entry: object) -> Config:
    tables = {"customers": "c.parquet", "payments": "p.parquet", "contacts": {"csv": "t.csv", **entry}}
    return Config.model_validate({"tables": tables})


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_fits_the_configuration_and_brings_each_required_column(name):
    for table in preset_tables(name):
        others = dict.fromkeys(("customers", "payments"), "x.parquet")
        read = Config.model_validate({"tables": {**others, table: {"csv": "x.csv", "preset": name}}})
        source = read.tables[table]
        needed = {c.name for c in CONTRACT[table].columns if not c.optional}
        assert needed <= {*source.columns, *source.constants}, table


def test_an_unknown_preset_names_the_nearest(tmp_path: Path):
    path = tmp_path / "b.yaml"
    path.write_text("tables: {customers: c.csv, payments: p.csv, contacts: {csv: t.csv, preset: zendisk}}")
    with pytest.raises(ConfigError, match="no preset 'zendisk'; did you mean 'zendesk'"):
        load_config(path)


def test_a_preset_is_for_its_own_tables(tmp_path: Path):
    path = tmp_path / "b.yaml"
    path.write_text("tables: {customers: c.csv, payments: {csv: t.csv, preset: zendesk}}")
    with pytest.raises(ConfigError, match=r"tables.payments.preset: 'zendesk' is for contacts, surveys, not for"):
        load_config(path)


def test_what_the_entry_says_goes_before_its_preset():
    own = config(preset="zendesk", columns={"customer_id": "External ID"}, where={"Brand": "press"}).tables["contacts"]
    plain = config(preset="zendesk").tables["contacts"]
    assert own.columns["customer_id"] == ("External ID",)
    assert own.columns["opened_at"] == plain.columns["opened_at"]
    assert {*own.where} == {*plain.where, "Brand"}


def test_a_constant_of_the_entry_goes_before_the_names_of_its_preset():
    source = config(preset="zendesk", constants={"channel": "mail"}).tables["contacts"]
    assert source.constants["channel"] == "mail"
    assert "channel" not in source.columns


def test_codes_of_the_configuration_go_before_the_preset_column_by_column():
    entry = {"csv": "t.csv", "preset": "zendesk"}
    raw = {"tables": {"contacts": entry}, "codes": {"contacts.resolved": {"true": ["done"]}}}
    assert with_presets(raw)["codes"] == {"contacts.resolved": {"true": ["done"]}}
    assert "contacts.resolved" in with_presets({"tables": {"contacts": entry}})["codes"]


def test_nothing_changes_without_a_preset():
    raw = {"tables": {"customers": "c.csv", "payments": {"csv": "p.csv"}}}
    assert with_presets(raw) == raw
