from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from servicelift.core.config.business import Config


def config(**entry: Any) -> Config:
    return Config.model_validate(
        {"tables": {"customers": "c.parquet", "payments": "p.parquet", "contacts": {"csv": "t.csv", **entry}}}
    )


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"constants": {"chanel": "mail"}}, "no column 'chanel'; did you mean 'channel'"),
        ({"constants": {"direction": "in"}}, "unknown code 'in'; expected one of inbound, outbound"),
        ({"columns": {"id": ["a"]}}, r"tables.contacts.columns: the contract has no column 'id'"),
        ({"units": {"cost": "minutes"}}, "'cost' counts no time; units are for contacts.handle_seconds"),
        ({"units": {"handle_seconds": "years"}}, "expected one of milliseconds, seconds, minutes, hours, days"),
        ({"where": {"status": {}}}, "expected words"),
    ],
)
def test_an_entry_that_does_not_fit_the_contract_is_refused(entry, fault):
    with pytest.raises(ValidationError, match=fault):
        config(**entry)


def test_a_column_is_constant_or_mapped_not_both():
    entry = {"csv": "t.csv", "constants": {"channel": "mail"}}
    raw = {
        "tables": {"customers": "c", "payments": "p", "contacts": entry},
        "columns": {"contacts": {"channel": "via"}},
    }
    with pytest.raises(ValidationError, match="'channel' is mapped under columns: as well"):
        Config.model_validate(raw)


def test_words_may_be_written_as_yaml_reads_them():
    source = config(where={"deleted": False, "n": [1, 2]}, constants={"is_complaint": True}).tables["contacts"]
    assert source.where["deleted"].only == ("false",)
    assert source.where["n"].only == ("1", "2")
    assert source.constants == {"is_complaint": "true"}
