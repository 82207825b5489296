"""Churn: scikit-learn's contract, mixed frames, time-ordered hold-out, calibration, contributions, causes."""

import pickle
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from servicelift.core.errors import DataError
from servicelift.models.churn.competing import BASE, ChurnClassifier, CompetingChurn, ConstantRate
from servicelift.models.evaluation.metrics import expected_calibration_error
from servicelift.models.fitting.early_stopping_split import in_turn
from servicelift.models.fitting.target import binary_target
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

FAST = {"max_rounds": 150, "early_stopping_rounds": 20, "learning_rate": 0.1}


@parametrize_with_checks([ChurnClassifier(), CompetingChurn(), CompetingChurn(min_events=1)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def customers(n=3000, seed=0, drift=0.0):
    """Return features, causes 0, 1, 2, the true probability of leaving and the month of each row."""
    rng = np.random.default_rng(seed)
    month = pd.Series(rng.choice(pd.date_range("2023-01-01", periods=12, freq="MS"), n)).astype("datetime64[us]")
    frame = pd.DataFrame(
        {
            "tenure_days": rng.exponential(700, n),
            "contacts_90d": rng.poisson(1.0, n),
            "method": rng.choice(["iban", "card", "cheque"], n),
            "csat_last": np.where(rng.random(n) < 0.5, np.nan, rng.integers(1, 6, n)),
        }
    )
    late = (month - month.min()).dt.days / 365
    voluntary = expit(-2 + 0.5 * frame["contacts_90d"] - frame["tenure_days"] / 1000 + drift * late)
    involuntary = np.where(frame["method"] == "card", 0.15, 0.01)
    u = rng.random(n)
    cause = np.where(u < involuntary, 2, np.where(u < involuntary + (1 - involuntary) * voluntary, 1, 0))
    truth = np.column_stack([(1 - involuntary) * voluntary, involuntary])
    return frame, cause, truth, month


@pytest.fixture(scope="module")
def world():
    return customers()


@pytest.fixture(scope="module")
def fitted(world):
    frame, cause, _, month = world
    return ChurnClassifier(**FAST).fit(frame, cause > 0, order=month)


class TestFrames:
    def test_unknown_and_missing_categories_are_missing(self, world, fitted):
        frame = world[0].head(4).copy()
        frame["method"] = ["iban", "crypto", None, np.nan]
        p = fitted.predict_proba(frame.assign(method=["crypto", "x", None, np.nan]))
        assert p == pytest.approx(fitted.predict_proba(frame.assign(method=None)))
        assert fitted.encoding_.categories["method"].tolist() == ["card", "cheque", "iban"]

    @pytest.mark.parametrize("dtype", [object, "category", "str"])
    def test_the_kind_of_text_column_changes_nothing(self, world, fitted, dtype):
        frame, cause, _, month = world
        other = ChurnClassifier(**FAST).fit(frame.astype({"method": dtype}), cause > 0, order=month)
        assert (other.predict_proba(frame) == fitted.predict_proba(frame)).all()

    def test_the_order_of_category_levels_at_predict_changes_nothing(self, world, fitted):
        frame = world[0].head(100)
        turned = frame.assign(method=pd.Categorical(frame["method"], categories=["iban", "new", "cheque", "card"]))
        assert (fitted.predict_proba(turned) == fitted.predict_proba(frame)).all()

    def test_nullable_and_decimal_numbers_are_numbers(self, world, fitted):
        frame = world[0].head(50)
        same = frame.assign(
            contacts_90d=frame["contacts_90d"].astype("Int64"),
            tenure_days=[Decimal(repr(days)) for days in frame["tenure_days"]],
        )
        assert fitted.predict_proba(same) == pytest.approx(fitted.predict_proba(frame))

    def test_missing_numbers_are_a_value_of_their_own(self):
        rng = np.random.default_rng(0)
        x = rng.normal(size=2000)
        missing = rng.random(2000) < 0.5
        frame = pd.DataFrame({"x": np.where(missing, np.nan, x)})
        model = ChurnClassifier(**FAST).fit(frame, rng.random(2000) < np.where(missing, 0.6, 0.1))
        assert model.predict_proba(pd.DataFrame({"x": [np.nan]}))[0, 1] == pytest.approx(0.6, abs=0.08)

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"tenure_days": "long"}, "'tenure_days' held numbers"),
            ({"tenure_days": np.inf}, "'tenure_days' holds infinite"),
        ],
    )
    def test_wrong_columns_are_named(self, world, fitted, change, rule):
        with pytest.raises(DataError, match=rule):
            fitted.predict_proba(world[0].head(3).assign(**change))

    def test_dates_must_become_days(self, world):
        frame, cause, _, month = world
        with pytest.raises(DataError, match="'month' holds datetime64"):
            ChurnClassifier().fit(frame.assign(month=month), cause > 0)

    def test_missing_columns_are_named(self, world, fitted):
        with pytest.raises(DataError, match="csat_last"):
            fitted.predict_proba(world[0].drop(columns="csat_last"))


