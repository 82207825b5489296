"""The contrast of moving to IBAN beside its truth: those who moved live on both ways."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.features.tables.tables import tables_from_frames
from servicelift.features.trials.contrasts import contrast_trial
from servicelift.models.effects.average import AverageEffect
from servicelift.simulation.contract_tables import simulate_frames
from servicelift.simulation.history import run_history
from servicelift.simulation.month import step
from servicelift.simulation.settings import WorldConfig
from servicelift.simulation.state import IBAN, Draw, State
from servicelift.simulation.write import press_config

pytestmark = pytest.mark.slow
CUSTOMERS = 5_000
FIRST, LAST = 5, 24
"""Months (0: January 2022) in which the moves are judged."""
BILLINGS = 6
REPLICATES = 20


def moved(seed: int):
    """The state of every customer just after the month of a move to IBAN, and the method before it."""
    kept: list[tuple[State, np.ndarray]] = []

    def record(setting, people):
        before: list[np.ndarray] = []

        def one(logged):
            if before and FIRST <= logged.month < LAST:
                state = logged.state
                rows = np.flatnonzero((before[0] != IBAN) & (state.method == IBAN) & state.running & ~state.pending)
                kept.append((state.take(rows), before[0][rows]))
            before[:] = [logged.state.method.copy()]

        return one

    history = run_history(CUSTOMERS, seed, WorldConfig(), record)
    return history.setting, State.concat([s for s, _ in kept]), np.concatenate([m for _, m in kept])


def failed_for_good(setting, state: State, rng: np.random.Generator) -> float:
    """The share whose first loss within the billings is a failed payment; back within a month is no loss."""
    cause = np.zeros(len(state), dtype=int)
    month = np.full(len(state), -1)
    for k in range(BILLINGS):
        billing = step(setting, state, rng.random((Draw.COUNT, len(state))), drawn=True).billing
        back = billing.restarted
        cause[back[month[back] == k - 1]] = 0
        for rows, code in ((billing.ended, 1), (billing.failed_out, 2)):
            new = rows[cause[rows] == 0]
            cause[new], month[new] = code, k
    return float((cause == 2).mean())


def true_effect(seed: int) -> float:
    setting, state, before = moved(seed)
    gaps = []
    for replicate in range(REPLICATES):
        mover, stayer = state.take(slice(None)), state.take(slice(None))
        stayer.method = before.copy()
        gaps.append(
            failed_for_good(setting, mover, np.random.default_rng([1, replicate]))
            - failed_for_good(setting, stayer, np.random.default_rng([1, replicate]))
        )
    return float(np.mean(gaps))


def config(tmp_path, world) -> Config:
    path = tmp_path / "press.yaml"
    path.write_text(press_config(1, world.data_until), encoding="utf-8")
    return load_config(path)


@pytest.mark.parametrize("seed", [12, 14])
def test_fewer_payments_fail_for_good_as_many_as_in_truth_and_the_naive_lifetime_says_far_more(seed, tmp_path):
    world = simulate_frames(CUSTOMERS, seed)
    tables = tables_from_frames(world.tables, config(tmp_path, world))
    start = pd.Timestamp(2022, 1, 1)
    since, until = (start + pd.DateOffset(months=m) for m in (FIRST, LAST))
    trial = contrast_trial(tables, "card_to_iban", since=since, until=until, seed=3)
    lost = np.isfinite(trial.losses.lost_months) & trial.losses.involuntary
    found = (
        AverageEffect(folds=5, repeats=1, seed=1)
        .fit(trial.features, trial.treated, lost.astype(float), groups=trial.units["customer_id"])
        .summary()
    )
    truth = true_effect(seed)
    assert truth < -0.03
    assert found.high < 0
    assert found.estimate == pytest.approx(truth, abs=2.5 * found.std_error)
    stays = trial.state.contract.running.astype(float)
    effect = AverageEffect(folds=5, repeats=1, seed=1).fit(
        trial.features, trial.treated, stays, groups=trial.units["customer_id"]
    )
    assert effect.summary().naive > effect.estimate()
    assert naive_years(world.tables, world.data_until) > 1.5


def naive_years(frames: dict[str, pd.DataFrame], until: pd.Timestamp) -> float:
    """How many years longer the subscriptions of IBAN payers have lasted: the figure that is quoted."""
    subscriptions, methods = frames["subscriptions"], frames["payment_methods"]
    ended = pd.to_datetime(subscriptions["ended_at"]).fillna(until)
    years = (ended - pd.to_datetime(subscriptions["started_at"])).dt.days / 365.25
    lasted = years.groupby(subscriptions["customer_id"]).sum()
    last = methods.sort_values("valid_from").groupby("customer_id")["method"].last()
    mean = lasted.groupby(last).mean()
    return float(mean["iban"] - mean["card"])
