"""What stands beside a list: segments, days, the difference from the last list, and files for other programs."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicelift.core.config.business import Config
from servicelift.core.config.incremental import IncrementalConfig
from servicelift.core.config.listing import TargetsConfig
from servicelift.core.errors import ConfigError
from servicelift.scoring.targets.beside import Wish, beside
from servicelift.scoring.targets.days import contact_days
from servicelift.scoring.targets.exports import check_exports, write_exports
from servicelift.scoring.targets.last import delta, read_last
from servicelift.scoring.targets.recheck import Rechecked
from servicelift.scoring.targets.segments import Cuts, Segment, cuts_of, movement, segments_of

DAY = pd.Timestamp("2024-06-28")  # a Friday


def business(**targets):
    return Config(
        tables={"customers": "c", "payments": "p"},
        incremental={
            "actions": {"call": {"team": "desk"}, "letter": {}},
            "capacities": {"team_per_day": {"desk": 2}},
        },
        targets=targets,
    )


def written(days):
    return days.dt.strftime("%Y-%m-%d").fillna("").tolist()


def everybody(who):
    return pd.DataFrame({"customer_id": who, "action": "call"})


def checked(pairs, **why):
    reasons = pairs["customer_id"].map(why).fillna("").astype(object)
    return Rechecked((reasons == "").to_numpy(), reasons, DAY)


@pytest.fixture
def scores(tmp_path):
    folder = tmp_path / "scores"
    folder.mkdir()
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"customer_id": [f"C{i}" for i in range(200)], "clv": rng.uniform(0, 100, 200)})
    frame.assign(churn_probability=rng.uniform(0, 0.4, 200)).to_parquet(folder / "scores.parquet")
    return folder


def test_half_are_valuable_and_a_quarter_at_risk_unless_the_config_says_otherwise(scores):
    frame, cuts = pd.read_parquet(scores / "scores.parquet"), cuts_of(business(), scores)
    shares = segments_of(frame["clv"], frame["churn_probability"], cuts).value_counts(normalize=True)
    assert shares[[Segment.PROTECT, Segment.KEEP]].sum() == pytest.approx(0.5)
    assert shares[[Segment.PROTECT, Segment.WATCH]].sum() == pytest.approx(0.25)
    assert cuts_of(business(segments={"value": 10, "risk": 0.3}), scores) == Cuts(10.0, 0.3)


def test_who_has_no_risk_or_value_is_in_no_segment():
    assert segments_of(pd.Series([np.nan, 1.0]), pd.Series([0.5, np.nan]), Cuts(1.0, 0.1)).isna().all()


def test_movement_counts_everybody_once():
    before = pd.DataFrame({"customer_id": list("abc"), "clv": [10, 10, 1], "churn_probability": [0.5, 0.0, 0.0]})
    after = pd.DataFrame({"customer_id": list("abd"), "clv": [10, 10, 1], "churn_probability": [0.0, 0.0, 0.5]})
    assert movement(before, after, Cuts(5.0, 0.2)) == {
        "valuable_at_risk": {"valuable_settled": 1},
        "valuable_settled": {"valuable_settled": 1},
        "modest_settled": {"gone": 1},
        "new": {"modest_at_risk": 1},
    }


@pytest.mark.parametrize("as_text", [False, True])
def test_movement_is_that_of_each_customer_by_itself(as_text):
    rng, cuts = np.random.default_rng(4), Cuts(0.5, 0.7)
    scored = []
    for first in (0, 30):
        risk = np.where(rng.random(100) < 0.1, np.nan, rng.random(100))
        who = rng.permutation(np.arange(first, first + 100))
        scored.append(pd.DataFrame({"customer_id": who, "clv": rng.random(100), "churn_probability": risk}))
    named = [
        dict(zip(one["customer_id"], segments_of(one["clv"], one["churn_probability"], cuts), strict=True))
        for one in scored
    ]
    pairs = [(named[0].get(who) or "new", named[1].get(who) or "gone") for who in range(130)]
    counts = pd.Series([pair for pair in pairs if pair != ("new", "gone")]).value_counts()
    ids = scored[1]["customer_id"]
    found = movement(scored[0], scored[1].assign(customer_id=ids.astype(str) if as_text else ids), cuts)
    assert {(start, end): n for start, ends in found.items() for end, n in ends.items()} == counts.to_dict()
    assert list(found) == sorted(found)
    nobody = scored[0].assign(clv=np.nan)
    assert movement(nobody, nobody, cuts) == {}
    assert set(movement(nobody, scored[1], cuts)) == {"new"}


def test_a_team_s_days_are_filled_in_the_order_of_the_list_without_week_ends():
    terms = business().incremental
    days = contact_days(pd.Series(["call", "letter", "call", "call", "call", "call"]), DAY, terms, TargetsConfig())
    assert written(days) == ["2024-06-28", "", "2024-06-28", "2024-07-01", "2024-07-01", "2024-07-02"]
    assert contact_days(pd.Series(["call"]), DAY + pd.Timedelta(days=1), terms, TargetsConfig()).dt.day.tolist() == [1]
    assert contact_days(pd.Series(["call"]), DAY, IncrementalConfig(), TargetsConfig()).isna().all()


def test_nobody_is_contacted_on_a_day_off():
    terms, calls = business().incremental, pd.Series(["call"] * 9)
    holiday = TargetsConfig.model_validate({"days_off": ["2024-07-01"]})
    expected = ["2024-06-28"] * 2 + ["2024-07-02"] * 2 + ["2024-07-03"] * 2 + ["2024-07-04"] * 2 + ["2024-07-05"]
    assert written(contact_days(calls, DAY, terms, holiday)) == expected
    saturdays = TargetsConfig.model_validate({"days_off": ["sunday", "2024-06-28"]})
    expected = ["2024-06-29"] * 2 + ["2024-07-01"] * 2 + ["2024-07-02"] * 2 + ["2024-07-03"] * 2 + ["2024-07-04"]
    assert written(contact_days(calls, DAY, terms, saturdays)) == expected


def test_a_channel_s_day_bounds_all_teams_that_use_it():
    terms = IncrementalConfig.model_validate(
        {
            "actions": {
                "call": {"team": "desk", "channel": "phone"},
                "save": {"team": "rescue", "channel": "phone"},
                "letter": {"team": "desk", "channel": "post"},
                "mail": {"channel": "e-mail"},
            },
            "capacities": {"team_per_day": {"desk": 2}, "channel_per_day": {"phone": 3, "post": 1}},
        }
    )
    actions = pd.Series(["call", "save", "save", "save", "call", "letter", "letter", "mail", "call", "save"])
    days = written(contact_days(actions, DAY, terms, TargetsConfig()))
    friday, monday, tuesday = "2024-06-28", "2024-07-01", "2024-07-02"
    assert days == [friday, friday, friday, monday, monday, friday, monday, "", tuesday, monday]
    frame = pd.DataFrame({"day": days, "action": actions})
    assert frame[frame["action"].isin(["call", "save"])].groupby("day").size().max() <= 3
    assert frame[frame["action"].isin(["call", "letter"])].groupby("day").size().max() <= 2


@given(st.lists(st.sampled_from(["call", "save", "letter"]), max_size=40), st.integers(1, 4), st.integers(1, 4))
def test_no_day_holds_more_than_it_may_and_nobody_waits_without_need(chosen, desk, phone):
    actions = {"call": {"team": "desk", "channel": "phone"}, "save": {"channel": "phone"}, "letter": {"team": "desk"}}
    capacities = {"team_per_day": {"desk": desk}, "channel_per_day": {"phone": phone}}
    terms = IncrementalConfig.model_validate({"actions": actions, "capacities": capacities})
    frame = pd.DataFrame({"action": chosen})
    frame["day"] = contact_days(frame["action"], DAY, terms, TargetsConfig())
    assert frame["day"].notna().all()
    for names, most in ((["call", "letter"], desk), (["call", "save"], phone)):
        own = frame[frame["action"].isin(names)]
        assert own.groupby("day").size().le(most).all()
    for place in range(len(frame)):
        action, before = frame["action"][place], frame.iloc[:place]
        for day in pd.bdate_range(DAY, frame["day"][place] - pd.Timedelta(days=1)):
            taken = before[before["day"] == day]
            full = action != "save" and taken["action"].isin(["call", "letter"]).sum() >= desk
            assert full or (action != "letter" and taken["action"].isin(["call", "save"]).sum() >= phone)


def test_a_capacity_a_day_of_nobody_is_refused():
    with pytest.raises(ValueError, match=r"capacities\.team_per_day: no action has team 'dsk'; did you mean 'desk'"):
        IncrementalConfig(actions={"call": {"team": "desk"}}, capacities={"team_per_day": {"dsk": 1}})


def test_who_is_new_and_why_others_left(tmp_path):
    last = pd.DataFrame({"customer_id": list("abcdefg"), "action": ["letter", *["call"] * 6]})
    last.to_csv(tmp_path / "last.csv", index=False)
    pairs = everybody(list("abcdex"))
    found = delta(
        read_last(tmp_path / "last.csv"), everybody(list("abx")), pd.Series(["c"]), pairs, checked(pairs, d="consent")
    )
    assert found.new == {"x"}
    assert (found.kept, found.changed) == (1, 1)
    assert found.left == {"consent": 1, "held_out": 1, "not_chosen": 1, "not_eligible": 2}
    with pytest.raises(ConfigError, match=r"expected the last list at"):
        read_last(tmp_path / "none.csv")
    (tmp_path / "people.csv").write_text("Rang;Client\n1;a\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"not the one for people"):
        read_last(tmp_path / "people.csv")


def test_the_list_gets_its_columns_and_programs_their_facts(scores, tmp_path):
    listed = everybody(["C1", "C2", "C3", "C4"]).assign(arm=["treated"] * 3 + ["control"], clv=90.0)
    listed["churn_probability"] = 0.39
    listed.iloc[[0]].to_csv(tmp_path / "last.csv", index=False)
    wish = Wish(1.0, last=tmp_path / "last.csv", before=scores)
    found = beside(business(), scores, listed, listed, checked(listed), wish)
    assert found.listed["segment"].eq("valuable_at_risk").all()
    assert written(found.listed["day"]) == ["2024-06-28", "2024-06-28", "2024-07-01", ""]
    assert found.listed["new"].tolist() == [False, True, True, None]
    assert found.facts["segments"]["contacted"] == {"valuable_at_risk": 3}
    assert found.facts["delta"]["new"] == 2
    moved = found.facts["movement"]["moved"]
    assert all(set(to) == {came} for came, to in moved.items())
    assert found.messages[0].code == "delta"


def test_earlier_scores_are_of_the_same_business(scores):
    (scores / "run.json").write_text(json.dumps({"business": "other"}), encoding="utf-8")
    listed = everybody(["C1"]).assign(arm="treated", clv=1.0, churn_probability=0.1)
    with pytest.raises(ConfigError, match=r"holds scores of business 'other'"):
        beside(business(), scores, listed, listed, checked(listed), Wish(1.0, before=scores))


def test_a_program_gets_its_columns_in_its_order(tmp_path):
    contact = pd.DataFrame({"customer_id": ["007", "=1"], "cost": [1.5, 2.0], "action": "call"})
    export = {"crm": {"columns": {"Contact Id": "customer_id", "Kosten": "cost"}, "delimiter": ";", "decimal": ","}}
    config = business(export=export)
    check_exports(config, contact.columns)
    assert write_exports(tmp_path, "list", config, contact) == ("list.crm.csv",)
    assert (tmp_path / "list.crm.csv").read_text(encoding="utf-8") == "Contact Id;Kosten\n007;1,5\n=1;2,0\n"
    with pytest.raises(ConfigError, match=r"the list has no column 'costs'; did you mean 'cost'"):
        check_exports(business(export={"crm": {"columns": {"K": "costs"}}}), contact.columns)
    with pytest.raises(ConfigError, match=r"'people' is the name of another file"):
        check_exports(business(export={"people": {"columns": {"K": "cost"}}}), contact.columns)
