"""The table contract, declared once as data.

Validation, column and code mapping, known-time masking and the documentation page of the tables all come
from :data:`CONTRACT`. ``known`` names the column from whose instant on a value may be used: a feature at
``as_of`` sees a value only if that instant lies strictly before ``as_of``.
"""

from __future__ import annotations

from .contract_around import AROUND
from .contract_columns import CURRENCY as _CURRENCY
from .contract_columns import CUSTOMER as _CUSTOMER
from .contract_columns import RECORDED_AT, Column, Kind, Table
from .contract_columns import identifier as _id
from .contract_columns import needed as _needed
from .contract_columns import optional as _maybe

__all__ = ["CONTRACT", "METHODS", "RECORDED_AT", "Column", "Kind", "Table"]


def _pause(name: str, meaning: str) -> Column:
    return Column(name, Kind.INSTANT, meaning, optional=True, nullable=True, known=name, planned=True)


METHODS = ("iban", "card", "cheque", "wallet", "other")
"""Payment methods: IBAN direct debit, card, cheque, wallet, other."""

_TABLES = (
    Table(
        "customers",
        "one row for each customer",
        ("customer_id",),
        "signed_up_at",
        (
            _id("customer_id", "the customer"),
            _needed("signed_up_at", Kind.INSTANT, "first became a customer"),
            _maybe("acquisition_channel", Kind.TEXT, "how the customer was won"),
            _maybe("acquisition_cost", Kind.MONEY, "what winning the customer cost"),
            _maybe("contactable", Kind.BOOL, "false: never a target"),
        ),
        required=True,
    ),
    Table(
        "subscriptions",
        "one row for each contract; a change of product, price or term is a new row naming the previous one",
        ("subscription_id",),
        "started_at",
        (
            _id("subscription_id", "the subscription"),
            _CUSTOMER,
            _needed("product", Kind.TEXT, "what is subscribed to"),
            _needed("started_at", Kind.INSTANT, "start of the first term, or of the trial before it"),
            Column("ended_at", Kind.INSTANT, "end; null = running", True, True, known="ended_at", planned=True),
            Column("term_months", Kind.INTEGER, "length of one term in months", instead="term_days"),
            _maybe("term_days", Kind.INTEGER, "length of one term in days, instead of months: 7 a week"),
            _needed("price", Kind.MONEY, "price of one term"),
            _CURRENCY,
            _maybe("auto_renew", Kind.BOOL, "renews by itself; static only"),
            _maybe(
                "cancel_requested_at",
                Kind.INSTANT,
                "cancellation asked for",
                known="cancel_requested_at",
            ),
            _maybe(
                "cancel_withdrawn_at",
                Kind.INSTANT,
                "cancellation taken back",
                known="cancel_withdrawn_at",
            ),
            _maybe(
                "end_reason",
                Kind.CODE,
                "why it ended",
                codes=("voluntary", "payment_failure", "other"),
                known="ended_at",
            ),
            _id("previous_subscription_id", "the row this one continues", optional=True),
            Column(
                "trial_until",
                Kind.INSTANT,
                "end of a free trial, as it was agreed at the start; the first term begins then",
                True,
                True,
                planned=True,
            ),
            _pause("paused_from", "start of its latest pause, in which it earns nothing and is not lost"),
            _pause("paused_until", "when the pause was over; null = still paused"),
        ),
    ),
    Table(
        "payments",
        "one row for each payment, tried or made",
        ("payment_id",),
        "paid_at",
        (
            _id("payment_id", "the payment"),
            _CUSTOMER,
            _needed("paid_at", Kind.INSTANT, "when it was paid, or tried"),
            _needed("amount", Kind.MONEY, "amount; refunds are negative"),
            _CURRENCY,
            _needed("method", Kind.CODE, "payment method", codes=METHODS),
            _maybe(
                "status",
                Kind.CODE,
                "paid unless it failed; if failed_at is later, paid until then",
                codes=("paid", "failed"),
            ),
            _maybe(
                "kind",
                Kind.CODE,
                "what was paid for",
                codes=("renewal", "upsell", "cross_sell", "one_off", "refund"),
            ),
            Column(
                "failed_at",
                Kind.INSTANT,
                "when it failed or came back, if later than paid_at: until then it counts as made",
                True,
                True,
                known="failed_at",
                also=("charged_back_at",),
            ),
            Column(
                "refunded_amount",
                Kind.MONEY,
                "what was given back of it later, not negative",
                True,
                True,
                known="refunded_at",
                rate_day="refunded_at",
            ),
            _maybe("refunded_at", Kind.INSTANT, "when that was given back", known="refunded_at"),
            _id("subscription_id", "the subscription paid for", references="subscriptions", optional=True),
        ),
    ),
    Table(
        "payment_methods",
        "which method a customer uses from when on",
        ("customer_id", "valid_from"),
        "valid_from",
        (
            _CUSTOMER,
            _needed("valid_from", Kind.INSTANT, "in use from this instant on"),
            _needed("method", Kind.CODE, "payment method", codes=METHODS),
            _maybe("expires_on", Kind.DATE, "when the card expires"),
        ),
    ),
    Table(
        "contacts",
        "one row for each contact with customer service",
        ("contact_id",),
        "opened_at",
        (
            _id("contact_id", "the contact"),
            _CUSTOMER,
            _needed("opened_at", Kind.INSTANT, "when it began"),
            _maybe("answered_at", Kind.INSTANT, "first answer", known="answered_at"),
            _maybe("closed_at", Kind.INSTANT, "when it was closed", known="closed_at"),
            _needed("channel", Kind.TEXT, "phone, mail, chat, ..."),
            _maybe("reason", Kind.TEXT, "what it was about"),
            _maybe("direction", Kind.CODE, "who began it", codes=("inbound", "outbound")),
            _id("agent_id", "the agent", references="agents", optional=True),
            _maybe("team", Kind.TEXT, "the team that served it; where it is missing, the agent's"),
            _maybe("handle_seconds", Kind.NUMBER, "handling time in seconds", known="closed_at"),
            _maybe("resolved", Kind.BOOL, "whether it was solved", known="closed_at"),
            _maybe("is_complaint", Kind.BOOL, "whether it was a complaint"),
            _maybe("abandoned", Kind.BOOL, "whether the customer gave up, at closed_at, unanswered", known="closed_at"),
            _maybe("cost", Kind.MONEY, "what it cost", known="closed_at"),
            _CURRENCY,
        ),
    ),
    Table(
        "surveys",
        "one row for each survey sent, or answered",
        ("survey_id",),
        "sent_at",
        (
            _id("survey_id", "the survey"),
            _CUSTOMER,
            _maybe("sent_at", Kind.INSTANT, "when it was sent; without it a row is known at its answer"),
            Column(
                "responded_at",
                Kind.INSTANT,
                "when it was answered; null = no answer",
                nullable=True,
                known="responded_at",
            ),
            _needed("metric", Kind.CODE, "which scale", codes=("csat", "nps", "ces")),
            Column("score", Kind.NUMBER, "the answer, on its own scale", nullable=True, known="responded_at"),
            _id("contact_id", "the contact asked about", references="contacts", optional=True),
        ),
    ),
    Table(
        "actions",
        "one row for each service action decided on a customer, carried out or held out",
        ("action_id",),
        "decided_at",
        (
            _id("action_id", "the decision"),
            _CUSTOMER,
            _needed("action", Kind.TEXT, "which action"),
            _needed("decided_at", Kind.INSTANT, "when it was decided"),
            _needed(
                "arm",
                Kind.CODE,
                "treated, or control: deliberately held out at random",
                codes=("treated", "control"),
            ),
            _maybe("propensity", Kind.NUMBER, "probability of being treated at that decision, on both arms"),
            _maybe("segment", Kind.TEXT, "stratum of the draw, within which everybody had the same chance"),
            _maybe("cost", Kind.MONEY, "what the action cost"),
            _CURRENCY,
            _maybe("accepted", Kind.BOOL, "whether the customer accepted", known="accepted_at"),
            _maybe("accepted_at", Kind.INSTANT, "when the customer accepted", known="accepted_at"),
            _id("contact_id", "the contact in which it was offered", references="contacts", optional=True),
            _id("agent_id", "the agent who offered it", references="agents", optional=True),
            _id("initiative", "the initiative it belongs to", references="initiatives", optional=True),
        ),
    ),
    Table(
        "agents",
        "one row for each agent",
        ("agent_id",),
        None,
        (
            _id("agent_id", "the agent"),
            _maybe("team", Kind.TEXT, "the agent's team"),
            _maybe("trained_at", Kind.INSTANT, "when the agent was trained", known="trained_at"),
            _id("initiative", "the initiative that trained the agent", optional=True),
        ),
    ),
    Table(
        "initiatives",
        "what service leaders started: when agents do this, customers will do that",
        ("initiative",),
        "started_on",
        (
            _id("initiative", "the initiative"),
            _needed("name", Kind.TEXT, "its name"),
            _needed("when", Kind.TEXT, "the agents' behaviour"),
            _needed("then", Kind.TEXT, "the customers' behaviour hoped for"),
            _needed("started_on", Kind.DATE, "first day"),
            Column("ended_on", Kind.DATE, "last day; null = running", nullable=True),
        ),
    ),
    Table(
        "initiative_costs",
        "what an initiative cost, item by item",
        (),
        "incurred_on",
        (
            _id("initiative", "the initiative", references="initiatives"),
            _needed(
                "item",
                Kind.CODE,
                "what the money went to",
                codes=("salaries", "tools", "training", "licences", "integration", "maintenance", "other"),
            ),
            _needed("amount", Kind.MONEY, "how much"),
            _CURRENCY,
            _needed("incurred_on", Kind.DATE, "when"),
        ),
    ),
    Table(
        "referrals",
        "who brought whom",
        (),
        "referred_at",
        (
            _id("referrer_id", "the customer who referred", references="customers"),
            _id("referred_id", "the customer who came", references="customers"),
            _needed("referred_at", Kind.INSTANT, "when"),
        ),
    ),
    Table(
        "fx",
        "rates of exchange: amounts in other currencies are converted at the last rate on or before their local day",
        ("currency", "at"),
        "at",
        (
            _needed("currency", Kind.TEXT, "the other currency, as the tables of money name it"),
            _needed("at", Kind.DATE, "first day of the rate"),
            _needed("rate", Kind.NUMBER, "what one unit of it is worth in the config's currency"),
        ),
    ),
)

CONTRACT: dict[str, Table] = {table.name: table for table in (*_TABLES, *AROUND)}
"""Every table of the contract by name."""
