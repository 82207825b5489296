"""Which purchase a refund gives back: what is left of each purchase, as it was known at any instant.

A refund that is a row of its own names no purchase. It takes back the last earlier payment of its customer of exactly
its amount; where there is none, the last payments before it, one after another, until it is used up. What is more than
all of them gives back no purchase that the tables hold. It stays with its kind of payment and its subscription where
it names them. Rows are met in the order in which they became known, so that no later row changes an earlier share.
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import ibis
import pyarrow as pa

from ..contract.exchange import ORIGINAL_AMOUNT, ORIGINAL_CURRENCY, ORIGINAL_REFUNDED
from ..expressions import Rows, Value
from ..tables.tables import Tables
from .known import KNOWN_AT, known_rows

__all__ = ["has_refunds", "is_refund", "refund_shares"]

_MONEY = pa.decimal128(18, 4)
_CENT = Decimal("0.0001")
_AT_ONCE = 8_192
"""Rows of payments that become Python's at once."""
_MADE, _FAILED, _PART, _REFUND, _UNDONE = range(5)
"""What happens to a payment, in the order in which it is told at one instant."""


def is_refund(payments: Rows) -> Value:
    """Return whether each payment gives money back: a negative amount, or of kind refund."""
    negative = payments.amount < 0
    if "kind" not in payments.columns:
        return negative
    return negative | (payments.kind == "refund").fill_null(False)


def has_refunds(tables: Tables) -> bool:
    """Return whether the payments can tell refunds: a refund is among them, or a column says what was given back."""
    if not tables.has("payments"):
        return False
    return tables.has("payments", "refunded_amount") or not _no_refund(tables)


def _no_refund(tables: Tables) -> bool:
    rows = tables["payments"]
    return tables.execute(rows.filter(is_refund(rows)).limit(1).select("payment_id")).empty


def refund_shares(tables: Tables) -> Rows | None:
    """Return what each refund of its own gave back of which payment, None where there are no such refunds.

    Returns
    -------
    ibis table
        ``refund`` and ``payment`` (keys of payments), ``given`` (money of the payment) and ``taken`` (the same in
        money of the refund's day, above 0), ``given_at`` (instant from which it is known) and ``undone_at`` (instant
        at which the refund turned out to have failed, or null).
    """
    if _no_refund(tables):
        return None
    return tables.once("refund_shares", lambda: ibis.memtable(_shares(tables)))


@dataclass
class _Purchase:
    """A payment made, in money of the day on which it was paid, and what is left of it."""

    key: Any
    paid_at: dt.datetime
    amount: Decimal
    original: Decimal
    likeness: tuple[Any, ...]
    left: Decimal
    failed: bool = False

    def given_until(self, left: Decimal) -> Decimal:
        """Return what was given back of it when so much of ``original`` was left, in money of its day."""
        return (self.amount * (self.original - left) / self.original).quantize(_CENT)


@dataclass
class _Share:
    """Part of a refund that gives back part of a purchase.

    ``part`` is in the currency in which both were paid, ``given`` in money of the payment, ``taken`` of the refund.
    """

    refund: Any
    purchase: _Purchase
    part: Decimal
    given: Decimal
    taken: Decimal
    given_at: dt.datetime
    undone_at: dt.datetime | None = None


@dataclass
class _Customer:
    """One customer's purchases and shares, as they come."""

    purchases: list[_Purchase] = field(default_factory=list)
    shares: list[_Share] = field(default_factory=list)

    def meet(self, kind: int, at: dt.datetime, row: dict[str, Any]) -> None:
        """Take what became known at an instant."""
        if kind == _MADE:
            original = _original(row, ORIGINAL_AMOUNT, "amount")
            made = _Purchase(row["payment_id"], row["paid_at"], row["amount"], original, _likeness(row), original)
            insort(self.purchases, made, key=lambda each: each.paid_at)
        elif kind == _REFUND:
            self._give_back(at, row)
        elif kind == _UNDONE:
            self._undo(at, row["payment_id"])
        else:
            (own,) = (each for each in self.purchases if each.key == row["payment_id"])
            own.failed |= kind == _FAILED
            if kind == _PART:
                own.left = max(own.left - _original(row, ORIGINAL_REFUNDED, "refunded_amount"), Decimal(0))

    def _undo(self, at: dt.datetime, refund: Any) -> None:
        for share in self.shares:
            if share.refund == refund:
                share.purchase.left += share.part
                share.undone_at = at

    def _give_back(self, at: dt.datetime, row: dict[str, Any]) -> None:
        rest = original = abs(_original(row, ORIGINAL_AMOUNT, "amount"))
        fits = [each for each in reversed(self.purchases) if _fits(each, row)]
        same = [each for each in fits if each.left == rest]
        for purchase in same[:1] or fits:
            part = min(rest, purchase.left)
            if part > 0:
                given = purchase.given_until(purchase.left - part) - purchase.given_until(purchase.left)
                taken = (abs(row["amount"]) * part / original).quantize(_CENT)
                purchase.left -= part
                rest -= part
                self.shares.append(_Share(row["payment_id"], purchase, part, given, taken, at))


