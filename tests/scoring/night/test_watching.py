"""A night is watched beside those before it; one that cannot be watched is an alarm and no failure."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.scoring.night import watching
from servicelift.scoring.night.watching import watch_night

NIGHT = SimpleNamespace(as_of=pd.Timestamp("2024-06-01"))
BEFORE = [SimpleNamespace(as_of=pd.Timestamp("2024-05-31"))]


class Past:
    def partitions(self, *, until):
        assert until == NIGHT.as_of
        return BEFORE


@pytest.fixture
def watched(monkeypatch, tmp_path):
    def look(alarms=(), error=None):
        seen = []

        def fake(config, at, folder, nights, opened):
            seen.append((at, folder, nights, opened(config)))
            if error:
                raise error
            rows = pd.DataFrame(alarms, columns=["group", "measure", "note"])
            texts = [f"text of {measure}" for measure in rows["measure"]]
            rings = SimpleNamespace(alarms=rows)
            return SimpleNamespace(watch=rings, alarm_texts=lambda: texts, warnings=("not kept",))

        monkeypatch.setattr(watching, "monitor", fake)
        tables = SimpleNamespace(config="config")
        found = watch_night(tables, Past(), NIGHT, tmp_path)
        assert seen == [(NIGHT.as_of, tmp_path, [*BEFORE, NIGHT], tables)]
        return found

    return look


def test_what_rings_is_an_alarm_and_only_models_ask_for_training(watched):
    found = watched([("inputs", "rows_week", ""), ("outcomes", "calibration_so_far", "")])
    assert found.notes == ("not kept",)
    assert [(one.step, one.code, one.text, one.models) for one in found.alarms] == [
        ("monitor", "rows_week", "text of rows_week", False),
        ("monitor", "calibration_so_far", "text of calibration_so_far", True),
    ]
    assert watched().alarms == []


def test_a_stale_table_is_told_by_the_gate_alone(watched):
    found = watched([("inputs", "silence_days", "stale"), ("inputs", "silence_days", ""), ("inputs", "rows_week", "")])
    assert [one.code for one in found.alarms] == ["silence_days", "rows_week"]


def test_a_night_that_cannot_be_watched_says_so(watched):
    (one,) = watched(error=DataError("no such column")).alarms
    assert (one.code, one.text, one.models) == ("not_watched", "no such column", False)
