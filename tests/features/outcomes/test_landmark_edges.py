"""Landmarks at their edges: the first month, the last day of grace, ties, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.outcomes.landmarks import contract_state, lead_outcomes, reactivation_outcomes
from servicelift.features.tables.tables import Tables, tables_from_frames

Stamp = pd.Timestamp
Days = pd.Timedelta
AS_OF = Stamp(2023, 3, 1)
START = Stamp(2022, 5, 10)
MONTH = pd.Timedelta(days=365.25 / 12)
GRACE = pd.Timedelta(days=20)
TICK = pd.Timedelta(1, "us")
CONFIG = {
    "tables": {"customers": "-", "subscriptions": "-"},
    "data_until": dt.date(2024, 12, 1),
    "churn": {"grace_days": 20},
}


class Span(NamedTuple):
    """A yearly subscription."""

    customer: str
    start: Stamp
    end: Stamp | None = None
    reason: str | None = None


def open_spans(*spans: Span, customers: int = 5) -> Tables:
    frame = pd.DataFrame(spans, columns=["customer_id", "started_at", "ended_at", "end_reason"])
    frame = frame.astype({"ended_at": "datetime64[us]", "end_reason": "str"})
    frame = frame.assign(subscription_id=range(len(frame)), product="paper", term_months=12, price=120.0)
    people = pd.DataFrame({"customer_id": [f"c{i}" for i in range(customers)], "signed_up_at": Stamp(2021, 1, 1)})
    return tables_from_frames({"customers": people, "subscriptions": frame}, Config.model_validate(CONFIG))


def spine_of(*customers: str, as_of: Stamp = AS_OF) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": customers, "as_of": as_of})


def test_the_edges_of_the_first_month() -> None:
    ends = [AS_OF, AS_OF + TICK, AS_OF + MONTH, AS_OF + MONTH + TICK, AS_OF - TICK]
    tables = open_spans(*[Span(f"c{i}", START, end, "payment_failure") for i, end in enumerate(ends)])
    leads = lead_outcomes(tables, spine_of(*[f"c{i}" for i in range(5)]), 12)
    events = leads[leads["cause"] > 0]
    assert events["row"].tolist() == [0, 1, 2, 3]
    assert events["lead"].tolist() == [1, 1, 1, 2]
    assert (events["cause"] == 2).all()


def test_of_two_that_end_together_the_greater_key_tells_the_cause() -> None:
    end = AS_OF + Days(days=40)
    reasons = {"c0": ("payment_failure", "voluntary"), "c1": ("voluntary", "payment_failure")}
    spans = [Span(c, START - Days(days=j), end, r) for c, pair in reasons.items() for j, r in enumerate(pair)]
    tables = open_spans(*spans)
    assert lead_outcomes(tables, spine_of("c0", "c1"), 4)["cause"].tolist() == [0, 1, 0, 2]
    after = contract_state(tables, spine_of("c0", "c1", as_of=end + Days(days=1)))
    assert after["ended_involuntary"].tolist() == [False, True]


def test_a_return_on_the_last_day_of_grace_is_no_end() -> None:
    end = AS_OF + Days(days=40)
    backs = {"c0": end + GRACE, "c1": end + GRACE + TICK}
    tables = open_spans(*[s for c, back in backs.items() for s in (Span(c, START, end), Span(c, back))])
    leads = lead_outcomes(tables, spine_of("c0", "c1"), 4)
    assert leads.groupby("row")["cause"].apply(list).tolist() == [[0, 0, 0, 0], [0, 1]]
    later = end + GRACE + Days(days=1)
    state = contract_state(tables, spine_of("c0", "c1", as_of=later))
    since = [(later - START) / MONTH, (Days(days=1) - TICK) / MONTH]
    assert state["months_since_start"].tolist() == pytest.approx(since, rel=1e-12)


def test_a_month_counts_once_its_grace_is_over() -> None:
    tables = open_spans(Span("c0", START), Span("c1", START, AS_OF - Days(days=30)))
    last = Stamp(2024, 12, 1) - 3 * MONTH
    at = pd.concat([spine_of("c0", as_of=last - GRACE), spine_of("c0", as_of=last - GRACE + TICK)])
    assert lead_outcomes(tables, at, 9).groupby("row").size().tolist() == [3, 2]
    at = pd.concat([spine_of("c1", as_of=last), spine_of("c1", as_of=last + TICK)])
    assert reactivation_outcomes(tables, at, 9).groupby("row").size().tolist() == [3, 2]


def test_without_ends_and_reasons_nothing_ends() -> None:
    tables = open_spans(Span("c0", START), Span("c1", Stamp(2024, 3, 1)))
    bare = tables["subscriptions"].drop("ended_at", "end_reason")
    tables = Tables(tables.config, tables.connection, {**tables.frames, "subscriptions": bare}, tables.data_until)
    spine = spine_of("c0", "c1", "c2")
    assert contract_state(tables, spine)["running"].tolist() == [True, False, False]
    assert lead_outcomes(tables, spine, 6)["cause"].tolist() == [0] * 6
    assert reactivation_outcomes(tables, spine, 6).empty


def test_what_they_refuse() -> None:
    tables = open_spans(Span("c0", START))
    for function in (lead_outcomes, reactivation_outcomes):
        with pytest.raises(ConfigError, match="at least 1 lead"):
            function(tables, spine_of("c0"), 0)
    with pytest.raises(DataError, match="expected an instant in every row, 1 are null"):
        contract_state(tables, spine_of("c0").assign(as_of=pd.NaT))
    lone = Tables(tables.config, tables.connection, {"customers": tables["customers"]}, tables.data_until)
    with pytest.raises(DataError, match="'subscriptions' is needed"):
        contract_state(lone, spine_of("c0"))
