from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError
from servicelift.simulation.action_rules import RULES, SIGHTS
from servicelift.simulation.contract_tables import Simulated, simulate_frames
from servicelift.simulation.settings import WorldConfig
from servicelift.simulation.state import IBAN
from servicelift.simulation.write import simulate


def test_loyal_customers_choose_iban(world: Simulated) -> None:
    people = world.history.people
    newcomers = people.start_month >= 0
    pays_iban = people.method == IBAN
    loyal = people.loyalty > np.median(people.loyalty[newcomers])
    share = [pays_iban[newcomers & group].mean() for group in (loyal, ~loyal)]
    assert share[0] > share[1] + 0.15


def test_the_stock_is_what_the_loyal_left(world: Simulated) -> None:
    people = world.history.people
    stock = people.start_month < 0
    assert people.loyalty[stock].mean() > people.loyalty[~stock].mean() + 0.2


def test_churn_is_of_the_order_of_a_publisher(world: Simulated) -> None:
    """2-4% a month on monthly terms, 15-30% a year on yearly ones; IBAN fails least."""
    rows = world.tables["subscriptions"]
    until = world.data_until
    seen = (rows["ended_at"].fillna(until) - rows["started_at"].clip(lower=pd.Timestamp("2022-01-01"))).dt.days
    lost = rows["end_reason"].isin(["voluntary", "payment_failure"])
    a_month = lost.groupby(rows["term_months"]).sum() / (seen.groupby(rows["term_months"]).sum() / 30.44)
    assert 0.018 < a_month[1] < 0.04
    assert 0.15 < 1 - (1 - a_month[12]) ** 12 < 0.30
    tried = world.tables["payments"].query("kind == 'renewal'")
    fails = tried["status"].eq("failed").groupby(tried["method"]).mean()
    assert fails["iban"] < 0.02 < fails["card"] < fails["cheque"]


def test_slow_and_failed_resolution_raises_churn(world: Simulated) -> None:
    """The mechanism in the tables: who was left with an unresolved contact cancels more often within 90 days."""
    contacts, rows = world.tables["contacts"], world.tables["subscriptions"]
    gone = rows.query("end_reason == 'voluntary'").groupby("customer_id")["ended_at"].min()
    waited = contacts["customer_id"].map(gone) - contacts["closed_at"]
    left = waited.between(pd.Timedelta(0), pd.Timedelta("90D"))
    assert left[~contacts["resolved"]].mean() > 1.25 * left[contacts["resolved"]].mean()


def test_answers_are_not_missing_at_random(world: Simulated) -> None:
    surveys, people = world.tables["surveys"], world.history.people
    position = surveys["customer_id"].str[1:].astype(int).to_numpy() - 1
    answered = surveys["responded_at"].notna().to_numpy()
    assert people.loyalty[position][answered].mean() > people.loyalty[position][~answered].mean() + 0.15


def test_treated_actions_keep_their_distance(world: Simulated) -> None:
    treated = world.tables["actions"].query("arm == 'treated'").sort_values(["customer_id", "decided_at"])
    gap = treated.groupby("customer_id")["decided_at"].diff().dropna()
    assert (gap > pd.Timedelta(days=WorldConfig().actions.cool_down_days)).all()


def test_choice_rests_on_what_the_tables_show_unless_asked_otherwise() -> None:
    config = WorldConfig()

    def chosen_loyalty(hidden: float) -> float:
        history = simulate_frames(1_500, 2, replace(config, hidden_confounding=hidden)).history
        before = [d.before.loyalty for d in history.decisions if d.rule.name == "retention_offer"]
        return float(np.concatenate(before).mean())

    assert chosen_loyalty(1.0) > chosen_loyalty(0.0) + 0.2


def test_agents_look_at_named_sights_only() -> None:
    actions = WorldConfig().actions
    for sees in (actions.recovery_sees, actions.retention_sees, actions.iban_sees, actions.resubscription_sees):
        assert {name for name, _ in sees} <= set(SIGHTS)


def test_files_config_and_truth_are_written_and_the_same_seed_gives_the_same_bytes(tmp_path) -> None:
    config = WorldConfig()
    quick = replace(config, truth=replace(config.truth, replicates_most=4, horizon_months=12))
    steps: list[str] = []
    first = simulate(tmp_path / "a", customers=120, seed=3, config=quick, say=steps.append)
    again = simulate(tmp_path / "b", customers=120, seed=3, config=quick)
    files = sorted(p.relative_to(first.folder) for p in first.folder.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(again.folder) for p in again.folder.rglob("*") if p.is_file())
    for file in files:
        assert (first.folder / file).read_bytes() == (again.folder / file).read_bytes(), file
    assert {p.name for p in first.truth.iterdir()} == {
        f"{n}.parquet" for n in ("decisions", "snapshot", "clv", "summary")
    }
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    assert steps[0].startswith("world")
    assert len(steps) == 2 + len(RULES)


def test_a_world_without_actions_and_contacts_is_written_too(tmp_path) -> None:
    config = WorldConfig()
    idle = replace(
        config,
        contacts=replace(config.contacts, rate=0.0),
        actions=replace(config.actions, first_month=999, coaching_month=999),
    )
    written = simulate(tmp_path / "world", customers=100, seed=1, config=idle)
    assert len(pd.read_parquet(written.folder / "actions.parquet")) == 0
    assert len(pd.read_parquet(written.folder / "contacts.parquet")) == 0
    assert len(pd.read_parquet(written.truth / "decisions.parquet")) == 0


def test_the_demo_config_repeats_the_worlds_numbers(tmp_path) -> None:
    written = simulate(tmp_path / "world", customers=100, seed=12, truth=False)
    config, world = load_config(written.config), WorldConfig()
    assert (config.seed, str(config.data_until)) == (12, "2024-07-01")
    assert written.truth is None
    assert config.value.margin_rate == world.billing.margin_rate
    assert config.value.annual_discount_rate == world.billing.annual_discount_rate
    assert config.value.horizon_months == world.truth.horizon_months
    assert config.incremental.cool_down_days == world.actions.cool_down_days
    costs = {name: (a.cost, a.cost_if_accepted) for name, a in config.incremental.actions.items()}
    assert costs == {rule.name: rule.costs(world) for rule in RULES}
    assert {n for n, a in config.incremental.actions.items() if a.cluster == "agent"} == {
        rule.name for rule in RULES if rule.by_agent
    }
    for name in config.tables:
        assert (written.folder / f"{name}.parquet").is_file()


@pytest.mark.parametrize(("customers", "seed", "message"), [(99, 1, "at least 100"), (100, -1, "seed of 0 or more")])
def test_impossible_worlds_are_refused(tmp_path, customers: int, seed: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        simulate(tmp_path / "world", customers=customers, seed=seed)
    assert not (tmp_path / "world").exists()
