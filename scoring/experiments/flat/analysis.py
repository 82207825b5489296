"""Everything that is computed for an experiment on a flat table, as tables and codes; nothing is worded here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from ....core.arrays import Bools, Floats
from ....core.config.experiment import ExperimentConfig, RuleConfig
from ....core.messages import Message
from ....core.progress import Say
from ....core.short_repr import ShortRepr
from ....models.effects.inference import difference_in_means
from ....models.fitting.design import DesignMatrix
from ....models.randomised.arm_balance import ArmBalance, arm_balance
from ....models.randomised.arm_effects import ArmEffects, Together, arm_effects, together
from ....models.randomised.differences import Differences, averaged, differences
from ....models.randomised.rule import RuleValue, choose_arm, net_predictions, rule_value
from ....models.randomised.sequential import Sequential, learn_arms, predict_in_turn
from ....models.randomised.split import DOUBTFUL, SplitTest, sample_ratio, shares_over_time
from ....models.randomised.tails import Tail, tail_of
from ....models.refutation.multiplicity import holm
from .assigned import Assigned

__all__ = ["Analysis", "analyse"]

_LEVEL = 0.05
_FEW_TO_RANK = 200
"""Customers of the smallest arm below which nothing is asked about differences between customers."""

_FEW_EVENTS = 20
"""Customers of an arm with the rarer answer below which a normal interval is doubtful."""


@dataclass(frozen=True)
class Analysis(ShortRepr):
    """What an experiment shows.

    Parameters
    ----------
    data
        The customers.
    split, over_time
        Sample-ratio test, and whether shares moved over time (None without a date).
    balance
        Of the covariates.
    effects
        One row an outcome and arm; columns as `docs/experiment.md` says.
    differences
        One row an outcome, arm and target (autoc, qini).
    rule
        Value of the rules and the advice; None where no rule is asked for or nothing could be learnt.
    choices
        One row a customer: predicted net value of each arm and the arm that the personal rule gives; None without.
    ruled
        What the rule is for.
    cautions
        What a reader has to know, the gravest first.
    """

    data: Assigned
    split: SplitTest
    over_time: SplitTest | None
    balance: ArmBalance
    effects: pd.DataFrame
    differences: pd.DataFrame
    rule: RuleValue | None
    choices: pd.DataFrame | None
    ruled: RuleConfig | None
    cautions: tuple[Message, ...]

    @property
    def believed(self) -> bool:
        """Whether the split, its shares over time and the balance of the arms may be believed."""
        moved = self.over_time is not None and not self.over_time.holds
        return self.split.holds and not moved and self.balance.p_value >= DOUBTFUL


@dataclass(frozen=True)
class _Outcome(ShortRepr):
    """One outcome with its effects on the customers that have it."""

    name: str
    kind: str
    rows: Bools
    data: Assigned
    y: Floats
    effects: ArmEffects
    tail: Tail | None
    capped: ArmEffects | None
    seed: int

    @cached_property
    def turns(self) -> tuple[Sequential, ...]:
        """Predictions by models of earlier parts, one a draw of the parts: those of the nuisances."""
        data = self.data
        return tuple(
            predict_in_turn(data.X, data.codes, self.y, data.chances, n.fold, seed=self.seed)
            for n in self.effects.nuisances[0]
        )

    @property
    def rankable(self) -> bool:
        """Whether there is enough to ask who gains more."""
        return self.effects.adjusted and int(np.bincount(self.data.codes).min()) >= _FEW_TO_RANK


def analyse(data: Assigned, config: ExperimentConfig, say: Say) -> Analysis:
    """Return what the experiment shows; ``say`` is told about each step."""
    say(f"split and balance of {len(data.codes):,} customers")
    split = sample_ratio(data.codes, data.chances)
    over_time = None if data.periods is None else shares_over_time(data.codes, data.chances, data.periods)
    balance = arm_balance(data.X, data.codes, data.chances)
    design = DesignMatrix.of(data.X) if data.X.shape[1] else None
    outcomes = []
    for name, values in data.outcomes.items():
        say(f"effects on {name}")
        outcomes.append(_estimated(name, values, data, config, design))
    effects = _effect_rows(outcomes, data, config.seed)
    found = pd.DataFrame(columns=_DIFFERENCE_COLUMNS)
    asked = [one for one in outcomes if one.rankable]
    if asked:
        found = _difference_rows(asked, data, say)
    rule, choices, ruled = None, None, config.ruled
    of_rule = next((one for one in asked if ruled is not None and one.name == ruled.outcome), None)
    if of_rule is not None and ruled is not None:
        say(f"targeting rule for {ruled.outcome}")
        rule, choices = _ruled(of_rule, data, config, ruled)
    cautions = _cautions(data, config, (split, over_time, balance), outcomes, rule)
    return Analysis(data, split, over_time, balance, effects, found, rule, choices, ruled, cautions)


def _estimated(
    name: str, values: Floats, data: Assigned, config: ExperimentConfig, design: DesignMatrix | None
) -> _Outcome:
    rows = np.isfinite(values)
    part = data if rows.all() else data.take(rows)
    y = values[rows]
    X = design if design is not None and rows.all() else part.X
    effects = arm_effects(X, part.codes, y, part.chances, seed=config.seed)
    kind = config.outcomes[name].kind
    tail = None if kind == "yes_no" else tail_of(y, part.codes)
    capped = None
    if tail is not None and tail.heavy:
        capped = arm_effects(X, part.codes, tail.capped(y), part.chances, seed=config.seed)
    return _Outcome(name, kind, rows, part, y, effects, tail, capped, config.seed)


def _spread_out(one: _Outcome, values: Floats) -> Floats:
    """Return influence values over all customers, 0 where the outcome is missing."""
    out = np.zeros(len(one.rows))
    out[one.rows] = values
    return out


def _effect_rows(outcomes: list[_Outcome], data: Assigned, seed: int) -> pd.DataFrame:
    """Return one row an outcome and arm; all of them are judged together."""
    others = range(1, len(data.arms))
    estimates = [float(one.effects.estimates[a - 1]) for one in outcomes for a in others]
    influence = [_spread_out(one, one.effects.influence[:, a - 1]) for one in outcomes for a in others]
    dof = float(np.bincount(data.codes).min() - 1)
    all_of = together(estimates, influence, dof=dof, seed=seed)
    rows = []
    for place, (one, a) in enumerate((one, a) for one in outcomes for a in others):
        rows.append(_effect_row(one, a, place, all_of, data, dof))
    return pd.DataFrame(rows)


def _effect_row(one: _Outcome, a: int, place: int, all_of: Together, data: Assigned, dof: float) -> dict[str, object]:
    codes, y = one.data.codes, one.y
    treated, control = codes == a, codes == 0
    pair = treated | control
    difference, error = difference_in_means(treated[pair].astype(int), y[pair])
    estimate, base = float(one.effects.estimates[a - 1]), float(y[control].mean())
    ends = (np.nan, np.nan, np.nan)
    if one.capped is not None:
        mid = float(one.capped.estimates[a - 1])
        half = float(stats.t.ppf(1 - _LEVEL / 2, dof)) * float(one.capped.errors[a - 1])
        ends = (mid, mid - half, mid + half)
    return {
        "outcome": one.name,
        "kind": one.kind,
        "arm": data.arms[a],
        "control": data.arms[0],
        "n_arm": int(treated.sum()),
        "n_control": int(control.sum()),
        "arm_mean": float(y[treated].mean()),
        "control_mean": base,
        "difference": difference,
        "difference_std_error": error,
        "estimate": estimate,
        "std_error": float(one.effects.errors[a - 1]),
        "low": float(all_of.low[place]),
        "high": float(all_of.high[place]),
        "relative": estimate / base if base > 0 else np.nan,
        "p_value": float(all_of.p_value[place]),
        "low_together": float(all_of.low_together[place]),
        "high_together": float(all_of.high_together[place]),
        "p_together": float(all_of.p_together[place]),
        "judged_together": len(all_of.low),
        "shown": bool(all_of.p_together[place] <= _LEVEL),
        "adjusted": one.effects.adjusted,
        "heavy_tail": one.tail is not None and one.tail.heavy,
        "skewness": np.nan if one.tail is None else one.tail.skewness,
        "capped_at": np.nan if one.capped is None or one.tail is None else one.tail.cap,
        **dict(zip(("capped_estimate", "capped_low", "capped_high"), ends, strict=True)),
    }


_DIFFERENCE_COLUMNS = [
    *("outcome", "arm", "target", "estimate", "std_error", "low", "high", "p_value", "p_together", "evidence"),
]


def _difference_rows(outcomes: list[_Outcome], data: Assigned, say: Say) -> pd.DataFrame:
    """Return AUTOC and QINI of each outcome and arm; the test is AUTOC's, judged among all of them."""
    found: list[tuple[str, str, Differences]] = []
    for one in outcomes:
        say(f"differences between customers in {one.name}")
        codes = one.data.codes
        for a in range(1, len(data.arms)):
            pair, treated = (codes == a) | (codes == 0), (codes == a).astype(int)
            draws = [
                differences(turns.raw[pair, a - 1], n.scores(treated, one.y)[pair], turns.part[pair], seed=one.seed)
                for turns, n in zip(one.turns, one.effects.nuisances[a - 1], strict=True)
            ]
            found.append((one.name, data.arms[a], averaged(draws)))
    joint = holm([each.p_value for _, _, each in found])
    rows = []
    for (name, arm, each), p in zip(found, joint, strict=True):
        shown = bool(p <= _LEVEL) and each.better
        for area in (each.autoc, each.qini):
            figures = (area.estimate, area.std_error, area.low, area.high, each.p_value, p)
            rows.append((name, arm, area.target, *figures, shown))
    return pd.DataFrame(rows, columns=_DIFFERENCE_COLUMNS)


