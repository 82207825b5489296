from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.contract import CONTRACT
from servicelift.features.contract.first_known import ALWAYS
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.timeline.known import KNOWN_AT, known_rows, visible

DAY = pd.Timedelta(days=1)


def stamp(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


@pytest.fixture(scope="module")
def tables() -> Tables:
    keys = {"tables": {"customers": "c", "payments": "p"}, "timezone": "Europe/Paris"}
    frames = {
        "customers": pd.DataFrame({"customer_id": [1, 2], "signed_up_at": ["2023-01-01T00:00Z", "2023-01-02T00:00Z"]}),
        "payments": pd.DataFrame(
            {
                "payment_id": [1, 2, 3],
                "customer_id": [1, 1, 2],
                "paid_at": ["2023-02-01T00:00Z", "2023-02-02T00:00Z", "2023-02-03T00:00Z"],
                "amount": [1, 2, 3],
                "method": "iban",
                "recorded_at": ["2023-02-05T00:00Z", "2023-01-01T00:00Z", None],
            }
        ),
        "contacts": pd.DataFrame(
            {
                "contact_id": [1, 2, 3],
                "customer_id": [1, 1, 2],
                "opened_at": ["2023-03-01T00:00Z", "2023-03-01T00:00Z", "2023-03-01T00:00Z"],
                "closed_at": ["2023-03-02T00:00Z", "2023-03-02T00:00Z", None],
                "channel": "phone",
                "resolved": [True, True, None],
                "recorded_at": ["2023-03-01T00:00Z", "2023-03-10T00:00Z", "2023-03-01T00:00Z"],
            }
        ),
        "surveys": pd.DataFrame(
            {
                "survey_id": [1, 2, 3],
                "customer_id": [1, 1, 2],
                "sent_at": ["2023-04-01T00:00Z", None, None],
                "responded_at": ["2023-04-03T00:00Z", "2023-04-04T00:00Z", None],
                "metric": "csat",
                "score": [5, 4, None],
            }
        ),
        "agents": pd.DataFrame({"agent_id": ["x", "y"], "team": "a", "trained_at": ["2023-05-01T00:00Z", None]}),
        "initiatives": pd.DataFrame(
            {
                "initiative": ["i"],
                "name": "n",
                "when": "w",
                "then": "t",
                "started_on": [dt.date(2023, 6, 1)],
                "ended_on": [None],
            }
        ),
    }
    return tables_from_frames(frames, Config.model_validate(keys))


def known(tables: Tables, name: str) -> dict[Any, pd.Timestamp]:
    frame = tables.execute(known_rows(tables, name))
    return dict(zip(frame.iloc[:, 0], frame[KNOWN_AT], strict=True))


def test_a_row_is_known_at_the_later_of_its_instant_and_its_record(tables: Tables) -> None:
    assert known(tables, "payments") == {1: stamp("2023-02-05"), 2: stamp("2023-02-02"), 3: stamp("2023-02-03")}


def test_a_survey_that_was_not_sent_is_known_at_its_answer_and_one_without_either_never(tables: Tables) -> None:
    assert known(tables, "surveys") == {1: stamp("2023-04-01"), 2: stamp("2023-04-04")}


def test_undated_rows_are_always_known_and_days_from_their_local_midnight(tables: Tables) -> None:
    assert known(tables, "agents") == {"x": ALWAYS, "y": ALWAYS}
    assert known(tables, "initiatives") == {"i": stamp("2023-05-31 22:00")}


def test_every_table_of_the_contract_has_a_rule(tables: Tables) -> None:
    for name in tables.frames:
        assert KNOWN_AT in known_rows(tables, name).columns
    assert {c.known for t in CONTRACT.values() for c in t.columns} - {None}


def seen(tables: Tables, name: str, column: str, as_of: Any) -> list[Any]:
    rows = tables[name].order_by(tables[name].columns[0])
    values = tables.execute(rows.select(value=visible(rows, name, column, as_of)))["value"]
    return [None if pd.isna(value) else value for value in values]


def test_a_value_shows_strictly_after_its_own_instant(tables: Tables) -> None:
    closed = stamp("2023-03-02")
    assert seen(tables, "contacts", "resolved", closed) == [None, None, None]
    assert seen(tables, "contacts", "resolved", closed + pd.Timedelta(1, "us")) == [True, None, None]
    assert seen(tables, "contacts", "closed_at", closed + DAY) == [closed, None, None]


def test_a_late_record_hides_a_value_until_it_arrives(tables: Tables) -> None:
    arrived = stamp("2023-03-10")
    assert seen(tables, "contacts", "resolved", arrived) == [True, None, None]
    assert seen(tables, "contacts", "resolved", arrived + pd.Timedelta(1, "us")) == [True, True, None]


def test_an_answer_shows_at_the_answer_and_other_values_with_their_row(tables: Tables) -> None:
    assert seen(tables, "surveys", "score", stamp("2023-04-04")) == [5.0, None, None]
    assert seen(tables, "surveys", "metric", stamp("2000-01-01")) == ["csat"] * 3


def test_as_of_may_be_a_column(tables: Tables) -> None:
    rows = tables["agents"].mutate(as_of=ibis.timestamp("2023-05-02 00:00:00"))
    assert tables.execute(visible(rows, "agents", "trained_at", rows.as_of)).notna().sum() == 1


def test_a_value_whose_instant_is_not_brought_is_never_known(tables: Tables) -> None:
    rows = tables["contacts"].drop("closed_at")
    values = rows.select(value=visible(rows, "contacts", "resolved", stamp("2030-01-01")))
    assert tables.execute(values)["value"].tolist() == [None] * 3
