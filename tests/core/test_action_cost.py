"""The rule for the cost of an action: recorded, else configured; every choice by hand and as a mean over decisions."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.action_cost import CONFIGURED, COST_WORDS, RECORDED, DecisionCounts, action_cost
from servicelift.core.locale import Locale

EN = Locale("en")


def counted(costs, accepted):
    """Count decisions given one by one; None where the table says nothing."""
    own = [cost for cost in costs if cost is not None]
    return DecisionCounts(
        decisions=len(costs),
        recorded=len(own),
        recorded_sum=float(sum(own)),
        accepted=sum(answer is True for answer in accepted),
        accepted_unrecorded=sum(a is True and c is None for c, a in zip(costs, accepted, strict=True)),
        acceptance_known=any(answer is not None for answer in accepted),
    )


@pytest.mark.parametrize("configured", [True, False])
def test_costs_that_are_all_recorded_win_over_the_config(configured):
    found = action_cost(counted([2.0, 4.0], [True, False]), cost=99.0, cost_if_accepted=9.0, configured=configured)
    assert (found.unit, found.source, found.recorded, found.decisions) == (3.0, RECORDED, 2, 2)
    assert found.words(EN) == "€3.00 an offer, recorded over 2 matured decisions"


def test_without_recorded_costs_the_share_that_accepts_counts():
    counts = counted([None] * 4, [True, False, False, None])
    found = action_cost(counts, cost=6.0, cost_if_accepted=12.0, configured=True)
    assert (found.unit, found.source, found.acceptance) == (9.0, CONFIGURED, 0.25)
    assert "25% of them were accepted" in found.words(EN)


@pytest.mark.parametrize("accepted", [[None, None], []])
def test_an_acceptance_that_nobody_knows_counts_as_accepted(accepted):
    counts = counted([None] * len(accepted), accepted)
    found = action_cost(counts, cost=6.0, cost_if_accepted=12.0, configured=True)
    assert found.unit == 18.0
    assert "every offer counts as accepted" in found.words(EN)


def test_a_gap_among_recorded_costs_takes_the_config_or_their_mean_and_is_counted():
    counts = counted([2.0, 4.0, None, None], [True, False, True, False])
    by_config = action_cost(counts, cost=10.0, cost_if_accepted=4.0, configured=True)
    assert by_config.unit == (2 + 4 + 14 + 10) / 4
    assert "2 without one take the config's cost" in by_config.words(EN)
    silent = action_cost(counts, cost=0.0, cost_if_accepted=0.0, configured=False)
    assert silent.unit == 3.0
    assert "2 without one take their mean" in silent.words(EN)


@pytest.mark.parametrize("configured", [True, False])
def test_the_unit_cost_is_the_mean_over_decisions_one_by_one(configured):
    rng = np.random.default_rng(0)
    for _ in range(50):
        n = int(rng.integers(1, 9))
        costs = [None if u < 0.4 else float(c) for u, c in zip(rng.random(n), rng.integers(0, 9, n), strict=True)]
        accepted = [[None, True, False][i] for i in rng.integers(0, 3, n)]
        cost, extra = (5.0, 3.0) if configured else (0.0, 0.0)
        rule = action_cost(counted(costs, accepted), cost=cost, cost_if_accepted=extra, configured=configured)
        unknown = all(answer is None for answer in accepted)
        each = [
            own if own is not None else rule.filled + rule.if_accepted * (yes is True or unknown)
            for own, yes in zip(costs, accepted, strict=True)
        ]
        assert rule.unit == pytest.approx(np.mean(each))


def test_french_words_hold_the_same_numbers():
    counts = counted([2.0, 4.0, None], [None, None, None])
    words = action_cost(counts, cost=0.0, cost_if_accepted=0.0, configured=False).words(Locale("fr"))
    assert words.replace("\u00a0", " ").replace("\u202f", " ") == (
        "3,00 € par offre, constaté sur 2 décisions arrivées à terme ; 1 sans coût prend leur moyenne"
    )


def test_every_sentence_tells_the_same_figures_in_both_languages():
    for sentence in COST_WORDS.values():
        assert sentence.figures("en") == sentence.figures("fr")
