"""The hazard beyond the last observed lead: the shape it was drawn from, and none where losses are few."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from servicelift.core.errors import ModelError
from servicelift.models.subscriptions.contract import TERM_CLASSES
from servicelift.models.subscriptions.tail import Tail

ALPHA, BETA = 0.8, 3.0


@pytest.fixture(scope="module")
def renewals():
    """Person-months of customers with losses shifted-beta-geometric: at renewal r the hazard is a / (a + b + r - 1)."""
    rng = np.random.default_rng(1)
    theta = rng.beta(ALPHA, BETA, 60_000)
    lost_at = rng.geometric(np.maximum(theta, 1e-12))
    numbers, lost = [], []
    for renewal in range(1, 13):
        at_risk = lost_at >= renewal
        numbers.append(np.full(int(at_risk.sum()), renewal))
        lost.append(lost_at[at_risk] == renewal)
    number, cause = np.concatenate(numbers), np.concatenate(lost).astype(int)
    return np.zeros(len(number), dtype=int), number, cause, np.ones(len(number))


def test_the_shape_is_the_one_that_losses_were_drawn_from(renewals):
    tail = Tail().fit(*renewals)
    later = np.array([1, 5, 12, 24, 60])
    truth = ALPHA / (ALPHA + BETA + later - 1)
    np.testing.assert_allclose(expit(tail.logits(1, 0, later)), truth, rtol=0.1)
    (first, second) = tail.shapes_.itertuples(index=False)
    assert (first.term_class, first.cause, first.shape, first.last_renewal) == (TERM_CLASSES[0], 1, "sbg", 12)
    assert (second.cause, second.lost, second.shape) == (2, 0, "flat")
    assert not tail.logits(2, 0, later).any()


def test_a_row_of_weight_two_is_two_rows(renewals):
    term, number, cause, _ = (part[:20_000] for part in renewals)
    weight = np.arange(20_000) % 3 + 0.0
    rows = np.repeat(np.arange(20_000), weight.astype(int))
    weighted = Tail().fit(term, number, cause, weight)
    repeated = Tail().fit(term[rows], number[rows], cause[rows], np.ones(len(rows)))
    np.testing.assert_allclose(weighted.logits(1, 0, np.arange(1, 40)), repeated.logits(1, 0, np.arange(1, 40)))


def test_a_hazard_stays_flat_where_losses_are_few_or_flat_is_wished(renewals):
    events = int(renewals[2].sum())
    for tail in (Tail(min_events=events + 1), Tail("flat")):
        tail.fit(*renewals)
        assert not tail.logits(1, 0, np.arange(1, 60)).any()
        assert set(tail.shapes_["shape"]) == {"flat"}
    assert Tail(min_events=events).fit(*renewals).logits(1, 0, np.array([2]))[0] < logit(0.5)


def test_months_without_renewal_tell_nothing(renewals):
    term, number, cause, weight = renewals
    between = np.zeros(len(term), dtype=int)
    alone, both = (
        Tail().fit(*renewals),
        Tail().fit(
            np.concatenate([term, term]),
            np.concatenate([number, between]),
            np.concatenate([cause, np.ones_like(cause)]),
            np.concatenate([weight, weight]),
        ),
    )
    assert (alone.logits(1, 0, np.arange(1, 60)) == both.logits(1, 0, np.arange(1, 60))).all()


def test_an_unknown_shape_is_refused(renewals):
    with pytest.raises(ModelError, match="expected 'sbg', 'bdw' or 'flat', got 'linear'"):
        Tail("linear").fit(*renewals)
