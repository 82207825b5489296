"""A list that is carried out: the simulated world goes on with the listed contacted and the held-out left alone.

The list is made by models that know nothing of this world's seed. What each customer is worth half a year later, and
what the offers caused, is computed from the world itself, so that only the measuring is tested and no model with it.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.features.tables.tables import open_tables
from servicelift.scoring.monitor.measures import judged
from servicelift.scoring.monitor.nights import Nights, ScoresFolder
from servicelift.scoring.monitor.uplift import effect_measures
from servicelift.scoring.scores.score import score
from servicelift.scoring.targets.targets import targets
from servicelift.simulation import history
from servicelift.simulation.action_rules import rule_named
from servicelift.simulation.actions import ANY_AGENT, MonthDecisions, Offer, carry_out, success_chance
from servicelift.simulation.columns import identifiers
from servicelift.simulation.month import MonthEvents, step
from servicelift.simulation.truth import natural_value, true_effects
from servicelift.simulation.write import simulate

pytestmark = pytest.mark.slow
CUSTOMERS, SEED, HELD = 6_000, 11, 0.4
NIGHT, LATER = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-07-01")
MONTH, LATER_MONTH = 24, 30
"""The months of the world that begin on the night, and half a year later."""


def world(folder, trained_press, listed=None):
    """Write a world that is read with models of another; with a list, one in which it is carried out."""
    with pytest.MonkeyPatch.context() as patch:
        if listed is not None:
            patch.setattr(history, "step", listed.step)
        simulate(folder, customers=CUSTOMERS, seed=SEED, truth=False)
    text = (folder / "press.yaml").read_text(encoding="utf-8").replace("share: 0.1", f"share: {HELD}")
    before, _, rest = text.partition("  contrasts:")
    text = before + rest[rest.index("\ntracking:") :]
    text = text.replace("sqlite:///mlflow.db", f"sqlite:///{trained_press.parent}/mlflow.db")
    (folder / "press.yaml").write_text(text, encoding="utf-8")
    return load_config(folder / "press.yaml")


class Listed:
    """The customers of a list by action, and what became of them before it was carried out."""

    def __init__(self, folder: Path) -> None:
        parts = [pd.read_csv(folder / name) for name in ("list.csv", "list.holdout.csv")]
        frame = pd.concat(parts, ignore_index=True)
        rows = pd.Series(np.arange(CUSTOMERS), index=identifiers("C", np.arange(CUSTOMERS), CUSTOMERS))
        self.frame = frame.assign(row=rows[frame["customer_id"]].to_numpy(), treated=frame["arm"] == "treated")
        self.before = {}
        self.setting = self.later = None

    def step(self, setting, state, uniforms, **options):
        """A month of the world; in that of the list it comes first."""
        made = ()
        if state.month[0] == MONTH:
            self.setting = setting
            made = tuple(self._done(setting, state, *part) for part in self.frame.groupby("action"))
        events = step(setting, state, uniforms, **options)
        if state.month[0] == LATER_MONTH:
            there = self.frame[state.running[self.frame["row"]]]
            values = natural_value(setting, state.take(there["row"].to_numpy()), drawn=False, seed=[SEED], replicates=8)
            self.later = pd.DataFrame({"customer_id": there["customer_id"], "clv": values.mean(axis=1)})
        return MonthEvents((*made, *events.decisions), events.contacts, events.billing)

    def _done(self, setting, state, action, part):
        rule, rows, treated = rule_named(action), part["row"].to_numpy(), part["treated"].to_numpy()
        assert state.running[rows].all()
        before = self.before[action] = state.take(rows)
        day = setting.month_start[MONTH] + np.full(len(rows), 0.3)
        offer = Offer(setting, state, rows, day, treated, np.full(len(rows), ANY_AGENT), np.zeros(len(rows), bool))
        success = np.random.default_rng(SEED).random(len(rows)) < success_chance(rule, offer)
        carry_out(rule, dataclasses.replace(offer, success=success))
        flat, more = rule.costs(setting.config)
        cost = treated * (flat + more * success)
        return MonthDecisions(rule, rows, treated, success, offer.agent, cost, before)

    def truth(self):
        """What an offer of each action causes on average over its customers, EUR over the horizon."""
        truth = dataclasses.replace(self.setting.config.truth, correlation=0.0, replicates_most=12)
        setting = dataclasses.replace(self.setting, config=dataclasses.replace(self.setting.config, truth=truth))
        effects = {
            action: true_effects(setting, before, rule_named(action), at_snapshot=True, seed=[SEED, 5]).natural.mean()
            for action, before in self.before.items()
        }
        return self.frame["action"].map(effects)


class Later:
    """The night half a year after the list, on which everybody's value is the world's."""

    as_of, folder = LATER, Path("nowhere")

    def __init__(self, frame):
        self.frame = frame

    def scores(self, columns=None):
        return self.frame if columns is None else self.frame[columns]


@pytest.fixture(scope="module")
def carried_out(trained_press, tmp_path_factory):
    """A list made on the night, and the tables half a year after it was carried out."""
    root = tmp_path_factory.mktemp("carried")
    config = world(root / "before", trained_press)
    score(config, NIGHT, root / "night")
    place = root / "night" / "list.csv"
    targets(config, root / "night", budget=1e6, capacity=None, out=place, today=NIGHT, anyway=True)
    listed = Listed(root / "night")
    return root, open_tables(world(root / "after", trained_press, listed)), listed


@pytest.fixture
def watched(carried_out, tmp_path):
    """What is seen of the list half a year later: it promises what the world holds, ``times`` over.

    ``change`` alters the files of the list before.
    """

    def look(times=1.0, change=lambda contact, held: (contact, held)):
        root, tables, listed = carried_out
        shutil.copytree(root / "night", tmp_path / "night")
        promised = times * listed.truth().set_axis(listed.frame["customer_id"])
        files = [tmp_path / "night" / name for name in ("list.csv", "list.holdout.csv")]
        for file, frame in zip(files, change(*map(pd.read_csv, files)), strict=True):
            frame.assign(net_value=frame["customer_id"].map(promised) - frame["cost"]).to_csv(file, index=False)
        nights = [ScoresFolder.of(tmp_path / "night", tables.config.business), Later(listed.later)]
        found = effect_measures(tables, Nights.until(nights, LATER, 730))
        return judged(found, tables.config.monitor, spacing=1.0).rows.set_index(["measure", "subject"])

    return look


def test_nothing_but_the_list_parts_the_two_worlds(carried_out):
    root, _, listed = carried_out
    payments = [pd.read_parquet(root / name / "payments.parquet") for name in ("before", "after")]
    first, second = (rows[rows["paid_at"] < NIGHT].drop(columns="payment_id") for rows in payments)
    pd.testing.assert_frame_equal(first.reset_index(drop=True), second.reset_index(drop=True))
    actions = pd.read_parquet(root / "after" / "actions.parquet")
    month = actions[actions["decided_at"].between(NIGHT, NIGHT + pd.Timedelta(days=7))]
    done = listed.frame.merge(month, on=["customer_id", "action", "arm"])
    assert done["customer_id"].nunique() == len(listed.frame)


def test_what_the_offers_caused_is_found_and_nothing_rings(carried_out, watched):
    rows, truth = watched(), float(carried_out[2].truth().mean())
    effect = rows.loc[("uplift", "all")]
    assert truth > 3
    assert effect["expected"] == pytest.approx(truth)
    assert effect["low"] < truth < effect["high"]
    assert not rows["alarm"].any()
    assert rows.loc[("held_share", "all"), "evidence"] > 0.05
    assert rows.loc[("list_contacted", "all"), "value"] == 1.0
    assert rows.loc[("held_contacted", "all"), "value"] < 0.1  # by agents' own choice, as in any month


def test_a_holdout_that_lost_a_third_to_the_list_rings(watched):
    def broken(contact, held):
        third = held.sample(frac=1 / 3, random_state=0)
        return pd.concat([contact, third.assign(arm="treated")]), held.drop(third.index)

    assert watched(change=broken).loc[("held_share", "all"), "alarm"]


def test_a_promise_far_beyond_what_the_world_holds_rings(watched):
    rows = watched(times=5.0)
    assert rows.loc[("uplift", "all"), "alarm"]
    assert not rows.loc[("held_share", "all"), "alarm"]
