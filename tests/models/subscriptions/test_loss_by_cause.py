"""Value under competing causes of loss: parts add up, chances sum to one, and drawn lives agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.records import ClvInputs
from servicelift.models.portfolio import AT_RISK, PortfolioCLV, at_risk
from servicelift.models.subscriptions.loss_by_cause import value_by_cause
from servicelift.models.subscriptions.value import ContractualCLV

MARGIN, RATE, MONTHS = 0.4, 0.10, 24


@pytest.fixture(scope="module")
def world(subscribers):
    return subscribers(5_000, seed=6, cards=0.03)


@pytest.fixture(scope="module")
def fitted(world):
    model = ContractualCLV(margin_rate=MARGIN, annual_discount_rate=RATE, threads=1)
    return model.fit(world.features, world.contract, world.leads, None, world.money)


@pytest.fixture(scope="module")
def table(world, fitted):
    return value_by_cause(fitted, world.features, world.contract, horizon_months=MONTHS)


def test_parts_add_up_and_chances_sum_to_one(world, fitted, table):
    clv = fitted.predict(world.features, world.contract, horizon_months=MONTHS)
    np.testing.assert_allclose(table["clv"], clv)
    parts = table["clv"] + table["lost_voluntary"] + table["lost_involuntary"]
    np.testing.assert_allclose(parts, table["never_lost"], rtol=1e-10)
    chances = table[["chance_stays", "chance_voluntary", "chance_involuntary"]]
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-12)
    assert ((chances >= 0) & (chances <= 1)).all(axis=None)
    alive = fitted.survival(world.features, world.contract, MONTHS)[:, -1]
    np.testing.assert_allclose(table["chance_stays"], alive)


def test_turning_a_cause_off_gains_at_most_what_it_takes(table):
    """Who is spared one loss may still meet the other; with both off nothing is lost."""
    for cause in ("voluntary", "involuntary"):
        gain = table[f"without_{cause}"] - table["clv"]
        assert (gain > -1e-9).all()
        assert (gain <= table[f"lost_{cause}"] + 1e-9).all()
        assert (table[f"without_{cause}"] <= table["never_lost"] + 1e-9).all()


def test_never_lost_is_the_annuity(world, table):
    monthly = world.contract["term_months"].to_numpy() == 1
    due = world.contract.loc[monthly, "months_to_renewal"].to_numpy()[:, None] + np.arange(MONTHS)
    payments = MARGIN * 10 * ((1 + RATE) ** (-due / 12)).sum(axis=1)
    costs = payments - table.loc[monthly, "never_lost"]
    assert costs.between(0, 0.2 * payments.mean()).all()
    assert costs.mean() == pytest.approx(0.5 * 21.8, rel=0.1)


def test_cards_are_what_payment_failure_takes(world, table):
    card = (world.features["method"] == "card").to_numpy()
    assert table.loc[card, "lost_involuntary"].mean() > 5 * table.loc[~card, "lost_involuntary"].mean()
    true = np.cumprod(1 - world.voluntary[:, :MONTHS], axis=1)[:, -1]
    assert (table["chance_stays"] + table["chance_involuntary"]).mean() > true.mean() * 0.95


def test_drawn_lives_lose_what_is_said(world, fitted, table):
    """One customer, drawn often: value lost to each cause is rest of the horizon at the month of loss."""
    who = int(np.argmax(table["chance_involuntary"].to_numpy()))
    rows = [who]
    features, contract = world.features.iloc[rows], world.contract.iloc[rows]
    (_, paths), *_ = fitted.running_paths(features, contract, MONTHS)
    rng = np.random.default_rng(4)
    draws = 60_000
    u = rng.random((draws, MONTHS))
    h1, h2 = paths.hazards.voluntary, paths.hazards.involuntary
    cause = np.where(u < h1, 1, np.where(u < h1 + h2, 2, 0))
    lost = cause > 0
    first = np.where(lost.any(axis=1), lost.argmax(axis=1), MONTHS)
    payment, besides = paths.payment[0], (paths.ancillary - paths.costs)[0]
    never = payment.sum() + besides.sum()
    kept = np.append(np.cumsum(np.append(0, (payment + besides)[:-1])) + besides / 2, never)
    which = np.where(first < MONTHS, cause[np.arange(draws), np.minimum(first, MONTHS - 1)], 0)
    for code, name in ((1, "lost_voluntary"), (2, "lost_involuntary")):
        gone = (never - kept[first]) * (which == code)
        assert gone.mean() == pytest.approx(table[name].iloc[who], abs=4 * gone.std() / np.sqrt(draws))


def test_customers_without_a_subscription_have_a_value_and_no_outcomes(world, fitted):
    gone = world.contract.head(3).assign(running=False, months_since_end=2.0)
    table = value_by_cause(fitted, world.features.head(3), gone, horizon_months=12)
    assert (table["clv"] == 0).all()
    assert table.drop(columns="clv").isna().all(axis=None)


def test_restarts_soften_what_a_loss_takes(world):
    n = len(world.features)
    ended = world.contract.head(500).assign(running=False, months_since_end=1.0)
    features = pd.concat([world.features, world.features.head(500)], ignore_index=True)
    contract = pd.concat([world.contract, ended], ignore_index=True)
    money = pd.concat([world.money, world.money.head(500) * 0], ignore_index=True)
    back = pd.DataFrame({"row": n + np.arange(500), "lead": 1, "restarted": np.arange(500) % 10 == 0})
    model = ContractualCLV(margin_rate=MARGIN, annual_discount_rate=RATE, threads=1)
    model.fit(features, contract, world.leads, back.astype(int), money)
    table = value_by_cause(model, world.features, world.contract, horizon_months=MONTHS)
    parts = table["clv"] + table["lost_voluntary"] + table["lost_involuntary"]
    np.testing.assert_allclose(parts, table["never_lost"], rtol=1e-10)
    after = model.reactivation_value_.after_loss(MONTHS)
    assert (after.mean[:, :-2] > 0).all()


def test_value_at_risk_is_what_each_cause_takes(world, fitted, table):
    model = PortfolioCLV(fitted, {}, MARGIN, RATE)
    risk = at_risk(model, ClvInputs(world.features, world.contract, {}), horizon_months=MONTHS)
    np.testing.assert_allclose(risk[list(AT_RISK)], table[["lost_voluntary", "lost_involuntary"]])
    gone = np.arange(len(risk)) < 10
    ended = world.contract.assign(running=~gone, months_since_end=np.where(gone, 1.0, np.nan))
    risk = at_risk(model, ClvInputs(world.features, ended, {}), horizon_months=18)
    assert (risk.iloc[:10] == 0).all(axis=None)
    assert (risk.iloc[10:] > 0).any(axis=None)


def test_without_contracts_nothing_is_at_risk(world):
    model, inputs = PortfolioCLV(None, {}, MARGIN, RATE), ClvInputs(world.features, None, {})
    assert at_risk(model, inputs, horizon_months=MONTHS).shape == (5_000, 0)
