"""Every number of the simulated subscriber world, declared once with its meaning.

Change a number with :func:`dataclasses.replace`; nothing else in the room holds one. Logits are natural
log-odds, money is EUR, days are days, months are calendar months.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .win_back_settings import WinBackSettings

__all__ = [
    "ADDITIVE",
    "PROPORTIONAL",
    "ActionSettings",
    "BillingSettings",
    "ChurnSettings",
    "ContactSettings",
    "PeopleSettings",
    "ShapeSettings",
    "TruthSettings",
    "WorldConfig",
]


@dataclass(frozen=True)
class PeopleSettings:
    """Who the subscribers are when they come, and when they come."""

    stock_share: float = 0.5
    """Share of all customers who subscribed before the first logged month."""
    stock_months: int = 84
    """Longest time since the start of a subscription in the stock."""
    stock_loss: float = 0.018
    """Monthly hazard of leaving before the log, at loyalty 0 and without IBAN ..."""
    stock_loyalty: float = 1.1
    """... what one unit of loyalty takes off its log ..."""
    stock_iban: float = 0.6
    """... and what IBAN takes off: the loyal remain, so the stock is not like the newcomers."""
    not_contactable: float = 0.04
    """Share of customers who may never be a target."""
    yearly_share: float = 0.30
    """Share of yearly terms; monthly otherwise."""
    product_shares: tuple[float, ...] = (0.40, 0.35, 0.25)
    """Shares of the products digital, weekend, complete."""
    iban_logit: float = -0.6
    """Log-odds of choosing IBAN at sign-up, for average loyalty."""
    iban_loyalty: float = 1.0
    """What one unit of loyalty adds to the log-odds of choosing IBAN."""
    other_methods: tuple[float, ...] = (0.68, 0.22, 0.10)
    """Shares of card, cheque and wallet among those who do not choose IBAN."""
    age_loyalty: float = 0.25
    """Loyalty gained with one standard deviation (15 years) of age."""
    loyalty_spread: float = 0.9
    """Standard deviation of loyalty at given age and acquisition channel."""
    mood_loyalty: float = 0.15
    """Effect of one unit of loyalty on the satisfaction to which a customer returns."""
    mood_spread: float = 0.4
    """Standard deviation of that satisfaction at given loyalty."""


@dataclass(frozen=True)
class ContactSettings:
    """Contacts, what they do to satisfaction, and the surveys after them."""

    rate: float = 0.135
    """Probability of a contact in a month, for the average customer."""
    rate_spread: float = 0.45
    """Effect of one unit of contact propensity on the log of that rate."""
    rate_dissatisfied: float = 0.06
    """Effect of one unit of dissatisfaction on the log of that rate."""
    rate_ceiling: float = 0.6
    """Largest probability of a contact in a month."""
    complaint_logit: float = -0.95
    """Log-odds that a contact is a complaint, at satisfaction 0."""
    complaint_dissatisfied: float = 0.1
    """What one unit of dissatisfaction adds to them."""
    hours_median: float = 6.0
    """Median hours to the first answer."""
    hours_spread: float = 0.55
    """Spread (logistic scale) of the log of the hours to answer."""
    hours_ceiling: float = 60.0
    """Longest time to an answer, in hours."""
    resolved_logit: float = 1.5
    """Log-odds that the average agent resolves a contact."""
    resolved_complaint: float = -0.7
    """What a complaint adds to them."""
    repeat_share: float = 0.3
    """Share of unresolved contacts followed by a second one on the same reason."""
    repeat_resolved: float = 0.6
    """Share of second contacts that are resolved."""
    gain_resolved: float = 0.10
    """Satisfaction gained by a resolved contact."""
    loss_unresolved: float = 1.1
    """Satisfaction lost by an unresolved one."""
    loss_complaint: float = 0.7
    """Satisfaction lost by whatever caused a complaint."""
    loss_day_waiting: float = 0.15
    """Satisfaction lost by each day until the first answer."""
    cost: float = 4.0
    """Cost of a contact."""
    cost_complaint: float = 7.0
    """Cost of a contact that is a complaint."""
    refund_share: float = 0.25
    """Share of complaints that end in a refund."""
    refund_months: float = 0.5
    """Amount of a refund, in monthly prices."""
    survey_share: float = 0.7
    """Share of contacts after which a CSAT survey is sent."""
    csat: tuple[float, float, float, float, float] = (3.2, 0.7, 0.7, -1.1, 0.45)
    """CSAT answer: base, per unit of satisfaction, solved, not solved, and spread (logistic scale)."""
    answer_logit: float = -0.5
    """Log-odds that a survey is answered, at loyalty and satisfaction 0."""
    answer_loyalty: float = 0.5
    """What one unit of loyalty adds to them."""
    answer_satisfaction: float = 0.3
    """What one unit of satisfaction adds to them."""
    agents: int = 60
    """Number of agents."""
    skill_spread: float = 0.5
    """Standard deviation of the agents' skill (log-odds of resolving)."""


