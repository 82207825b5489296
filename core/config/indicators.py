"""How the service indicators are counted, and what they are to reach: the section ``indicators:``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .section import Days, Section, Unit, Words

__all__ = ["AgentsConfig", "Dimension", "Formula", "IndicatorsConfig", "ServiceLevelConfig"]

Dimension = Literal["channel", "reason", "product", "segment", "team", "agent", "method"]
"""By what an indicator may be split."""

Formula = Literal["late_abandoned", "offered", "in_time", "answered", "opened"]
"""The formulas of the service level that are in use; they differ in the contacts that were abandoned."""


class ServiceLevelConfig(Section):
    """What counts as answered in time, and by which formula. With T the limit:

    `late_abandoned`: answered within T / (answered + abandoned after T); `offered`: answered within T / (answered +
    abandoned); `in_time`: (answered + abandoned, within T) / (answered + abandoned); `answered`: answered within T /
    answered; `opened`: answered within T / opened, which needs no `contacts.abandoned` and stands in where there is
    none.
    """

    seconds: Annotated[float, Field(gt=0, le=1e8), Unit("seconds")] = 20.0
    """The limit T: an answer within it is in time."""

    formula: Formula = "late_abandoned"
    """How abandoned contacts count; the name stands beside the figure."""


class AgentsConfig(Section):
    """Whether indicators of single agents are shown, and from how many rows on."""

    show: bool = False
    """Whether indicators may be split by agent at all."""

    least: Annotated[int, Field(ge=2, le=10**9), Unit("rows")] = 50
    """Fewest rows of an agent in a month that are shown; others are left out."""


class IndicatorsConfig(Section):
    """How service indicators are counted, by what they are split, and what they are to reach."""

    targets: Annotated[dict[str, float], Unit("the indicator's")] = Field(default_factory=dict)
    """What an indicator is to reach, by its name; shares as 0 to 1."""

    by: tuple[Dimension, ...] = ()
    """By what indicators are split if `--by` does not say."""

    segment: str | None = None
    """Column under `static` whose values are the segments; null: no split by segment."""

    csat_top: Annotated[float | None, Unit("score")] = None
    """Lowest score that counts as satisfied; null: three quarters up the scale, 4 on 1 to 5."""

    ces_version: Literal["1.0", "2.0"] = "2.0"
    """2.0 asks whether it was made easy, high is good; 1.0 asks for the effort, low is good."""

    ces_easy: Annotated[float | None, Unit("score")] = None
    """Score from which on it was easy (2.0), or up to which the effort was small (1.0); null: two thirds up the scale,
    5 on 1 to 7, or a quarter up, 2 on 1 to 5."""

    fcr_days: Days = 7
    """A contact that another one of the same customer follows within this time was not the last word."""

    unsolvable_reasons: Words = ()
    """Reasons that cannot be solved at once, left out of the net first-contact resolution."""

    service_level: ServiceLevelConfig = ServiceLevelConfig()

    self_service_channels: Words = ()
    """Channels of `contacts` in which customers serve themselves."""

    answer_days: Days = 14
    """A month of surveys and offers is known this long after its end: answers still come."""

    conversion_days: Days = 30
    """A month of prospects is known this long after its end."""

    review_days: Days = 30
    """A month of reviews is known this long after its end, where revisions count."""

    turnover_days: Days = 60
    """A month of agents is known this long after its end: who has no contact by the end of the data has left."""

    least: Annotated[int, Field(ge=1, le=10**9), Unit("rows")] = 10
    """Fewest rows of a group in a month that a value is given for."""

    agents: AgentsConfig = AgentsConfig()
