"""The table of measures and the grade: slices, what cannot be measured, the written rule case by case."""

import json

import numpy as np
import pandas as pd
import pytest
from servicelift.models.evaluation.grade import chance_gap, grade
from servicelift.models.evaluation.metrics import ChurnMetrics, churn_metrics
from servicelift.models.evaluation.profit import CampaignTerms, break_even_risk, maximum_profit, profit_above
from servicelift.models.evaluation.slices import OTHERS, Campaign, bands, reliability, slice_metrics

CAMPAIGN = Campaign(CampaignTerms(), 0.3)


@pytest.fixture(scope="module")
def held_out():
    rng = np.random.default_rng(0)
    risk = rng.beta(1, 8, 2000)
    return (rng.random(2000) < risk).astype(np.int64), risk


def test_a_slice_is_judged_as_if_it_were_alone(held_out):
    y, risk = held_out
    method = np.where(np.arange(2000) % 3 == 0, "iban", "card").astype(object)
    table = slice_metrics(y, {"model": risk, "rate": np.full(2000, 0.1)}, {"method": method}, CAMPAIGN)
    assert table[["slice", "value", "model"]].values.tolist() == [
        ["all", "all", "model"],
        ["all", "all", "rate"],
        ["method", "card", "model"],
        ["method", "card", "rate"],
        ["method", "iban", "model"],
        ["method", "iban", "rate"],
    ]
    iban = table.iloc[4]
    rows = method == "iban"
    report = churn_metrics(y[rows], risk[rows])
    assert (iban["auc"], iban["ece"], iban["rows"]) == (report.auc, report.ece, rows.sum())
    assert iban["mpc"] == maximum_profit(y[rows], risk[rows], CampaignTerms(), accept_rate=0.3).profit
    assert table.iloc[1]["auc"] == 0.5


def test_rare_values_are_shown_together_and_never_alone(held_out):
    y, risk = held_out
    product = np.array(["paper"] * 1900 + [f"rare {i % 10}" for i in range(70)] + [None] * 30, dtype=object)
    table = slice_metrics(y, {"model": risk}, {"product": product}, CAMPAIGN)
    assert table["value"].tolist() == ["all", "paper", OTHERS]
    assert table["rows"].tolist() == [2000, 1900, 100]
    few = np.where(np.arange(2000) < 20, "tiny", "paper").astype(object)
    assert slice_metrics(y, {"model": risk}, {"product": few}, CAMPAIGN)["value"].tolist() == ["all", "paper"]


def test_a_slice_without_churners_is_counted_and_not_measured():
    y, risk = np.repeat([0, 1, 0], [100, 50, 50]), np.linspace(0.01, 0.5, 200)
    table = slice_metrics(y, {"model": risk}, {"half": np.repeat(["a", "b"], 100).astype(object)}, CAMPAIGN)
    calm = table[table["value"] == "a"].iloc[0]
    assert (calm["rows"], calm["churners"], calm["churn_rate"]) == (100, 0, 0)
    assert pd.isna(calm["auc"])
    assert calm["break_even_profit"] <= 0


def test_the_table_holds_the_published_profits(data_dir):
    case = json.loads((data_dir / "churn" / "empc_reference.json").read_text())
    table = slice_metrics(np.array(case["y_true"]), {"m": np.array(case["y_score"])}, {}, CAMPAIGN)
    found = table.iloc[0]
    assert (found["empc"], found["empc_share"]) == pytest.approx((14.9946647690, 0.5807038600), abs=1e-9)
    assert (found["mpc"], found["mpc_share"]) == pytest.approx((14.8144796380, 0.6651583710), abs=1e-9)
    assert found["lift_10"] == pytest.approx(2.7149877, abs=1e-6)


