"""The numbers of the campaign stand for things that the world knows, and the configuration says the same costs."""

from __future__ import annotations

from servicelift.simulation.action_rules import SIGHTS
from servicelift.simulation.settings import WorldConfig
from servicelift.simulation.win_back import WIN_BACK
from servicelift.simulation.win_back_settings import WinBackSettings


def test_agents_look_at_what_the_world_shows() -> None:
    assert {name for name, _ in WinBackSettings().sees} <= set(SIGHTS)


def test_the_rule_reads_its_own_settings() -> None:
    cheap = WorldConfig(win_back=WinBackSettings(cost=1.0, cost_accepted=3.0, treated_share=0.5, first_month=4))
    assert WIN_BACK.costs(cheap) == (1.0, 3.0)
    assert WIN_BACK.treated_share(cheap) == 0.5
    assert WIN_BACK.first_month(cheap) == 4
