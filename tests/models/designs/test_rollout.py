"""A staggered rollout: the figures of csdid and DoubleML, worlds of known truth, what is refused, laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.designs.rollout import rollout_effect

COLUMNS = ("unit", "month", "start", "money")


def drawn(seed: int, n: int = 200, *, chosen: bool = True, effect: float = 1.0, never: float = np.inf):
    """Return a panel of ten months with cohorts 4, 6 and 8, whose effect grows and differs, and its true average."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    rng.choice([4, 6, 8, np.inf], n, p=[0.25, 0.25, 0.2, 0.3])
    pull = np.exp(np.outer(x, [0.6, 0.2, -0.2, -0.5] if chosen else np.zeros(4)))
    start = np.array([rng.choice([4, 6, 8, never], p=q) for q in pull / pull.sum(1, keepdims=True)])
    month = np.arange(10)
    since = np.where(np.isfinite(start)[:, None], np.clip(month - start[:, None] + 1, 0, None), 0)
    gain = effect * since * (1 + 0.3 * (start[:, None] == 4))
    money = rng.normal(0, 2, n)[:, None] + 0.5 * month + chosen * 0.4 * x[:, None] * month + gain
    money = money + rng.normal(0, 1, (n, 10))
    panel = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(n), 10),
            "month": np.tile(month, n),
            "start": np.repeat(np.where(np.isfinite(start), start, np.nan), 10),
            "money": money.ravel(),
            "size": np.repeat(x, 10),
        }
    )
    return panel, float(gain[since > 0].mean()) if effect else 0.0


# csdid 0.4.3 (not yet treated, doubly robust, universal base) on drawn(3): simple average with and without the
# covariate, and by exposure with it: effect, standard error.
SIMPLE, SIMPLE_PLAIN = 3.5964788960, 4.6027789917
BY_EXPOSURE = {-8: (-0.4106935, 0.2680264), -2: (0.0518773, 0.1436), 0: (1.0157205, 0.1530), 5: (8.2244629, 0.3891)}
# DoubleML 0.11.4 (DoubleMLDIDMulti, lines, 5 folds) on the same: it cross-fits, so it is near, not equal.
DOUBLEML = {0: (1.024339, 0.154827), 2: (3.603811, 0.215655)}


def test_equals_csdid():
    panel, _ = drawn(3)
    plain, adjusted = rollout_effect(panel, *COLUMNS), rollout_effect(panel, *COLUMNS, covariates=["size"])
    assert plain.estimate == pytest.approx(SIMPLE_PLAIN, abs=1e-8)
    assert adjusted.estimate == pytest.approx(SIMPLE, abs=1e-8)
    parts = {part.part: part for part in adjusted.by_exposure}
    for exposure, (effect, error) in BY_EXPOSURE.items():
        assert parts[exposure].estimate == pytest.approx(effect, abs=1e-6)
        # Ours carries n / (n - 1) in each arm, and no error of the cohorts' sizes.
        assert parts[exposure].std_error == pytest.approx(error, rel=0.02)


def test_is_near_doubleml():
    parts = {part.part: part for part in rollout_effect(drawn(3)[0], *COLUMNS, covariates=["size"]).by_exposure}
    for exposure, (effect, error) in DOUBLEML.items():
        assert parts[exposure].estimate == pytest.approx(effect, abs=0.3 * error)
        assert parts[exposure].std_error == pytest.approx(error, rel=0.1)


def test_is_near_doubleml_itself():
    pytest.importorskip("doubleml", reason="doubleml is not installed: servicelift[bench]")
    from doubleml.data import DoubleMLPanelData
    from doubleml.did import DoubleMLDIDMulti
    from sklearn.linear_model import LinearRegression, LogisticRegression

    panel, _ = drawn(4)
    data = DoubleMLPanelData(
        panel.assign(start=panel["start"].fillna(np.inf)),
        y_col="money",
        d_cols="start",
        id_col="unit",
        t_col="month",
        x_cols=["size"],
    )
    peer = DoubleMLDIDMulti(data, LinearRegression(), LogisticRegression(), control_group="not_yet_treated").fit()
    table = peer.aggregate("eventstudy").aggregated_summary
    theirs = table[[float(str(name)) == 0 for name in table.index]].iloc[0]
    ours = next(p for p in rollout_effect(panel, *COLUMNS, covariates=["size"]).by_exposure if p.part == 0)
    assert ours.estimate == pytest.approx(theirs["coef"], abs=theirs["std err"])


@pytest.mark.parametrize(("chosen", "effect"), [(False, 1.0), (True, 1.0), (False, 0.0)])
def test_intervals_hold_the_truth_where_two_way_effects_do_not(chosen, effect):
    """40 draws, of which a right interval misses more than 6 once in a hundred times."""
    found, truths = [], []
    for seed in range(700, 740):
        panel, truth = drawn(seed, 100, chosen=chosen, effect=effect)
        found.append(rollout_effect(panel, *COLUMNS, covariates=["size"] if chosen else []))
        truths.append(truth)
    assert sum(e.low <= t <= e.high for e, t in zip(found, truths, strict=True)) >= 34
    assert sum(e.pretrend_p < 0.05 for e in found) <= 6
    if effect and not chosen:
        assert np.mean([e.naive - t for e, t in zip(found, truths, strict=True)]) < -0.5


