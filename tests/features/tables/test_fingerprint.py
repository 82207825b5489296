"""The data's fingerprint: an empty table has one, too, and a row more changes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from servicelift.features.tables.fingerprint import fingerprint

CONTACT = {"contact_id": 1, "opened_at": "2023-01-01", "channel": "phone"}


def test_a_table_without_rows_counts_none(tables_of: Callable[..., Any]) -> None:
    empty, one = fingerprint(tables_of({"contacts": []})), fingerprint(tables_of({"contacts": [CONTACT]}))
    assert empty["contacts"] == "0:0"
    assert one["contacts"].startswith("1:")
    assert empty["customers"] == one["customers"]
    assert empty["all"] != one["all"]
