"""The plan of an experiment as a file: what was agreed on before it began."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ...core.action_cost import ActionCost
from ...core.config.faults import sentence
from ...core.errors import ConfigError

__all__ = ["PlanFile", "PlannedLook", "read_plan"]


class PlannedLook(BaseModel):
    """One look at an experiment before its end.

    Parameters
    ----------
    month, on
        Months of decisions that it reads, and the day on which the follow-up of the last of them is over.
    customers, information
        Customers of both arms that it reads, and the share of the information that they hold.
    boundary, effect
        Standard errors (of the normal distribution), and money, by which the estimate has to be away from what is to
        be exceeded to end it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    month: int
    on: dt.date
    customers: int
    information: float
    boundary: float
    effect: float


class PlanFile(BaseModel):
    """An experiment before it is paid for; money in ``currency``, effects for one customer over ``horizon_months``.

    Parameters
    ----------
    business, action, currency, horizon_months, follow_up_days
        What it is about.
    when, then
        The hypothesis: when agents do this, our customers will do that.
    effect, cost
        Effect worth detecting, and what one contact costs.
    cost_rule
        Where that cost comes from; None: it was given by hand.
    prove
        ``effect``: that the effect is not 0; ``pays``: that it exceeds the cost.
    holdout, power, level
        Share held out, chance of showing the effect, and of showing one that is not there.
    assigned, agents, icc
        Whether customers or agents are assigned; number of agents and the correlation within them.
    spread, spread_left, wider
        Standard deviation of the outcome, whole and after adjusting for the features, and the factor on it for the
        error of the CLV model.
    measured_on
        Customers that the spread was measured on.
    eligible_now, eligible_monthly
        Customers who can get the action now, and how many more each month.
    customers, treated, control, months
        What it takes; ``customers`` None: no number shows the effect; ``months`` None: not within ten years.
    detectable_in_a_year
        The smallest effect that a year's volume shows.
    starts_on, enrolled_on, result_on
        First day, end of the decisions, and the day on which the last follow-up is over.
    looks
        The looks at it, where it is read every month; empty: one look, at the end.
    inflation
        Customers beside those of one look, as a factor; None with one look.
    expected_months, expected_months_without
        Months from the first decision to the end that are to be expected, if the effect is as assumed, and without.
    gain, spent, return_percent, return_low, return_high
        Expected of the treated if the effect is as assumed, with the interval that such a result would have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    business: str
    action: str
    currency: str
    horizon_months: int
    follow_up_days: int
    when: str
    then: str
    effect: float
    cost: float
    cost_rule: ActionCost | None = None
    prove: Literal["effect", "pays"]
    holdout: float
    power: float
    level: float
    assigned: Literal["customer", "agent"]
    agents: int | None
    icc: float
    spread: float
    spread_left: float
    wider: float
    measured_on: int
    eligible_now: int
    eligible_monthly: float
    customers: int | None
    treated: int
    control: int
    months: int | None
    detectable_in_a_year: float
    starts_on: dt.date
    enrolled_on: dt.date | None
    result_on: dt.date | None
    looks: tuple[PlannedLook, ...] = ()
    inflation: float | None = None
    expected_months: float | None = None
    expected_months_without: float | None = None
    gain: float
    spent: float
    return_percent: float
    return_low: float
    return_high: float


def read_plan(path: Path) -> PlanFile:
    """Read a plan.

    Raises
    ------
    ConfigError
        There is no such file, or it is no plan.
    """
    if not path.is_file():
        raise ConfigError(f"expected a plan that `servicelift plan --out` wrote, found no file '{path}'")
    try:
        return PlanFile.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        where = ""
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False)[0]
            where = f": {'.'.join(map(str, first['loc']))}: {sentence(first)}".replace(": : ", ": ")
        raise ConfigError(f"'{path}' is no plan{where}; take the JSON file that `servicelift plan` wrote") from error
