"""Outcomes by lead: parts by hand, exact evidence, and intervals that cover as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.models.evaluation.ripening import Shape, calibration, new_events, shape_of
from servicelift.models.evaluation.run_length import log_evidence_of_rate


def test_a_shape_is_shares_with_binomial_errors():
    found = shape_of([30, 60, 120])
    assert found.part.tolist() == [0.25, 0.5, 1.0]
    assert found.error == pytest.approx([np.sqrt(0.25 * 0.75 / 120), np.sqrt(0.25 / 120), 0.0])
    with pytest.raises(DataError, match="events within the horizon"):
        shape_of([0, 0])


def test_calibration_by_hand():
    found = calibration([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5], part=0.5)
    assert (found.ratio, found.observed, found.foreseen, found.n) == (2.0, 2, 1.0, 4)
    assert np.isnan(calibration([0, 0], [0.0, 0.0]).ratio)
    with pytest.raises(DataError, match="for each probability"):
        calibration([1], [0.5, 0.5])


@pytest.mark.parametrize("off", [0.8, 1.0, 1.3])
def test_intervals_cover_the_true_ratio(off):
    rng = np.random.default_rng(int(10 * off))
    p = rng.beta(1, 12, 2_000)
    covered = [(found := calibration(rng.random(len(p)) < p * off, p)).low <= off <= found.high for _ in range(400)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.035)


def test_looks_of_leads_are_those_who_were_left():
    p = np.array([0.2, 0.4, 0.6])
    gone = np.array([[True, True], [False, True], [False, False]])
    shape = Shape(np.array([0.5, 1.0]), np.zeros(2))
    (first, due, logs), (second, later, _) = new_events(p, gone, shape, tolerance=0.0)
    assert (first, second) == (1, 1)
    assert due == pytest.approx(0.6)
    assert later == pytest.approx(0.4 * 0.5 / 0.8 + 0.6 * 0.5 / 0.7)
    assert logs == pytest.approx(log_evidence_of_rate(1, p / 2))


def test_evidence_over_all_leads_has_mean_one():
    rng = np.random.default_rng(5)
    p, shape = rng.beta(1, 8, 30), Shape(np.array([0.3, 0.7, 1.0]), np.zeros(3))
    total = np.zeros(4)
    draws = 4_000
    for _ in range(draws):
        at = np.where(rng.random(len(p)) < p, rng.random(len(p)), 2.0)
        gone = at[:, None] < shape.part[None, :]
        total += np.exp(sum(logs for *_, logs in new_events(p, gone, shape, tolerance=0.0)))
    assert total / draws == pytest.approx(np.ones(4), abs=0.08)  # four standard errors of the widest


def test_an_unsure_part_widens_what_counts_as_right():
    p, gone = np.full(200, 0.2), np.zeros((200, 1), dtype=bool)
    gone[:35] = True
    sure = new_events(p, gone, Shape(np.array([0.5, 1.0]), np.zeros(2)), 0.0)[0][2]
    unsure = new_events(p, gone, Shape(np.array([0.5, 1.0]), np.array([0.05, 0.0])), 0.0)[0][2]
    assert unsure[0] < sure[0]
