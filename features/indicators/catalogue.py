"""Every indicator there is: which a business's tables allow, and why others are absent."""

from __future__ import annotations

from .declare import Indicator, Lack, Source
from .groups.around import AGENTS, REVIEWS, SELF_SERVICE, TEAMS
from .groups.contacts import CONTACTS
from .groups.customers import ACTIVE, RUNNING, SPELLS
from .groups.sales import NEWCOMERS, OFFERS, PROSPECTS, SALES
from .groups.surveys import SURVEYS
from .scope import Scope

__all__ = ["INDICATORS", "SOURCES", "absent", "present"]

SOURCES: tuple[Source, ...] = (
    SURVEYS,
    CONTACTS,
    SELF_SERVICE,
    ACTIVE,
    SPELLS,
    RUNNING,
    SALES,
    OFFERS,
    PROSPECTS,
    NEWCOMERS,
    REVIEWS,
    TEAMS,
    AGENTS,
)
"""Where indicators come from, in the order in which they are shown."""

INDICATORS: dict[str, Indicator] = {each.name: each for source in SOURCES for each in source.indicators}
"""Every indicator by name."""


def present(scope: Scope) -> list[Indicator]:
    """Return the indicators that the business's tables allow."""
    return [each for each in INDICATORS.values() if each.lacks(scope) is None]


def absent(scope: Scope) -> dict[str, Lack]:
    """Return why each of the others is absent."""
    lacks = {name: each.lacks(scope) for name, each in INDICATORS.items()}
    return {name: lack for name, lack in lacks.items() if lack is not None}