class TestBreakEven:
    def test_at_the_threshold_contact_neither_wins_nor_loses(self):
        """0.3 x 190 - 1 = 56 for a leaver, -11 for a stayer: even at 11 / 67."""
        assert break_even_risk(CampaignTerms(), accept_rate=0.3) == pytest.approx(11 / 67)
        assert break_even_risk(CampaignTerms(clv=10, incentive_cost=40), accept_rate=0.9) > 1

    def test_true_probabilities_earn_the_most_at_break_even(self):
        rng = np.random.default_rng(1)
        p = rng.beta(1, 6, 200_000)
        y = (rng.random(200_000) < p).astype(float)
        even = break_even_risk(CampaignTerms(), accept_rate=0.3)
        at = {
            shift: profit_above(y, p, CampaignTerms(), accept_rate=0.3, threshold=even * shift).profit
            for shift in (0.5, 0.8, 1.0, 1.25, 2.0)
        }
        assert max(at, key=at.get) == 1.0
        most = maximum_profit(y, p, CampaignTerms(), accept_rate=0.3).profit
        assert at[1.0] == pytest.approx(most, rel=0.002)
        assert at[1.0] <= most + 1e-12

    def test_wrong_probabilities_of_the_same_order_cost_profit(self):
        rng = np.random.default_rng(2)
        p = rng.beta(1, 6, 50_000)
        y = (rng.random(50_000) < p).astype(float)
        even = break_even_risk(CampaignTerms(), accept_rate=0.3)
        right, wrong = (
            profit_above(y, score, CampaignTerms(), accept_rate=0.3, threshold=even).profit for score in (p, p / 3)
        )
        assert wrong < 0.8 * right


def test_bands_are_values_or_quarters():
    assert bands(pd.Series([1.0, 12.0, np.nan])).tolist() == ["1", "12", None]
    assert bands(pd.Series(["iban", None], dtype="str")).tolist() == ["iban", None]
    quarters = pd.Series(bands(pd.Series(np.arange(400.0))))
    assert quarters.value_counts().tolist() == [100] * 4


def test_the_reliability_curve_keeps_the_means(held_out):
    y, risk = held_out
    curve = reliability(y, {"model": risk})
    assert len(curve) == 10
    assert np.average(curve["predicted"], weights=curve["rows"]) == pytest.approx(risk.mean())
    assert np.average(curve["observed"], weights=curve["rows"]) == pytest.approx(y.mean())
    assert curve["predicted"].is_monotonic_increasing


def report(auc=0.75, log_loss=0.20, ece=0.01, positives=200):
    return ChurnMetrics(auc, 0.2, log_loss, 0.08, 2.5, ece, 2000, positives)


class TestGrade:
    def of(self, logistic=0.25, rate=0.30, **model):
        return grade(report(**model), report(log_loss=logistic), report(auc=0.5, log_loss=rate))

    @pytest.mark.parametrize(
        ("auc", "letter"),
        [(0.80, "A"), (0.799, "B"), (0.72, "B"), (0.719, "C"), (0.65, "C"), (0.649, "D"), (0.55, "D"), (0.549, "E")],
    )
    def test_the_letter_comes_from_the_ranking(self, auc, letter):
        assert self.of(auc=auc).letter == letter

    @pytest.mark.parametrize(
        ("change", "letter", "says"),
        [
            # A quarter of 10%, and 1.69% by chance: sqrt(2 / pi) times sqrt(.1 x .9 / 200) in groups of 200.
            ({"ece": 0.041}, "A", "off by 4.1%"),
            ({"ece": 0.043}, "B", "a step down"),
            ({"logistic": 0.19}, "C", "logistic regression does as well"),
            ({"rate": 0.19}, "E", "last month's rate"),
            ({"positives": 49, "ece": 0.0}, "-", "49 churners"),
        ],
    )
    def test_what_takes_from_an_a(self, change, letter, says):
        found = self.of(**{"auc": 0.9, **change})
        assert found.letter == letter
        assert says in found.line()

    def test_true_probabilities_show_the_gap_of_chance(self):
        rng = np.random.default_rng(3)
        gaps = []
        for _ in range(300):
            p = rng.uniform(0.04, 0.06, 3000)
            found = churn_metrics((rng.random(3000) < p).astype(int), p)
            gaps.append(found.ece / chance_gap(found))
        assert np.mean(gaps) == pytest.approx(1, abs=0.05)

    def test_grade_e_must_not_be_used_and_the_logistic_model_has_no_rival_of_its_kind(self):
        assert self.of(auc=0.5).unusable
        assert not self.of(auc=0.6).unusable
        own = grade(report(auc=0.9, log_loss=0.3), None, report(auc=0.5, log_loss=0.4))
        assert (own.letter, len(own.because)) == ("A", 2)

    def test_nothing_lifts_a_grade(self):
        assert self.of(auc=0.6, logistic=0.19).letter == "D"
        assert self.of(auc=0.5, ece=0.2).letter == "E"
