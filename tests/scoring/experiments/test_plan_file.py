"""A plan is read back as it was written; what is no plan is one line."""

from __future__ import annotations

import pytest
from servicelift.core.errors import ConfigError
from servicelift.scoring.experiments.plan_file import read_plan


def test_a_plan_is_read_back_as_it_was_written(a_plan, tmp_path):
    plan, path = a_plan(), tmp_path / "plan.json"
    path.write_text(plan.model_dump_json(), encoding="utf-8")
    assert read_plan(path) == plan


@pytest.mark.parametrize(
    ("text", "message"), [("{}", "expected it, found none"), ("no json", "is no plan"), ('{"x": 1}', "is no plan")]
)
def test_a_file_that_is_no_plan_is_one_line(tmp_path, text, message):
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_plan(path)
    with pytest.raises(ConfigError, match="found no file"):
        read_plan(tmp_path / "nowhere.json")
