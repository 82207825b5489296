"""The target list: whom to contact with which action, and whom to leave alone so that the effect can be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...core.action_cost import ActionCost
from ...core.arrays import Bools, Floats
from ...core.config.business import Config
from ...core.errors import ConfigError, DataError
from ...core.files import complete_folder
from ...core.hashing import uniform_hash
from ...core.locale import Locale, people_csv
from ...core.messages import Message
from ...core.output_lock import locked_file
from ...core.progress import Say, silent
from ...core.short_repr import ShortRepr
from ...features.catalogue.catalogue import build_features
from ...features.tables.tables import Opener, open_tables
from ...models.effects.doubt import Evidence
from ...models.fitting.encoding import encodings_of
from ...models.targeting.policy import Capacity, Plan, choose_actions
from ...tracking import Tracker
from ..scores.inputs import readable_features
from ..scores.reason_features import read_reason_features
from ..scores.reasons import REASONS, reasons, without_words
from ..scores.score import ACTION_VALUES, SCORES
from .holdout import Holdout, drawn_holdout
from .scored import check_scores, run_facts, stored
from .threshold import ListCut, list_cut
from .trials import NotSpentOn, drawn_trials, reserved, spendable
from .words import LIST_WORDS

__all__ = ["TargetsOutcome", "targets"]

_COLUMNS = ["rank", "customer_id", "action", "net_value", "cost", "churn_probability", "clv", *REASONS]
_AS_ACTIONS = ["decided_at", "arm", "propensity", "action_id"]
_DOUBT = ["evidence", "trial"]


@dataclass(frozen=True)
class TargetsOutcome:
    """The lists: how many to contact and to leave alone, what it costs and is expected to earn.

    ``gap`` is the share of the best plan's value that this one may miss, ``budget_price`` what one more unit of
    budget would add, ``costs`` what an offer of each listed action costs and by which rule. ``people`` are
    copies for spreadsheets that expect a decimal comma.

    ``net_value`` with its interval is that of the effects that passed their checks; errors of customers are added as if
    they went together, which those of an action's average do. Trials of refused effects (``refused``) count in
    ``contacted``, ``held_out`` and ``cost`` and promise nothing; an action that the config allows all the same promises
    what its checks leave.
    """

    out: Path
    holdout: Path
    contacted: int
    held_out: int
    cost: float
    net_value: float
    gap: float
    exact: bool
    budget_price: float
    balance: str
    currency: str
    costs: Mapping[str, ActionCost] = field(default_factory=dict)
    people: tuple[Path, ...] = ()
    net_value_low: float = np.nan
    net_value_high: float = np.nan
    refused: tuple[NotSpentOn, ...] = ()
    threshold: Path | None = None
    without_cut: tuple[Message, ...] = ()
    locale: Locale = field(default_factory=Locale)

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        say, locale = LIST_WORDS.say, self.locale
        plan = say(locale, "exact") if self.exact else say(locale, "near", gap=self.gap)
        money = {"currency": self.currency}
        binds = self.budget_price > 0
        budget = say(locale, "binds", price=self.budget_price, **money) if binds else say(locale, "loose")
        promise = ""
        if np.isfinite(self.net_value_low):
            ends = say(locale, "promise", low=self.net_value_low, high=self.net_value_high, **money)
            promise = f" ({ends})"
        return [
            say(locale, "contact", n=self.contacted, cost=self.cost, out=str(self.out), **money),
            say(locale, "value", net_value=self.net_value, promise=promise, plan=plan, budget=budget, **money),
            say(locale, "alone", n=self.held_out, out=str(self.holdout), balance=self.balance),
            *(one.line(locale, self.currency) for one in self.refused),
            *(say(locale, "cost", action=action, rule=rule.words(locale)) for action, rule in self.costs.items()),
            *([say(locale, "threshold", file=str(self.threshold))] if self.threshold else []),
            *(say(locale, why.code, **why.figures) for why in self.without_cut),
            *([say(locale, "people", files=[str(file) for file in self.people])] if self.people else []),
        ]


def targets(
    config: Config,
    scores: Path,
    *,
    budget: float,
    capacity: int | None,
    out: Path,
    say: Say = silent,
    opened: Opener | None = None,
) -> TargetsOutcome:
    """Write the list to contact and, beside it, the holdout; both load back as ``actions``.

    They are for machines: ISO dates, decimal points. Where the config's language writes decimals with a comma, a copy
    of each that opens in its spreadsheets lies beside them, ``<name>.people.csv``.

    The plan maximises the sum of net value under the budget and the capacities; nobody is chosen for whom
    nothing pays. Only pairs that ``score`` found eligible can be chosen: contactable, outside the cool-down, the
    action possible. Of the chosen, the config's share is held out by a salted hash of the customer: the same
    customer falls into the same arm whoever runs it. Every customer of both lists gets reasons. An effect that failed a
    check is not spent on: its customers come as a trial, see :mod:`.trials`, unless the config allows the action by
    name. Beside the list lie the score and the cut of everybody who could have been on it, see :mod:`.threshold`.

    Parameters
    ----------
    config
        The business.
    scores
        Folder that ``score`` wrote.
    budget
        Most that may be spent, in the config's currency, holdout included.
    capacity
        Most customers in all, holdout included; None: no limit beside those of the config.
    out
        CSV file; the holdout is ``<name>.holdout.csv`` in the same folder.
    say
        Told about each step.
    opened
        Gives the tables of a configuration where they are open already.

    Raises
    ------
    ConfigError
        ``out`` does not end in .csv, ``scores`` holds no scores, or nobody says what the list costs.
    BusyError
        Another run writes the same list.
    ModelError
        The churn model of the scores is not in the store any more.
    """
    if out.suffix != ".csv":
        raise ConfigError(f"expected a file ending in .csv for the targets, got '{out}'")
    with locked_file(out):
        wish = budget, capacity
        return _listed_whole(config, scores, wish, out, say, opened or open_tables)


def _listed_whole(
    config: Config, scores: Path, wish: tuple[float, int | None], out: Path, say: Say, opened: Opener
) -> TargetsOutcome:
    budget, capacity = wish
    say("targets: choose")
    read = check_scores(config, scores)
    chosen = _chosen(config, scores, _pairs(scores, config.incremental.holdout.salt), budget, capacity)
    _check_costs(config, chosen.rows, budget)
    say("targets: reasons")
    listed = _listed(_explained(config, scores, chosen.rows, opened), chosen, config.timezone)
    holdout, threshold = out.with_suffix(".holdout.csv"), out.with_suffix(".threshold.parquet")
    rules = _cost_rules(scores, chosen.priced)
    read.check()
    people = () if config.locale.decimal_mark == "." else (_for_people(out), _for_people(holdout))
    with complete_folder(out.parent) as folder:
        chosen.cut.rows.to_parquet(folder / threshold.name, index=False)
        for part, file in ((listed[~chosen.held], out), (listed[chosen.held], holdout)):
            part.to_csv(folder / file.name, index=False)
            if people:
                people_csv(part, folder / _for_people(file).name, config.locale)
    outcome = _outcome(config, out, holdout, chosen, rules)
    cut = threshold if len(chosen.cut.rows) else None
    return replace(outcome, people=people, threshold=cut, without_cut=chosen.cut.without)


@dataclass(frozen=True)
class _Chosen(ShortRepr):
    """The customers of a list: n rows, those that it spends on first, then those of its trials.

    ``cut`` is that of the rows that it spends on. ``held`` and ``trial`` are masks over the rows, ``propensity`` the
    chance of being contacted; ``priced`` are the actions that could have been chosen.
    """

    rows: pd.DataFrame
    held: Bools
    trial: Bools
    propensity: Floats
    plan: Plan
    cut: ListCut
    drawn: Holdout
    told: tuple[NotSpentOn, ...]
    priced: pd.Series


def _chosen(config: Config, scores: Path, pairs: pd.DataFrame, budget: float, capacity: int | None) -> _Chosen:
    """Choose whom to contact with what: effects that hold first, trials of those that were refused from the rest."""
    doubts, limits = run_facts(scores).get("action_doubts", {}), _capacities(config, capacity)
    kept = spendable(pairs, config)
    sure, refused = pairs[kept].reset_index(drop=True), pairs[~kept].reset_index(drop=True)
    part = config.incremental.explore_share * budget if np.isfinite(budget) else np.inf
    for_trials = reserved(refused, doubts, part)
    plan = choose_actions(
        sure["customer_id"],
        sure["action"],
        sure["net_value"],
        sure["cost"],
        budget=budget - for_trials,
        capacities=limits,
    )
    main = sure[plan.chosen].sort_values(["net_value", "customer_id"], ascending=[False, True], ignore_index=True)
    drawn = drawn_holdout(main["customer_id"], main["action"], main["net_value"], config.incremental.holdout)
    others = refused[~refused["customer_id"].isin(main["customer_id"])]
    trials = drawn_trials(others, doubts, config, for_trials, [_left(one, main["action"]) for one in limits])
    rows = pd.concat([main, trials.chosen], ignore_index=True)
    trial = np.arange(len(rows)) >= len(main)
    untried = [_untried(name, doubts) for name in sorted(set(refused["action"]) - {one.action for one in trials.told})]
    allowed = [
        NotSpentOn(name, tuple(doubts[name]["failed"]), reason=reason)
        for name, one in config.incremental.actions.items()
        if (reason := one.spend_although_refused) and doubts.get(name, {}).get("evidence") == Evidence.REFUSED
    ]
    return _Chosen(
        rows=rows,
        held=np.concatenate([drawn.held, trials.held.held]),
        trial=trial,
        propensity=1 - np.where(trial, trials.held.share, drawn.share),
        plan=plan,
        cut=list_cut(sure, plan.reduced, plan.chosen, pd.Series(drawn.held, index=main["customer_id"])),
        drawn=drawn,
        told=(*trials.told, *untried, *allowed),
        priced=pairs["action"],
    )


def _untried(action: str, doubts: Mapping[str, Mapping[str, Any]]) -> NotSpentOn:
    return NotSpentOn(action, tuple(doubts.get(action, {}).get("failed", ())))


def _left(limit: Capacity, used: pd.Series) -> Capacity:
    """Return what a list leaves of a capacity."""
    taken = len(used) if limit.actions is None else int(used.isin(limit.actions).sum())
    return Capacity(max(limit.most - taken, 0), limit.actions)


def _outcome(
    config: Config, out: Path, holdout: Path, chosen: _Chosen, costs: Mapping[str, ActionCost]
) -> TargetsOutcome:
    contacted, spent_on = chosen.rows[~chosen.held], chosen.rows[~chosen.held & ~chosen.trial]
    low, high = (float((spent_on[f"incremental_clv_{end}"] - spent_on["cost"]).sum()) for end in ("low", "high"))
    return TargetsOutcome(
        out=out,
        holdout=holdout,
        contacted=len(contacted),
        held_out=int(chosen.held.sum()),
        cost=float(contacted["cost"].sum()),
        net_value=float(spent_on["net_value"].sum()),
        gap=chosen.plan.gap,
        exact=chosen.plan.exact,
        budget_price=chosen.plan.budget_price,
        balance=chosen.drawn.line(config.locale),
        currency=config.currency,
        costs=costs,
        net_value_low=low,
        net_value_high=high,
        refused=chosen.told,
        locale=config.locale,
    )


def _for_people(file: Path) -> Path:
    """Return where the copy of a list lies that people open."""
    return file.with_suffix(".people.csv")


def _check_costs(config: Config, chosen: pd.DataFrame, budget: float) -> None:
    """Stop before a budget is spent on a list that costs nothing because nobody says what it costs.

    Raises
    ------
    ConfigError
        Every cost of the list is 0, and the config does not say of every action on it that it costs nothing.
    """
    if chosen.empty or not chosen["cost"].eq(0).all():
        return
    actions = config.incremental.actions
    free = [name for name, action in actions.items() if "cost" in action.model_fields_set and not action.cost]
    unsaid = sorted(set(chosen["action"]) - set(free))
    if unsaid:
        raise ConfigError(
            f"expected actions that cost something, every cost of the list is 0 ({', '.join(unsaid)}), so a budget of"
            f" {budget:,.0f} {config.currency} binds nothing; give cost under incremental: actions: {unsaid[0]}: (0 if"
            " it is free), or actions.cost in the tables, train and score again"
        )


def _cost_rules(scores: Path, actions: pd.Series) -> dict[str, ActionCost]:
    """Return what an offer of each action costs and by which rule, as the scores were made."""
    facts = run_facts(scores).get("action_costs", {})
    return {action: ActionCost.from_facts(facts[action]) for action in sorted(set(actions)) if action in facts}


def _capacities(config: Config, everybody: int | None) -> list[Capacity]:
    """Return the capacities of actions, teams and channels, and of the whole list."""
    actions, shared = config.incremental.actions, config.incremental.capacities
    limits = [Capacity(a.capacity, frozenset({name})) for name, a in actions.items() if a.capacity is not None]
    for most, takes in (
        *((most, {n for n, a in actions.items() if a.team == team}) for team, most in shared.team.items()),
        *((most, {n for n, a in actions.items() if a.channel == way}) for way, most in shared.channel.items()),
    ):
        limits.append(Capacity(most, frozenset(takes)))
    return limits if everybody is None else [*limits, Capacity(everybody)]


def _pairs(folder: Path, salt: str) -> pd.DataFrame:
    """Return customer-action values with the customers' scores.

    Customers stand in an order drawn by the salt: where many are worth the same, who is served first must not
    depend on when they signed up.
    """
    values = pd.read_parquet(stored(folder, ACTION_VALUES), partitioning=None)
    if values.empty:
        raise DataError(
            f"'{folder / ACTION_VALUES}' holds no eligible pair of customer and action; train the incremental model"
            " and score again"
        )
    if "evidence" not in values:  # scores of an earlier version: nobody checked the effects
        values["evidence"] = None
    columns = ["customer_id", "churn_probability", "clv", "churn_model_version"]
    scores = pd.read_parquet(stored(folder, SCORES), columns=columns, partitioning=None)
    pairs = values.merge(scores, on="customer_id", how="left", validate="many_to_one")
    drawn = uniform_hash(pairs["customer_id"], f"order/{salt}")
    return pairs.iloc[np.argsort(drawn, kind="stable")].reset_index(drop=True)


def _explained(config: Config, scores: Path, chosen: pd.DataFrame, opened: Opener) -> pd.DataFrame:
    """Return the chosen with reasons for every one of them, from the model version that scored them.

    Scoring explains the riskiest only, and keeps what the others' reasons need. Where a folder holds scores without
    it, features are built again at the instant of the scores: they are the same whenever they are built. Scores
    without a churn model have none, nor do customers who have left already.
    """
    said = pd.read_parquet(stored(scores, SCORES), columns=["customer_id", *REASONS], partitioning=None)
    chosen = chosen.merge(said, on="customer_id", how="left", validate="many_to_one")
    lacking = chosen[chosen["reason_1"].isna() & chosen["churn_model_version"].notna()]
    if lacking.empty:
        return chosen
    number = int(lacking["churn_model_version"].iloc[0])
    churn = Tracker.of(config).read(config.model_name("churn"), number)
    spine = lacking[["customer_id", "as_of"]].reset_index(drop=True)
    columns = list(churn.model.columns)
    built = read_reason_features(scores, run_facts(scores), spine["customer_id"], columns)
    if built is None:
        built = build_features(opened(config), spine, columns)
    features, _ = readable_features(config, spine, built, encodings_of(churn.model.final))
    words = reasons(churn.model, features, np.ones(len(spine), dtype=bool), config).set_axis(lacking.index)
    explained = chosen.copy()
    explained.loc[lacking.index, list(REASONS)] = words
    scored = explained["churn_model_version"].notna()
    explained["reason_1"] = explained["reason_1"].where(explained["reason_1"].notna() | ~scored, without_words(config))
    return explained


def _listed(rows: pd.DataFrame, chosen: _Chosen, timezone: str) -> pd.DataFrame:
    """Return the list with what makes it an ``actions`` table: arm, propensity, instant and key."""
    instants = pd.to_datetime(rows["as_of"], utc=True)
    day = instants.dt.tz_convert(timezone).dt.strftime("%Y%m%d")
    listed = rows.assign(
        rank=np.arange(1, len(rows) + 1),
        decided_at=instants.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        arm=np.where(chosen.held, "control", "treated"),
        propensity=chosen.propensity,
        action_id=rows["action"] + "-" + day + "-" + rows["customer_id"].astype(str),
        trial=chosen.trial,
    )
    return listed[[*_COLUMNS, *_AS_ACTIONS, *_DOUBT]]
