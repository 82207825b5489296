"""Nights through the front door."""

from __future__ import annotations

from pathlib import Path

import servicelift as sl
from servicelift.core.progress import no_progress


def test_the_history_lies_where_the_config_says_or_where_one_asks(trained_press, tmp_path):
    b = sl.open(trained_press, progress=no_progress)
    assert b.history().root == trained_press.parent / "night"
    assert b.history(tmp_path / "other").root == Path(tmp_path / "other")
