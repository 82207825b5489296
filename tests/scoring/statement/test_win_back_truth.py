"""A win-back offer in a world of known truth: held-out and drawn controls both find what it causes."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from servicelift.core.config.business import Config
from servicelift.core.time import instant
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.trials.follow_up import trial_data
from servicelift.models.actions.effect import estimate_action, settings_of
from servicelift.models.portfolio import ClvModel
from servicelift.simulation.contract_tables import Simulated, simulate_frames
from servicelift.simulation.settings import TruthSettings, WorldConfig
from servicelift.simulation.truth_tables import truth_of_decisions
from servicelift.simulation.win_back import WIN_BACK
from servicelift.simulation.win_back_settings import WinBackSettings
from servicelift.simulation.write import press_config
from servicelift.training.clv import fit_unjudged
from servicelift.training.clv_landmarks import landmarks

SEED = 21
Known = tuple[Simulated, Tables, ClvModel]


@pytest.fixture(scope="module")
def known() -> Known:
    """A world, its tables, and a CLV model without bootstrap models: intervals take the outcome as given."""
    truth = TruthSettings(replicates_step=8, replicates_most=8)
    world = simulate_frames(2_000, SEED, WorldConfig(win_back=WinBackSettings(), truth=truth))
    text = yaml.safe_load(press_config(SEED, world.data_until, win_back=True))
    text["incremental"] |= {"cross_fits": 1}
    config = Config.model_validate(text)
    config = config.model_copy(update={"incremental": config.incremental.model_copy(update={"bootstrap": 0})})
    tables = tables_from_frames(world.tables, config)
    return world, tables, fit_unjudged(tables, lambda _: None, landmarks(tables))


@pytest.mark.slow
def test_both_designs_find_what_a_win_back_offer_causes(known: Known) -> None:
    world, tables, clv = known
    true = truth_of_decisions(world, WIN_BACK, SEED)[0].set_index("action_id")["tau"]
    period = {"since": instant("2022-09-01", "UTC"), "until": tables.data_until}
    for design in ("randomised", "observational"):
        trial = trial_data(tables, WIN_BACK.name, design=design, seed=SEED, **period)
        found = estimate_action(trial, clv, settings_of(tables.config, WIN_BACK.name), decomposition=False, late=False)
        truth = float(true.loc[trial.units.loc[trial.treated == 1, "action_id"].astype(str)].mean())
        assert truth > 10
        assert abs(found.effect.estimate - truth) < 3.5 * found.effect.std_error, design
        assert found.effect.estimate > 2 * found.effect.std_error, "it is found, not only not contradicted"
        assert trial.elsewhere == 0
        assert trial.losses is not None
        assert np.isnan(trial.losses.lost_months).all(), "who had lapsed cannot be lost"
        assert trial.state.contract is not None
        back = found.fitted.with_outcome(trial.state.contract.running.astype(float), quick=True).summary()
        assert 0.03 < back.estimate < 0.25