def _ruled(
    one: _Outcome, data: Assigned, config: ExperimentConfig, ruled: RuleConfig
) -> tuple[RuleValue, pd.DataFrame]:
    """Return the value of the rules, and what the personal rule gives each customer of the table."""
    codes, e, y = one.data.codes, one.data.chances, one.y
    costs = np.array([config.costs.get(arm, 0.0) for arm in data.arms[1:]])
    draws = [(turns, _scores(one, place)) for place, turns in enumerate(one.turns)]
    net = together(
        one.effects.estimates * ruled.worth - costs,
        [values * ruled.worth for values in one.effects.influence.T],
        dof=float(np.bincount(codes).min() - 1),
        seed=config.seed,
    )
    value = rule_value(draws, ruled.worth, costs, net)
    models = learn_arms(one.data.X, codes, y, e, seed=config.seed, whole=one.effects)
    predicted = net_predictions(models, data.X, ruled.worth, costs)
    columns = {f"net_value_{arm}": predicted[:, place] for place, arm in enumerate(data.arms[1:])}
    chosen = np.array(data.arms, dtype=object)[choose_arm(predicted)]
    name = data.identifier or "row"
    return value, pd.DataFrame({name: data.customers.to_numpy(), **columns, "arm": chosen})


def _scores(one: _Outcome, draw: int) -> Floats:
    """Return doubly robust scores of each arm's effect for all customers, (n, K), with the nuisances of one draw."""
    codes, e, y = one.data.codes, one.data.chances, one.y
    fits = [of_arm[draw] for of_arm in one.effects.nuisances]
    return np.column_stack(
        [
            n.mu1 - n.mu0 + (codes == a) * (y - n.mu1) / e[:, a] - (codes == 0) * (y - n.mu0) / e[:, 0]
            for a, n in enumerate(fits, start=1)
        ]
    )