@dataclass(frozen=True)
class ChurnSettings:
    """The voluntary hazard, and what keeps or loses satisfaction."""

    monthly_logit: float = -3.70
    """Log-odds of leaving in a month, on a monthly term, everything else 0."""
    yearly_logit: float = -1.35
    """Log-odds of leaving at a yearly renewal, everything else 0."""
    loyalty: float = 0.60
    """What one unit of loyalty takes off."""
    satisfaction: float = 0.55
    """What one unit of satisfaction takes off."""
    price: float = 0.25
    """What price sensitivity 1 adds, at 20 EUR a month."""
    early: float = 0.5
    """What the first three months add."""
    iban_inertia: float = 0.22
    """What paying by IBAN takes off: nothing has to be done each month."""
    price_rise: float = 0.35
    """What a price rise that is still to come at the next renewal adds."""
    satisfaction_memory: float = 0.93
    """Share of a deviation from the usual mood that is left after a month."""
    awake_memory: float = 0.82
    """Share of having been woken up that is left after a month."""
    withdrawn: float = 0.25
    """Cancellations withdrawn, as a share of those that stand."""
    pause_voluntary: float = 0.15
    """Share of voluntary ends that are followed by a restart."""
    pause_failure: float = 0.30
    """Share of ends by payment failure that are followed by a restart."""
    pause_months: int = 6
    """Longest time until a restart, in months (uniform from 1)."""


@dataclass(frozen=True)
class BillingSettings:
    """Prices, payments, product changes and extras."""

    prices: tuple[float, ...] = (14.0, 19.0, 26.0)
    """Monthly list prices of the products digital, weekend, complete."""
    price_spread: float = 0.06
    """Relative standard deviation of the price a customer once agreed to."""
    yearly_factor: float = 11.0
    """Yearly price, in monthly prices."""
    rise: float = 0.06
    """Relative size of the price rise."""
    rise_month: int = 14
    """Month (0 = first logged) from which renewals are at the higher price."""
    failure: tuple[float, ...] = (0.007, 0.040, 0.065, 0.020)
    """Probability that a payment fails at first, by method iban, card, cheque, wallet."""
    recovered: tuple[float, ...] = (0.80, 0.72, 0.72, 0.80)
    """Share of failed payments that a second attempt recovers, by method."""
    self_switch: float = 0.003
    """Monthly probability of switching to IBAN unasked, at loyalty 0."""
    self_switch_loyalty: float = 0.6
    """Effect of one unit of loyalty on the log of that probability."""
    product_change: float = 0.006
    """Probability of changing the product at a renewal."""
    upsell: float = 0.014
    """Monthly probability of an extra purchase, at satisfaction 0."""
    upsell_satisfaction: float = 0.3
    """Effect of one unit of satisfaction on the log of that probability."""
    upsell_amount: tuple[float, float] = (10.0, 30.0)
    """Smallest and largest amount of an extra purchase."""
    margin_rate: float = 0.35
    """Margin on every payment and refund."""
    annual_discount_rate: float = 0.10
    """Discount rate a year."""


