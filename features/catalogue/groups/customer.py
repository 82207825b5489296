"""Features of the customer: tenure, and the columns that the config lists under ``static``."""

from __future__ import annotations

from ....core.config.business import Config
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of

__all__ = ["CUSTOMER"]


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return the customer's own row, once signed up."""
    return known_events(tables, keys, "customers")


def _static(config: Config) -> tuple[str, ...]:
    """Return the static columns that are no feature of their own already."""
    return tuple(column for column in config.static if column != acquisition_cost.__name__)


CUSTOMER = Group("customer", _rows)


@CUSTOMER.feature(unit="days", sources=("customers.signed_up_at",), known="signed_up_at")
def tenure_days(e: Rows) -> Value:
    """Days since the customer signed up."""
    return days_of(e.signed_up_at_age.max())


@CUSTOMER.feature(unit="currency", sources=("customers.acquisition_cost",), known="signed_up_at")
def acquisition_cost(e: Rows) -> Value:
    """What winning the customer cost."""
    return e.acquisition_cost.max()


@CUSTOMER.feature(
    name="{column}",
    unit="as in the table",
    sources=("customers.{column}",),
    known="signed_up_at",
    form=Form.STATIC,
    items=_static,
)
def static(e: Rows, item: str) -> Value:
    """The column {column} of customers, as it is."""
    value = e[item]
    return (value.cast("int64") if value.type().is_boolean() else value).max()
