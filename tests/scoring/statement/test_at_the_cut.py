"""The cut of a list as a design: a known effect at it is found, and what is no such file is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.core.locale import Locale
from servicelift.features.tables.tables import tables_from_frames
from servicelift.models.portfolio import ClvModel
from servicelift.scoring.statement.at_the_cut import CUT_COLUMNS, effects_at_cuts, read_lists
from servicelift.scoring.statement.page.glance import cuts_table
from servicelift.scoring.statement.sentences import cuts_in_short, cuts_left_out

AS_OF = pd.Timestamp("2023-03-01")
PERIOD = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-07-01")
EFFECT, COST, N = 8.0, 2.0, 1_200


class Nothing:
    """A CLV model for which nothing comes after the follow-up; its twins are unsure by a constant."""

    def __init__(self, jump=0.0):
        self.jump = jump

    def predict_horizons(self, inputs, *, months, late_hazard=1.0, shared=None):
        return np.full((len(inputs), len(months)), self.jump)


CLV = ClvModel(Nothing(), (Nothing(1.0), Nothing(-1.0)), Nothing(), 12, 5)


@pytest.fixture(scope="module")
def config():
    return Config.model_validate(
        {
            "tables": dict.fromkeys(("customers", "payments", "actions"), "-"),
            "data_until": "2024-01-01",
            "lines": {"shop": {"kind": "noncontractual"}},
            "value": {"margin_rate": 1.0, "annual_discount_rate": 0.0},
            "incremental": {"follow_up_days": 90, "actions": {"call": {"cost": COST}, "gift": {"cost": COST}}},
        }
    )


@pytest.fixture(scope="module")
def listed():
    """Scores of everybody, cut at 1; nine in ten above it are called within a week, nobody below."""
    rng = np.random.default_rng(5)
    score = rng.normal(0.5, 2.0, N)
    rows = pd.DataFrame(
        {"customer_id": [f"C{i}" for i in range(N)], "action": "call", "as_of": AS_OF.tz_localize("UTC")}
    )
    rows = rows.assign(score=score, cut=1.0, instead=None, listed=score > 1.0)
    return rows.assign(called=(score > 1.0) & (rng.random(N) < 0.9))


@pytest.fixture(scope="module")
def tables(config, listed):
    rng = np.random.default_rng(6)
    called = listed["called"].to_numpy()
    spent = 30 + 2 * listed["score"] + EFFECT * called + rng.normal(0, 3, N)
    frames = {
        "customers": pd.DataFrame({"customer_id": listed["customer_id"], "signed_up_at": pd.Timestamp("2022-01-01")}),
        "payments": pd.DataFrame(
            {
                "payment_id": range(N),
                "customer_id": listed["customer_id"],
                "paid_at": AS_OF + pd.Timedelta(days=40),
                "amount": spent,
                "method": "card",
                "kind": "one_off",
            }
        ),
        "actions": pd.DataFrame({"customer_id": listed.loc[called, "customer_id"]}).assign(
            action="call", decided_at=AS_OF + pd.Timedelta(days=5), arm="treated"
        ),
    }
    frames["actions"].insert(0, "action_id", range(called.sum()))
    return tables_from_frames(frames, config)


@pytest.fixture
def file(listed, tmp_path):
    listed.drop(columns="called").to_parquet(tmp_path / "a.threshold.parquet", index=False)
    return tmp_path / "a.threshold.parquet"


@pytest.fixture(scope="module")
def cuts(tables, config, listed, tmp_path_factory):
    kept = tmp_path_factory.mktemp("lists") / "a.threshold.parquet"
    listed.drop(columns="called").to_parquet(kept, index=False)
    return effects_at_cuts(tables, CLV, read_lists([kept], config, *PERIOD))


def test_a_known_effect_is_found_at_the_cut(cuts):
    assert list(cuts) == list(CUT_COLUMNS)
    (row,) = cuts.to_dict("records")
    assert abs(row["effect_at_cut"] - EFFECT) < 3.5 * row["std_error"] < EFFECT
    assert row["effect_at_cut_low"] > COST == row["cost_per_treated"]
    assert row["verdict"] == "pays"
    assert 0.8 < row["share_moved"] < 1.0
    assert not row["bunched"]
    assert min(row["n_left"], row["n_right"]) >= 20


def test_what_the_clv_model_does_not_know_is_in_the_interval(tables, config, file, cuts):
    """A model whose twins differ in who comes after widens it; a constant for everybody moves no difference."""

    class ByPlace(Nothing):
        def predict_horizons(self, inputs, *, months, late_hazard=1.0, shared=None):
            return self.jump * np.random.default_rng(1).normal(size=(len(inputs), 1)) * np.ones(len(months))

    unsure = dataclasses.replace(CLV, bootstrap=tuple(ByPlace(by) for by in (-40.0, 40.0)))
    wide = effects_at_cuts(tables, unsure, read_lists([file], config, *PERIOD))
    assert wide["effect_at_cut"].iloc[0] == cuts["effect_at_cut"].iloc[0]
    assert wide["std_error"].iloc[0] > cuts["std_error"].iloc[0] + 1
    assert wide["effect_at_cut_low"].iloc[0] < cuts["effect_at_cut_low"].iloc[0] - 1


def test_a_list_that_nobody_used_is_left_out_with_the_reason(tables, config, listed, tmp_path):
    listed.drop(columns="called").assign(action="gift").to_parquet(tmp_path / "g.parquet", index=False)
    row = effects_at_cuts(tables, CLV, read_lists([tmp_path / "g.parquet"], config, *PERIOD)).iloc[0]
    assert pd.isna(row["verdict"])
    assert "'gift' (at the cut of its lists)" in row["not_estimated"]


def test_who_gets_something_else_below_the_cut_is_no_comparison(config, listed, tmp_path):
    some = listed.drop(columns="called").assign(instead=np.where(np.arange(N) % 3 == 0, "gift", None))
    some.to_parquet(tmp_path / "s.parquet", index=False)
    lists = read_lists([tmp_path / "s.parquet"], config, *PERIOD)
    assert len(lists["call"]) == (some["instead"].isna()).sum()
    np.testing.assert_allclose(lists["call"]["distance"], some.loc[some["instead"].isna(), "score"] - 1.0)
    assert (lists["call"]["as_of"] == AS_OF).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="cut"), "got none called cut;"),
        (lambda rows: rows.assign(action="letter"), "got letter"),
        (lambda rows: rows.assign(as_of=pd.Timestamp("2022-05-01", tz="UTC")), "got lists of 2022-05-01"),
    ],
)
def test_what_is_no_list_of_the_period_is_one_line(config, listed, tmp_path, change, message):
    change(listed.drop(columns="called")).to_parquet(tmp_path / "x.parquet", index=False)
    with pytest.raises(DataError, match=message):
        read_lists([tmp_path / "x.parquet"], config, *PERIOD)


def test_files_that_are_none(config, tmp_path):
    (tmp_path / "y.parquet").write_text("no", encoding="utf-8")
    for name, message in (("y.parquet", "expected a Parquet file"), ("none.parquet", "got no file")):
        with pytest.raises(DataError, match=message):
            read_lists([tmp_path / name], config, *PERIOD)


def test_words_and_table_in_both_languages(cuts):
    english, french = Locale(), Locale("fr")
    (line,) = cuts_in_short(cuts, english)
    assert line.startswith("call, at the cut of its lists: pays. One more customer there brings")
    (ligne,) = cuts_in_short(cuts, french)
    assert "à la limite de ses listes" in ligne
    assert "rentable" in ligne
    bunched = cuts.assign(bunched=True, verdict="not proven")
    assert "proves nothing" in cuts_in_short(bunched, english)[0]
    table = cuts_table(bunched, french)
    assert table.rows[0][1].below == "les scores s'accumulent à la limite"
    lacking = cuts.assign(verdict=None, not_estimated="too few")
    assert cuts_in_short(lacking, english) == ["call (at the cut of its lists): not estimated: too few"]
    assert cuts_left_out(lacking, french) == {"call (à la limite de ses listes)": "too few"}
    assert cuts_left_out(cuts, english) == {}


def test_a_file_that_is_named_twice_counts_once(config, file):
    once, twice = (read_lists([file] * n, config, *PERIOD)["call"] for n in (1, 2))
    pd.testing.assert_frame_equal(once, twice)
