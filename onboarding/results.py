"""What is missing, and which results that costs: declared, table by table and column by column."""

from __future__ import annotations

from collections.abc import Mapping, Set

__all__ = ["missing_results"]

_TABLES = {
    "subscriptions": "no contracts: customers count as lost when they stop buying, and value comes from purchases"
    " alone",
    "payments": "no payments: value is the price of the terms, and nothing tells by which method or how late people"
    " pay",
    "contacts": "no contacts: no features of service, no reasons in words of service, no answered_within contrasts",
    "surveys": "no surveys: no features of satisfaction",
    "payment_methods": "no history of payment methods: a switch to direct debit is seen from payments alone",
    "actions": "no actions: no incremental value, no targets, no return on investment of a programme",
    "agents": "no agents: no contrast of trained agents, no record of teams",
    "initiatives": "no initiatives: actions cannot be summed up by initiative",
    "initiative_costs": "no costs of initiatives: the statement knows costs of actions only",
    "referrals": "no referrals: no features of who brought whom",
    "prospects": "no prospects: no features of how customers were won, and at what cost",
    "reviews": "no reviews: no features of what customers write in public",
    "agent_surveys": "no surveys of agents: no features of the engagement of the teams that serve",
    "interactions": "no self-service: no features of pages, bots and the app, nor of contacts after them",
    "fx": "no rates of exchange: money in another currency than the configuration's is an error",
}

_COLUMNS = {
    "subscriptions.ended_at": "subscriptions never end: no churn can be learnt",
    "subscriptions.end_reason": "lost by choice and lost by a failed payment cannot be told apart",
    "subscriptions.auto_renew": "no feature of renewal",
    "payments.status": "every payment counts as paid",
    "contacts.answered_at": "no waiting times",
    "contacts.closed_at": "no handling times, no resolution",
    "contacts.resolved": "no first-contact resolution",
    "contacts.reason": "no reasons of contacts",
    "actions.propensity": "trials count as drawn with one probability",
    "actions.cost": "actions cost what the configuration says",
}


def missing_results(there: Mapping[str, Set[str]]) -> tuple[str, ...]:
    """Return a line for each table, and each telling column, that is not there: what that costs.

    Parameters
    ----------
    there
        Columns that were recognised, by table of the contract.
    """
    tables = [f"{name}: {cost}" for name, cost in _TABLES.items() if name not in there]
    columns = []
    for key, cost in _COLUMNS.items():
        table, _, column = key.partition(".")
        if table in there and column not in there[table]:
            columns.append(f"{key}: {cost}")
    return (*tables, *columns)
