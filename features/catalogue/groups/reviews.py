"""Features of public reviews: what the customer wrote, whether we answered, and what they made of the answer."""

from __future__ import annotations

import ibis

from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import known_rows
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of, mean, thousandths, within

__all__ = ["REVIEWS"]


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known reviews; ``stands`` is the rating as it stood, ``order`` runs by posting, then key."""
    rows = known_rows(tables, "reviews")
    e = known_events(tables, keys, "reviews", rows=rows.filter(rows.customer_id.notnull()))
    revised = "revised_rating" in e.columns
    stands = ibis.coalesce(e.revised_rating, e.rating) if revised else e.rating
    return e.mutate(stands=stands, order=ibis.struct({"at": e.posted_at, "key": e.review_id}))


REVIEWS = Group("reviews", _rows)
_WHOSE = "reviews.customer_id"
_POSTED = (_WHOSE, "reviews.posted_at")
_RATED = (_WHOSE, "reviews.rating")


@REVIEWS.feature(unit="reviews", sources=_POSTED, known="posted_at", form=Form.COUNT, windows=(365,))
def reviews(e: Rows, days: int) -> Value:
    """Reviews that the customer posted in the window."""
    return e.count(where=within(e.posted_at_age, days))


@REVIEWS.feature(unit="rating", sources=_RATED, known="posted_at; a revised rating at revised_at")
def review_rating_last(e: Rows) -> Value:
    """Rating of the customer's last review, as it stood then."""
    return e.stands.argmax(e.order)


@REVIEWS.feature(unit="rating", sources=_RATED, known="posted_at; a revised rating at revised_at", windows=(365,))
def review_rating_mean(e: Rows, days: int) -> Value:
    """Mean rating of the reviews posted in the window, as they stood then."""
    return mean(thousandths(e.stands), 1000.0, within(e.posted_at_age, days))


@REVIEWS.feature(unit="1 or 0", sources=(_WHOSE, "reviews.answered_at"), known="posted_at, answered_at")
def review_answered_last(e: Rows) -> Value:
    """Whether we had answered the customer's last review; null without any."""
    return e.answered_at.notnull().cast("int64").argmax(e.order)


@REVIEWS.feature(
    unit="reviews",
    sources=(_WHOSE, "reviews.answered_at", "reviews.revised_at", "reviews.revised_rating"),
    known="revised_at",
    form=Form.COUNT,
    windows=(365,),
)
def reviews_revised_up(e: Rows, days: int) -> Value:
    """Reviews posted in the window whose rating the customer raised after our answer."""
    raised = (e.revised_rating > e.rating) & (e.answered_at < e.revised_at)
    return e.count(where=raised & within(e.posted_at_age, days))


@REVIEWS.feature(unit="reviews", sources=(_WHOSE, "reviews.asked"), known="posted_at", form=Form.COUNT, windows=(365,))
def reviews_unasked(e: Rows, days: int) -> Value:
    """Reviews posted in the window for which we had not asked."""
    return e.count(where=~e.asked & within(e.posted_at_age, days))


@REVIEWS.feature(unit="days", sources=_POSTED, known="posted_at")
def days_since_review(e: Rows) -> Value:
    """Days since the customer last posted a review."""
    return days_of(e.posted_at_age.min())
