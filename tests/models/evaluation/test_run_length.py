"""Detectors: e-values have mean one, and false alarms are as rare as promised, whatever the spacing of the looks."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.models.evaluation.run_length import (
    detect,
    level_of,
    log_evidence_of_rate,
    log_evidence_of_shift,
    run_length,
)


def test_evidence_of_a_rate_has_mean_one_where_it_is_right():
    c = np.array([0.1, 0.4, 0.7])
    mean = np.zeros(4)
    for outcome in product((0, 1), repeat=3):
        y = np.array(outcome)
        mean += np.prod(np.where(y == 1, c, 1 - c)) * np.exp(log_evidence_of_rate(int(y.sum()), c))
    assert mean == pytest.approx(np.ones(4), abs=1e-12)


@pytest.mark.parametrize("off", [0.95, 1.0, 1.05])
def test_evidence_has_mean_one_at_most_within_the_tolerance(off):
    c, mean = np.array([0.1, 0.3, 0.6]), np.zeros(4)
    for outcome in product((0, 1), repeat=3):
        y = np.array(outcome)
        mean += np.prod(np.where(y == 1, c * off, 1 - c * off)) * np.exp(log_evidence_of_rate(int(y.sum()), c, 0.05))
    assert (mean <= 1 + 1e-12).all()


def test_evidence_of_a_shift_has_mean_one():
    grid = np.linspace(-12, 16, 20_001)
    density = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
    mean = np.exp(log_evidence_of_shift(grid)).T @ density * (grid[1] - grid[0])
    assert mean == pytest.approx(np.ones(2), abs=1e-6)


@pytest.mark.parametrize("spacing", [1, 7, 30])
def test_false_alarms_are_no_more_than_promised(spacing):
    rng = np.random.default_rng(spacing)
    length, days, worlds = 900.0, 3_600, 250
    looks = days // spacing
    rings = 0
    for _ in range(worlds):
        logs = log_evidence_of_shift(rng.normal(size=looks))
        rings += sum(detect(logs, [spacing] * looks, length).rang)
    # At most days / length = 4 a world; the sum scatters by about sqrt(1,000).
    assert 0 < rings <= worlds * days / length + 4 * np.sqrt(worlds * days / length)


def test_a_change_is_found_and_the_detector_starts_again():
    logs = [log_evidence_of_shift(z) for z in (0, 0, 5, 0, 5)]
    found = detect(logs, [1] * 5, length=500)
    assert found.rang == (False, False, True, False, True)
    assert found.alarm
    assert found.evidence[3] < found.evidence[0] + 1


def test_nothing_seen_is_no_alarm():
    assert not detect(np.empty((0, 2)), [], length=10).alarm


def test_days_belong_to_looks():
    with pytest.raises(DataError, match="2 looks"):
        detect(np.zeros((2, 1)), [1], length=10)


def test_the_rate_is_shared_among_detectors():
    assert run_length(2, 4) == pytest.approx(730.5)
    assert level_of(run_length(2, 4), 1) * 365.25 * 4 == pytest.approx(2)
    with pytest.raises(DataError, match="above 0"):
        run_length(0, 4)
