from __future__ import annotations

import pytest
from servicelift.core.contract import CONTRACT, RECORDED_AT, Kind, Table

TABLES = list(CONTRACT.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_keys_and_known_instants_are_columns_of_the_table(table: Table) -> None:
    assert set(table.key) <= set(table.column)
    for name in filter(None, [table.row_known, *(c.known for c in table.columns)]):
        assert table.column[name].kind in (Kind.INSTANT, Kind.DATE)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_column_names_are_unique_and_leave_recorded_at_free(table: Table) -> None:
    assert len(table.column) == len(table.columns)
    assert RECORDED_AT not in table.column


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_references_point_to_single_keys(table: Table) -> None:
    for column in table.columns:
        if column.references is not None:
            assert column.kind is Kind.ID
            assert len(CONTRACT[column.references].key) == 1


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_only_codes_have_codes_and_every_column_says_what_it_means(table: Table) -> None:
    for column in table.columns:
        assert bool(column.codes) == (column.kind is Kind.CODE)
        assert column.meaning
        assert not (column.optional and column.name in table.key)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_a_value_known_at_an_instant_of_its_own_may_be_missing(table: Table) -> None:
    assert all(c.nullable for c in table.columns if c.known is not None)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_what_stands_in_for_a_needed_column_is_optional_and_of_its_kind(table: Table) -> None:
    for column in table.columns:
        if column.instead is not None:
            other = table.column[column.instead]
            assert not column.optional
            assert other.optional
            assert other.kind is column.kind


def test_pauses_are_known_as_they_happen_and_trials_with_their_row() -> None:
    columns = CONTRACT["subscriptions"].column
    assert [columns[c].known for c in ("trial_until", "paused_from", "paused_until")] == [
        None,
        "paused_from",
        "paused_until",
    ]
    assert {c.name for c in columns.values() if c.planned} == {"ended_at", "trial_until", "paused_from", "paused_until"}


def test_the_columns_of_the_design_are_there() -> None:
    assert {"customers"} == {t.name for t in TABLES if t.required}
    assert CONTRACT["contacts"].column["resolved"].known == "closed_at"
    assert CONTRACT["actions"].column["accepted"].known == "accepted_at"
    assert CONTRACT["subscriptions"].column["end_reason"].known == "ended_at"
    assert CONTRACT["payments"].column["method"].codes == ("iban", "card", "cheque", "wallet", "other")
