"""Effects of lists: a promised effect that is there is calm, one that is not rings, and so does a wrong split."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.core.hashing import uniform_hash
from servicelift.features.tables.tables import tables_from_frames
from servicelift.scoring.monitor.measures import judged
from servicelift.scoring.monitor.nights import Nights
from servicelift.scoring.monitor.uplift import effect_measures, lists_of

AT = pd.Timestamp("2024-01-01")


def write_lists(night, folder, promised, share=0.2):
    folder.mkdir(parents=True)
    night.folder = folder
    ids = night.frame["customer_id"].to_numpy()
    held = uniform_hash(ids, "holdout/salt") < share
    rows = pd.DataFrame(
        {
            "customer_id": ids,
            "action": np.where(np.arange(len(ids)) % 2 == 0, "call", "offer"),
            "net_value": promised - 2.0,
            "cost": 2.0,
            "clv": night.frame["clv"].to_numpy(),
            "arm": np.where(held, "control", "treated"),
            "propensity": 0.8,
        }
    )
    (folder / "targets").mkdir()
    rows[~held].to_csv(folder / "targets" / "list.csv", index=False)
    rows[held].to_csv(folder / "targets" / "list.holdout.csv", index=False)
    return rows


@pytest.fixture(scope="module")
def half_year(frames, config):
    incremental = config.incremental.model_copy(update={"follow_up_days": 90})
    return tables_from_frames(frames, config.model_copy(update={"incremental": incremental}))


@pytest.fixture
def watched(half_year, monthly, tmp_path):
    """Monthly nights with lists; ``brought`` is added to what is foreseen of the contacted at later nights."""

    def look(promised, brought, share=0.2):
        nights = monthly()
        for n, night in enumerate(nights):
            write_lists(night, tmp_path / f"{promised}-{brought}-{share}" / str(n), promised, share)
            treated = uniform_hash(night.frame["customer_id"], "holdout/salt") >= share
            night.frame["clv"] = night.frame["clv"] + brought * treated
        known = Nights.until(nights, AT, 730)
        return judged(effect_measures(half_year, known), MonitorConfig(), spacing=30.0).rows.set_index(
            ["measure", "subject"]
        )

    return look


def test_lists_are_read_from_the_night_s_folder(night_at, tmp_path):
    night = night_at("2023-06-01")
    assert lists_of(night) is None
    rows = write_lists(night, tmp_path / "n", promised=7.0)
    found = lists_of(night)
    assert len(found) == len(rows)
    assert found["treated"].sum() == (rows["arm"] == "treated").sum()
    assert set(found["promised"]) == {7.0}


def test_an_effect_that_is_there_is_calm(watched):
    rows = watched(promised=9.0, brought=10.0)  # what is left is discounted, and nothing is left of who has gone
    assert not rows["alarm"].any()
    effect = rows.loc[("uplift", "all")]
    assert effect["low"] < 8.8 < effect["high"] < 15
    assert effect["expected"] == 9.0
    assert {("uplift", "call"), ("uplift", "offer")} <= set(rows.index)
    assert rows.loc[("held_share", "all"), "expected"] == pytest.approx(0.2)


def test_a_promise_that_is_not_kept_rings(watched):
    rows = watched(promised=40.0, brought=0.0)
    assert rows.loc[("uplift", "all"), "alarm"]


def test_a_split_that_is_not_the_planned_one_rings(watched):
    rows = watched(promised=10.0, brought=10.0, share=0.35)
    assert rows.loc[("held_share", "all"), "alarm"]


def test_holdouts_that_were_contacted_are_counted(frames, config, monthly, tmp_path):
    nights = monthly(4)
    listed = [write_lists(night, tmp_path / str(n), promised=5.0) for n, night in enumerate(nights)]
    held = listed[0][listed[0]["arm"] == "control"].head(10)
    actions = pd.DataFrame(
        {
            "action_id": range(10),
            "customer_id": held["customer_id"].to_numpy(),
            "action": held["action"].to_numpy(),
            "decided_at": nights[0].as_of + pd.Timedelta(days=3),
            "arm": "treated",
        }
    )
    tables = tables_from_frames({**frames, "actions": actions}, config)
    rows = judged(effect_measures(tables, Nights.until(nights, AT, 730)), MonitorConfig(), spacing=30.0).rows
    found = rows.set_index("measure")
    everybody = sum((one["arm"] == "control").sum() for one in (listed[0], listed[2]))  # nights a month apart
    assert found.loc["held_contacted", "value"] == pytest.approx(10 / everybody)
    assert found.loc["list_contacted", "value"] == 0.0
    assert found.loc["uplift", "note"] == "not_yet"


def test_without_lists_nothing_is_told(half_year, monthly):
    assert list(effect_measures(half_year, Nights.until(monthly(), AT, 730))) == []