Weights = tuple[tuple[str, float], ...]
"""What agents see of a customer (names of ``rules.SIGHTS``), and what each adds to the log-odds of a choice."""


@dataclass(frozen=True)
class ActionSettings:
    """The service actions: when they start, whom agents choose, who accepts, and what they do."""

    first_month: int = 6
    """Month (0 = first logged) of the first actions."""
    coaching_month: int = 8
    """Month in which coached agents begin to call back."""
    cool_down_days: float = 21.0
    """No action within so many days after a treated one of any kind."""
    treated_share: float = 0.72
    """Share treated among the chosen, where some of the chosen are held out."""
    trained_share: float = 0.5
    """Share of agents trained, hence the share treated by the skilled callback."""
    callback_untrained: float = -0.9
    """Log-odds that the average untrained agent solves an unresolved contact by calling back."""
    callback_training: float = 2.4
    """What training adds to them."""
    callback_gain: float = 1.2
    """Satisfaction gained where a callback solves the contact."""
    callback_new: float = 0.9
    """What is gained in addition within the first two years."""
    callback_cost: float = 3.0
    """Extra cost of a callback by a trained agent."""
    recovery_logit: float = -2.8
    """Log-odds that agents choose a customer with a complaint in the last 90 days."""
    recovery_sees: Weights = (
        ("complaint_40d", 1.0),
        ("unresolved_90d", 0.8),
        ("product", 0.4),
        ("over_a_year", 0.4),
        ("recovered_180d", -2.0),
    )
    """What agents look at for it."""
    recovery_gain: float = 1.0
    """Satisfaction gained by a recovered complaint."""
    recovery_loyalty: float = 0.4
    """What one unit of loyalty adds to that gain."""
    recovery_product: float = 0.35
    """What each step up in product adds to that gain."""
    recovery_cost: float = 5.0
    """Cost of a complaint recovery."""
    retention_logit: float = -4.95
    """Log-odds that agents choose a customer without any sign of trouble for the retention offer."""
    retention_sees: Weights = (
        ("complaint_90d", 1.0),
        ("contact_60d", 0.8),
        ("failed_90d", 0.9),
        ("dissatisfied_180d", 0.9),
        ("under_a_year", 0.5),
        ("monthly", 0.7),
        ("offered_365d", -2.0),
    )
    """What agents look at for it."""
    retention_accept: float = 0.60
    """Log-odds of accepting it, at average price sensitivity."""
    retention_months: int = 12
    """Months for which an accepted offer lowers the voluntary hazard."""
    retention_strength: float = 1.70
    """What an accepted offer takes off the log-odds of leaving."""
    retention_new: float = 0.60
    """What it takes off in addition within the first two years."""
    retention_sensitivity: float = 0.25
    """What one unit of price sensitivity adds."""
    retention_accept_sensitivity: float = 0.3
    """What one unit of price sensitivity adds to the log-odds of accepting."""
    retention_cost: float = 3.0
    """Cost of a retention offer."""
    retention_cost_accepted: float = 5.0
    """Additional cost where it is accepted."""
    iban_logit: float = -5.6
    """Log-odds that agents propose IBAN to a new customer who does not use it."""
    iban_sees: Weights = (
        ("log_tenure", 1.5),
        ("failed_180d", 0.5),
        ("cheque", 0.4),
        ("product", 0.45),
        ("proposed_365d", -1.5),
    )
    """What agents look at for it."""
    iban_accept: float = 0.35
    """Log-odds of accepting, at loyalty 0."""
    iban_accept_loyalty: float = 0.8
    """What one unit of loyalty adds to them."""
    iban_cost: float = 2.5
    """Cost of proposing IBAN."""
    courtesy_rate: float = 0.024
    """Share of eligible customers drawn for the courtesy-call trial in a month."""
    courtesy_share: float = 0.5
    """Share of them who are called."""
    courtesy_wake: float = 0.75
    """What waking a sleeping customer adds to the log-odds of leaving, at first."""
    courtesy_gain: float = 0.9
    """Satisfaction gained by a recently dissatisfied customer."""
    courtesy_gain_other: float = 0.1
    """Satisfaction gained by everyone else."""
    courtesy_cost: float = 4.0
    """Cost of a courtesy call."""
    resubscription_logit: float = -6.0
    """Log-odds that agents propose re-subscription to a customer without a sign of contentment."""
    resubscription_sees: Weights = (
        ("pleased_365d", 1.1),
        ("log_tenure", 1.1),
        ("iban", 1.0),
        ("contact_60d", -1.2),
        ("failed_180d", -1.0),
    )
    """What agents look at for it."""
    resubscription_accept: float = 0.85
    """Log-odds of accepting, at loyalty 0; nothing else follows from accepting."""
    resubscription_accept_loyalty: float = 0.5
    """What one unit of loyalty adds to them."""
    resubscription_cost: float = 5.0
    """Cost of a re-subscription offer."""
    choice_ceiling: float = 0.30
    """Largest monthly probability of being chosen for an action."""


