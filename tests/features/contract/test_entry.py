"""What a table's entry says of its rows, read from files as users have them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import DataError
from servicelift.features.catalogue.explain import explain_feature
from servicelift.features.tables.tables import open_tables, validate

CONTACTS = """\
nr,kunde,begin,dauer,status,tags,art
1,a,2024-01-02,4.5,solved,vip,mail
2,a,2024-01-03,2,Deleted,,mail
3,b,2024-01-04,1,solved,x closed_by_merge,chat
4,b,2024-01-05,,,,chat
"""


@pytest.fixture
def business(tmp_path: Path):
    (tmp_path / "c.csv").write_text("customer_id,signed_up_at\na,2023-01-01\nb,2023-01-01\n")
    (tmp_path / "p.csv").write_text("payment_id,customer_id,paid_at,amount,method\n1,a,2023-05-01,9,iban\n")
    (tmp_path / "t.csv").write_text(CONTACTS)

    def config(entry: str, more: str = ""):
        text = f"tables:\n  customers: c.csv\n  payments: p.csv\n  contacts: {{csv: t.csv, {entry}}}\n{more}"
        (tmp_path / "b.yaml").write_text(text)
        return load_config(tmp_path / "b.yaml")

    return config


COLUMNS = "columns: {contact_id: [id, nr], customer_id: kunde, opened_at: begin, channel: art, handle_seconds: dauer}"


def contacts(config):
    tables = open_tables(config)
    rows = tables["contacts"]
    return tables.execute(rows.order_by("contact_id")).set_index("contact_id")


def test_rows_stay_by_words_and_tags_and_missing_words_stay(business):
    rows = contacts(business(f"{COLUMNS}, where: {{status: {{not: deleted}}, tags: {{lacks: closed_by_merge}}}}"))
    assert list(rows.index) == ["1", "4"]


def test_rows_stay_by_whether_there_is_a_word(business):
    assert list(contacts(business(f"{COLUMNS}, where: {{status: {{given: true}}}}")).index) == ["1", "2", "3"]
    assert list(contacts(business(f"{COLUMNS}, where: {{status: {{given: false}}}}")).index) == ["4"]


def test_columns_that_are_dropped_are_not_scanned_and_mapped_ones_are_read(business, tmp_path):
    (tmp_path / "t.csv").write_text(CONTACTS.replace("vip", "a@b.org"))
    assert [f.column for f in validate(business(COLUMNS)).errors] == ["tags"]
    assert len(contacts(business(f"{COLUMNS}, drop: [tags, art, absent]"))) == 4


def test_only_words_that_are_listed_stay(business):
    rows = contacts(business(f"{COLUMNS}, where: {{status: [SOLVED]}}"))
    assert list(rows.index) == ["1", "3"]


def test_minutes_become_seconds_and_a_missing_one_stays_missing(business):
    rows = contacts(business(f"{COLUMNS}, units: {{handle_seconds: minutes}}"))
    assert rows.handle_seconds.dropna().to_dict() == {"1": 270.0, "2": 120.0, "3": 60.0}


def test_what_is_no_number_is_reported_in_any_unit(business, tmp_path):
    (tmp_path / "t.csv").write_text(CONTACTS.replace("4.5", "long"))
    report = validate(business(f"{COLUMNS}, units: {{handle_seconds: minutes}}"))
    assert [f.column for f in report.errors] == ["handle_seconds"]


def test_a_constant_is_in_every_row(business):
    assert set(contacts(business(f"{COLUMNS}, constants: {{direction: inbound}}")).direction) == {"inbound"}


def test_a_constant_stands_in_where_none_of_the_names_is_there(business):
    entry = COLUMNS.replace("channel: art", "channel: [via]") + ", constants: {channel: ticket}"
    assert set(contacts(business(entry)).channel) == {"ticket"}
    entry = COLUMNS + ", constants: {channel: ticket}"
    assert set(contacts(business(entry)).channel) == {"mail", "chat"}


def test_a_constant_beside_a_column_of_that_name_is_refused(business, tmp_path):
    (tmp_path / "t.csv").write_text(CONTACTS.replace("tags", "direction"))
    with pytest.raises(DataError, match="has a column 'direction' already"):
        open_tables(business(f"{COLUMNS}, constants: {{direction: inbound}}"))


def test_a_missing_filter_column_is_refused(business):
    with pytest.raises(DataError, match="where: the source has no column 'state'; did you mean 'status'"):
        open_tables(business(f"{COLUMNS}, where: {{state: solved}}"))


def test_a_missing_column_says_which_names_were_looked_for(business):
    entry = COLUMNS.replace("opened_at: begin", "opened_at: [created, Created at]")
    (finding,) = validate(business(entry)).errors
    assert "no column 'created' or 'Created at'" in finding.message


def test_what_the_columns_of_the_configuration_map_goes_first(business):
    entry = COLUMNS.replace("channel: art", "channel: status")
    rows = contacts(business(entry, "columns: {contacts: {channel: art}}\n"))
    assert rows.channel["1"] == "mail"


def test_a_preset_without_its_filter_column_says_so(business, tmp_path):
    (tmp_path / "t.csv").write_text("id,requester_id,created_at\n1,a,2024-01-02\n")
    report = validate(business("preset: zendesk"))
    assert not report.errors
    rules = [f.message for f in report.warnings if "preset zendesk" in f.message]
    assert len(rules) == 2
    assert "contacts.status" in rules[0]


def test_explained_features_know_the_entry(business):
    assert "available" in explain_feature(business(COLUMNS), "contacts_30d", pd.Timestamp(2024, 2, 1))[-1]
