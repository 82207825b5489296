"""Conditions of eligibility: what they may say, and what a missing feature means to them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.trials import eligibility
from servicelift.features.trials.decisions import decisions, eligible


def config_of(actions: dict[str, object]) -> Config:
    tables = {"customers": "-", "subscriptions": "-"}
    return Config.model_validate({"tables": tables, "data_until": "2024-01-01", "incremental": {"actions": actions}})


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Three subscribers to whom nothing has happened."""
    names = ["c0", "c1", "c2"]
    frames = {
        "customers": pd.DataFrame({"customer_id": names, "signed_up_at": pd.Timestamp(2022, 1, 1)}),
        "subscriptions": pd.DataFrame(
            {"subscription_id": range(3), "customer_id": names, "started_at": pd.Timestamp(2022, 1, 1)}
        ).assign(product="paper", term_months=12, price=100.0),
    }
    return tables_from_frames(frames, config_of({}))


def eligible_under(tables: Tables, condition: str | None, spine: pd.DataFrame, **more: pd.DataFrame) -> list[bool]:
    actions = {"offer": {"eligible": condition}}
    under = dataclasses.replace(tables, config=config_of(actions))
    return eligible(under, spine, "offer", **more).tolist()


def test_what_actions_have_in_common_is_asked_once(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    spine = pd.DataFrame({"customer_id": ["c0", "c1", "c2"], "as_of": pd.Timestamp(2023, 3, 10)})
    features = pd.DataFrame({"tenure_days": [10.0, np.nan, 400.0]})
    conditions = {"offer": "tenure_days > 30", "call": None, "letter": "tenure_days < 30"}
    under = dataclasses.replace(tables, config=config_of({name: {"eligible": c} for name, c in conditions.items()}))
    alone = {name: eligible(under, spine, name, features) for name in conditions}
    asked: list[int] = []
    rule = eligibility._common_rule
    monkeypatch.setattr(eligibility, "_common_rule", lambda *given: asked.append(1) or rule(*given))
    together = eligibility.eligible_for_each(under, spine, list(conditions), features)
    assert len(asked) == 1
    for name, fits in alone.items():
        pd.testing.assert_series_equal(together[name], fits)
    assert [fits.sum() for fits in alone.values()] == [1, 3, 1]


def test_conditions_and_missing_features(tables: Tables) -> None:
    spine = pd.DataFrame({"customer_id": ["c0", "c1", "c2"], "as_of": pd.Timestamp(2023, 3, 10)})
    features = pd.DataFrame({"tenure_days": [10.0, np.nan, 400.0], "method": ["iban", "card", None]})
    cases = {
        "method != 'iban'": [False, True, False],
        "tenure_days > 30": [False, False, True],
        "tenure_days > 30 or tenure_days.isna()": [False, True, True],
        "method.notna() and not tenure_days.isna()": [True, False, False],
        "method in ['card', 'cheque']": [False, True, False],
        "(5 < tenure_days <= 10) & (method == 'iban')": [True, False, False],
        "tenure_days / 2 - 1 > -tenure_days": [True, False, True],
    }
    for condition, expected in cases.items():
        assert eligible_under(tables, condition, spine, features=features) == expected, condition
    with pytest.raises(DataError, match="expected the spine's 3 rows, got 2"):
        eligible_under(tables, "tenure_days > 3", spine, features=features.head(2))
    assert eligible_under(tables, None, spine) == [True, True, True]
    assert eligible_under(tables, "tenure_days > 3650", spine) == [False, False, False]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("tenure_dayz > 3", r"offer\.eligible: these tables give no feature 'tenure_dayz'; did you mean 'tenure_days'"),
        ("method != 'iban'", "these tables give no feature 'method'"),
        ("tenure_days >", "does not parse"),
        ("@tenure_days > 3", "does not parse"),
        ("tenure_days.map(print)", "holds Call"),
        ("tenure_days.values > 3", "holds Attribute"),
        ("__import__('os') == 3", "holds Call"),
        ("3 > 2", "uses no feature"),
        ("tenure_days + 3", "neither true nor false"),
        ("tenure_days > 'many'", "cannot be judged"),
    ],
)
def test_conditions_that_are_refused(tables: Tables, condition: str, message: str) -> None:
    spine = pd.DataFrame({"customer_id": ["c0"], "as_of": [pd.Timestamp(2023, 3, 10)]})
    with pytest.raises(ConfigError, match=message):
        eligible_under(tables, condition, spine)


