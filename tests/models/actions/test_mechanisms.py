"""The paths of an effect: they add up exactly, drawn lives agree with the expectation, and each path is found alone."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.contract_state import ContractState
from servicelift.core.errors import ModelError
from servicelift.core.money import Horizon
from servicelift.core.records import ClvInputs, Losses, TrialData
from servicelift.models.actions.decomposition import PathCut
from servicelift.models.actions.mechanisms import PATHS, additive, estimate_parts, path_values, stay_of
from servicelift.models.effects.average import AverageEffect
from servicelift.models.portfolio import PortfolioCLV
from servicelift.models.subscriptions.cash_flow import RunningPaths
from servicelift.models.subscriptions.hazard import HazardPaths
from servicelift.models.subscriptions.loss_by_cause import value_by_cause
from servicelift.models.subscriptions.value import ContractualCLV

HORIZON, FOLLOWED = 36, 6


class Known:
    """Running customers whose monthly hazards and money are columns of their features; nobody comes back."""

    reactivation_value_ = SimpleNamespace(after_loss=lambda months: SimpleNamespace(mean=np.zeros((2, months))))

    def running_paths(self, features, contract, months):
        rows = np.flatnonzero(contract.running)
        columns = features.iloc[rows][["h1", "h2", "pays", "ancillary", "costs"]].to_numpy(dtype=float)
        h1, h2, pays, ancillary, costs = (np.repeat(column[:, None], months, axis=1) for column in columns.T)
        hazards = HazardPaths(h1, h2)
        yield rows, RunningPaths(hazards, hazards.survival(), pays, ancillary, costs)

    def predict(self, features, contract, *, horizon_months):
        return np.zeros(len(features))


def monthly(running):
    """Return contracts of a month that run or do not."""
    none = np.zeros(len(running), dtype=bool)
    return ContractState(running, *[np.ones(len(running))] * 6, cancel_pending=none, ended_involuntary=none)


def lives(n, seed, treated, **changes):
    """Draw who is lost when and to what within the follow-up, half-way through a month; treated have ``changes``.

    Customers come in pairs of equal features and luck.
    """
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.5, 1.5, (n + 1) // 2).repeat(2)[:n]
    base = {
        "h1": 0.02 * size,
        "h2": 0.015 * (2 - size),
        "pays": 10 * size,
        "ancillary": 1.0 + size,
        "costs": 0.5 * size,
    }
    start = pd.DataFrame(base)
    after = start.copy()
    for name, factor in changes.items():
        after[name] *= np.where(treated == 1, factor, 1.0)
    u = rng.uniform(size=((n + 1) // 2, FOLLOWED)).repeat(2, axis=0)[:n]
    h1, h2 = (after[[name]].to_numpy() for name in ("h1", "h2"))
    cause = np.where(u < h1, 1, np.where(u < h1 + h2, 2, 0))
    lost = cause.any(axis=1)
    month = np.where(lost, (cause > 0).argmax(axis=1), FOLLOWED)
    which = cause[np.arange(n), np.minimum(month, FOLLOWED - 1)]
    ran = np.where(lost, month + 0.5, FOLLOWED)
    realised = pd.DataFrame(
        {
            "subscription": after["pays"] * month,
            "ancillary": after["ancillary"] * ran,
            "refunds": 0.0,
            "contact_cost": after["costs"] * ran,
            "action_cost": 0.0,
        }
    )
    value = realised["subscription"] + realised["ancillary"] - realised["contact_cost"]
    realised.insert(0, "value", value)
    return TrialData(
        action="a",
        design="randomised",
        units=pd.DataFrame({"customer_id": np.arange(n), "treated": treated, "propensity": 0.5, "agent_id": None}),
        features=start,
        realised=realised,
        state=ClvInputs(after, monthly(~lost), {}),
        later=pd.DataFrame({"a": np.zeros(n)}),
        before=np.zeros(n),
        beyond=np.full(n, np.nan),
        beyond_days=180,
        follow_up_days=180,
        immature=0,
        ineligible=0,
        losses=Losses(np.where(lost, ran, np.nan), which == 2, realised, monthly(np.ones(n, dtype=bool)), None),
    )


def outcome_of(trial):
    """No discount, nobody comes back: realised, and the flow of who runs for the months that are left."""
    value = trial.realised["value"].to_numpy().copy()
    for rows, paths in Known().running_paths(trial.state.features, trial.state.contract, HORIZON - FOLLOWED):
        value[rows] += paths.flow().sum(axis=1)
    return value


def paths_of(trial):
    months = {"follow_up_months": FOLLOWED, "remaining_months": HORIZON - FOLLOWED}
    return path_values(Known(), trial, outcome_of(trial), stay_of(Known(), trial, HORIZON), factor=1.0, **months)


def test_what_is_expected_is_cut_as_the_causes_say(subscribers):
    """With a follow-up of no length the paths are those of the expected value."""
    world = subscribers(3_000, seed=6, cards=0.03)
    model = ContractualCLV(margin_rate=0.4, annual_discount_rate=0.1, threads=1)
    model.fit(world.features, world.contract, world.leads, None, world.money)
    n = len(world.features)
    nothing = lives(n, 0, np.zeros(n)).realised * 0
    trial = replace(
        lives(n, 0, np.zeros(n)),
        features=world.features,
        realised=nothing,
        state=ClvInputs(world.features, world.contract, {}),
        losses=Losses(np.full(n, np.nan), np.zeros(n, dtype=bool), nothing, world.contract, None),
    )
    months = {"follow_up_months": 0.0, "remaining_months": 24.0}
    value = PortfolioCLV(model, {}, 0.4, 0.1).predict(trial.state, horizon_months=24)
    parts = path_values(model, trial, value, stay_of(model, trial, 24), factor=1.0, **months)
    causes = value_by_cause(model, world.features, world.contract, horizon_months=24)
    np.testing.assert_allclose(-parts[:, :2], causes[["lost_voluntary", "lost_involuntary"]], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(parts[:, 2:].sum(axis=1), causes["never_lost"], rtol=1e-9)
    np.testing.assert_allclose(parts.sum(axis=1), causes["clv"], rtol=1e-9)
    whole = PortfolioCLV(model, {}, 0.4, 0.1)
    cut = PathCut(trial, Horizon(0.0, 24, 0.1), stay_of(model, trial, 24))
    walked = cut.walked(whole, (24.0, 6.0))
    assert cut.walked(whole, (24.0, 30.0)) is None
    np.testing.assert_array_equal(np.column_stack(list(cut.cut(whole, value, walked).values())), parts)
    both = whole.predict_horizons(trial.state, months=(24.0, 6.0), paths=walked)
    np.testing.assert_array_equal(both, whole.predict_horizons(trial.state, months=(24.0, 6.0)))


def test_drawn_follow_ups_have_the_paths_that_were_expected_at_the_decision():
    """The expectation over the drawn losses of the parts seen and predicted is the part predicted at the start."""
    n = 20_000
    trial = lives(n, 3, np.zeros(n, dtype=int))
    parts = paths_of(trial)
    contract = trial.losses.contract
    at_once = replace(
        trial,
        realised=trial.realised * 0,
        state=ClvInputs(trial.features, contract, {}),
        losses=replace(trial.losses, lost_months=np.full(n, np.nan), before=trial.realised * 0),
    )
    (_, paths), *_ = Known().running_paths(trial.features, contract, HORIZON)
    expected = path_values(
        Known(),
        at_once,
        paths.flow().sum(axis=1),
        stay_of(Known(), trial, HORIZON),
        factor=1.0,
        follow_up_months=0.0,
        remaining_months=HORIZON,
    )
    np.testing.assert_allclose(parts.sum(axis=1), outcome_of(trial))
    for place, name in enumerate(PATHS):
        miss = parts[:, place] - expected[:, place]
        assert abs(miss.mean()) < 4 * miss.std() / np.sqrt(n) + 1e-9, name


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"h1": 0.5}, "retention_voluntary"),
        ({"h2": 0.4}, "retention_involuntary"),
        ({"ancillary": 3.0}, "spend"),
        ({"costs": 0.1}, "cost_to_serve"),
    ],
)
def test_an_action_that_works_by_one_path_is_found_there(changes, path):
    """Two customers of each kind, one of them treated. Causes compete: the other one takes some of the kept again."""
    n = 3_000
    treated = np.arange(n) % 2
    trial = lives(n, 8, treated, **changes)
    values = paths_of(trial)
    effect = AverageEffect(folds=3, repeats=2, seed=1).fit(
        trial.features, treated, values.sum(axis=1), groups=np.arange(n) // 2, propensity=np.full(n, 0.5)
    )
    found = {k: v.estimate() for k, v in additive(effect, dict(zip(PATHS, values.T, strict=True))).items()}
    assert sum(found.values()) == pytest.approx(effect.estimate(), rel=1e-9)
    assert found[path] > 5
    for other in set(PATHS) - {path}:
        competes = path.startswith("retention") and other.startswith("retention")
        assert (-0.5 if competes else -0.05) < found[other] / found[path] < 0.05, found


@pytest.mark.parametrize("repeats", [1, 2, 3, 4])
def test_estimates_add_up_exactly_whatever_the_number_of_cross_fits(repeats):
    n = 500
    rng = np.random.default_rng(5)
    x = pd.DataFrame({"x": rng.normal(size=n)})
    treated = (rng.uniform(size=n) < 1 / (1 + np.exp(-x["x"]))).astype(int)
    parts = {name: rng.normal(size=n) * scale + treated for name, scale in (("a", 1.0), ("b", 5.0), ("c", 0.1))}
    effect = AverageEffect(folds=3, repeats=repeats, seed=2).fit(x, treated, sum(parts.values()), groups=np.arange(n))
    assert effect.at_median().estimate() == pytest.approx(effect.estimate(), rel=1e-12)
    weights = [rng.exponential(size=n) for _ in range(10)]
    found = estimate_parts(effect, parts, draws=[(parts, weight) for weight in weights], seed=3)
    assert sum(one.estimate for one in found.values()) == pytest.approx(effect.estimate(), rel=1e-9)
    assert found["b"].std_error > found["c"].std_error
    assert found["a"].estimate == pytest.approx(1, abs=3 * found["a"].std_error)


def test_parts_that_do_not_add_up_are_refused():
    n = 200
    rng = np.random.default_rng(5)
    x = pd.DataFrame({"x": rng.normal(size=n)})
    effect = AverageEffect(folds=2, repeats=1, seed=2).fit(x, np.arange(n) % 2, x["x"], groups=np.arange(n))
    with pytest.raises(ModelError, match="add up"):
        additive(effect, {"a": x["x"].to_numpy(), "b": np.ones(n)})
    trial = replace(lives(100, 1, np.zeros(100, dtype=int)), losses=None)
    with pytest.raises(ModelError, match="course"):
        path_values(None, trial, np.zeros(100), None, factor=1.0, follow_up_months=6, remaining_months=30)


def test_nothing_of_what_lapsed_customers_bring_is_retention():
    """Whose subscription had ended is not kept; what who came back brings is spend, and costs to serve."""
    n = 400
    trial = lives(n, 5, np.arange(n) % 2)
    back = np.arange(n) % 3 == 0
    lapsed = replace(
        trial,
        lapsed=True,
        state=ClvInputs(trial.state.features, monthly(back), {}),
        losses=Losses(
            np.full(n, np.nan), np.zeros(n, dtype=bool), trial.realised, monthly(np.zeros(n, dtype=bool)), None
        ),
    )
    parts = paths_of(lapsed)
    assert (parts[:, :2] == 0).all()
    np.testing.assert_allclose(parts.sum(axis=1), outcome_of(lapsed))
    served = trial.state.features["costs"] * np.where(back, 1.0, 0.0)
    assert (-parts[back, 3] > trial.realised["contact_cost"][back] + served[back]).all()
    np.testing.assert_allclose(-parts[~back, 3], trial.realised["contact_cost"][~back])
