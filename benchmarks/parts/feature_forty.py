"""Forty point-in-time features that every contender of `feature_speed.py` computes, and the columns they need; those
that the whole catalogue needs.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

AS_OF = pd.Timestamp("2024-06-01")
WINDOWS = (30, 90, 365)

CONTACTS = (
    "contacts",
    "complaints",
    "contacts_unresolved",
    "hours_to_answer_mean",
    "hours_to_close_mean",
    "contact_cost",
)
PAYMENTS = ("payments", "amount_paid", "payments_failed")
SURVEYS = ("csat_mean", "nps_mean", "surveys_sent")
FORTY = [
    *(f"{name}_{w}d" for name in (*CONTACTS, *PAYMENTS, *SURVEYS) for w in WINDOWS),
    *("days_since_contact", "contacts_open", "days_since_failed_payment", "days_since_survey_answer"),
]
COLUMNS = {
    "contacts": ["customer_id", "opened_at", "answered_at", "closed_at", "resolved", "is_complaint", "cost"],
    "payments": ["customer_id", "paid_at", "amount", "status"],
    "surveys": ["customer_id", "sent_at", "responded_at", "metric", "score"],
}
CATALOGUE = {
    "customers": ["customer_id", "signed_up_at"],
    "contacts": [
        *COLUMNS["contacts"],
        *("contact_id", "channel", "reason", "direction", "agent_id", "handle_seconds"),
    ],
    "payments": [*COLUMNS["payments"], "payment_id", "method", "kind"],
    "surveys": COLUMNS["surveys"],
}
"""Columns of this business that the whole catalogue reads."""
Clock = Callable[[str], None]
