"""The optional win-back campaign: whom it is for, what accepting does, and its truth by a second route."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from servicelift.simulation.actions import carry_out, offer_to_all
from servicelift.simulation.contract_tables import Simulated, simulate_frames
from servicelift.simulation.month import step
from servicelift.simulation.settings import TruthSettings, WorldConfig
from servicelift.simulation.state import Draw, State
from servicelift.simulation.truth_tables import truth_of_decisions
from servicelift.simulation.win_back import WIN_BACK, draw_count, rules_of
from servicelift.simulation.win_back_settings import WinBackSettings
from servicelift.simulation.write import press_config

CUSTOMERS, SEED = 1_200, 5


@pytest.fixture(scope="module")
def world() -> Simulated:
    truth = TruthSettings(replicates_step=8, replicates_most=8)
    return simulate_frames(CUSTOMERS, SEED, WorldConfig(win_back=WinBackSettings(), truth=truth))


def test_without_a_campaign_there_is_none_and_no_draw_is_taken() -> None:
    plain = WorldConfig()
    assert WIN_BACK not in rules_of(plain)
    assert draw_count(plain) == Draw.COUNT
    assert len(set(WIN_BACK.draws) | set(range(Draw.COUNT))) == draw_count(replace(plain, win_back=WinBackSettings()))


def test_offers_go_to_whom_had_a_subscription_and_runs_none(world: Simulated) -> None:
    offers = world.tables["actions"].query("action == 'win_back'")
    subs = world.tables["subscriptions"]
    assert len(offers) > 200
    assert 0.6 < (offers["arm"] == "treated").mean() < 0.85
    met = offers.merge(subs, on="customer_id")
    runs = (met["started_at"] < met["decided_at"]) & ~(met["ended_at"] < met["decided_at"])
    assert not runs.any()
    assert set(offers["action_id"]) == set(met.loc[met["ended_at"] < met["decided_at"], "action_id"])


def test_who_accepts_starts_again_that_month_and_others_seldom_do(world: Simulated) -> None:
    offers = world.tables["actions"].query("action == 'win_back'")
    met = offers.merge(world.tables["subscriptions"], on="customer_id")
    wait = (met["started_at"] - met["decided_at"]) / pd.Timedelta(days=1)
    back = set(met.loc[(wait > 0) & (wait < 31), "action_id"])
    came = offers["action_id"].isin(back)
    accepted = offers["accepted"].fillna(False).astype(bool)
    assert came[accepted].all()
    assert 0.1 < accepted[offers["arm"] == "treated"].mean() < 0.4
    assert came[~accepted].mean() < 0.25
    assert (offers["cost"] == np.where(offers["arm"] == "treated", 2.0 + 8.0 * accepted, 0.0)).all()


def test_drawn_lives_find_the_same_effect(world: Simulated) -> None:
    """A brute-force route: everybody treated or not, acceptance drawn, no common random numbers."""
    known, effects = truth_of_decisions(world, WIN_BACK, SEED)
    setting = world.history.setting
    before = State.concat([d.before for d in world.history.decisions if d.rule is WIN_BACK])
    before = before.take(np.tile(np.arange(len(before)), 8))
    day = WIN_BACK.day(setting, before)
    before.restart_books(day)
    rng = np.random.default_rng(4)
    values = {}
    for treated in (True, False):
        life = before.take(slice(None))
        offer = offer_to_all(setting, life, day, treated=treated)
        carry_out(WIN_BACK, replace(offer, success=rng.random(len(life)) < WIN_BACK.success(offer)))
        for month in range(36):
            rules = None if month else ()
            step(setting, life, rng.random((draw_count(setting.config), len(life))), drawn=True, rules=rules)
        values[treated] = life.value
    effect = values[True].mean() - values[False].mean()
    error = np.sqrt((values[True].var() + values[False].var()) / len(before))
    own = np.sqrt((known["tau_se"] ** 2).sum()) / len(known)
    assert abs(effect - known["tau"].mean()) < 3.5 * np.hypot(error, own)
    assert known["tau"].mean() > 5
    assert effects.natural.shape == (len(known), 8)


def test_the_configuration_of_such_a_world_has_the_action() -> None:
    until = pd.Timestamp("2024-07-01")
    plain, with_it = (yaml.safe_load(press_config(3, until, win_back=there)) for there in (False, True))
    action = with_it["incremental"]["actions"].pop("win_back")
    assert action == {"state": "lapsed", "cost": 2.0, "cost_if_accepted": 8.0, "assignment": "mixed"}
    assert plain == with_it
