"""Contradictions inside one row of the tables around the customer."""

from __future__ import annotations

from .row_rule import RowRule, negative, order, without

__all__ = ["AROUND_RULES"]

_FEWEST_RESPONDENTS = 5
_LEFT_OUT = "features leave it out"

AROUND_RULES: dict[str, tuple[RowRule, ...]] = {
    "prospects": (
        order("converted_at", "created_at", "a customer before a prospect"),
        without("converted_at", "converted_customer_id", "converted, but into no customer"),
        without("converted_customer_id", "converted_at", "a customer, but not since when", _LEFT_OUT),
        negative("cost"),
    ),
    "reviews": (
        order("answered_at", "posted_at", "answered before it was posted"),
        order("revised_at", "posted_at", "revised before it was posted"),
        without("revised_rating", "revised_at", "revised, but not when", _LEFT_OUT),
        without("revised_at", "revised_rating", "revised without a rating"),
        negative("rating"),
        negative("revised_rating"),
    ),
    "agent_surveys": (
        RowRule(
            "warning",
            "respondents",
            f"fewer than {_FEWEST_RESPONDENTS} respondents",
            ("respondents",),
            lambda t: t.respondents < _FEWEST_RESPONDENTS,
            "what single agents answered may show; join small teams",
        ),
    ),
}
"""By table, as the other tables' are in :mod:`.rules`."""
