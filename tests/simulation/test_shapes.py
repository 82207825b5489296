from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from servicelift.core.arrays import Bools, Floats
from servicelift.simulation.action_rules import rule_named
from servicelift.simulation.actions import View, eligible
from servicelift.simulation.contract_tables import simulate_frames
from servicelift.simulation.history import History
from servicelift.simulation.settings import ShapeSettings, TruthSettings, WorldConfig
from servicelift.simulation.shapes import FACTORS, factor
from servicelift.simulation.state import CARD, CHEQUE, IBAN
from servicelift.simulation.truth import true_effects

SIX = TruthSettings(horizon_months=12, replicates_step=6, replicates_most=6)


@pytest.fixture(scope="module")
def history() -> History:
    return simulate_frames(500, 3, WorldConfig(months=20)).history


def in_shape(history: History, kind: str, action: str = "retention_offer") -> tuple[View, Floats]:
    """Return who can get the action, and its effect against a world without later actions, of every customer."""
    config = replace(history.setting.config, shape=ShapeSettings(kind), truth=SIX)
    setting, state, rule = replace(history.setting, config=config), history.final, rule_named(action)
    day = setting.month_start[state.month]
    fresh = np.flatnonzero(state.offer_left == 0)  # a new offer replaces one that still works
    rows = eligible(setting, state, rule, fresh, day)
    effects = true_effects(setting, state.take(rows), rule, at_snapshot=True, seed=[1])
    return View(setting, state, rows, day[rows]), effects.programme.mean(axis=1)


@pytest.mark.parametrize("action", ["retention_offer", "courtesy_call"])
@pytest.mark.parametrize("kind", ["sign", "contact", "hidden"])
def test_the_truth_changes_sign_where_the_shape_does(history: History, kind: str, action: str) -> None:
    view, effect = in_shape(history, kind, action)
    helped = factor(view) > 0
    assert 0.1 < helped.mean() < 0.9
    assert (effect[helped] > -1e-9).mean() > 0.9
    assert (effect[~helped] < 1e-9).mean() > 0.9
    assert effect[helped].mean() > 1 > -0.3 > effect[~helped].mean()


def test_by_payment_method_iban_gains_nothing_and_cheque_most(history: History) -> None:
    view, effect = in_shape(history, "payment")
    method = view.state.method[view.rows]
    assert np.abs(effect[method == IBAN]).max() < 1e-9
    assert effect[method == CHEQUE].mean() > 1.3 * effect[method == CARD].mean() > 1


def test_without_an_effect_every_customer_has_none(history: History) -> None:
    for action in ("retention_offer", "courtesy_call", "skilled_callback"):
        assert np.abs(in_shape(history, "none", action)[1]).max() < 1e-9


def test_what_is_added_does_not_follow_the_hazard(history: History) -> None:
    """The built-in world helps most who is about to leave; an additive effect helps those who stay to enjoy it."""
    loyal: Bools = history.final.loyalty > np.median(history.final.loyalty)
    ratio = {}
    for kind in ("proportional", "additive"):
        view, effect = in_shape(history, kind)
        mine = loyal[view.rows] & (view.state.term[view.rows] == 1)
        other = ~loyal[view.rows] & (view.state.term[view.rows] == 1)
        assert effect[mine].mean() > 0
        ratio[kind] = effect[mine].mean() / effect[other].mean()
    assert ratio["proportional"] < 0.75 < ratio["additive"]


def test_a_shape_changes_nothing_before_the_first_action() -> None:
    early = [
        simulate_frames(200, 4, WorldConfig(months=5, shape=ShapeSettings(kind))).tables["payments"]
        for kind in ("proportional", "none")
    ]
    assert early[0].equals(early[1])


def test_an_unknown_shape_is_refused(history: History) -> None:
    with pytest.raises(KeyError, match="triangle"):
        in_shape(history, "triangle")
    assert "triangle" not in FACTORS