def _cautions(
    data: Assigned,
    config: ExperimentConfig,
    checks: tuple[SplitTest, SplitTest | None, ArmBalance],
    outcomes: list[_Outcome],
    rule: RuleValue | None,
) -> tuple[Message, ...]:
    """Return what a reader has to know, the gravest first."""
    split, over_time, balance = checks
    found = []
    if not split.holds:
        found.append(Message.of("split", p=f"{split.p_value:.1g}"))
    if over_time is not None and not over_time.holds:
        found.append(Message.of("moved", p=f"{over_time.p_value:.1g}"))
    if balance.p_value < DOUBTFUL:
        found.append(Message.of("unbalanced", p=f"{balance.p_value:.1g}", worst=balance.worst))
    for one in outcomes:
        found += _of_outcome(one, data)
    if config.ruled is not None and rule is not None and not any(config.costs.values()):
        found.append(Message.of("no_costs"))
    return tuple(found)


def _of_outcome(one: _Outcome, data: Assigned) -> list[Message]:
    """Return what blurs one outcome: missing values, rare answers, a heavy tail, too few to adjust or to rank."""
    found, name, lost = [], one.name, ~one.rows
    if lost.any():
        table = np.array([np.bincount(data.codes[part], minlength=len(data.arms)) for part in (lost, ~lost)])
        p = float(stats.chi2_contingency(table)[1])
        code = "missing_apart" if p < DOUBTFUL else "missing"
        found.append(Message.of(code, outcome=name, n=int(lost.sum()), share=float(lost.mean()), p=f"{p:.1g}"))
    if one.kind == "yes_no":
        sums, sizes = np.bincount(one.data.codes, weights=one.y), np.bincount(one.data.codes)
        events = int(np.minimum(sums, sizes - sums).min())
        if events < _FEW_EVENTS:
            found.append(Message.of("rare", outcome=name, n=events))
    if one.tail is not None and one.tail.heavy:
        tail = one.tail
        found.append(Message.of("heavy", outcome=name, needed=tail.needed, n=tail.smallest, cap=tail.cap))
    if not one.effects.adjusted:
        found.append(Message.of("plain", outcome=name))
    elif not one.rankable:
        found.append(Message.of("few_to_rank", outcome=name, least=_FEW_TO_RANK))
    return found
