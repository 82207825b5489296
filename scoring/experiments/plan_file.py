"""The plan of an experiment as a file: what was agreed on before it began, and its words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from ...core.action_cost import ActionCost
from ...core.config.faults import sentence
from ...core.errors import ConfigError
from ...core.locale import Locale

__all__ = ["PlanFile", "read_plan"]


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
    gain: float
    spent: float
    return_percent: float
    return_low: float
    return_high: float

    def lines(self) -> list[str]:
        """Return the plan in words, one statement a line."""
        named = self.action.replace("_", " ")
        wanted = f"an effect of {self._money(self.effect)} a customer over {self.horizon_months} months"
        if self.prove == "pays":
            wanted += f", shown to exceed its cost of {self._money(self.cost)}"
        lines = [
            f"{named}: when {self.when}, our customers will {self.then}",
            f"worth detecting: {wanted}; power {self.power:.0%}, level {self.level:.0%}",
            f"value of a customer spreads by {self._money(self.spread)} (standard deviation), by"
            f" {self._money(self.spread_left)} after adjusting for what is known, measured on"
            f" {self.measured_on:,} eligible customers; taken {self.wider:g} times as wide for the error of the CLV"
            " model",
        ]
        if self.agents is not None:
            lines.append(f"assigned by agent: {self.agents} agents, correlation within an agent {self.icc:.3f}")
        return [*lines, *self._size(), self._year()]

    def _size(self) -> list[str]:
        """Return what it takes and what it is expected to bring."""
        if self.customers is None:
            return [f"no number of customers shows this effect with {self.agents} agents; take more agents"]
        said = f"needed: {self.customers:,} customers, {self.treated:,} contacted and {self.control:,} held out"
        said += f" ({self.holdout:.0%})"
        volume = f"{self.eligible_now:,} can get it now and {self.eligible_monthly:,.0f} more each month"
        if self.months is None:
            return [said, f"duration: more than ten years, as {volume}; plan for a larger effect or a wider rule"]
        return [
            said,
            f"duration: {self.months} month{'s' * (self.months > 1)} of decisions from {self.starts_on}, as {volume};"
            f" the last follow-up of {self.follow_up_days} days is over on {self.result_on}",
            f"cost {self._money(self.spent)} ({self._unit_cost()}); expected gain"
            f" {self._money(self.gain)}; return {self.return_percent:,.0f}%, and a result as expected would read"
            f" {self.return_low:,.0f}% to {self.return_high:,.0f}%",
        ]

    def _year(self) -> str:
        return f"a year's volume shows effects from {self._money(self.detectable_in_a_year)}"

    def _unit_cost(self) -> str:
        if self.cost_rule is None:
            return f"{self._money(self.cost)} a contact"
        return self.cost_rule.words(Locale(currency=self.currency))

    def _money(self, amount: float) -> str:
        return f"{amount:,.2f} {self.currency}"

    def page(self) -> str:
        """Return the plan as Markdown."""
        items = "\n".join(f"- {line}" for line in self.lines()[1:])
        return (
            f"# Plan: {self.action.replace('_', ' ')} ({self.business})\n\n"
            f"> When {self.when}, our customers will {self.then}.\n\n{items}\n\n"
            "Hold customers out by the lists of `servicelift targets`, or at random with the propensity recorded, and"
            " load both\narms into the table of actions. `servicelift plan CONFIG --read` this plan's JSON file tells"
            " planned against observed.\n"
        )

    @property
    def since(self) -> pd.Timestamp:
        """First instant of the experiment."""
        return pd.Timestamp(self.starts_on)


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
