"""Propensities of the arm that was drawn, and customers in both arms, are counted before anything is compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.validation.arms import check_arms

CONFIG = Config.model_validate({"tables": {"customers": "-", "payments": "-"}})


@pytest.fixture
def lines(connection: Any) -> Callable[..., list[str]]:
    def look(rows: list[tuple[int, str, str, str, float | None]]) -> list[str]:
        names = ["customer_id", "action", "decided_at", "arm", "propensity"]
        frame = pd.DataFrame(rows, columns=names)
        frame = frame.assign(action_id=range(len(frame)), decided_at=pd.to_datetime(frame.decided_at, format="ISO8601"))
        frame["propensity"] = frame["propensity"].astype("float64")
        actions = ibis.memtable(frame.astype({"decided_at": "datetime64[us]"}))
        return [finding.message for finding in check_arms(connection, CONFIG, actions)]

    return look


def drawn(treated: list[float | None], control: list[float | None]) -> list[tuple[int, str, str, str, float | None]]:
    values = [("treated", p) for p in treated] + [("control", p) for p in control]
    return [(n, "call", f"2023-06-{n % 28 + 1:02d}", arm, p) for n, (arm, p) in enumerate(values)]


def test_a_propensity_that_tells_the_arms_apart_is_named(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(drawn([0.8, 0.7, 0.9, 0.8, 0.8], [0.2, 0.3, 0.1, 0.2, 0.2]))
    assert line.startswith("actions.propensity: tells the arms of call apart perfectly: 10 of 10 rows")
    assert lines(drawn([0.5] * 5, [0.5] * 5)) == []
    assert lines(drawn([0.8, 0.2, 0.8, 0.8, 0.2], [0.2, 0.8, 0.2, 0.2, 0.8])) == []
    assert lines(drawn([0.8], [0.2])) == []


def test_a_propensity_on_one_arm_and_one_of_certainty_are_named(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(drawn([0.5] * 5, [None] * 5))
    assert line.startswith("actions.propensity: on one arm only of call: 5 of 10 rows")
    (line,) = lines(drawn([0.5, 1.0, 0.5, 0.5, 0.5], [0.5] * 4 + [0.0]))
    assert line.startswith("actions.propensity: 0 or 1: nobody could have been in the other arm: 2 of 10 rows")
    assert lines(drawn([0.5] * 5, [])) == []


def test_customers_who_cross_between_the_arms_are_counted(lines: Callable[..., list[str]]) -> None:
    rows = [
        (1, "call", "2023-06-01", "treated", None),
        (1, "call", "2023-06-01", "control", None),
        (2, "call", "2023-06-01", "control", None),
        (2, "call", "2023-06-01T04:00:00", "treated", None),
        (3, "call", "2023-06-01", "control", None),
        (3, "call", "2023-07-02", "treated", None),
        (4, "call", "2023-06-01", "control", None),
        (4, "offer", "2023-06-01", "treated", None),
        (4, "call", "2023-05-31", "treated", None),
    ]
    at_once, soon = lines(rows)
    assert at_once.startswith("actions.arm: held out and treated by the same action at the same instant: 1 of 9 rows")
    assert at_once.split("e.g. ")[1].startswith("1;")
    assert soon.startswith("actions.arm: held out and treated by the same action within 30 days: 1 of 9 rows")
    assert soon.split("e.g. ")[1].startswith("2;")


def test_several_actions_on_one_day_are_counted(lines: Callable[..., list[str]]) -> None:
    rows = [(1, "call", "2023-06-01T08:00:00", "treated", None), (1, "offer", "2023-06-01T20:00:00", "treated", None)]
    rows += [(2, "call", "2023-06-01", "treated", None), (2, "call", "2023-06-01", "treated", None)]
    (line,) = lines(rows)
    assert line.startswith("actions.action: several actions on one day: 2 of 4 rows")


def test_days_of_several_actions_are_those_of_the_zone(connection: Any) -> None:
    rows = pd.DataFrame({"customer_id": 1, "action_id": [1, 2], "action": ["call", "offer"], "arm": "treated"})
    moments = pd.to_datetime(["2023-06-10 22:30", "2023-06-11 12:00"]).astype("datetime64[us]")
    actions = ibis.memtable(rows.assign(decided_at=moments))
    paris = CONFIG.model_copy(update={"timezone": "Europe/Paris"})
    assert [found.rule for found in check_arms(connection, paris, actions)] == ["several actions on one day"]
    assert check_arms(connection, CONFIG, actions) == []
