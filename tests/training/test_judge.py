"""Champion or challenger: only a model that beats the champion on the same rows displaces it."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.tracking import Loaded
from servicelift.training.judge import promote


class Store:
    """Stands in for the registry: remembers what was registered and where aliases point."""

    def __init__(self, champion=None):
        self.champion = champion
        self.aliases = {}

    def find(self, name):
        return None if self.champion is None else Loaded(self.champion, name, 4)

    def register(self, model, name, example):
        return 5

    def set_alias(self, name, alias, version):
        self.aliases[alias] = version


def judged(store, loss):
    return promote(
        store,
        "press-churn",
        loss,
        pd.DataFrame(),
        measure="log loss",
        loss_of=lambda model: float(model),
        beside={"AUC": 0.7},
        notes=("a single snapshot",),
    )


def test_a_first_model_is_champion():
    store = Store()
    result = judged(store, 0.3)
    assert store.aliases == {"champion": 5}
    assert result.champion_loss is None
    assert result.lines() == [
        "press-churn version 5: champion; log loss 0.3 (first model), AUC 0.7",
        "  a single snapshot",
    ]


@pytest.mark.parametrize(("loss", "alias"), [(0.29, "champion"), (0.3, "challenger"), (0.31, "challenger")])
def test_the_better_model_on_the_same_rows_wins_and_a_draw_changes_nothing(loss, alias):
    store = Store(champion=0.3)
    result = judged(store, loss)
    assert store.aliases == {alias: 5}
    assert result.champion_loss == 0.3