def test_without_contracts_whoever_signed_up_is_there() -> None:
    customers = pd.DataFrame(
        {"customer_id": [1, 2], "signed_up_at": [pd.Timestamp(2022, 1, 1), pd.Timestamp(2023, 3, 10)]}
    )
    payments = pd.DataFrame(
        {
            "payment_id": [1],
            "customer_id": [1],
            "paid_at": [pd.Timestamp(2023, 1, 1)],
            "amount": [5.0],
            "method": "card",
        }
    )
    actions = pd.DataFrame(
        {
            "action_id": ["a"],
            "customer_id": [1],
            "action": "offer",
            "decided_at": [pd.Timestamp(2023, 3, 20)],
            "arm": "treated",
        }
    )
    frames = {"customers": customers, "payments": payments, "actions": actions}
    tables = tables_from_frames(frames, config_of({"offer": {}}))
    spine = pd.DataFrame(
        {"customer_id": [1, 2, 2, 3], "as_of": [pd.Timestamp(2023, 3, 10)] * 2 + [pd.Timestamp(2023, 4, 1)] * 2}
    )
    assert eligible(tables, spine, "offer").tolist() == [True, False, True, False]
    units = decisions(tables, "offer", pd.Timestamp(2023, 3, 1), pd.Timestamp(2023, 4, 1), 7, "observational").units
    assert units[["customer_id", "treated"]].to_numpy().tolist() == [[1, 1], [2, 0]]
    assert units["customer_id"].dtype == "int64"
    assert units["action_id"].notna().tolist() == (units["treated"] == 1).tolist()


def test_lapsed_is_who_had_a_subscription_and_runs_none() -> None:
    """Nobody who runs, never had one, or whose end is known at the instant itself; consent and condition count."""
    rows = [("c0", None), ("c1", "2023-01-01"), ("c2", "2023-03-10"), ("c3", "2022-05-01")]
    frames = {
        "customers": pd.DataFrame(
            {"customer_id": ["c0", "c1", "c2", "c3", "c4"], "signed_up_at": pd.Timestamp(2022, 1, 1)}
        ),
        "subscriptions": pd.DataFrame(rows, columns=["customer_id", "ended_at"]).assign(
            subscription_id=range(4), started_at=pd.Timestamp(2022, 1, 1), product="paper", term_months=1, price=9.0
        ),
    }
    frames["customers"]["contactable"] = [True, True, True, True, True]
    frames["subscriptions"]["ended_at"] = pd.to_datetime(frames["subscriptions"]["ended_at"])
    spine = pd.DataFrame({"customer_id": ["c0", "c1", "c2", "c3", "c4"], "as_of": pd.Timestamp(2023, 3, 10)})
    recent = "days_since_subscription_end < 90"
    config = config_of({"all": {"state": "lapsed"}, "recent": {"state": "lapsed", "eligible": recent}, "others": {}})
    tables = tables_from_frames(frames, config)
    assert eligible(tables, spine, "all").tolist() == [False, True, False, True, False]
    assert eligible(tables, spine, "recent").tolist() == [False, True, False, False, False]
    assert eligible(tables, spine, "others").tolist() == [True, False, True, False, False]
    frames["customers"]["contactable"] = [True, False, True, True, True]
    assert eligible(tables_from_frames(frames, config), spine, "all").tolist() == [False, False, False, True, False]


def test_lapsed_without_contracts_is_refused() -> None:
    people = pd.DataFrame({"customer_id": ["c0"], "signed_up_at": pd.Timestamp(2022, 1, 1)})
    paid = pd.DataFrame(
        {"payment_id": [1], "customer_id": ["c0"], "paid_at": pd.Timestamp(2022, 1, 2), "amount": [5.0]}
    )
    config = Config.model_validate(
        {"tables": {"customers": "-", "payments": "-"}, "incremental": {"actions": {"win_back": {"state": "lapsed"}}}}
    )
    shop = tables_from_frames({"customers": people, "payments": paid.assign(method="card")}, config)
    spine = pd.DataFrame({"customer_id": ["c0"], "as_of": pd.Timestamp(2023, 3, 10)})
    with pytest.raises(ConfigError, match="no line of this business is contractual"):
        eligible(shop, spine, "win_back")
