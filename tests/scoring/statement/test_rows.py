"""The columns finance asks for, case by case: paths, costs, customers kept, totals, warnings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.records import ClvInputs, TrialData
from servicelift.features.tables.tables import tables_from_frames
from servicelift.models.actions.bridge import bridge_between
from servicelift.models.actions.decomposition import Decomposition
from servicelift.models.actions.mechanisms import PATHS
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.refutation.overlap import Overlap
from servicelift.models.refutation.verdict import Among, judge
from servicelift.scoring.statement.contrasts import contrast_sentence, shown_or_not
from servicelift.scoring.statement.costs import ITEMS, acquisition_cost, initiative_costs, treated_costs
from servicelift.scoring.statement.finance_columns import bridge_columns, finance_columns
from servicelift.scoring.statement.totals import combined_error, totals
from servicelift.scoring.statement.warnings import business_warnings, response_rate, trial_warnings

SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-07-01")


def effect(estimate: float, error: float = 1.0) -> EffectEstimate:
    return EffectEstimate(
        estimate, error, estimate - 2 * error, estimate + 2 * error, "treated", 10, 10, 10.0, 10.0, 0.0, 0.0, 0.0
    )


def decomposition(retained: float | None = 0.1, error: float = 0.01) -> Decomposition:
    return Decomposition(
        paths={name: effect(value) for name, value in zip(PATHS, (4.0, 3.0, 2.0, -1.0), strict=True)},
        realised=effect(3.0),
        predicted=effect(5.0),
        full_realised=None,
        n_full=7,
        referral=effect(0.2),
        retained=None if retained is None else effect(retained, error),
        by_month=np.arange(37) * 8 / 36,
    )


def test_columns_are_totals_and_paths_add_up():
    found = finance_columns(decomposition(), treated=50, cost=100.0, acquisition=30.0)
    assert sum(found[f"path_{name}"] for name in PATHS) == pytest.approx(8 * 50)
    assert found["realised_incremental_clv"] + found["predicted_incremental_clv"] == pytest.approx(8 * 50)
    assert found["referral"] == pytest.approx(10)
    assert found["payback_month"] == 9
    assert np.isnan(found["full_realised_incremental_clv"])
    assert found["n_full_realised"] == 7


def test_a_customer_kept_costs_what_all_treated_cost():
    found = finance_columns(decomposition(0.1, 0.02), treated=50, cost=100.0, acquisition=30.0)
    assert found["customers_retained"] == pytest.approx(5)
    assert found["cost_per_customer_retained"] == pytest.approx(20)
    assert found["cost_per_customer_retained_low"] == pytest.approx(100 / 7)
    assert found["cost_per_customer_retained_high"] == pytest.approx(100 / 3)
    assert found["cost_per_customer_acquired"] == 30


def test_where_perhaps_nobody_was_kept_the_cost_has_no_upper_end_and_where_nobody_was_it_is_unknown():
    perhaps = finance_columns(decomposition(0.1, 0.1), treated=50, cost=100.0, acquisition=np.nan)
    assert perhaps["cost_per_customer_retained"] == pytest.approx(20)
    assert np.isnan(perhaps["cost_per_customer_retained_high"])
    for retained in (-0.1, None):
        nobody = finance_columns(decomposition(retained), treated=50, cost=100.0, acquisition=np.nan)
        assert np.isnan(nobody["cost_per_customer_retained"])
        assert np.isnan(nobody["cost_per_customer_retained_low"])


def test_without_an_account_the_columns_are_there_and_empty():
    empty = finance_columns(None, treated=50, cost=100.0, acquisition=1.0)
    assert list(empty) == list(finance_columns(decomposition(), treated=50, cost=100.0, acquisition=1.0))
    assert np.isnan(empty["path_spend"])
    assert np.isnan(empty["payback_month"])


def test_the_bridge_is_shown_in_total():
    bridge = bridge_between(naive=10, lasting=7, adjusted=5, effect=4, programme=3, randomised=True)
    steps = bridge_columns(bridge, treated=10)
    assert steps == {
        "bridge_selection": -30,
        "bridge_regression_to_mean": -20,
        "bridge_unseen": -10,
        "bridge_double_counting": -10,
    }


def judged_contrast(estimate: float, *, doubts: tuple[str, ...] = (), p: float = 0.001) -> tuple[str, str]:
    """The verdict on a contrast of an effect with error 1, one of five judged together, and its sentence."""
    found = effect(estimate)
    said = judge(found, 0.0, doubts=doubts, currency="EUR", among=Among(5, p, p))
    contrasts = {"quick": {"exposure": "answered_within", "hours": 2}}
    config = Config.model_validate(
        {"tables": {"customers": "-", "payments": "-"}, "incremental": {"contrasts": contrasts}}
    )
    return shown_or_not(said), contrast_sentence(config, "quick", found, 9.0, said)


def test_a_contrast_is_held_against_nothing_and_says_why_it_is_not_shown():
    assert judged_contrast(5.0)[0] == judged_contrast(-5.0)[0] == "effect shown"
    shown, sentence = judged_contrast(1.0)
    assert shown == "effect not shown"
    assert "A first answer within 2 hours changed" in sentence
    assert "includes 0" in sentence
    assert "cost" not in sentence
    shown, sentence = judged_contrast(5.0, p=0.06)
    assert shown == "effect not shown"
    assert "5 contrasts judged together" in sentence
    assert "placebo" in judged_contrast(5.0, doubts=("differed before (placebo)",))[1]


def rows() -> pd.DataFrame:
    base = {f"cost_{item}": 1.0 for item in ("actions", *ITEMS)}
    lines = [("a", "spring", 100.0, 200.0), ("b", "spring", 50.0, 20.0), ("c", None, 30.0, 90.0)]
    return pd.DataFrame(
        [
            {
                "action": action,
                "initiative": initiative,
                "n_treated": 10,
                "cost": cost,
                "incremental_clv": gain,
                "incremental_clv_low": gain - 19.6,
                "incremental_clv_high": gain + 19.6,
                "programme_incremental_clv": gain / 2,
                "realised_incremental_clv": gain / 4,
                "predicted_incremental_clv": 3 * gain / 4,
                **base,
            }
            for action, initiative, cost, gain in lines
        ]
    )


def test_totals_add_up_for_each_initiative_and_for_all():
    rng = np.random.default_rng(1)
    found = totals(rows(), [rng.normal(size=400) for _ in range(3)]).set_index("initiative", drop=False)
    assert found["initiative"].tolist()[0] == "spring"
    assert found.loc["spring", "incremental_clv"] == 220
    assert found.loc["spring", "roi_percent"] == pytest.approx(70 / 150 * 100)
    assert found.loc["all", "cost"] == 180
    assert found.loc["all", "n_treated"] == 30
    assert found.loc["all", "programme_roi_percent"] == pytest.approx((155 - 180) / 180 * 100)
    assert found.loc["all", "actions"] == "a, b, c"
    half = (found.loc["all", "incremental_clv_high"] - found.loc["all", "incremental_clv_low"]) / 2
    assert half == pytest.approx(19.6 * np.sqrt(3), rel=0.1)


def test_errors_that_go_together_add_and_opposite_ones_never_cancel():
    draw = np.random.default_rng(2).normal(size=200)
    errors = np.array([3.0, 4.0])
    assert combined_error(errors, [draw, draw]) == pytest.approx(7)
    assert combined_error(errors, [draw, -draw]) == pytest.approx(5)
    assert combined_error(errors, [np.empty(0), np.empty(0)]) == pytest.approx(7)
    assert combined_error(errors[:1], [draw]) == pytest.approx(3)


def tables(**changes: object):
    """Three customers, an initiative of two actions, a survey answered out of five."""
    at = pd.to_datetime(["2023-02-01", "2023-03-01", "2023-04-01"])
    frames = {
        "customers": pd.DataFrame(
            {
                "customer_id": [1, 2, 3],
                "signed_up_at": pd.to_datetime(["2022-01-01", "2023-02-01", "2023-03-01"]),
                "acquisition_cost": [100.0, 20.0, 40.0],
            }
        ),
        "payments": pd.DataFrame({"payment_id": [1], "customer_id": [1], "paid_at": at[:1], "amount": [5.0]}).assign(
            method="iban"
        ),
        "actions": pd.DataFrame(
            {
                "action_id": [1, 2, 3, 4],
                "customer_id": [1, 2, 3, 3],
                "action": ["call", "call", "gift", "call"],
                "decided_at": pd.to_datetime(["2023-02-01", "2023-03-01", "2023-04-01", "2022-06-01"]),
                "arm": "treated",
                "initiative": "spring",
            }
        ),
        "initiatives": pd.DataFrame(
            {
                "initiative": ["spring"],
                "name": ["Spring"],
                "when": ["x"],
                "then": ["y"],
                "started_on": pd.to_datetime(["2023-01-01"]),
                "ended_on": pd.to_datetime([None]),
            }
        ),
        "initiative_costs": pd.DataFrame(
            {
                "initiative": ["spring"] * 4,
                "item": ["salaries", "tools", "tools", "training"],
                "amount": [300.0, 30.0, 60.0, 999.0],
                "incurred_on": pd.to_datetime(["2023-01-01", "2023-02-01", "2023-03-01", "2023-07-01"]),
            }
        ),
        "surveys": pd.DataFrame(
            {
                "survey_id": range(5),
                "customer_id": 1,
                "sent_at": pd.Timestamp("2023-03-01"),
                "responded_at": pd.to_datetime(["2023-03-02", None, None, None, None]),
                "metric": "csat",
                "score": [5.0, None, None, None, None],
            }
        ),
    }
    config = {
        "tables": dict.fromkeys(frames, "-"),
        "data_until": "2024-01-01",
        "incremental": {"actions": {"call": {}, "gift": {}}},
        **changes,
    }
    return tables_from_frames(frames, Config.model_validate(config))


def trial(immature: int = 0) -> TrialData:
    units = pd.DataFrame({"customer_id": [1, 2], "treated": [1, 0], "cost": [2.5, 0.0]})
    empty = pd.DataFrame(index=range(2))
    return TrialData(
        "call", "observational", units, empty, empty, ClvInputs(empty, None, {}), empty, *[np.zeros(2)] * 2, 1, 1,
        immature, 0,
    )  # fmt: skip


def test_an_initiative_costs_by_item_and_its_actions_share_them():
    """Three treated decisions of the period share the items of the period; the trial judges one of them."""
    opened = tables()
    assert initiative_costs(opened, "spring", SINCE, UNTIL) == {"salaries": 300.0, "tools": 90.0}
    costs = treated_costs(opened, trial(), "spring", SINCE, UNTIL)
    assert costs["actions"] == 2.5
    assert costs["salaries"] == pytest.approx(100)
    assert costs["tools"] == pytest.approx(30)
    assert costs["training"] == 0
    assert sum(treated_costs(opened, trial(), None, SINCE, UNTIL).values()) == 2.5


def test_acquisition_is_that_of_the_customers_of_the_period():
    opened = tables()
    assert acquisition_cost(opened, SINCE, UNTIL) == pytest.approx(30)
    assert np.isnan(acquisition_cost(opened, UNTIL, UNTIL + pd.Timedelta(days=9)))


def test_readers_are_warned_of_what_they_cannot_see():
    short = business_warnings(tables(value={"horizon_months": 6}), SINCE, UNTIL)
    assert any("6 months is under 12" in line for line in short)
    assert any("20% of the surveys" in line for line in short)
    (blind,) = [line for line in short if line.startswith("no data on")]
    assert "service" in blind
    assert "referral" in blind
    assert "satisfaction" not in blind
    usual = tables()
    assert not any("horizon" in line for line in business_warnings(usual, SINCE, UNTIL))
    assert response_rate(usual, UNTIL, UNTIL + pd.Timedelta(days=9)) is None


def test_an_estimate_warns_of_young_decisions_and_few_controls():
    good = Overlap(0.0, 0.0, 900.0, 0.01)
    assert trial_warnings(trial(), good) == ()
    (young,) = trial_warnings(trial(immature=1), good)
    assert young.startswith("50% of the treated decisions are too recent")
    (few,) = trial_warnings(trial(), Overlap(0.0, 0.0, 60.0, 0.01))
    assert "60 customers" in few
