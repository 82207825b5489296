"""Reasons for an action: what moves that action's value, beside a twin that puts one topic back at a time by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.core.records import ClvInputs
from servicelift.scoring.targets.action_reasons import ActionValue, action_reasons, check_answers, usual

AS_OF = pd.Series(pd.to_datetime(["2024-06-15"] * 4, utc=True))
FEATURES = pd.DataFrame(
    {
        "method": ["card", "iban", "card", "card"],
        "days_since_failed_payment": [20.0, np.nan, np.nan, np.nan],
        "payments_failed_90d": [1, 0, 0, 0],
        "complaints_90d": [0, 3, 0, 0],
        "birth_year": [1930.0, 1980.0, 1980.0, 1980.0],
        "price_per_month": [20.0, 20.0, 60.0, 20.0],
    }
)
USUALLY = {
    "method": "iban",
    "days_since_failed_payment": np.nan,
    "payments_failed_90d": 0.0,
    "complaints_90d": 0.0,
    "birth_year": 1980.0,
    "price_per_month": 20.0,
}


class Value(ActionValue):
    """A switch is worth most after failed card payments and to the old; a call to those who complained and pay much."""

    def __init__(self):
        pass

    def of(self, inputs, actions):
        f, kind = inputs.features.reset_index(drop=True), actions.reset_index(drop=True)
        switch = 1 + 3.0 * (f["method"] == "card") + 10 * f["payments_failed_90d"] + (1980 - f["birth_year"])
        call = 2 + 4.0 * f["complaints_90d"] + f["price_per_month"] / 4
        return np.where(kind == "switch", switch, call)


def business(language="en", **more):
    answers = {"failed payments": "direct debit avoids it" if language == "en" else "le prélèvement l'évite"}
    return Config(
        tables={"customers": "c", "payments": "p"},
        language=language,
        static=["birth_year"],
        incremental={"actions": {"switch": {"answers": answers}, "call": {}}},
        **more,
    )


def found(config, actions=("switch", "call", "call", "call"), features=FEATURES):
    return action_reasons(config, Value(), ClvInputs(features, None, {}), pd.Series(actions), USUALLY, AS_OF)


def test_each_action_has_its_own_reasons_and_says_what_it_does_about_them():
    words = found(business())
    assert words.loc[0].tolist() == ["pays by card, failed in May: direct debit avoids it", None]
    assert words["action_reason_1"].tolist()[1:3] == ["3 complaints in 90 days", "pays 60 EUR a month"]
    assert words.loc[3].isna().all()


def test_in_french_with_the_month():
    words = found(business("fr"))
    assert words.loc[0, "action_reason_1"] == "paie par carte, refusée en mai\u00a0: le prélèvement l'évite"


def test_age_is_never_a_reason_and_what_else_is_protected_is_not_either():
    assert "birth" not in " ".join(found(business()).fillna("").to_numpy().ravel())
    open_to_age = business(protected=["complaints_90d"])
    words = found(open_to_age)
    assert "birth year: 1930" in words.loc[0].tolist()
    assert words.loc[1].isna().all()
    with pytest.raises(ConfigError, match=r"protected: no feature is called 'birth_yaer'; did you mean 'birth_year'"):
        found(business(protected=["birth_yaer"]))


def test_a_topic_is_a_reason_exactly_where_it_moves_the_value_enough():
    """The twin puts the column of one topic back by hand."""
    rng = np.random.default_rng(0)
    features = pd.concat([FEATURES] * 25, ignore_index=True)
    features = features.assign(complaints_90d=rng.poisson(0.7, 100), price_per_month=rng.uniform(0, 400, 100))
    kind, value, inputs = pd.Series(["call"] * 100), Value(), ClvInputs(features, None, {})
    words = action_reasons(business(), value, inputs, kind, USUALLY, pd.Series([AS_OF[0]] * 100))
    whole = value.of(inputs, kind)
    moved = whole - value.of(ClvInputs(features.assign(complaints_90d=0), None, {}), kind)
    said = words["action_reason_1"].str.contains("complaint").fillna(False).to_numpy(dtype=bool)
    assert (said == (moved > 0.05 * whole)).all()
    assert 0 < said.sum() < (moved > 0).sum()


def test_a_topic_of_which_there_is_nothing_to_say_takes_no_place(monkeypatch):
    class Punctual(Value):
        def of(self, inputs, actions):
            f = inputs.features
            return (80.0 - 10 * f["payments_failed_90d"] + 20 * f["complaints_90d"]).to_numpy()

    monkeypatch.setattr("servicelift.scoring.targets.action_reasons._TRIED", 1)
    features = FEATURES.assign(payments_failed_90d=0.0, complaints_90d=1.0, days_since_failed_payment=np.nan)
    usually = {**USUALLY, "payments_failed_90d": 5.0}
    inputs, kind = ClvInputs(features, None, {}), pd.Series(["call"] * len(features))
    words = action_reasons(business(), Punctual(), inputs, kind, usually, AS_OF)
    assert words["action_reason_1"].tolist() == ["1 complaint in 90 days"] * len(features)


def test_what_lowers_the_value_is_no_reason():
    quiet = FEATURES.assign(complaints_90d=0, price_per_month=1.0)
    assert found(business(), ("call",) * 4, quiet).isna().all(axis=None)


def test_an_answer_to_no_topic_is_refused():
    config = business().model_copy(
        update={"incremental": business().incremental.model_validate({"actions": {"switch": {"answers": {"x": "y"}}}})}
    )
    with pytest.raises(ConfigError, match=r"switch\.answers: no topic is called 'x'"):
        check_answers(config)
    check_answers(business())


def test_what_is_usual_is_missing_where_most_are_missing():
    features = pd.DataFrame({"a": [1.0, np.nan, np.nan], "b": ["x", None, None], "c": [1, 5, 3]})
    normal = usual(ClvInputs(features, None, {}))
    assert np.isnan(normal["a"])
    assert normal["b"] is None
    assert normal["c"] == 3.0


@pytest.mark.parametrize("together", [1, 7, 100])
def test_reasons_are_the_same_however_many_customers_are_valued_together(monkeypatch, together):
    features = pd.concat([FEATURES] * 5, ignore_index=True)
    features = features.assign(complaints_90d=np.arange(20) % 4, payments_failed_90d=np.arange(20) % 3)
    kind, days = pd.Series(["switch", "call"] * 10), pd.Series([AS_OF[0]] * 20)
    whole = action_reasons(business(), Value(), ClvInputs(features, None, {}), kind, USUALLY, days)
    assert whole["action_reason_1"].nunique() > 4
    monkeypatch.setattr("servicelift.scoring.targets.action_reasons._BLOCK", together)
    parts = action_reasons(business(), Value(), ClvInputs(features, None, {}), kind, USUALLY, days)
    pd.testing.assert_frame_equal(parts, whole)
