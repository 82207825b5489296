"""Who comes on no list today: each cause by a customer of its own, on the tables as they are now."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError, DataError
from servicelift.core.locale import Locale
from servicelift.features.tables.tables import tables_from_frames
from servicelift.scoring.targets.recheck import LeftOut, day_of_list, recheck, suppressed
from servicelift.scoring.targets.words import LIST_WORDS

TODAY = pd.Timestamp("2024-06-20")
WHO = ["fine", "no_consent", "gone", "called", "called_long_ago", "complains", "solved", "complains_later", "peace"]


def config(folder, **suppress):
    return Config(
        tables={"customers": "c", "subscriptions": "s", "payments": "p"},
        data_until="2024-07-01",
        folder=folder,
        incremental={
            "cool_down_days": 30,
            "actions": {
                "offer": {"cost": 1.0},
                "sorry": {"cost": 1.0, "despite_open_complaint": True, "eligible": "complaints_365d > 0"},
            },
        },
        targets={"suppress": suppress},
    )


@pytest.fixture
def tables(tmp_path):
    def build(**suppress):
        def at(day):
            return pd.Timestamp(f"2024-{day}")

        people = pd.DataFrame({"customer_id": WHO, "signed_up_at": at("01-01")})
        people["contactable"] = people["customer_id"] != "no_consent"
        contracts = pd.DataFrame(
            {"subscription_id": WHO, "customer_id": WHO, "product": "daily", "started_at": at("01-02")}
        ).assign(term_months=1, price=10.0)
        contracts["ended_at"] = contracts["customer_id"].map({"gone": at("06-15")})
        actions = pd.DataFrame(
            {"action_id": ["a", "b"], "customer_id": ["called", "called_long_ago"], "action": "offer"}
        ).assign(decided_at=[at("06-10"), at("05-01")], arm="treated", propensity=0.9)
        contacts = pd.DataFrame(
            {
                "contact_id": ["1", "2", "3"],
                "customer_id": ["complains", "solved", "complains_later"],
                "opened_at": [at("06-01"), at("06-01"), at("06-25")],
                "closed_at": [pd.NaT, at("06-05"), pd.NaT],
                "is_complaint": True,
                "channel": "phone",
                "reason": "billing",
            }
        )
        frames = {"customers": people, "subscriptions": contracts, "actions": actions, "contacts": contacts}
        return tables_from_frames(frames, config(tmp_path, **suppress))

    return build


def pairs(*actions):
    return pd.DataFrame([(who, action) for action in actions for who in WHO], columns=["customer_id", "action"])


def test_each_cause_leaves_out_whom_it_concerns_and_nobody_else(tables, tmp_path):
    (tmp_path / "stop.csv").write_text("client\npeace\nunknown\n", encoding="utf-8")
    found = recheck(tables(table="stop.csv", key="client"), pairs("offer"), TODAY)
    why = dict(zip(WHO, found.why, strict=True))
    assert why == {
        "fine": "",
        "no_consent": LeftOut.CONSENT,
        "gone": LeftOut.GONE,
        "called": LeftOut.RECENT,
        "called_long_ago": "",
        "complains": LeftOut.COMPLAINT,
        "solved": "",
        "complains_later": "",
        "peace": LeftOut.SUPPRESSED,
    }
    assert found.kept.tolist() == [not why[who] for who in WHO]
    assert found.customers == dict.fromkeys(["suppressed", "consent", "gone", "recent", "complaint"], 1)


def test_an_action_may_be_for_those_who_complain_and_has_its_own_condition(tables):
    found = recheck(tables(), pairs("sorry"), TODAY)
    why = dict(zip(WHO, found.why, strict=True))
    assert why["complains"] == ""
    assert why["solved"] == ""
    assert why["fine"] == LeftOut.CONDITION


def test_the_day_of_the_list_decides_what_is_seen(tables):
    before, after = (recheck(tables(), pairs("offer"), pd.Timestamp(day)) for day in ("2024-06-09", "2024-07-15"))
    assert before.why[WHO.index("called")] == ""
    assert before.why[WHO.index("gone")] == ""
    assert after.why[WHO.index("complains_later")] == LeftOut.COMPLAINT
    assert after.unseen_days == 14
    assert [one.code for one in after.messages()][-1] == "unseen"


def test_every_cause_has_words(tables):
    found = recheck(tables(), pairs("offer", "sorry"), TODAY)
    lines = [LIST_WORDS.write(Locale(language), one) for language in ("en", "fr") for one in found.messages()]
    assert lines[0].startswith("looked at again on June 20, 2024: ")
    assert {f"left_{cause.value}" for cause in LeftOut} <= set(LIST_WORDS)


def test_a_list_of_nobody_protects_nobody_and_is_refused_where_it_should_protect(tables, tmp_path):
    everybody = pd.Series(WHO)
    (tmp_path / "stop.csv").write_text("client\n", encoding="utf-8")
    assert not suppressed(tables(table="stop.csv", key="client"), everybody).any()
    (tmp_path / "stop.csv").write_text("client\n007\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"none of the 1 keys in 'stop\.csv' is a customer"):
        suppressed(tables(table="stop.csv", key="client"), everybody)
    with pytest.raises(ConfigError, match=r"'stop\.csv' has no column 'clint'; did you mean 'client'"):
        suppressed(tables(table="stop.csv", key="clint"), everybody)


def test_a_list_is_made_on_a_day_that_its_scores_are_fit_for(tables):
    terms, opened = tables().config, tables()
    scored = pd.Timestamp("2024-06-01", tz="UTC")
    assert day_of_list(terms, opened, scored, None) == pd.Timestamp("2024-07-01")
    assert day_of_list(terms, opened, scored, TODAY) == TODAY
    with pytest.raises(ConfigError, match=r"no earlier than its scores \(2024-06-01\), got 2024-05-01"):
        day_of_list(terms, opened, scored, pd.Timestamp("2024-05-01"))
    with pytest.raises(ConfigError, match=r"548 days before the day of the list .* scores_days: allows 45"):
        day_of_list(terms, opened, pd.Timestamp("2022-12-31", tz="UTC"), None)
