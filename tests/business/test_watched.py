"""A night watched through the front door: a frame, files and a picture."""

from __future__ import annotations

import pandas as pd
import pytest
import servicelift as sl
from servicelift.core.errors import ALARMED, ConfigError
from servicelift.core.progress import no_progress

pytestmark = [pytest.mark.xdist_group("front_door"), pytest.mark.usefixtures("tables_read_once")]


@pytest.fixture(scope="module")
def b(trained_press):
    return sl.open(trained_press, progress=no_progress)


def test_scores_of_an_earlier_night_are_held_against_what_came(b):
    earlier = b.score("2024-01-01")
    watched = b.monitor("2024-07-01", scores=[earlier.out, b.score("2024-06-01").out])
    assert {"inputs", "drift", "accuracy", "outcomes"} <= set(watched.rows["group"])
    ripe = watched.by_night.iloc[0]
    assert (ripe["as_of"], ripe["lead_days"]) == ("2024-01-01T00:00:00+00:00", 90)
    assert ripe["low"] < ripe["high"]
    pd.testing.assert_frame_equal(watched.rows, pd.read_parquet(watched.out / "monitor.parquet"), check_dtype=False)
    assert watched.plot().axes
    assert len(watched.alarms) == watched.rows["alarm"].sum()
    assert watched.exit_code == (ALARMED if len(watched.alarms) else 0)


def test_a_folder_without_scores_is_refused(b, tmp_path):
    with pytest.raises(ConfigError, match="wrote, found no"):
        b.monitor("2024-07-01", scores=[tmp_path])


def test_a_folder_without_nights_is_refused_where_it_was_named(b, tmp_path):
    with pytest.raises(ConfigError, match=r"found no folder as_of=DAY in '.*/nigths'; check the path"):
        b.monitor("2024-07-01", history=tmp_path / "nigths")
