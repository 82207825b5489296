"""Profit measures against the published reference cases and a brute-force integral."""

import json

import numpy as np
import pytest
from scipy.stats import beta
from servicelift.core.errors import DataError
from servicelift.models.evaluation.profit import CampaignTerms, _corners, expected_maximum_profit, maximum_profit


@pytest.fixture(scope="module")
def reference(data_dir):
    return json.loads((data_dir / "churn" / "empc_reference.json").read_text())


def terms(params):
    return CampaignTerms(
        clv=params.get("clv", 200.0),
        incentive_cost=params.get("incentive_cost", 10.0),
        contact_cost=params.get("contact_cost", 1.0),
    )


def test_published_values_to_ten_digits(reference):
    expected = expected_maximum_profit(reference["y_true"], reference["y_score"], CampaignTerms())
    assert expected.profit == pytest.approx(14.9946647690, abs=1e-9)
    assert expected.fraction == pytest.approx(0.5807038600, abs=1e-9)
    fixed = maximum_profit(reference["y_true"], reference["y_score"], CampaignTerms(), accept_rate=0.3)
    assert fixed.profit == pytest.approx(14.8144796380, abs=1e-9)
    assert fixed.fraction == pytest.approx(0.6651583710, abs=1e-9)


def test_all_reference_cases(reference):
    y, score = reference["y_true"], reference["y_score"]
    for case in reference["empc_expected"]:
        params = case["params"]
        found = expected_maximum_profit(
            y, score, terms(params), accept_alpha=params.get("alpha", 6), accept_beta=params.get("beta", 14)
        )
        assert (found.profit, found.fraction) == pytest.approx((case["empc"], case["fraction"]), rel=1e-9)
    for case in reference["mpc_expected"]:
        params = case["params"]
        found = maximum_profit(y, score, terms(params), accept_rate=params.get("accept_rate", 0.3))
        assert (found.profit, found.fraction) == pytest.approx((case["mpc"], case["fraction"]), rel=1e-9)


def test_the_sum_is_the_integral_over_acceptance():
    rng = np.random.default_rng(0)
    score = rng.random(400).round(2)
    y = (rng.random(400) < score / 2).astype(int)
    gamma = beta(6, 14).ppf((np.arange(4000) + 0.5) / 4000)
    each = [maximum_profit(y, score, CampaignTerms(), accept_rate=g) for g in gamma]
    whole = expected_maximum_profit(y, score, CampaignTerms())
    assert whole.profit == pytest.approx(np.mean([one.profit for one in each]), rel=1e-4)
    assert whole.fraction == pytest.approx(np.mean([one.fraction for one in each]), rel=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_the_kept_library_agrees(seed):
    """Empulse 0.13 on random scores with ties, and on terms other than the published ones."""
    from empulse.metrics import empc_score, mpc_score

    rng = np.random.default_rng(seed)
    score = rng.random(300).round(2)
    y = (rng.random(300) < score / 3).astype(int)
    campaign = CampaignTerms(
        clv=rng.uniform(50, 500), incentive_cost=rng.uniform(5, 20), contact_cost=rng.uniform(0.1, 3)
    )
    told = {"clv": campaign.clv, "incentive_cost": campaign.incentive_cost, "contact_cost": campaign.contact_cost}
    expected = expected_maximum_profit(y, score, campaign, accept_alpha=5, accept_beta=9)
    assert expected.profit == pytest.approx(empc_score(y, score, alpha=5, beta=9, **told), rel=1e-9)
    fixed = maximum_profit(y, score, campaign, accept_rate=0.4)
    assert fixed.profit == pytest.approx(mpc_score(y, score, accept_rate=0.4, **told), rel=1e-9)


def test_a_campaign_that_never_pays_contacts_nobody():
    y, score = np.arange(100) % 5 == 0, np.linspace(0, 1, 100)
    dear = maximum_profit(y, score, CampaignTerms(contact_cost=500.0), accept_rate=0.3)
    assert (dear.profit, dear.fraction) == (0, 0)


def test_one_class_is_an_error():
    with pytest.raises(DataError, match="0 churners of 3"):
        maximum_profit([0, 0, 0], [0.1, 0.2, 0.3], CampaignTerms(), accept_rate=0.3)


@pytest.mark.parametrize("seed", range(6))
def test_the_corners_are_those_of_a_search_one_by_one(seed):
    rng = np.random.default_rng(seed)
    right, up = (np.concatenate([[0], np.cumsum(rng.integers(0, 3, 3_000))]).astype(float) for _ in range(2))
    if seed % 2:
        up = np.round(2_000 * np.sqrt(right / right[-1])) + up / 4  # bends down: many corners
    points = np.unique(np.column_stack([right, up]), axis=0)
    corners = []
    for x, y in points.tolist():
        while len(corners) > 1:
            (ax, ay), (bx, by) = corners[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) < 0:
                break
            corners.pop()
        corners.append((x, y))
    assert np.column_stack(_corners(*points.T)).tolist() == [list(corner) for corner in corners]
