"""The log of a night: one line a step, for people or machines."""

from __future__ import annotations

import json
import re

import pytest
from servicelift.scoring.night.log import Log


def test_a_line_has_time_level_run_step_and_day():
    lines: list[str] = []
    log = Log(lines.append)
    log("score", "981 customers\n scored", day="2024-06-01", seconds=12.34)
    log("gate", "is stale", "warning")
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ info {log.run} score 2024-06-01: 981 customers scored \(12\.3 s\)",
        lines[0],
    )
    assert lines[1].endswith(f"warning {log.run} gate: is stale")
    assert Log().run != log.run


def test_json_lines_hold_the_same():
    lines: list[str] = []
    log = Log(lines.append, "json", run="r")
    log("score", 'said "yes"\né', day="2024-06-01", seconds=1.5)
    log("run", "failed", "error")
    first, last = (json.loads(line) for line in lines)
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "info", "run": "r", "step": "score", "message": 'said "yes" é', "day": "2024-06-01", "seconds": 1.5,
    }  # fmt: skip
    assert (last["level"], last["message"]) == ("error", "failed")
    assert all("\n" not in line for line in lines)


@pytest.mark.parametrize("form", ["text", "json"])
def test_quiet_keeps_warnings_and_errors(form):
    lines: list[str] = []
    log = Log(lines.append, form, quiet=True)
    for level in ("info", "warning", "error"):
        log("gate", level, level)
    assert len(lines) == 2
    assert "info" not in "".join(lines)
