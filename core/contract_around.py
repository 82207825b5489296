"""Tables of the contract around the customer: where they came from, what they write in public, who serves them.

All of them are optional, and a business without them has the features that it had.
"""

from __future__ import annotations

from .contract_columns import CURRENCY, CUSTOMER, Column, Kind, Table, identifier, needed, optional

__all__ = ["AROUND"]

AROUND = (
    Table(
        "prospects",
        "one row for each person who might become a customer",
        ("prospect_id",),
        "created_at",
        (
            identifier("prospect_id", "the prospect"),
            needed("created_at", Kind.INSTANT, "first known as a prospect"),
            optional("channel", Kind.TEXT, "by which way they came"),
            Column(
                "converted_customer_id",
                Kind.ID,
                "the customer they became; null = none yet",
                optional=True,
                nullable=True,
                known="converted_at",
                references="customers",
            ),
            optional(
                "converted_at",
                Kind.INSTANT,
                "when they became one; without this column, the customer's sign-up",
                known="converted_at",
            ),
            optional("cost", Kind.MONEY, "what winning them cost"),
            CURRENCY,
        ),
    ),
    Table(
        "reviews",
        "one row for each public review",
        ("review_id",),
        "posted_at",
        (
            identifier("review_id", "the review"),
            identifier("customer_id", "who wrote it; null = not known", references="customers", optional=True),
            needed("platform", Kind.TEXT, "where it stands"),
            needed("posted_at", Kind.INSTANT, "when it was posted"),
            needed("rating", Kind.NUMBER, "the rating as first posted, on one scale for all platforms"),
            optional("asked", Kind.BOOL, "whether we had asked for it"),
            optional("answered_at", Kind.INSTANT, "when we answered it", known="answered_at"),
            optional("revised_at", Kind.INSTANT, "when the customer revised it", known="revised_at"),
            optional("revised_rating", Kind.NUMBER, "the rating after that", known="revised_at"),
        ),
    ),
    Table(
        "agent_surveys",
        "how engaged each team was in each month",
        ("team", "month"),
        "month",
        (
            needed("team", Kind.TEXT, "the team, as in agents or contacts"),
            needed("month", Kind.DATE, "any day of the month"),
            needed("engagement", Kind.NUMBER, "the team's engagement, on its own scale"),
            optional("respondents", Kind.INTEGER, "how many agents answered"),
            optional("enps", Kind.NUMBER, "the team's employee NPS, -100 to 100"),
        ),
        monthly=True,
    ),
    Table(
        "interactions",
        "one row for each time a customer served themselves, without an agent",
        (),
        "at",
        (
            CUSTOMER,
            needed("at", Kind.INSTANT, "when it began"),
            needed("kind", Kind.CODE, "on a page, with a bot or in the app", codes=("page", "bot", "app")),
            optional("solved", Kind.BOOL, "whether it was solved there and then, not judged by what followed"),
        ),
    ),
)
"""The tables, in the contract's order."""
