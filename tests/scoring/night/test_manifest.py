"""The manifest of a night: all of its steps, what was left out and why, and nothing that JSON does not hold."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.timeline.known_fingerprint import KnownTable
from servicelift.scoring.night.history import read_manifest
from servicelift.scoring.night.inputs import Inputs
from servicelift.scoring.night.journal import Done
from servicelift.scoring.night.manifest import manifest_of, write_manifest
from servicelift.scoring.night.plan import PlannedNight
from servicelift.scoring.night.steps import Alarm

DAY = pd.Timestamp("2024-06-01")
FACTS = {
    "as_of": "2024-06-01T00:00:00+00:00", "data_until": "2024-07-01T00:00:00+00:00", "churn_grade": "B",
    "refunds": None,
    "model_versions": {"churn": 1, "clv": None}, "not_scored": {"clv": "no champion"}, "stale_tables": {"surveys": "x"},
    "unknown_levels": {}, "counted_as_missing": {}, "waiting": {"trial": 2},
}  # fmt: skip


@pytest.fixture
def manifest(tmp_path):
    config = Config.model_validate({"tables": {"customers": "c", "payments": "p"}, "business": "press"})
    inputs = Inputs({"payments": KnownTable("3:aa", 3, DAY)}, "hash", {"churn": 1, "clv": None}, "m")
    (tmp_path / "run.json").write_text(json.dumps(FACTS), encoding="utf-8")
    done = {
        "score": Done({"customers": 9, "pairs": 4, "notes": ["grade B"]}, 1.5, resumed=True),
        "targets": Done({"left_out": "no_budget"}, 0.0, resumed=False),
    }
    night = PlannedNight(DAY, "2024-06-01", True, inputs, None, {"tables": {"payments": [2, 3]}})
    return manifest_of(config, night, tmp_path, done, [Alarm("gate", "stale", "surveys end")])


def test_it_says_what_was_done_and_what_was_left_out_and_why(manifest):
    assert (manifest["business"], manifest["day"], manifest["revision"]) == ("press", "2024-06-01", 1)
    assert (manifest["why"], manifest["changed"]) == ("late_rows", {"tables": {"payments": [2, 3]}})
    assert manifest["left_out"] == {"clv": "no champion", "targets": "no_budget"}
    assert manifest["counts"] == {"customers": 9, "customer_action_pairs": 4, "contacted": None, "held_out": None}
    assert manifest["champions"] == {"versions": {"churn": 1, "clv": None}, "grades": {"churn": "B"}}
    assert manifest["inputs"]["tables"]["payments"] == {
        "fingerprint": "3:aa", "rows": 3, "last": "2024-06-01T00:00:00+00:00",
    }  # fmt: skip
    assert manifest["checks"]["stale_tables"] == {"surveys": "x"}
    assert (manifest["seconds"], manifest["resumed"]) == ({"score": 1.5, "targets": 0.0}, ["score"])
    assert manifest["alarms"][0]["code"] == "stale"


def test_it_is_read_as_it_was_written_and_holds_no_number_that_json_lacks(manifest, tmp_path):
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == json.loads(json.dumps(manifest)) == manifest
    with pytest.raises(ValueError, match="JSON"):
        write_manifest(tmp_path, {"net_value": float("nan")})