class TestHoldout:
    def test_the_last_part_in_time_is_held_out(self):
        """The level of churn rises with time: held out in time, calibration is to the last months' level."""
        frame, cause, _, month = customers(n=6000, drift=3.0)
        in_time = ChurnClassifier(**FAST, refit=False).fit(frame, cause > 0, order=month)
        at_random = ChurnClassifier(**FAST, refit=False).fit(frame, cause > 0)
        assert (in_time.holdout_, at_random.holdout_) == ("time", "random")
        last = (month >= pd.Timestamp("2023-11-01")).to_numpy()
        observed = (cause[last] > 0).mean()
        assert in_time.predict_proba(frame[last])[:, 1].mean() == pytest.approx(observed, abs=0.02)
        assert at_random.predict_proba(frame[last])[:, 1].mean() < observed - 0.05

    def test_order_of_rows_does_not_move_the_holdout(self, world, fitted):
        frame, cause, _, month = world
        turned = np.random.default_rng(0).permutation(len(frame))
        other = ChurnClassifier(**FAST).fit(frame.iloc[turned], cause[turned] > 0, order=month.iloc[turned])
        assert other.predict_proba(frame) == pytest.approx(fitted.predict_proba(frame), abs=0.02)

    def test_numbers_and_instants_order_alike(self, world, fitted):
        frame, cause, _, month = world
        days = (month - pd.Timestamp("2020-01-01")).dt.days
        other = ChurnClassifier(**FAST).fit(frame, cause > 0, order=days)
        assert (other.predict_proba(frame) == fitted.predict_proba(frame)).all()

    def test_embargo_leaves_rows_out_and_falls_back_aloud(self, world):
        frame, cause, _, month = world
        kept = ChurnClassifier(**FAST, embargo=60).fit(frame, cause > 0, order=month)
        assert kept.notes_ == ()
        gone = ChurnClassifier(**FAST, embargo=400).fit(frame, cause > 0, order=month)
        assert gone.holdout_ == "time"
        assert "embargo of 400" in gone.notes_[0]
        one = ChurnClassifier(**FAST).fit(frame, cause > 0, order=np.zeros(len(frame)))
        assert one.holdout_ == "random"
        assert one.notes_

    def test_groups_are_not_torn_apart(self):
        """Rows come in identical pairs with pure-noise labels: a torn pair would reward memorising."""
        rng = np.random.default_rng(0)
        base = pd.DataFrame(rng.normal(size=(600, 5)))
        frame, y = pd.concat([base, base]), np.tile(rng.random(600) < 0.3, 2)
        frame.columns = [f"x{i}" for i in range(5)]
        group = np.tile(np.arange(600), 2)
        apart = ChurnClassifier(**FAST).fit(frame, y, groups=group)
        torn = ChurnClassifier(**FAST).fit(frame, y)
        assert apart.rounds_ < torn.rounds_

    def test_without_times_every_row_is_held_out_once_and_learnt_from(self, world):
        frame, cause, _, _ = world
        target = binary_target(cause > 0, None, len(frame))
        customers = np.arange(len(frame)) // 3
        for groups in (None, customers):
            parts = in_turn(target, groups, folds=5, min_events=20, seed=0)
            assert (np.sum(parts, axis=0) == 1).all()
            assert max(map(np.sum, parts)) - min(map(np.sum, parts)) <= 6
        of_customer = pd.DataFrame(np.transpose(parts)).groupby(customers).nunique()
        assert (of_customer == 1).all(axis=None)
        assert in_turn(target, None, folds=5, min_events=10_000, seed=0) == ()
        assert len(ChurnClassifier(**FAST).fit(frame, cause > 0).boosters_) == 5
        assert len(ChurnClassifier(**FAST, folds=1).fit(frame, cause > 0).boosters_) == 1

    def test_folds_beat_one_random_part(self):
        """Known truth: on other customers the mean of five is nearer to the true risk, seed by seed."""
        others, _, truth, _ = customers(n=5_000, seed=99)
        for seed in range(4):
            frame, cause, _, _ = customers(n=2_000, seed=seed)
            one, five = (
                ChurnClassifier(**FAST, folds=folds).fit(frame, cause > 0).predict_proba(others)[:, 1]
                for folds in (1, 5)
            )
            rate = truth.sum(axis=1)
            assert np.mean((five - rate) ** 2) < np.mean((one - rate) ** 2)

    def test_small_data_is_not_calibrated_and_says_so(self, world):
        frame, cause, _, _ = world
        model = ChurnClassifier().fit(frame.head(60), cause[:60] > 0)
        assert model.holdout_ == "none"
        assert "not calibrated" in model.notes_[0]


