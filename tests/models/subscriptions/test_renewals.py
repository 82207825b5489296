"""Contracts counted by renewal: by hand, and a simulated log that a quarter of the subscriptions precede."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.models.subscriptions.renewals import renewal_tables
from servicelift.models.subscriptions.sbg import ShiftedBetaGeometric

TRUE = {1.0: (1.2, 18.0), 12.0: (0.9, 3.6)}


def test_tables_by_hand():
    tables = renewal_tables(
        # monthly: ended at its 2nd renewal, running, begun 2.5 months early; yearly: ended in its 2nd year, running
        term_months=[1, 1, 1, 12, 12],
        seen_from=[0, 0, 2.5, 0, 30],
        seen_until=[2, 2.9, 4, 20, 35],
        lost=[True, False, True, True, False],
    )
    assert list(tables) == [1.0, 12.0]
    assert tables[1.0].at_risk.tolist() == [2, 2, 1, 1]
    assert tables[1.0].lost.tolist() == [0, 1, 0, 1]
    assert tables[12.0].at_risk.tolist() == [1, 1]
    assert tables[12.0].lost.tolist() == [0, 1]


def test_impossible_dates_are_named():
    with pytest.raises(DataError, match="terms above 0"):
        renewal_tables([0], [0], [1], [False])
    with pytest.raises(DataError, match="seen_from <= seen_until"):
        renewal_tables([1], [3], [2], [False])


def logged_world(seed: int, n: int = 40_000, log_months: float = 30.0):
    """Return contracts of both terms that a log of 30 months shows; about a quarter of them began before it."""
    rng = np.random.default_rng(seed)
    term = np.where(rng.random(n) < 0.5, 1.0, 12.0)
    alpha, beta = (np.where(term == 1, TRUE[1.0][i], TRUE[12.0][i]) for i in (0, 1))
    life = term * rng.geometric(rng.beta(alpha, beta))
    before = rng.random(n) < 0.4
    start = np.where(before, -rng.uniform(0, 96, n), rng.uniform(0, log_months, n))
    shown = start + life > 0
    start, life, term = start[shown], life[shown], term[shown]
    lost = start + life <= log_months
    seen_from = np.maximum(-start, 0)
    seen_until = np.where(lost, life, log_months - start)
    return term, seen_from, seen_until, lost


def curves(term, seen_from, seen_until, lost):
    tables = renewal_tables(term, seen_from, seen_until, lost)
    return {length: ShiftedBetaGeometric().fit(t.period, t.at_risk, t.lost) for length, t in tables.items()}


@pytest.mark.slow
def test_delayed_entry_is_unbiased_and_ignoring_it_is_not():
    """Parameters and survival over seeds: within noise of the truth with delayed entry, far from it without."""
    renewals = {1.0: 24, 12.0: 4}
    found: dict[tuple[str, float], list[list[float]]] = {}
    shares = []
    for seed in range(10):
        term, seen_from, seen_until, lost = logged_world(seed)
        shares.append((seen_from > 0).mean())
        ways = {
            "delayed entry": curves(term, seen_from, seen_until, lost),
            "start of the log taken for the start": curves(term, 0 * seen_from, seen_until - seen_from, lost),
            "as if seen from the start": curves(term, 0 * seen_from, seen_until, lost),
        }
        for way, models in ways.items():
            for length, model in models.items():
                line = [*model.params_.reindex(["alpha", "beta"]), float(model.survival(renewals[length]))]
                found.setdefault((way, length), []).append(line)
    assert 0.2 < np.mean(shares) < 0.3
    print(f"\nbegun before the log: {np.mean(shares):.1%}")
    for (way, length), lines in found.items():
        true = [*TRUE[length], float(ShiftedBetaGeometric.of(*TRUE[length]).survival(renewals[length]))]
        error = np.array(lines) / true - 1
        bias, noise = error.mean(axis=0), error.std(axis=0, ddof=1) / np.sqrt(len(lines))
        print(f"term {length:4.0f}, {way:36s} bias of alpha, beta, S: {np.round(bias, 4)} +- {np.round(noise, 4)}")
        if way == "delayed entry":
            assert (np.abs(bias) < 4 * noise + 0.005).all()
        else:
            assert abs(bias[2]) > 0.03
            assert abs(bias[2]) > 5 * noise[2]
