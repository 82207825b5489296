"""Average effects: known truths under randomisation, selection, no effect and harm; published numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.inference import clustered_std_error, difference_in_means, effective_size


def trial(seed, *, n=1500, strength=1.0, share=None, effect=2.0, spread=1.0, per_customer=1):
    """Return X, treated, outcome, true effects and propensities; the frail are chosen, and worse off anyway."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(n // per_customer), per_customer)
    frail = rng.normal(size=n // per_customer)[customer]
    X = pd.DataFrame(
        {
            "frail": frail + 0.0,
            "method": rng.choice(["card", "iban", "cheque"], n),
            "tenure": np.where(rng.random(n) < 0.1, np.nan, rng.exponential(12, n)),
            **{f"noise_{i}": rng.normal(size=n) for i in range(5)},
        }
    )
    mu0 = -4 * frail + 3 * (X["method"] == "iban") + 2 * np.maximum(frail, 0)
    e = 1 / (1 + np.exp(1 - strength * frail)) if share is None else np.full(n, share)
    t = (rng.random(n) < e).astype(int)
    tau = effect + spread * frail
    hidden = rng.normal(size=n // per_customer)[customer] * (0 if per_customer == 1 else 3)
    y = mu0 + t * tau + 4 * rng.normal(size=n) + hidden
    return X, t, y.to_numpy(), np.asarray(tau), np.asarray(e), customer


def z_scores(seeds, *, recorded=False, repeats=1, **world):
    """Return (estimate - truth) / error, errors of estimates and of naive differences, one a seed."""
    rows = []
    for seed in seeds:
        X, t, y, tau, e, customer = trial(seed, **world)
        fitted = AverageEffect(folds=4, repeats=repeats, seed=seed).fit(
            X, t, y, groups=customer, propensity=e if recorded else None
        )
        found = fitted.summary()
        truth = tau[t == 1].mean()
        rows.append((found.estimate - truth, found.std_error, found.naive - truth, found.low > 0))
    return pd.DataFrame(rows, columns=["error", "std_error", "naive_error", "gain_shown"])


def covered(runs):
    return (runs["error"].abs() < 1.96 * runs["std_error"]).mean()


def test_randomised_is_unbiased_and_sharper_than_the_difference_in_means():
    runs = z_scores(range(100, 108), recorded=True, share=0.75)
    assert abs(runs["error"].mean()) < 3 * runs["std_error"].mean() / np.sqrt(8)
    assert covered(runs) >= 0.75
    assert runs["error"].std() < runs["naive_error"].std()


def test_selection_is_undone():
    runs = z_scores(range(100, 106), strength=1.2)
    assert runs["naive_error"].mean() < -2
    assert abs(runs["error"].mean()) < 0.15 * abs(runs["naive_error"].mean())
    assert covered(runs) >= 4 / 6


def test_no_effect_under_strong_selection_is_not_shown():
    runs = z_scores(range(100, 105), strength=1.2, effect=0.0, spread=0.0)
    assert covered(runs) >= 4 / 5
    assert runs["gain_shown"].sum() <= 1


def test_harm_is_found_where_the_naive_figure_misleads():
    X, t, y, *_, customer = trial(3, n=4000, strength=-1.2, effect=-2.0, spread=0.0)
    found = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=customer).summary()
    assert found.naive > 0
    assert found.high < 0
    assert found.shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "recorded"),
    [({"share": 0.75}, True), ({"strength": 1.0}, False), ({"strength": 1.0, "effect": 0.0, "spread": 0.0}, False)],
)
def test_coverage_over_many_seeds(world, recorded):
    runs = z_scores(range(100, 200), recorded=recorded, **world)
    print(world, runs.mean().round(3).to_dict(), "covered", covered(runs))
    assert abs(runs["error"].mean()) < 0.35 * runs["std_error"].mean()
    assert 0.88 <= covered(runs) <= 0.99


def test_repeated_customers_widen_the_interval():
    X, t, y, _, e, customer = trial(5, n=1600, share=0.5, per_customer=8)
    t = (customer % 2 == 0).astype(int)
    fit = AverageEffect(folds=3, repeats=1, seed=0)
    by_customer = fit.fit(X, t, y, groups=customer, propensity=e).summary()
    influence = fit._evaluate(fit.nuisances_[0], y, np.ones(len(y)), "treated")[1]
    assert by_customer.std_error > 1.5 * clustered_std_error(influence, [np.arange(len(y))])


