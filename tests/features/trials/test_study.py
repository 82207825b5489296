"""Trials followed several at a time are what each of them is alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.core.records import TrialData
from servicelift.features.tables.tables import Tables
from servicelift.features.trials import follow_up
from servicelift.features.trials.contrasts import contrast_study, contrast_trial
from servicelift.features.trials.follow_up import follow_each, trial_data
from servicelift.features.trials.study import Study, action_study, drawn_or_why

PERIOD = {"since": pd.Timestamp("2023-01-01"), "until": pd.Timestamp("2023-07-01"), "seed": 1}
ASKED = [("offer", "randomised"), ("offer", "observational"), ("call", "observational"), ("letter", "observational")]


@pytest.fixture(scope="module")
def tables(tables_of: Any) -> Tables:
    """A year of 80 subscribers, some of whom end, wait, pay and are called; nobody gets a letter."""
    who = range(80)
    plain = {"product": "paper", "term_months": 1, "price": 10.0, "started_at": "2022-01-01", "ended_at": None}

    def decided(n: int, k: int, action: str, arm: str) -> dict[str, Any]:
        day = f"2023-{1 + (n + k) % 6:02d}-{1 + n % 27:02d}"
        held = {"propensity": 0.5} if action == "offer" else {"propensity": None}
        return {"customer_id": n, "action_id": 100 * k + n, "action": action, "arm": arm, "decided_at": day, **held}

    return tables_of(
        {
            "customers": [{"customer_id": n, "signed_up_at": "2022-01-01"} for n in who],
            "subscriptions": [
                plain
                | {"subscription_id": n, "customer_id": n}
                | ({"ended_at": f"2023-{6 + n % 5:02d}-01"} if n % 7 == 0 else {})
                | {"paused_from": "2023-05-01" if n % 9 == 0 else None, "paused_until": None}
                for n in who
            ],
            "payment_methods": [
                {"customer_id": n, "method": method, "valid_from": day}
                for n in who
                for method, day in [("card", "2022-01-01"), *([("iban", f"2023-03-{1 + n % 27:02d}")] if n % 3 else [])]
            ],
            "actions": [decided(n, 1, "offer", ("treated", "control")[n % 2]) for n in who]
            + [decided(n, 2, "call", "treated") for n in who if n % 5 == 0],
        },
        value={"horizon_months": 6},
        lines={"press": {"kind": "contractual"}},
        incremental={
            "actions": {
                "offer": {"assignment": "mixed"},
                "call": {"assignment": "chosen", "eligible": "tenure_days > 10"},
                "letter": {"assignment": "chosen"},
            },
            "contrasts": {"moved": {"exposure": "payment_method", "from": ["card"], "to": "iban"}},
            "follow_up_days": 90,
            "cool_down_days": 0,
        },
    )


def studies(tables: Tables, **changed: Any) -> list[Study | Any]:
    found = [
        drawn_or_why(action_study, tables, action, design=design, decomposition=place % 2 == 0, **PERIOD, **changed)
        for place, (action, design) in enumerate(ASKED)
    ]
    return [*found, drawn_or_why(contrast_study, tables, "moved", **PERIOD)]


def same(one: TrialData, other: TrialData) -> None:
    for frames in ("units", "features", "realised", "later"):
        pd.testing.assert_frame_equal(getattr(one, frames), getattr(other, frames), check_exact=True)
    for arrays in ("before", "beyond", "monthly", "full"):
        np.testing.assert_array_equal(getattr(one, arrays), getattr(other, arrays))
    pd.testing.assert_frame_equal(one.state.to_frame(), other.state.to_frame(), check_exact=True)
    assert (one.losses is None) == (other.losses is None)
    if one.losses is not None and other.losses is not None:
        np.testing.assert_array_equal(one.losses.lost_months, other.losses.lost_months)
        pd.testing.assert_frame_equal(one.losses.before, other.losses.before, check_exact=True)
    for plain in ("action", "design", "immature", "ineligible", "elsewhere", "lapsed", "left_out", "arms"):
        assert getattr(one, plain) == getattr(other, plain), plain


@pytest.fixture(scope="module")
def alone(tables: Tables) -> list[TrialData]:
    """Each trial asked for by itself."""
    actions = [
        trial_data(tables, action, design=design, decomposition=place % 2 == 0, **PERIOD)
        for place, (action, design) in enumerate(ASKED[:3])
    ]
    return [*actions, contrast_trial(tables, "moved", **PERIOD)]


@pytest.mark.parametrize("rows", [100, 20_000], ids=["some", "all"])
def test_a_trial_is_the_same_alone_and_beside_others(tables, alone, monkeypatch, rows):
    monkeypatch.setattr(follow_up, "_ROWS_AT_ONCE", rows)
    offer, observed, call, letter, moved = follow_each(tables, studies(tables))
    for found, by_itself in zip((offer, observed, call, moved), alone, strict=True):
        same(found, by_itself)
        assert 0 < found.treated.mean() < 1
    assert [one.losses is not None for one in alone] == [True, False, True, True]
    assert isinstance(letter, DataError)
    assert offer.arms.held_out > 0
    assert offer.arms.waiting > 0


def test_what_cannot_be_followed_has_its_cause_and_its_place(tables):
    *_, letter, moved = follow_each(tables, studies(tables))
    assert str(letter).startswith("action 'letter' (observational), decisions from 2023-01-01 to 2023-07-01: ")
    with pytest.raises(DataError) as alone:
        trial_data(tables, "letter", design="observational", **PERIOD)
    assert str(alone.value) == str(letter)
    assert moved.action == "moved"


def test_a_question_that_one_trial_spoils_is_asked_of_each(tables, monkeypatch):
    whole = follow_up.later_actions

    def failing(tables: Tables, spine: pd.DataFrame, until: pd.Series) -> pd.DataFrame:
        if 5 in set(spine["customer_id"]) and len(spine) > 85:
            raise DataError("too much")
        return whole(tables, spine, until)

    monkeypatch.setattr(follow_up, "later_actions", failing)
    offer, observed, call, *_ = follow_each(tables, studies(tables))
    assert isinstance(offer, TrialData)
    assert isinstance(call, TrialData)
    assert str(observed) == "action 'offer' (observational), decisions from 2023-01-01 to 2023-07-01: too much"


def test_studies_are_drawn_as_they_are_asked_for(tables, monkeypatch):
    monkeypatch.setattr(follow_up, "_ROWS_AT_ONCE", 1)
    drawn = []

    def one_by_one():
        for study in studies(tables):
            drawn.append(study)
            yield study

    found = follow_each(tables, one_by_one())
    next(found)
    assert len(drawn) == 1
