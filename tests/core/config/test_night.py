"""The section of nights: modes of files as YAML reads them, and nothing kept shorter than it is looked back at."""

from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError
from servicelift.core.config.night import NightlyConfig


@pytest.mark.parametrize("text", ["0640", "'0640'", '"0600"', "0600"])
def test_modes_of_files_are_read_with_and_without_quotes(text):
    read = NightlyConfig.model_validate(yaml.safe_load(f"files: {text}"))
    assert read.files == text.strip("'\"")


@pytest.mark.parametrize("wrong", ["0644", "420", "true", "rw"])
def test_other_modes_are_refused(wrong):
    with pytest.raises(ValidationError):
        NightlyConfig.model_validate(yaml.safe_load(f"files: {wrong}"))


def test_days_that_are_looked_back_at_are_kept():
    assert NightlyConfig(look_back=7, keep=8).keep == 8
    with pytest.raises(ValidationError, match=r"keep: expected more days than look_back \(7\), got 7"):
        NightlyConfig(look_back=7, keep=7)