class TestProbabilities:
    def test_calibrated_on_other_customers(self):
        """The level is learnt from the held-out part, so its sampling error bounds what can be promised."""
        frame, cause, _, month = customers(n=12_000)
        model = ChurnClassifier(**FAST).fit(frame, cause > 0, order=month)
        held_out = (month >= pd.Timestamp("2023-11-01")).sum()
        others, left, truth, _ = customers(n=20_000, seed=1)
        p, rate = model.predict_proba(others)[:, 1], truth.sum(axis=1)
        error_of_level = 3 * np.sqrt(rate.mean() * (1 - rate.mean()) / held_out)
        assert abs(p.mean() - rate.mean()) < error_of_level
        assert expected_calibration_error(left > 0, p) < error_of_level + 0.01
        assert np.corrcoef(p, rate)[0, 1] > 0.9

    def test_churn_is_neither_over_nor_undersampled(self):
        """Rare churn is learnt at its own rate: nothing is resampled or reweighted."""
        frame, cause, _, _ = customers(n=20_000)
        rare = (cause == 1) & (np.random.default_rng(0).random(20_000) < 0.15)
        p = ChurnClassifier(**FAST).fit(frame, rare).predict_proba(frame)[:, 1]
        assert rare.mean() < 0.03
        assert p.mean() == pytest.approx(rare.mean(), rel=0.1)

    def test_same_result_on_every_run_and_number_of_threads(self, world):
        frame, cause, _, month = world
        short = {**FAST, "max_rounds": 15}
        one, again, two = (
            ChurnClassifier(**short, num_threads=threads).fit(frame, cause > 0, order=month).predict_proba(frame)
            for threads in (1, 1, 2)
        )
        assert (one == again).all()
        assert (one == two).all()

    def test_weight_zero_is_absence(self, world):
        frame, cause, _, _ = world
        weight = (np.arange(len(frame)) >= 500).astype(float)
        weighted = ChurnClassifier(**FAST, calibration="none").fit(frame, cause > 0, weight, order=np.arange(3000))
        absent = ChurnClassifier(**FAST, calibration="none").fit(
            frame[500:], cause[500:] > 0, order=np.arange(500, 3000)
        )
        assert weighted.predict_proba(frame) == pytest.approx(absent.predict_proba(frame), abs=1e-9)

    def test_pickle(self, world, fitted):
        again = pickle.loads(pickle.dumps(fitted))
        assert (again.predict_proba(world[0]) == fitted.predict_proba(world[0])).all()

    def test_nobody_leaving_is_said(self, world):
        with pytest.raises(DataError, match="no churner to learn from: all 3000 rows"):
            ChurnClassifier().fit(world[0], np.zeros(3000))

    def test_unknown_calibration_is_named(self, world):
        with pytest.raises(DataError, match="got 'platt'"):
            ChurnClassifier(calibration="platt").fit(world[0], world[1] > 0)


