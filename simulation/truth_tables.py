"""The truth of a simulated world as tables: of its decisions, and of everyone at the last snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.arrays import Bools, Ints
from ..core.progress import Say, silent
from ..core.short_repr import ShortRepr
from .actions import ActionRule, eligible
from .contract_tables import Simulated
from .state import State
from .truth import Effects, half_correlation, natural_value, standard_error, true_effects
from .win_back import rules_of

__all__ = ["Truth", "truth_of_decisions", "truth_tables"]

CLV_REPLICATES = 8


@dataclass(frozen=True)
class Truth(ShortRepr):
    """What is true, EUR over the horizon, with standard errors of the simulation.

    Parameters
    ----------
    decisions
        One row for each row of ``actions``: action_id, customer_id, action, decided_at, arm, tau, tau_se,
        tau_programme, tau_programme_se.
    snapshot
        One row for each customer and action that was possible at the end of the data: customer_id, as_of,
        action, tau, tau_se, tau_programme, tau_programme_se.
    clv
        One row for each customer with a running subscription then: customer_id, as_of, clv, clv_se. Single
        copies are not in it.
    summary
        One row an action and population: n, means with their standard errors, the share harmed, acceptance,
        the correlation of two independent halves of the individual effects, and the replicates.
    """

    decisions: pd.DataFrame
    snapshot: pd.DataFrame
    clv: pd.DataFrame
    summary: pd.DataFrame


def truth_tables(world: Simulated, seed: int, say: Say = silent) -> Truth:
    """Compute the truth of a world; ``seed`` is that of the simulation's noise.

    The actions' own cost is not in an effect (DESIGN: it is subtracted once, in net value). At the snapshot a
    decision comes before every other action of its month, so a treated customer gets none of them; that
    crowding-out is part of the effect, and all of it for an action without any effect of its own.
    """
    decisions, snapshot, summary = [], [], []
    for rule in rules_of(world.history.setting.config):
        say(f"truth: {rule.name}")
        known, effects = truth_of_decisions(world, rule, seed)
        decisions.append(known)
        for arm in ("treated", "control"):
            rows = (known["arm"] == arm).to_numpy()
            if rows.any():
                summary.append(_summary(rule, f"decisions_{arm}", known, effects, rows))
        known, effects = _at_snapshot(world, rule, seed)
        snapshot.append(known)
        if len(known):
            summary.append(_summary(rule, "snapshot", known, effects, np.ones(len(known), dtype=bool)))
    say("truth: natural course")
    return Truth(
        pd.concat(decisions, ignore_index=True).sort_values("action_id", ignore_index=True),
        pd.concat(snapshot, ignore_index=True),
        _clv(world, seed),
        pd.DataFrame(summary),
    )


def _with_effects(frame: pd.DataFrame, effects: Effects) -> pd.DataFrame:
    return frame.assign(
        tau=effects.natural.mean(axis=1),
        tau_se=standard_error(effects.natural),
        tau_programme=effects.programme.mean(axis=1),
        tau_programme_se=standard_error(effects.programme),
    )


def truth_of_decisions(world: Simulated, rule: ActionRule, seed: int) -> tuple[pd.DataFrame, Effects]:
    """Return the truth of the logged decisions on one action, both arms, and its replicates."""
    actions = world.tables["actions"]
    rows = actions.loc[actions["action"] == rule.name]
    frame = rows[["action_id", "customer_id", "action", "decided_at", "arm", "accepted", "cost"]]
    before = [d.before for d in world.history.decisions if d.rule is rule and d.before is not None]
    effects = true_effects(
        world.history.setting, State.concat(before), rule, at_snapshot=False, seed=[seed, 1, rule.slot]
    )
    return _with_effects(frame.reset_index(drop=True), effects), effects


def _at_snapshot(world: Simulated, rule: ActionRule, seed: int) -> tuple[pd.DataFrame, Effects]:
    """Return the truth for everyone who could get the action at the end of the data, and its replicates."""
    setting, state = world.history.setting, world.history.final
    day = setting.month_start[state.month]
    rows = eligible(setting, state, rule, np.arange(len(state)), day)
    effects = true_effects(setting, state.take(rows), rule, at_snapshot=True, seed=[seed, 2, rule.slot])
    frame = pd.DataFrame({"customer_id": _ids(world, rows), "as_of": world.data_until, "action": rule.name})
    return _with_effects(frame, effects), effects


def _ids(world: Simulated, rows: Ints) -> pd.Series:
    return world.tables["customers"]["customer_id"].iloc[rows].reset_index(drop=True)


def _clv(world: Simulated, seed: int) -> pd.DataFrame:
    """Return the expected value of everyone with a running subscription at the end of the data."""
    state = world.history.final
    rows = np.flatnonzero(state.running)
    draws = natural_value(
        world.history.setting,
        state.take(rows),
        drawn=world.history.setting.config.win_back is not None,
        seed=[seed, 3],
        replicates=CLV_REPLICATES,
    )
    return pd.DataFrame(
        {
            "customer_id": _ids(world, rows),
            "as_of": world.data_until,
            "clv": draws.mean(axis=1),
            "clv_se": standard_error(draws),
        }
    )


def _summary(
    rule: ActionRule, population: str, known: pd.DataFrame, effects: Effects, rows: Bools
) -> dict[str, object]:
    """Return one line of the summary, over the chosen rows."""
    natural, programme, chosen = effects.natural[rows], effects.programme[rows], known.loc[rows]
    return {
        "action": rule.name,
        "population": population,
        "n": len(chosen),
        "tau": natural.mean(),
        "tau_se": standard_error(natural.mean(axis=0, keepdims=True))[0],
        "tau_sd": chosen["tau"].std(ddof=0),
        "tau_programme": programme.mean(),
        "tau_programme_se": standard_error(programme.mean(axis=0, keepdims=True))[0],
        "harmed": float((chosen["tau"] < 0).mean()),
        "cost": float(chosen["cost"].mean()) if "cost" in chosen else np.nan,
        "accepted": float(chosen["accepted"].astype("Float64").mean()) if _offers(rule, population) else np.nan,
        "halves": half_correlation(natural),
        "replicates": natural.shape[1],
    }


def _offers(rule: ActionRule, population: str) -> bool:
    return rule.accepted and population == "decisions_treated"
