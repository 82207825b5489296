"""The money side of the log: subscriptions, payments and payment methods."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..core.arrays import Floats, Ints
from .billing import LOST_DAYS
from .columns import Columns, identifiers, instants, labels
from .history import LoggedMonth
from .population import People
from .state import CARD, IBAN, METHODS, PRODUCTS, Setting, month_days

__all__ = ["Ledger"]

END_REASONS = ("voluntary", "payment_failure", "other", None)
VOLUNTARY, PAYMENT_FAILURE, OTHER, NO_REASON = range(4)
RETRY_DAYS = 2.0
"""Days from a failed payment to its second attempt."""


class Ledger:
    """Writes down subscriptions, payments and methods, month by month.

    A cancellation taken back is followed by a new row at the next renewal: no row is ever written over.
    """

    def __init__(self, setting: Setting, people: People, rng: np.random.Generator) -> None:
        n = len(people)
        self._start = setting.month_start
        self._bill_day = people.bill_day
        self._rng = rng
        self._subscriptions = Columns("customer", "product", "started", "term", "price", "auto_renew", "previous")
        self._updates: dict[str, list[tuple[Ints, Floats]]] = {
            "ended": [],
            "requested": [],
            "withdrawn": [],
            "reason": [],
        }
        self._payments = Columns("customer", "day", "amount", "method", "failed", "kind", "subscription")
        self._methods = Columns("customer", "day", "method")
        self._current = np.full(n, -1)
        self._renew_row = np.zeros(n, dtype=bool)
        self._people = people

    def open_stock(self, price: Floats) -> None:
        """Write the subscriptions that began before the log; ``price`` is (n,), of everyone."""
        stock = np.flatnonzero(self._people.start_month < 0)
        started = month_days(self._people.start_month[stock]) + self._bill_day[stock]
        self._open(stock, self._people.product[stock], price[stock], started, -1)
        self._methods.add(customer=stock, day=started, method=self._people.method[stock])

    def _open(self, rows: Ints, product: Ints, price: Floats, started: Floats, previous: Ints | int) -> None:
        self._current[rows] = self._subscriptions.add(
            customer=rows,
            product=product,
            started=started,
            term=self._people.term[rows],
            price=price,
            auto_renew=self._rng.random(len(rows)) < 0.9,
            previous=previous,
        )

    def _note(self, name: str, rows: Ints, values: Floats | float) -> None:
        """Remember a value for the current subscription of each customer in ``rows``."""
        self._updates[name].append((self._current[rows], np.broadcast_to(values, rows.shape).astype(float)))

    def _pay(self, rows: Ints, day: Floats, amount: Floats, method: Ints, kind: str, *, failed: bool = False) -> None:
        self._payments.add(
            customer=rows,
            day=day,
            amount=amount,
            method=method,
            failed=failed,
            kind=kind,
            subscription=self._current[rows],
        )

    def add_method(self, rows: Ints, day: Floats, method: Ints | int) -> None:
        """Write that customers use ``method`` from ``day`` on (both as long as ``rows``)."""
        self._methods.add(customer=rows, day=day, method=np.broadcast_to(method, rows.shape))

    def record(self, logged: LoggedMonth) -> None:
        """Write down the billing phase of one month."""
        first = self._start[logged.month]
        self._record_extras(logged, first)
        self._record_cancellations(logged, first)
        self._record_renewals(logged, first + self._bill_day)
        self._record_starts(logged, first + self._bill_day)

    def _within(self, first: float, rows: Ints, low: float, high: float) -> Floats:
        return first + self._rng.uniform(low, high, len(rows))

    def _record_extras(self, logged: LoggedMonth, first: float) -> None:
        billing = logged.events.billing
        switched = billing.switched
        self.add_method(switched, self._within(first, switched, 18.5, 18.9), IBAN)
        refund_day = self._within(first, billing.refunded, 19.0, 19.9)
        self._pay(billing.refunded, refund_day, billing.refunds, billing.refund_methods, "refund")
        is_upsell = self._rng.random(len(billing.extra)) < 0.7
        for kind, chosen in (("upsell", is_upsell), ("cross_sell", ~is_upsell)):
            rows = billing.extra[chosen]
            day = self._within(first, rows, 19.0, 20.9)
            self._pay(rows, day, billing.extras[chosen], billing.extra_methods[chosen], kind)

    def _record_cancellations(self, logged: LoggedMonth, first: float) -> None:
        billing = logged.events.billing
        for rows in (billing.requested, billing.withdrawn):
            self._note("requested", rows, self._within(first, rows, 21.0, 21.9))
        self._note("withdrawn", billing.withdrawn, self._within(first, billing.withdrawn, 22.0, 22.9))
        self._renew_row[billing.withdrawn] = True
        self._note("ended", billing.ended, (first + self._bill_day)[billing.ended])
        self._note("reason", billing.ended, VOLUNTARY)

    def _record_renewals(self, logged: LoggedMonth, renewal: Floats) -> None:
        billing, state = logged.events.billing, logged.state
        rows, day = billing.tried, renewal[billing.tried]
        anew = np.isin(rows, billing.changed) | self._renew_row[rows]
        self._renew_row[rows] = False
        changing = rows[anew]
        self._note("ended", changing, day[anew])
        self._note("reason", changing, OTHER)
        self._open(changing, state.product[changing], billing.amounts[anew], day[anew], self._current[changing])
        failed, lost = billing.outcome > 0, billing.outcome == 2
        for chosen, wait, bad in (
            (~failed, 0.0, False),
            (failed, 0.0, True),
            (failed & ~lost, RETRY_DAYS, False),
            (lost, RETRY_DAYS, True),
        ):
            amount, method = billing.amounts[chosen], billing.methods[chosen]
            self._pay(rows[chosen], day[chosen] + wait, amount, method, "renewal", failed=bad)
        self._note("ended", rows[lost], day[lost] + LOST_DAYS)
        self._note("reason", rows[lost], PAYMENT_FAILURE)

    def _record_starts(self, logged: LoggedMonth, renewal: Floats) -> None:
        state = logged.state
        self.add_method(logged.joined, renewal[logged.joined], state.method[logged.joined])
        rows = np.concatenate([logged.events.billing.restarted, logged.joined])
        self._open(rows, state.product[rows], state.price[rows], renewal[rows], -1)
        self._pay(rows, renewal[rows], state.price[rows], state.method[rows], "renewal")

    def subscriptions(self, customer_ids: pd.Series) -> pd.DataFrame:
        """Return the table ``subscriptions`` in contract form."""
        frame = self._subscriptions.frame()
        for name, batches in self._updates.items():
            values = np.full(len(frame), np.nan)
            for rows, noted in batches:
                values[rows] = noted
            frame[name] = values
        count = len(frame)
        reason = frame["reason"].fillna(NO_REASON).astype(int).to_numpy()
        return pd.DataFrame(
            {
                "subscription_id": identifiers("S", np.arange(count), count),
                "customer_id": customer_ids.to_numpy()[frame["customer"]],
                "product": labels(PRODUCTS, frame["product"].to_numpy()),
                "started_at": instants(frame["started"].to_numpy()),
                "ended_at": instants(frame["ended"].to_numpy()),
                "term_months": frame["term"],
                "price": frame["price"],
                "auto_renew": frame["auto_renew"],
                "cancel_requested_at": instants(frame["requested"].to_numpy()),
                "cancel_withdrawn_at": instants(frame["withdrawn"].to_numpy()),
                "end_reason": labels(END_REASONS, reason),
                "previous_subscription_id": identifiers("S", frame["previous"].to_numpy(), count),
            }
        )

    def payments(self, customer_ids: pd.Series, singles: pd.DataFrame) -> pd.DataFrame:
        """Return the table ``payments`` in order of time; ``singles`` are the one-off purchases to add."""
        frame = pd.concat([self._payments.frame(), singles], ignore_index=True)
        frame = frame.sort_values(["day", "customer"], kind="stable", ignore_index=True)
        count, subscriptions = len(frame), self._subscriptions.length
        return pd.DataFrame(
            {
                "payment_id": identifiers("P", np.arange(count), count),
                "customer_id": customer_ids.to_numpy()[frame["customer"]],
                "paid_at": instants(frame["day"].to_numpy()),
                "amount": frame["amount"],
                "method": labels(METHODS, frame["method"].to_numpy()),
                "status": np.where(frame["failed"], "failed", "paid"),
                "kind": frame["kind"],
                "subscription_id": identifiers("S", frame["subscription"].to_numpy(), subscriptions),
            }
        )

    def payment_methods(self, customer_ids: pd.Series, until_day: float) -> pd.DataFrame:
        """Return the table ``payment_methods``; cards in use do not expire before ``until_day``."""
        frame = self._methods.frame().sort_values(["customer", "day"], kind="stable", ignore_index=True)
        expires = instants(until_day + 30.0 * self._rng.integers(1, 36, len(frame))).astype("datetime64[D]")
        expires[frame["method"].to_numpy() != CARD] = np.datetime64("NaT")
        return pd.DataFrame(
            {
                "customer_id": customer_ids.to_numpy()[frame["customer"]],
                "valid_from": instants(frame["day"].to_numpy()),
                "method": labels(METHODS, frame["method"].to_numpy()),
                "expires_on": expires.astype("datetime64[s]"),
            }
        )
