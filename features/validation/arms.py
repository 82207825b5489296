"""Arms and propensities that contradict each other: what makes a comparison of treated and held out worth nothing."""

from __future__ import annotations

import ibis
import pandas as pd

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ..contract.local_time import wall_clock
from ..expressions import Backend, BooleanValue, Rows
from .checks import example_keys
from .counts import rows_of
from .findings import Finding

__all__ = ["check_arms"]

_LEAST = 5
"""Rows of each arm from which on propensities that tell the arms apart are no chance."""


def check_arms(connection: Backend, config: Config, actions: Rows) -> list[Finding]:
    """Return warnings on the arms of the table ``actions``, in contract form.

    The recorded propensity is the chance of being treated, on both arms. Logs that keep the chance of the arm that was
    drawn tell the arms apart perfectly. A customer in both arms at once, or held out and treated soon after, is no
    control.
    """
    checks = [*_propensities(connection, actions), *_crossings(config, actions)]
    counts = rows_of(connection, {"all": actions} | {str(place): check[2] for place, check in enumerate(checks)})
    table, total = CONTRACT["actions"], counts["all"]
    return [
        Finding("warning", "actions", column, rule, n, example_keys(connection, table, rows), total, hint)
        for place, (column, rule, rows, hint) in enumerate(checks)
        if (n := counts[str(place)])
    ]


_Check = tuple[str, str, Rows, str]


def _propensities(connection: Backend, actions: Rows) -> list[_Check]:
    """Return the checks of the recorded propensities, action by action."""
    if "propensity" not in actions.columns:
        return []
    known = actions.filter(actions.propensity.notnull())
    arms = actions.group_by("action", "arm").aggregate(
        rows=actions.count(),
        known=actions.propensity.count(),
        least=actions.propensity.min(),
        most=actions.propensity.max(),
    )
    by_action = connection.execute(arms).set_index("arm").groupby("action")
    apart = [str(name) for name, rows in by_action if _tells_apart(rows)]
    one_sided = [str(name) for name, rows in by_action if len(rows) == 2 and (rows["known"] == 0).sum() == 1]
    certain = known.filter((known.propensity == 0) | (known.propensity == 1))
    checks: list[_Check] = []
    if apart:
        rule = f"tells the arms of {', '.join(apart)} apart perfectly"
        hint = "expected the chance of being treated on both arms, not that of the arm that was drawn"
        checks.append(("propensity", rule, known.filter(known.action.isin(apart)), hint))
    if one_sided:
        hint = "expected the chance of being treated on both arms"
        rule = f"on one arm only of {', '.join(one_sided)}"
        checks.append(("propensity", rule, known.filter(known.action.isin(one_sided)), hint))
    rule = "0 or 1: nobody could have been in the other arm"
    return [*checks, ("propensity", rule, certain, "such rows compare with nobody")]


def _tells_apart(arms: pd.DataFrame) -> bool:
    if set(arms.index) != {"treated", "control"} or (arms["known"] < _LEAST).any():
        return False
    treated, control = arms.loc["treated"], arms.loc["control"]
    return bool(treated["least"] > control["most"] or treated["most"] < control["least"])


def _crossings(config: Config, actions: Rows) -> list[_Check]:
    """Return the checks of customers who cross from one arm to the other, or get several actions a day."""
    soon = config.incremental.cool_down_days
    control = actions.filter(actions.arm == "control")
    treated = actions.filter(actions.arm == "treated").select(
        treated_customer="customer_id", treated_action="action", treated_at="decided_at"
    )
    same = [control.customer_id == treated.treated_customer, control.action == treated.treated_action]
    after = [treated.treated_at > control.decided_at, treated.treated_at <= _later(control, soon)]
    both = control.semi_join(treated, [*same, control.decided_at == treated.treated_at])
    crossed = control.semi_join(treated, [*same, *after])
    day = wall_clock(actions.decided_at, config.timezone).truncate("D")
    days = actions.filter(actions.arm == "treated").mutate(day=day)
    busy = days.group_by("customer_id", "day").aggregate(different=days.action.nunique())
    busy = busy.filter(busy.different > 1)
    several = days.semi_join(busy, ["customer_id", "day"])
    return [
        ("arm", "held out and treated by the same action at the same instant", both, "one of the two is wrong"),
        (
            "arm",
            f"held out and treated by the same action within {soon} days",
            crossed,
            "they are no controls of what follows; the effect shrinks",
        ),
        ("action", "several actions on one day", several, "their effects cannot be told apart"),
    ]


def _later(rows: Rows, days: int) -> BooleanValue:
    return rows.decided_at + ibis.interval(days=days)