class TestMonotone:
    def sweep(self, model, name, values):
        row = pd.DataFrame({"tenure_days": [300.0], "contacts_90d": [1], "method": ["card"], "csat_last": [np.nan]})
        rows = pd.concat([row.assign(**{name: value}) for value in values])
        return model.predict_proba(rows)

    @pytest.mark.parametrize("direction", [1, -1])
    def test_the_risk_keeps_its_direction(self, world, direction):
        """Contacts raise churn in this world: even -1 holds, and the model then ignores them."""
        frame, cause, _, month = world
        model = ChurnClassifier(**FAST, monotone={"contacts_90d": direction}).fit(frame, cause > 0, order=month)
        steps = np.diff(self.sweep(model, "contacts_90d", range(8))[:, 1])
        assert (direction * steps >= 0).all()
        assert (steps != 0).any() == (direction == 1)

    def test_the_total_of_competing_causes_keeps_it_too(self, world):
        frame, cause, _, month = world
        template = ChurnClassifier(**FAST, monotone={"tenure_days": -1})
        model = CompetingChurn(classifier=template).fit(frame, cause, order=month)
        stays = self.sweep(model, "tenure_days", np.linspace(0, 4000, 60))[:, 0]
        assert (np.diff(stays) >= -1e-12).all()

    @pytest.mark.parametrize(
        ("monotone", "rule"),
        [
            ({"contact_90d": 1}, "no feature 'contact_90d'; did you mean 'contacts_90d'"),
            ({"method": 1}, "'method' holds categories"),
            ({"tenure_days": 2}, "expected 1 or -1 for 'tenure_days', got 2"),
        ],
    )
    def test_what_cannot_be_constrained_is_said(self, world, monotone, rule):
        with pytest.raises(DataError, match=rule):
            ChurnClassifier(monotone=monotone).fit(world[0], world[1] > 0)


class TestContributions:
    def test_rows_sum_to_the_log_odds(self, world, fitted):
        rows = world[0].head(200)
        parts = fitted.contributions(rows)
        assert list(parts.columns) == [*rows.columns, BASE]
        assert parts.index.equals(rows.index)
        assert parts.sum(axis=1).to_numpy() == pytest.approx(fitted.log_odds(rows))

    def test_rows_sum_to_the_mean_log_odds_of_the_folds(self, world):
        model = ChurnClassifier(**FAST).fit(world[0], world[1] > 0)
        rows = world[0].head(50)
        assert model.contributions(rows).sum(axis=1).to_numpy() == pytest.approx(model.log_odds(rows))

    def test_the_cause_is_found(self, fitted):
        rows = pd.DataFrame(
            {"tenure_days": [300.0] * 2, "contacts_90d": [0, 5], "method": ["card"] * 2, "csat_last": [np.nan] * 2}
        )
        parts = fitted.contributions(rows)
        assert parts.loc[1].drop(BASE).idxmax() == "contacts_90d"
        assert parts.loc[1, "contacts_90d"] > 0.5 > 0 > parts.loc[0, "contacts_90d"]

    def test_nothing_is_warned(self, world):
        frame, cause, _, month = world
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ChurnClassifier(**FAST).fit(frame, cause > 0, order=month).contributions(frame.head(2))