def _assigned_to_agents(seed, agents=40, each=30):
    """Agents differ, and whole agents are trained: customers of one agent share its quality. No effect."""
    rng = np.random.default_rng(seed)
    agent = np.repeat(np.arange(agents), each)
    trained = rng.permutation(agents) < agents // 2
    n = len(agent)
    X = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    y = X["a"].to_numpy() + rng.normal(size=agents)[agent] * 1.0 + rng.normal(size=n)
    return X, trained[agent].astype(int), y, agent


def test_agents_as_clusters_cover_where_customers_alone_do_not():
    hits = {"customers": 0, "agents": 0}
    seeds = range(20)
    for seed in seeds:
        X, t, y, agent = _assigned_to_agents(seed)
        fit = AverageEffect(folds=2, repeats=1, seed=seed)
        fit.fit(X, t, y, groups=np.arange(len(t)), clusters=agent, propensity=np.full(len(t), 0.5))
        hits["agents"] += not fit.summary().shown
        fit.clusters_ = None
        hits["customers"] += not fit.summary().shown
    assert hits["customers"] / len(seeds) < 0.6
    assert hits["agents"] / len(seeds) >= 0.85


def test_estimate_reweights_without_refitting():
    X, t, y, *_, customer = trial(1, n=800)
    fit = AverageEffect(folds=3, repeats=3, seed=0).fit(X, t, y, groups=customer)
    assert fit.estimate() == pytest.approx(fit.summary().estimate)
    assert fit.estimate(y + 5) == pytest.approx(fit.estimate())
    assert fit.estimate(y + 5 * t) == pytest.approx(fit.estimate() + 5)
    assert fit.estimate(sample_weight=np.full(len(y), 7.0)) == pytest.approx(fit.estimate())
    twice = np.where(np.arange(len(y)) < 10, 2.0, 1.0)
    assert fit.estimate(sample_weight=twice) != pytest.approx(fit.estimate(), abs=1e-9)


def test_the_treated_effect_is_its_formula():
    X, t, y, *_, e, customer = trial(2, n=800)
    fit = AverageEffect(folds=3, repeats=1, seed=0).fit(X, t, y, groups=customer, propensity=e)
    mu0, odds = fit.nuisances_[0].mu0, (1 - t) * e / (1 - e)
    keep = e <= 0.95
    left = (y - mu0)[keep]
    tau = left[t[keep] == 1].mean() - np.average(left, weights=odds[keep])
    assert fit.estimate() == pytest.approx(tau)


def test_populations_differ_as_effects_do():
    X, t, y, tau, e, customer = trial(4, n=6000, strength=1.0, spread=2.0)
    fit = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=customer, propensity=e)
    for population, weight in (("treated", t), ("everybody", np.ones(len(t))), ("overlap", e * (1 - e))):
        found = fit.summary(population=population)
        truth = np.average(tau, weights=weight)
        assert found.population == population
        assert abs(found.estimate - truth) < 3 * found.std_error
    assert fit.summary().estimate > fit.summary(population="everybody").estimate + 0.5


def test_everybody_only_where_the_sample_allows():
    X, t, y, *_, e, customer = trial(4, n=3000, strength=1.0)
    fit = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=customer, propensity=e)
    assert fit.everybody().population == "everybody"
    assert fit.everybody(least_effective=5000).population == "overlap"


def test_trimming_leaves_out_the_treated_without_counterpart_and_counts_them():
    X, t, y, *_, customer = trial(6, n=2000, share=0.5)
    e = np.where(X["frail"] > 1, 0.99, 0.5)
    t = np.where(X["frail"] > 1, 1, t)
    fit = AverageEffect(folds=3, repeats=1, seed=0).fit(X, t, y, groups=customer, propensity=e)
    found = fit.summary()
    lost = (X["frail"] > 1).sum()
    assert found.trimmed_share == pytest.approx(lost / t.sum())
    assert found.n_treated == t.sum() - lost
    assert found.n_control == (1 - t).sum()


def test_another_outcome_keeps_folds_and_propensities():
    X, t, y, *_, customer = trial(7, n=800)
    fit = AverageEffect(folds=3, repeats=2, seed=0).fit(X, t, y, groups=customer)
    other = fit.with_outcome(10 * y)
    assert other.summary().estimate == pytest.approx(10 * fit.summary().estimate, rel=0.2)
    assert other.nuisances_[0].propensity is fit.nuisances_[0].propensity
    again = fit.with_outcome(y)
    np.testing.assert_allclose(again.nuisances_[1].mu0, fit.nuisances_[1].mu0)
    assert len(fit.with_outcome(y, quick=True).nuisances_) == 1