def test_trends_before_the_start_are_seen():
    panel, _ = drawn(3)
    found = rollout_effect(panel, *COLUMNS)
    assert found.pretrend_p < 0.01
    assert found.estimate - drawn(3)[1] > 3 * found.std_error


def test_two_cohorts_of_two_by_hand():
    """Two starts, three periods: each cell is a difference of two mean changes."""
    panel = pd.DataFrame(
        {
            "unit": np.repeat(list("abcdef"), 3),
            "month": [1, 2, 3] * 6,
            "start": np.repeat([2, 2, 3, 3, None, None], 3).astype(float),
            "money": [0, 5, 9, 0, 7, 11, 0, 1, 6, 0, 3, 8, 0, 2, 3, 0, 2, 5],
        }
    )
    found = rollout_effect(panel, *COLUMNS)
    first = 6 - np.mean([1, 3, 2, 2])  # cohort 2 in 2, against 3 and never
    second = 10 - np.mean([3, 5])  # cohort 2 in 3, against never
    third = 5 - np.mean([1, 3])  # cohort 3 in 3 since 2, against never
    assert found.estimate == pytest.approx(np.mean([first, second, third]))
    assert found.total == pytest.approx(2 * (first + second + third))
    assert [(p.part, p.estimate) for p in found.by_start] == [(2, pytest.approx(5)), (3, pytest.approx(third))]
    assert (found.n_units, found.n_reached, found.reached_periods, found.left_out_periods) == (6, 4, 6, 0)


def test_dates_and_the_order_of_rows_change_nothing():
    panel, _ = drawn(5, 60)
    dated = panel.assign(
        month=pd.Timestamp("2024-01-01") + pd.to_timedelta(31 * panel["month"], unit="D"),
        start=pd.Timestamp("2024-01-01") + pd.to_timedelta(31 * panel["start"] - 3, unit="D"),
    ).sample(frac=1, random_state=0)
    one, two = rollout_effect(panel, *COLUMNS), rollout_effect(dated, *COLUMNS)
    assert (two.estimate, two.std_error, two.pretrend_p) == pytest.approx((one.estimate, one.std_error, one.pretrend_p))


def test_customers_of_a_site_are_one_cluster():
    """Every site's customers alike: as uncertain as sites alone."""
    sites, _ = drawn(6, 60)
    customers = pd.concat([sites.assign(site=sites["unit"], unit=sites["unit"] + 1_000 * k) for k in range(3)])
    one = rollout_effect(sites, *COLUMNS)
    many = rollout_effect(customers, *COLUMNS, clusters="site")
    assert many.estimate == pytest.approx(one.estimate)
    assert (many.std_error, many.low, many.pretrend_p) == pytest.approx((one.std_error, one.low, one.pretrend_p))
    assert rollout_effect(customers, *COLUMNS).std_error < 0.7 * one.std_error


def test_periods_with_nobody_left_to_compare_with_are_counted():
    panel, _ = drawn(7, 100, chosen=False, never=9)
    found = rollout_effect(panel, *COLUMNS)
    assert found.left_out_periods == 100
    with pytest.raises(ModelError, match="at least two clusters not reached yet"):
        rollout_effect(panel, *COLUMNS, controls="never")


def test_what_cannot_be_known_is_refused():
    panel, _ = drawn(8, 40)
    alone = panel["start"].where(panel["unit"] != 0, 7)
    cases = {
        "expected column 'mony'; did you mean 'money'": ({}, ("unit", "month", "start", "mony")),
        "every unit in every period, 1 of 400 rows": (panel.iloc[1:], COLUMNS),
        "one row a unit and period, got 1 more": (pd.concat([panel, panel.iloc[:1]]), COLUMNS),
        "money: 1 of 400 values are not finite": (panel.assign(money=panel["money"].where(panel.index != 3)), COLUMNS),
        "start: expected one value a unit": (panel.assign(start=panel["start"].where(panel.index != 3, 5)), COLUMNS),
        "not reached in the first period, got 1 that": (
            panel.assign(start=panel["start"].where(panel["unit"] != 0, -1)),
            COLUMNS,
        ),
        "two clusters that started in 7, got one": (panel.assign(start=alone), COLUMNS),
        "month: expected a value in every row": (panel.assign(month=panel["month"].where(panel.index != 3)), COLUMNS),
        "start: expected": (panel.assign(start="soon"), COLUMNS),
        "money: expected numbers": (panel.assign(money="much"), COLUMNS),
    }
    for match, (table, columns) in cases.items():
        with pytest.raises(ModelError, match=match):
            rollout_effect(panel if isinstance(table, dict) else table, *columns)
    with pytest.raises(ModelError, match="controls: expected not_yet or never"):
        rollout_effect(panel, *COLUMNS, controls="all")


def test_a_cohort_that_covariates_tell_apart_is_left_out_and_counted():
    panel, _ = drawn(8, 60)
    told = (panel["start"] == 4).astype(float)
    found = rollout_effect(panel.assign(told=told), *COLUMNS, covariates=["told"])
    assert found.left_out_periods == told.sum() / 10 * 6
    assert [part.part for part in found.by_start] == [6, 8]
    with pytest.raises(ModelError, match="like those reached in the covariates"):
        rollout_effect(panel.assign(told=panel["start"].notna() * 1.0), *COLUMNS, covariates=["told"], controls="never")
