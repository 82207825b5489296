"""A simulated world cut down to what the incremental stage sees, for many worlds in one run.

The tables, their features and the CLV model are left out, which would take most of the time: features are what the
state of a customer shows to agents and what customers said at sign-up; the outcome of a decision is a life drawn for
six months, valued from there to the horizon by its expectation; what customers stand to lose to each cause is a
regression, on the same features, of what everybody at the end of the log would be worth without that cause.
Decisions are those on the retention offer, chosen by agents, 28% of the chosen held out at random. The truth is that of
the simulation, the world continued both ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from servicelift.simulation.action_rules import RULES, rule_named
from servicelift.simulation.actions import carry_out, eligible, offer_to_all
from servicelift.simulation.history import run_history
from servicelift.simulation.month import step
from servicelift.simulation.settings import ShapeSettings, TruthSettings, WorldConfig
from servicelift.simulation.state import METHODS, Draw, Setting, State
from servicelift.simulation.truth import true_effects

RULE = rule_named("retention_offer")
RISKS = ["at_risk_voluntary", "at_risk_involuntary"]
FOLLOW_UP = 6
NEVER_LEAVES = -60.0
LAST_SEEN = ("contact", "complaint", "unresolved", "failed", "csat", "treated", "recovery", "retention", "switch")
TREES = {"objective": "l2", "learning_rate": 0.1, "num_leaves": 8, "min_data_in_leaf": 60, "verbosity": -1, "seed": 0,
         "num_threads": 1}  # fmt: skip


@dataclass(frozen=True)
class ShapedWorld:
    """Decisions and the customers at the end of one world.

    ``X``, ``treated``, ``outcome``, ``parts`` and ``groups`` are of the decisions; ``pairs`` has the features of those
    who can get the action at the end, ``tau`` their true effects, ``cost`` what an offer costs on average.
    """

    X: pd.DataFrame
    treated: np.ndarray
    outcome: np.ndarray
    parts: pd.DataFrame
    groups: np.ndarray
    propensity: float
    pairs: pd.DataFrame
    tau: np.ndarray
    risk: np.ndarray
    cost: float


def shaped_world(work: Path, shape: str, customers: int, seed: int) -> ShapedWorld:
    """Return a world, made once and kept under ``work``."""
    place = work / f"{shape}-{customers}-{seed}.pkl"
    if not place.exists():
        work.mkdir(parents=True, exist_ok=True)
        pd.to_pickle(_made(shape, customers, seed), place)
    return pd.read_pickle(place)


def _made(shape: str, customers: int, seed: int) -> ShapedWorld:
    truth = TruthSettings(replicates_step=4, replicates_most=12)
    config = WorldConfig(shape=ShapeSettings(shape), truth=truth)
    history = run_history(customers, seed, config, _nothing_recorded)
    setting, people = history.setting, history.people
    mature = [d for d in history.decisions if d.rule.name == RULE.name and len(d.rows) and d.before is not None]
    mature = [d for d in mature if d.before.month[0] + FOLLOW_UP <= config.months]
    before = State.concat([d.before for d in mature])
    treated, success = (np.concatenate([getattr(d, name) for d in mature]) for name in ("treated", "success"))
    whole, kept, safe = (_value(s, before, treated, success, [seed, 7]) for s in _worlds(setting))
    everybody = history.final.take(np.flatnonzero(history.final.running))
    expected = [_expected(s, everybody, [seed, 8]) for s in _worlds(setting)]
    lost = [expected[1] - expected[0], expected[2] - expected[1]]
    seen = _features(setting, people, everybody)
    risks = [lgb.train(TREES, lgb.Dataset(seen.assign(method=seen["method"].cat.codes), y), 60) for y in lost]
    hazard = lgb.train(
        TREES, lgb.Dataset(seen.assign(method=seen["method"].cat.codes), _leaves(setting, everybody)), 60
    )

    def with_risk(frame: pd.DataFrame) -> pd.DataFrame:
        coded = frame.assign(method=frame["method"].cat.codes)
        return frame.assign(**{n: np.maximum(m.predict(coded), 0.0) for n, m in zip(RISKS, risks, strict=True)})

    state = history.final
    day = setting.month_start[state.month]
    rows = eligible(setting, state, RULE, np.arange(len(state)), day)
    effects = true_effects(setting, state.take(rows), RULE, at_snapshot=True, seed=[seed, 2, RULE.slot]).natural
    pairs = with_risk(_features(setting, people, state.take(rows)))
    flat, accepted = RULE.costs(config)
    return ShapedWorld(
        X=with_risk(_features(setting, people, before)),
        treated=treated.astype(int),
        outcome=whole,
        parts=pd.DataFrame({RISKS[0]: whole - kept, RISKS[1]: kept - safe}),
        groups=before.customer,
        propensity=config.actions.treated_share,
        pairs=pairs,
        tau=effects.mean(axis=1),
        risk=np.asarray(hazard.predict(pairs[list(seen)].assign(method=pairs["method"].cat.codes))),
        cost=flat + accepted * float(success[treated].mean()),
    )


def _nothing_recorded(*_: object) -> Callable[[object], None]:
    return lambda _: None


def _worlds(setting: Setting) -> list[Setting]:
    """Return the world as it is, without voluntary loss, and without any loss."""
    config = setting.config
    churn = replace(config.churn, monthly_logit=NEVER_LEAVES, yearly_logit=NEVER_LEAVES)
    kept = replace(config, churn=churn)
    safe = replace(kept, billing=replace(config.billing, failure=(0.0,) * 4))
    return [setting, replace(setting, config=kept), replace(setting, config=safe)]


def _value(setting: Setting, before: State, treated: np.ndarray, success: np.ndarray, seed: list[int]) -> np.ndarray:
    """Return the value of each decision: six months drawn, then expected; cost of the action not in it, (n,)."""
    life = before.take(slice(None))
    life.restart_books(RULE.day(setting, life))
    offer = offer_to_all(setting, life, RULE.day(setting, life), treated=True)
    carry_out(RULE, replace(offer, treated=treated, success=success))
    return _lived(setting, life, seed, FOLLOW_UP, rules_now=False)


def _expected(setting: Setting, everybody: State, seed: list[int]) -> np.ndarray:
    life = everybody.take(slice(None))
    life.restart_books(setting.month_start[life.month])
    return _lived(setting, life, seed, 0, rules_now=True)


def _lived(setting: Setting, life: State, seed: list[int], drawn: int, *, rules_now: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    for month in range(setting.config.truth.horizon_months):
        rules = RULES if month or rules_now else [rule for rule in RULES if rule.slot > RULE.slot]
        step(setting, life, rng.random((Draw.COUNT, len(life))), drawn=month < drawn, rules=rules)
    return life.value


def _leaves(setting: Setting, everybody: State) -> np.ndarray:
    """Return the chance of leaving for good within three months, (n,)."""
    life = everybody.take(slice(None))
    rng = np.random.default_rng(0)
    for _ in range(3):
        step(setting, life, rng.random((Draw.COUNT, len(life))), drawn=False)
    return 1 - life.weight


def _features(setting: Setting, people: object, state: State) -> pd.DataFrame:
    """Return what the tables would show of customers, one row each."""
    day = setting.month_start[state.month]
    since = {f"{name}_days": np.minimum(day - getattr(state, f"{name}_day"), 730.0) for name in LAST_SEEN}
    who = state.customer
    return pd.DataFrame(
        {
            "tenure_days": day - state.started_day,
            **since,
            "csat": np.where(since["csat_days"] < 730, state.csat, np.nan),
            "product": state.product,
            "term": state.term,
            "monthly_price": state.price / np.where(state.term == 1, 1.0, setting.config.billing.yearly_factor),
            "to_renewal": state.to_renewal,
            "raised": state.raised.astype(float),
            "method": pd.Categorical(np.asarray(METHODS)[state.method], categories=METHODS),
            "channel": people.channel[who],
            "birth_year": people.birth_year[who],
            "month": state.month % 12,
        }
    )
