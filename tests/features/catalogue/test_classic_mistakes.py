"""Two classic mistakes, planted: both find an effect that is not there, and sequential trials do not.

Half of the subscribers leave within weeks, half hardly ever; agents call whoever still runs late in the month, by
lot. A call is worth 8 at once and changes nothing else, so its effect on (days stayed in 60, plus 8) is 8, whoever is
called. Yet whoever is called has stayed until late in the month, and whoever is never called has often left before
anybody could.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.trials.decisions import decisions
from servicelift.models.effects.inference import difference_in_means

N, FOLLOW_UP, WORTH = 3000, 60, 8.0
SINCE, UNTIL = pd.Timestamp(2023, 1, 1), pd.Timestamp(2023, 7, 1)
CONFIG = {
    "tables": {"customers": "-", "subscriptions": "-"},
    "data_until": "2023-12-31",
    "incremental": {
        "follow_up_days": FOLLOW_UP,
        "cool_down_days": 1,
        "controls_per_treated": 3,
        "actions": {"call": {"cost": 2.0, "assignment": "chosen"}},
    },
}


@pytest.fixture(scope="module")
def world() -> tuple[Tables, pd.DataFrame, pd.DataFrame]:
    """Tables, subscriptions (customer, start, end) and calls (customer, instant)."""
    rng = np.random.default_rng(5)
    started = SINCE - pd.Timedelta(days=60) + pd.to_timedelta(rng.uniform(0, 240, N), unit="D")
    mean_days = np.where(rng.random(N) < 0.5, 25.0, 900.0)
    ended = started + pd.to_timedelta(rng.exponential(mean_days), unit="D")
    names = np.array([f"c{i:04d}" for i in range(N)])
    subs = pd.DataFrame({"customer_id": names, "started_at": started, "ended_at": ended})
    calls = []
    for month in pd.date_range(SINCE, UNTIL, freq="MS", inclusive="left"):
        at = month + pd.to_timedelta(rng.uniform(20, 28, N), unit="D")
        called = (started < at) & (at < ended) & (rng.random(N) < 0.25)
        calls.append(pd.DataFrame({"customer_id": names[called], "decided_at": at[called]}))
    acts = pd.concat(calls, ignore_index=True)
    frames = {
        "customers": pd.DataFrame({"customer_id": names, "signed_up_at": SINCE - pd.Timedelta(days=400)}),
        "subscriptions": subs.assign(subscription_id=range(N), product="paper", term_months=12, price=100.0),
        "actions": acts.assign(action_id=range(len(acts)), action="call", arm="treated"),
    }
    for frame in frames.values():
        for column in frame.select_dtypes("datetime").columns:
            frame[column] = frame[column].dt.as_unit("us").dt.tz_localize("UTC")
    return tables_from_frames(frames, Config.model_validate(CONFIG)), subs, acts


def outcome(subs: pd.DataFrame, units: pd.DataFrame) -> np.ndarray:
    """Days stayed in the 60 after each unit's own time zero, and what a call is worth."""
    ended = subs.set_index("customer_id")["ended_at"].loc[units["customer_id"]].to_numpy()
    stayed = (ended - units["as_of"].to_numpy()) / np.timedelta64(1, "D")
    return np.clip(stayed, 0, FOLLOW_UP) + WORTH * units["treated"].to_numpy()


def effect(subs: pd.DataFrame, units: pd.DataFrame) -> tuple[float, float]:
    y = outcome(subs, units)
    return difference_in_means(units["treated"], y, groups=units["customer_id"])


@pytest.fixture(scope="module")
def units(world) -> pd.DataFrame:
    return decisions(world[0], "call", SINCE, UNTIL, 3, "observational").units


def test_sequential_trials_find_the_effect_that_is_there(world, units) -> None:
    value, error = effect(world[1], units)
    assert error < 1.0
    assert value == pytest.approx(WORTH, abs=2 * error)


def test_controls_from_the_start_of_the_month_find_one_that_is_not(world, units) -> None:
    """Treated late in the month against whoever ran on its first day: the leavers of the weeks between are controls."""
    _, subs, acts = world
    rows = []
    for month in pd.date_range(SINCE, UNTIL, freq="MS", inclusive="left"):
        running = subs[(subs["started_at"] < month) & (month < subs["ended_at"])]
        of_month = acts[(acts["decided_at"] >= month) & (acts["decided_at"] < month + pd.DateOffset(months=1))]
        free = running[~running["customer_id"].isin(of_month["customer_id"])]
        rows.append(pd.DataFrame({"customer_id": free["customer_id"], "as_of": month, "treated": 0}))
    treated = units.loc[units["treated"] == 1, ["customer_id", "as_of", "treated"]]
    value, error = effect(subs, pd.concat([treated, *rows], ignore_index=True))
    assert value - WORTH > 5 * error
    assert value > 1.25 * WORTH


def test_controls_who_are_never_treated_find_one_that_is_not(world, units) -> None:
    """Whoever stays is called some day: those never called are those who left, known only afterwards."""
    _, subs, acts = world
    never = ~units["customer_id"].isin(acts["customer_id"])
    assert (units["treated"].eq(0) & ~never).mean() > 0.2
    value, error = effect(subs, units[(units["treated"] == 1) | never])
    assert value - WORTH > 5 * error
    assert value > 1.5 * WORTH