@pytest.fixture(scope="module")
def causes():
    frame, cause, _, month = customers(n=12_000)
    return CompetingChurn(classifier=ChurnClassifier(**FAST)).fit(frame, cause, order=month)


class TestCompeting:
    def test_probabilities_add_up_and_tell_causes_apart(self, causes):
        frame, cause, truth, _ = customers(n=10_000, seed=1)
        p = causes.predict_causes(frame)
        assert p.shape == (10_000, 3)
        assert p.min() >= 0
        assert p.max() <= 1
        assert p.sum(axis=1) == pytest.approx(1)
        assert np.abs(p[:, 1:].mean(axis=0) - truth.mean(axis=0)).max() < 0.02
        card = (frame["method"] == "card").to_numpy()
        assert p[card, 2].mean() == pytest.approx(0.15, abs=0.03)
        assert p[~card, 2].mean() == pytest.approx(0.01, abs=0.01)
        assert expected_calibration_error(cause > 0, p[:, 1:].sum(axis=1)) < 0.03

    def test_causes_above_one_are_scaled(self, world, causes):
        two = clone(causes)
        two.__dict__.update(causes.__dict__)
        two.models_ = {1: ConstantRate(0.9), 2: ConstantRate(0.6)}
        assert two.predict_causes(world[0].head(1))[0] == pytest.approx([0, 0.6, 0.4])

    def test_a_rare_cause_gets_its_rate_and_says_so(self, world):
        frame, cause, _, month = world
        rare = np.where(cause == 2, 0, cause)
        rare[:30] = 2
        model = CompetingChurn(classifier=ChurnClassifier(**FAST)).fit(frame, rare, order=month)
        assert model.models_[2] == ConstantRate(0.01)
        assert any("cause 2: 30 of 3000 rows, fewer than 50" in note for note in model.notes_)
        assert model.predict_causes(frame)[:, 2] == pytest.approx(0.01)

    def test_a_cause_that_never_struck_has_probability_zero(self, world):
        frame, cause, _, _ = world
        model = CompetingChurn(classifier=ChurnClassifier(**FAST)).fit(frame, np.minimum(cause, 1))
        assert (model.predict_causes(frame)[:, 2] == 0).all()
        assert model.predict_proba(frame).shape == (3000, 2)

    def test_nobody_leaving_is_said(self, world):
        with pytest.raises(DataError, match="no churner to learn from: all 3000 rows"):
            CompetingChurn().fit(world[0], np.zeros(3000, dtype=int))

    def test_contributions_follow_the_row_s_own_risk(self, causes):
        rows = pd.DataFrame(
            {"tenure_days": [2000.0, 100.0], "contacts_90d": [0, 5], "method": ["card", "iban"], "csat_last": np.nan}
        )
        parts = causes.contributions(rows).drop(columns=BASE)
        assert parts.idxmax(axis=1).tolist() == ["method", "contacts_90d"]

    def test_pickle(self, world, causes):
        again = pickle.loads(pickle.dumps(causes))
        assert (again.predict_causes(world[0]) == causes.predict_causes(world[0])).all()


def test_causes_share_their_binned_rows_and_learn_what_they_would_alone():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"a": rng.normal(size=4_000), "m": rng.choice(["x", "y"], 4_000)})
    cause = np.where(rng.random(4_000) < expit(frame["a"] - 2), 1, np.where(rng.random(4_000) < 0.1, 2, 0))
    order = np.repeat(np.arange(8), 500)
    both = CompetingChurn(classifier=ChurnClassifier(max_rounds=30)).fit(frame, cause, order=order)
    for code in (1, 2):
        alone = ChurnClassifier(max_rounds=30).fit(frame, cause == code, order=order)
        assert (alone.predict_proba(frame) == both.models_[code].predict_proba(frame)).all()