PROPORTIONAL, ADDITIVE = "proportional", "additive"


@dataclass(frozen=True)
class ShapeSettings:
    """For whom actions work. With ``proportional`` nothing else here counts.

    The other kinds are those of :data:`.shapes.FACTORS`. They hold for retention offer, courtesy call, complaint
    recovery and skilled callback; a switch to IBAN is a switch in every world.
    """

    kind: str = PROPORTIONAL
    """Shape: proportional to the hazard, as the world is built, or one of ``FACTORS``."""
    factors: tuple[float, float] = (-0.6, 1.6)
    """What the strength is multiplied by for customers whom a shape harms, and for those whom it helps."""
    by_method: tuple[float, ...] = (0.0, 1.0, 2.5, 0.5)
    """What it is multiplied by with shape ``payment``, by method iban, card, cheque, wallet."""
    points: float = 0.015
    """What ``additive`` takes off the monthly hazard, of whoever has it; 12 times that off a yearly renewal's."""


@dataclass(frozen=True)
class TruthSettings:
    """How precisely the truth is computed."""

    horizon_months: int = 36
    """Billings, and months, after a decision that count."""
    replicates_step: int = 4
    """Replicates added at a time; even, so that two independent halves exist."""
    replicates_most: int = 40
    """Replicates after which the search for the wanted correlation ends; the last batch may pass it."""
    correlation: float = 0.90
    """Correlation of two independent halves of the individual truth at which replicates end."""


@dataclass(frozen=True)
class WorldConfig:
    """The whole world: everything that decides who stays, who pays what, and what actions do.

    ``hidden_confounding`` breaks the assumption of no unseen confounders on purpose.

    Parameters
    ----------
    months
        Months that are logged; the first begins on 2022-01-01 (UTC).
    hidden_confounding
        What one unit of latent loyalty adds to the log-odds of being chosen by agents. With 0 the choice
        rests on what the tables show, and nothing else.
    shape
        For whom actions work, see :class:`ShapeSettings`.
    win_back
        A campaign for customers whose subscription ended; None: there is none.
    """

    months: int = 30
    hidden_confounding: float = 0.0
    people: PeopleSettings = field(default_factory=PeopleSettings)
    contacts: ContactSettings = field(default_factory=ContactSettings)
    churn: ChurnSettings = field(default_factory=ChurnSettings)
    billing: BillingSettings = field(default_factory=BillingSettings)
    actions: ActionSettings = field(default_factory=ActionSettings)
    truth: TruthSettings = field(default_factory=TruthSettings)
    shape: ShapeSettings = field(default_factory=ShapeSettings)
    win_back: WinBackSettings | None = None