def _fits(purchase: _Purchase, refund: dict[str, Any]) -> bool:
    """Return whether a refund may be of a purchase."""
    there = not purchase.failed and purchase.left > 0 and purchase.paid_at <= refund["paid_at"]
    return there and _alike(purchase.likeness, _likeness(refund))


def _shares(tables: Tables) -> pa.Table:
    rows = known_rows(tables, "payments")
    if "status" in rows.columns:
        rows = rows.filter(rows.status.fill_null("paid") != "failed")
    refund = is_refund(rows)
    rows = rows.mutate(refund=refund)
    last = rows.filter(rows.refund).group_by("customer_id").aggregate(last=lambda refunds: refunds[KNOWN_AT].max())
    rows = rows.inner_join(last, "customer_id")
    rows = rows.filter(rows[KNOWN_AT] <= rows["last"])  # What becomes known after the last refund shares in none.
    columns = ("failed_at", "refunded_amount", "refunded_at", "kind", "subscription_id")
    kept = [name for name in (*columns, ORIGINAL_AMOUNT, ORIGINAL_REFUNDED, ORIGINAL_CURRENCY) if name in rows.columns]
    rows = rows.select("payment_id", "customer_id", "paid_at", "amount", "refund", KNOWN_AT, *kept)
    found = tables.arrow(rows.order_by("customer_id", KNOWN_AT, "payment_id"))
    every: list[_Share] = []
    # Rows of Python take far more memory than Arrow's: some thousands at a time.
    each = chain.from_iterable(batch.to_pylist() for batch in found.to_batches(_AT_ONCE))
    for _, own in groupby(each, key=itemgetter("customer_id")):
        customer = _Customer()
        for at, kind, _, row in _events(own):
            customer.meet(kind, at, row)
        every += customer.shares
    return _table(every, found.schema.field("payment_id").type)


def _events(rows: Iterable[dict[str, Any]]) -> list[tuple[Any, int, int, dict[str, Any]]]:
    """Return what became known of one customer's payments, in that order."""
    return sorted(_happened(rows), key=itemgetter(0, 1, 2))


def _happened(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, int, int, dict[str, Any]]]:
    for place, row in enumerate(rows):
        known, failed, part = row[KNOWN_AT], row.get("failed_at"), row.get("refunded_at")
        yield known, _REFUND if row["refund"] else _MADE, place, row
        if failed is not None:
            yield max(known, failed), _UNDONE if row["refund"] else _FAILED, place, row
        if part is not None and row.get("refunded_amount") is not None and not row["refund"]:
            yield max(known, part), _PART, place, row


def _original(row: dict[str, Any], original: str, converted: str) -> Decimal:
    """Return money in the currency in which it was paid."""
    money: Decimal = row[converted] if row.get(original) is None else row[original]
    return money


def _likeness(row: dict[str, Any]) -> tuple[Any, ...]:
    kind = row.get("kind")
    return row.get(ORIGINAL_CURRENCY), None if kind == "refund" else kind, row.get("subscription_id")


def _alike(purchase: tuple[Any, ...], refund: tuple[Any, ...]) -> bool:
    """Return whether a refund may be of a purchase: same currency, and what it names beside that."""
    pairs = list(zip(purchase, refund, strict=True))
    return pairs[0][0] == pairs[0][1] and all(theirs is None or theirs == own for own, theirs in pairs[1:])


def _table(shares: list[_Share], key: pa.DataType) -> pa.Table:
    micros = pa.timestamp("us")
    return pa.table(
        {
            "refund": pa.array([share.refund for share in shares], key),
            "payment": pa.array([share.purchase.key for share in shares], key),
            "given": pa.array([share.given for share in shares], _MONEY),
            "taken": pa.array([share.taken for share in shares], _MONEY),
            "given_at": pa.array([share.given_at for share in shares], micros),
            "undone_at": pa.array([share.undone_at for share in shares], micros),
        }
    )