def test_units_without_weight_do_not_count():
    X, t, y, *_, customer = trial(8, n=1200)
    weight = (np.arange(len(y)) < 900).astype(float)
    wild = np.where(weight == 0, 1e7, y)
    fit = AverageEffect(folds=3, repeats=1, seed=0)
    a = fit.fit(X, t, y, groups=customer, sample_weight=weight).summary()
    b = fit.fit(X, t, wild, groups=customer, sample_weight=weight).summary()
    assert a.estimate == pytest.approx(b.estimate)
    assert a.std_error == pytest.approx(b.std_error)
    assert a.n_treated + a.n_control == 900


def test_difference_in_means_of_two_known_arms():
    value, error = difference_in_means([1, 1, 1, 0, 0], [3.0, 5.0, 7.0, 1.0, 3.0])
    assert value == pytest.approx(3.0)
    assert error == pytest.approx(np.sqrt(4 / 3 + 2 / 2))
    with pytest.raises(ModelError, match="at least two"):
        difference_in_means([1, 0, 0], [1.0, 2.0, 3.0])


def test_two_way_clusters_add_up():
    influence = np.array([1.0, 1.0, -1.0, -1.0])
    a, b = np.array([0, 0, 1, 1]), np.arange(4)
    assert clustered_std_error(influence, [a, b]) == pytest.approx(clustered_std_error(influence, [a]))
    assert clustered_std_error(influence, [a]) == pytest.approx(np.sqrt(8 * 2))


def test_effective_size():
    assert effective_size(np.full(7, 3.0)) == pytest.approx(7)
    assert effective_size(np.array([1.0, 0, 0])) == pytest.approx(1)
    assert effective_size(np.zeros(3)) == 0


def test_unknown_population_is_refused():
    X, t, y, *_, customer = trial(1, n=400)
    fit = AverageEffect(folds=2, repeats=1, seed=0).fit(X, t, y, groups=customer)
    with pytest.raises(ModelError, match="overlap"):
        fit.estimate(population="nobody")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arm", "outcome", "effect", "error"),
    [
        ("Mens E-Mail", "visit", 0.076590, 0.003386),
        ("Mens E-Mail", "conversion", 0.006805, 0.000921),
        ("Mens E-Mail", "spend", 0.769827, 0.145247),
        ("Womens E-Mail", "visit", 0.045233, 0.003234),
        ("Womens E-Mail", "conversion", 0.003111, 0.000823),
        ("Womens E-Mail", "spend", 0.424412, 0.130333),
    ],
)
def test_hillstrom_average_effects(data_dir, arm, outcome, effect, error):
    mails = pd.read_csv(data_dir / "uplift" / "hillstrom.csv", usecols=["segment", outcome])
    mails = mails[mails["segment"].isin([arm, "No E-Mail"])]
    value, std_error = difference_in_means(mails["segment"] == arm, mails[outcome])
    assert value == pytest.approx(effect, abs=5e-7)
    assert std_error == pytest.approx(error, abs=5e-7)


def test_cross_fits_end_once_their_chance_is_small_beside_the_error():
    X, t, y, _, e, customer = trial(0, share=0.5)
    common = {"folds": 3, "repeats": 6, "seed": 0}
    whole = AverageEffect(**common).fit(X, t, y, groups=customer, propensity=e)
    soon = AverageEffect(**common, enough=0.5).fit(X, t, y, groups=customer, propensity=e)
    never = AverageEffect(**common, enough=1e-6).fit(X, t, y, groups=customer, propensity=e)
    assert [len(fitted.nuisances_) for fitted in (whole, soon, never)] == [6, 3, 6]
    np.testing.assert_array_equal(soon.by_cross_fit(), whole.by_cross_fit()[:3])
    assert never.estimate() == whole.estimate()
    assert soon.cross_fit_error() < 0.5 * soon.summary().std_error


def test_the_stated_error_of_cross_fits_is_the_spread_of_their_median():
    X, t, y, _, _, customer = trial(1, n=600)
    fitted = AverageEffect(folds=3, repeats=30, seed=0).fit(X, t, y, groups=customer)
    values = fitted.by_cross_fit().reshape(6, 5)
    spread = np.median(values, axis=1).std(ddof=1)
    five = fitted.with_nuisances(y, fitted.nuisances_[:5])
    assert five.cross_fit_error() == pytest.approx(spread, rel=1.0)
    assert np.isnan(fitted.with_nuisances(y, fitted.nuisances_[:1]).cross_fit_error())
