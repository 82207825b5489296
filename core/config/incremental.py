"""The section ``incremental:`` of a configuration: actions, capacities, holdout, and how effects are estimated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ..errors import did_you_mean
from .contrasts import ContrastConfig
from .rollouts import RolloutConfig
from .section import Count, Days, Money, Section, Share, Unit, repeated

__all__ = ["ActionConfig", "CapacitiesConfig", "HoldoutConfig", "IncrementalConfig"]

Customers = Annotated[Count, Unit("customers")]


class HoldoutConfig(Section):
    """Customers who are recommended and left alone at random, so that the next effect can be measured."""

    share: Share = 0.1
    """Share of them."""

    salt: str = "servicelift"
    """Who is held out is a hash of customer and salt: the same salt holds out the same customers, list after list."""


class ActionConfig(Section):
    """One service action: what it costs, how it is assigned, and who can get it."""

    cost: Money = 0.0
    """Cost of offering it to one customer, accepted or not."""

    cost_if_accepted: Money = 0.0
    """What a customer who accepts costs beside it."""

    assignment: Literal["random", "chosen", "mixed"] = "chosen"
    """How the table's decisions came about: at random, chosen by people or rules, or chosen with some held out."""

    state: Literal["running", "lapsed"] = "running"
    """Whom it is for: customers whose subscription runs, or customers whose last one has ended and none runs
    (`lapsed`), such as a win-back offer. `lapsed` needs subscriptions."""

    strata: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Within what the chance of being held out was the same, where no usable `actions.propensity` says it: `month`,
    `segment`, `initiative` or `agent_id` of the table `actions`, and static columns of customers. By default the month,
    and the segment where the table has one."""

    eligible: str | None = None
    """Condition on features known before the decision, such as `method != 'iban'`, beside the common rule."""

    capacity: Customers | None = None
    """Most customers a list may name for it; null: any number."""

    team: str | None = None
    """Team that carries it out, with a capacity under `capacities`."""

    channel: str | None = None
    """Channel it takes, with a capacity under `capacities`."""

    cluster: Literal["customer", "agent"] = "customer"
    """What was assigned: the customer, or the agent with all customers of theirs."""

    script: Annotated[str, Field(pattern=r"\S")] | None = None
    """What to say, or what it is meant to change: printed beside each customer of the list for people."""

    answers: dict[str, Annotated[str, Field(pattern=r"\S")]] = Field(default_factory=dict)
    """What it does about a reason, by the reason's topic, such as `failed payments: direct debit avoids it`; it is said
    behind the reason on lists."""

    despite_open_complaint: bool = False
    """Whether lists may name customers for it whose complaint is open; by default they are left in peace until it is
    closed."""

    spend_although_refused: Annotated[str, Field(pattern=r"\S")] | None = None
    """Why lists may spend on it although its effect failed a check: a reason, printed with each list. null: they hold
    a trial of it at most, see `explore_share`."""


class CapacitiesConfig(Section):
    """Most customers a list may name, over all actions of a team or a channel."""

    team: Annotated[dict[str, Customers], Unit("customers")] = Field(default_factory=dict)
    """By team."""

    channel: Annotated[dict[str, Customers], Unit("customers")] = Field(default_factory=dict)
    """By channel."""

    team_per_day: Annotated[dict[str, Annotated[int, Field(ge=1, le=10**9)]], Unit("customers")] = Field(
        default_factory=dict
    )
    """Most that a team contacts on one working day: the list says on which day each of them is to be contacted."""

    channel_per_day: Annotated[dict[str, Annotated[int, Field(ge=1, le=10**9)]], Unit("customers")] = Field(
        default_factory=dict
    )
    """Most contacts by a channel on one working day, over all teams; beside `team_per_day`, both hold."""


class IncrementalConfig(Section):
    """How the effect of actions on value is estimated and acted upon."""

    follow_up_days: Days = 180
    """Time after a decision over which outcomes are observed; what lies beyond comes from the CLV model."""

    cool_down_days: Annotated[int, Field(ge=0, le=36_525), Unit("days")] = 30
    """Time after any action in which a customer can get no other."""

    holdout: HoldoutConfig = HoldoutConfig()

    actions: dict[str, ActionConfig] = Field(default_factory=dict)
    """The actions, by their name in the table `actions`."""

    capacities: CapacitiesConfig = CapacitiesConfig()

    contrasts: dict[str, ContrastConfig] = Field(default_factory=dict)
    """Comparisons of things that nobody decided with an arm, by a name of your choice."""

    rollouts: dict[str, RolloutConfig] = Field(default_factory=dict)
    """Initiatives that reached regions, sites or depots at different dates, by a name of your choice."""

    cross_fits: Annotated[int, Field(ge=1, le=1_000), Unit("repetitions")] = 5
    """Most times the cross-fitted estimate is repeated with other folds; their median counts."""

    folds: Annotated[int, Field(ge=2, le=100), Unit("folds")] = 5
    """Parts of the customers: each part is predicted by models fitted on the others."""

    bootstrap: Annotated[int, Field(ge=10, le=100_000), Unit("draws")] = 20
    """Draws of the customers from which the interval of an effect is made; each refits the CLV model.

    An effect uses no more of them than its interval needs: see `monte_carlo_error`. Training fits the CLV
    model so many times more; intervals of few draws are wider, by a t-quantile."""

    monte_carlo_error: Share = 0.1
    """Cross-fits end once the chance in their folds is under this share of the effect's standard error, and draws once
    they know the standard error to this share of itself; 0: all are made."""

    explore_share: Share = 0.1
    """Most of a list's budget that may go into trials: actions whose effect failed a check, with half of the customers
    held out. 0: none."""

    readings_tightest_at: Annotated[Count, Field(ge=1), Unit("customers")] = 500
    """Customers in each of two equal arms at which the interval over all readings of a statement is narrowest. Choose
    it before the first statement, near what will be read, and leave it: an interval that is tuned to what was seen
    holds no longer."""

    controls_per_treated: Annotated[float, Field(gt=0, le=1_000), Unit("controls")] = 3.0
    """Untreated moments drawn for each treated decision, where nobody was held out."""

    @model_validator(mode="after")
    def _capacities_are_of_somebody(self) -> IncrementalConfig:
        for key in ("team", "channel", "team_per_day", "channel_per_day"):
            kind = key.removesuffix("_per_day")
            known = sorted({name for a in self.actions.values() if (name := getattr(a, kind)) is not None})
            for name in getattr(self.capacities, key):
                if name not in known:
                    raise ValueError(f"capacities.{key}: no action has {kind} '{name}'{did_you_mean(name, known)}")
        return self

    @model_validator(mode="after")
    def _one_name_one_thing(self) -> IncrementalConfig:
        names = (*self.actions, *self.contrasts, *self.rollouts)
        for name in names:
            if not name.strip():
                raise ValueError("actions, contrasts and rollouts: expected a name for each, got an empty one")
        twice = repeated(names)
        if twice is not None:
            raise ValueError(
                f"'{twice}' names two actions, contrasts or rollouts, capitals and blanks aside; rename one"
            )
        return self
