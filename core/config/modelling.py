"""The sections on what is learnt: snapshots, features, churn, value, survey scales, sizes of fits, the leakage gate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ..contract import CONTRACT
from .section import Count, Day, Days, Money, Months, Section, Share, Unit, Words, repeated

__all__ = [
    "CampaignConfig",
    "ChurnConfig",
    "FeaturesConfig",
    "LeakageConfig",
    "ModelsConfig",
    "Scales",
    "SnapshotsConfig",
    "TuningConfig",
    "ValueConfig",
]


class SnapshotsConfig(Section):
    """Instants at which training looks at the customers."""

    first: Day | None = None
    """The first one; by default the first month start 90 days after payments, contacts and surveys have begun."""

    last: Day | None = None
    """None lies after it; by default the end of the data."""

    every_months: Months = 1
    """Calendar months from one to the next."""

    @model_validator(mode="after")
    def _first_before_last(self) -> SnapshotsConfig:
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"expected first no later than last, got {self.first} and {self.last}; swap them")
        return self


class FeaturesConfig(Section):
    """Which features are made beside those that every business gets."""

    windows_days: Annotated[tuple[Days, ...], Unit("days")] = (30, 90, 365)
    """Look-back windows: a feature over windows has one column for each."""

    channels: Words = ()
    """Channels whose contacts are counted apart, as they stand in `contacts.channel`."""

    reasons: Words = ()
    """Reasons whose contacts are counted apart, as they stand in `contacts.reason`."""

    max_levels: Annotated[int, Field(ge=2, le=1_000_000), Unit("texts")] = 1_000
    """Most different texts of a column under `static`; models keep each of them."""

    without: Words = ()
    """Tables of the contract that models learn nothing from, such as `reviews`; indicators and statements read them."""

    @field_validator("without")
    @classmethod
    def _tables_that_may_be_missing(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        optional = sorted(name for name, table in CONTRACT.items() if not table.required)
        for name in value:
            if name not in optional:
                raise ValueError(f"expected some of {', '.join(optional)}, got '{name}'; correct it")
        return value

    @field_validator("windows_days")
    @classmethod
    def _windows_stand_once(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        twice = repeated(value)
        if twice is not None:
            raise ValueError(f"expected each window once, got {twice} twice; keep one")
        return value


class TuningConfig(Section):
    """A search for the settings of the churn model's trees."""

    trials: Annotated[Count, Unit("fits")] = 0
    """Most settings tried; 0: no search."""

    seconds: Annotated[float | None, Field(gt=0, le=1e9), Unit("seconds")] = None
    """No trial begins later than this; null: only `trials` bounds the search."""

    file: str | None = Field("tuning.db", min_length=1)
    """File that keeps the trials, from the config's folder, so that a search that was ended goes on; null: none."""

    @field_validator("file")
    @classmethod
    def _no_address(cls, value: str | None) -> str | None:
        if value is not None and "://" in value:
            raise ValueError("expected a path to a file, such as tuning.db, or null; an address is not taken")
        return value


class CampaignConfig(Section):
    """The retention campaign that the profit measures of the churn model assume."""

    clv: Annotated[float, Field(gt=0, le=1e12), Unit("money")] = 200.0
    """Value of a customer who is kept."""

    incentive_cost: Money = 10.0
    """What a customer who accepts the offer costs."""

    contact_cost: Money = 1.0
    """What contacting a customer costs."""

    accept_rate: Annotated[float, Field(gt=0, lt=1), Unit("share, 0 to 1")] = 0.3
    """Share of leavers who accept and stay."""


class ChurnConfig(Section):
    """What churn is, and how its model learns and is judged."""

    horizon_days: Days = 90
    """Churn is the end of the last running subscription within this time after the snapshot."""

    grace_days: Annotated[int, Field(ge=0, le=36_525), Unit("days")] = 30
    """A subscription that begins within this time after the end of the last one continues it: nobody was lost."""

    model: Literal["auto", "trees", "logistic"] = "auto"
    """Boosted trees or logistic regression; `auto` takes the trees where they are better beyond noise."""

    monotone: dict[str, Literal[1, -1]] = Field(default_factory=dict)
    """Features that may only raise (1) or only lower (-1) the risk."""

    segments: Words = ("method", "term_months")
    """Features by whose values the model is judged apart."""

    campaign: CampaignConfig = CampaignConfig()
    tuning: TuningConfig = TuningConfig()


class ValueConfig(Section):
    """What a payment is worth, and over which horizon."""

    margin_rate: Annotated[float, Field(gt=0, le=1), Unit("share, 0 to 1")] = 1.0
    """Share of a payment that is left after the cost of the product."""

    annual_discount_rate: Annotated[float, Field(ge=0, le=10), Unit("share a year")] = 0.10
    """Value a year later counts 1 / (1 + rate); 0.10 is ten per cent."""

    horizon_months: Annotated[int, Field(gt=0, le=600), Unit("months")] = 36
    """Horizon of customer lifetime value."""

    cost_per_contact: Money = 0.0
    """Cost of a contact, where `contacts.cost` is not given."""


class Scales(Section):
    """Lowest and highest answer of each survey metric."""

    csat: Annotated[tuple[float, float], Unit("points")] = (1, 5)
    """Satisfaction."""

    nps: Annotated[tuple[float, float], Unit("points")] = (0, 10)
    """Likelihood to recommend."""

    ces: Annotated[tuple[float, float], Unit("points")] = (1, 7)
    """Effort; high is easy."""

    @field_validator("csat", "nps", "ces")
    @classmethod
    def _low_below_high(cls, value: tuple[float, float]) -> tuple[float, float]:
        low, high = value
        if low >= high:
            raise ValueError(f"expected the lowest answer before the highest, got [{low:g}, {high:g}]; such as [1, 5]")
        return value


class ModelsConfig(Section):
    """Sizes of the fits."""

    max_rows: Annotated[int, Field(ge=1_000, le=10**12), Unit("rows")] = 400_000
    """Most rows a model learns from; beyond, whole customers are left out at random. A decision on an action counts for
    five rows."""

    explain_share: Share = 0.1
    """Share of the scored customers, riskiest first, who get reasons."""


class LeakageConfig(Section):
    """When a feature knows too much for training to go on, and which features may all the same."""

    max_auc: Annotated[float, Field(gt=0.5, le=1), Unit("AUC")] = 0.95
    """How well one feature alone may tell the customers who leave from the others, whichever its direction."""

    max_model_auc: Annotated[float, Field(gt=0.5, le=1), Unit("AUC")] = 0.97
    """How well the churn model as a whole may rank the customers who leave on held-out rows."""

    min_churners: Annotated[int, Field(ge=10, le=10**12), Unit("customers")] = 30
    """Fewest leavers on which a feature is judged."""

    max_share: Annotated[float, Field(gt=0, le=1), Unit("share, 0 to 1")] = 0.95
    """Largest share of leavers among the customers with one value of a static column."""

    max_late_share: Share = 0.01
    """Largest share of customers whose static date lies after the first look at them."""

    allow: dict[str, Annotated[str, Field(min_length=8)]] = Field(default_factory=dict)
    """Features let through, each with its reason, which is logged."""
