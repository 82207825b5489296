"""Scores with whatever champions there are, of tables that hold what training never saw: a small shop, end to end."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError, DataError, ModelError
from servicelift.scoring.scores.champions import load_champions
from servicelift.scoring.scores.score import score
from servicelift.training.train import train

pytestmark = pytest.mark.usefixtures("tables_read_once")
AS_OF = pd.Timestamp("2024-01-01")
N = 600
CONFIG = """
business: shop
data_until: 2024-01-01
static: [birth_year, channel]
tables: {{customers: {customers}, payments: payments.csv}}
lines: {{shop: {{kind: noncontractual}}}}
snapshots: {{first: 2022-10-01, every_months: 3}}
incremental: {{bootstrap: 10}}
tracking: {{uri: "sqlite:///{store}/mlflow.db"}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory, empty_store):
    """A folder with the shop's files; models of churn alone and of value alone, each in a store of its own."""
    folder, rng = tmp_path_factory.mktemp("shop"), np.random.default_rng(0)
    people = pd.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(N)],
            "signed_up_at": pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 450, N), unit="D"),
            "birth_year": rng.integers(1940, 2000, N),
            "channel": rng.choice(["web", "shop"], N),
        }
    )
    people.to_csv(folder / "customers.csv", index=False)
    times = rng.poisson(rng.gamma(1.0, 5.0, N)) + 1
    rows = people.loc[people.index.repeat(times), ["customer_id", "signed_up_at"]].reset_index(drop=True)
    days = rng.random(len(rows)) * 700 * rng.beta(0.7, 1.0, N).repeat(times)
    paid = rows["signed_up_at"] + pd.to_timedelta(np.round(days), unit="D")
    payments = rows[["customer_id"]].assign(paid_at=paid, amount=rng.gamma(4, 5, len(rows)).round(2), method="card")
    payments = payments[payments["paid_at"] < AS_OF].reset_index(names="payment_id")
    payments.to_csv(folder / "payments.csv", index=False)
    for only in ("churn", "clv"):
        empty_store(folder / only / "mlflow.db")
        train(config_of(folder, only), only=only)
    empty_store(folder / "none" / "mlflow.db")
    return folder


def config_of(folder, store, people=None, more=""):
    """Return the config with another table of customers tonight."""
    name = "customers.csv"
    if people is not None:
        name = "tonight.csv"
        people.to_csv(folder / name, index=False)
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(customers=name, store=store) + more, encoding="utf-8")
    return load_config(path)


def scored(folder, tmp_path, store, **tonight):
    outcome = score(config_of(folder, store, **tonight), AS_OF, tmp_path / "out")
    facts = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    return pd.read_parquet(tmp_path / "out" / "scores.parquet"), facts, " ".join(outcome.lines())


def people_of(folder):
    return pd.read_csv(folder / "customers.csv")


def test_churn_alone_scores_with_its_grade_and_says_what_is_missing(shop, tmp_path):
    frame, facts, said = scored(shop, tmp_path, "churn")
    assert len(frame) == N
    assert frame["churn_probability"].dropna().between(0, 1).all()
    assert frame["churn_probability"].notna().mean() > 0.9
    assert frame[["clv", "clv_low", "clv_high", "clv_model_version"]].isna().all(axis=None)
    assert facts["model_versions"] == {"churn": 1, "clv": None, "incremental": None}
    assert set(facts["not_scored"]) == {"clv", "incremental"}
    assert facts["churn_grade"] in ("A", "B", "C", "D", "E", "-")
    assert f"churn model: grade {facts['churn_grade']} (" in said
    assert "clv: not scored: no champion 'shop-clv'" in said
    assert facts["unknown_levels"] == facts["counted_as_missing"] == {}


def test_value_alone_scores_and_the_columns_of_churn_are_null(shop, tmp_path):
    frame, facts, said = scored(shop, tmp_path, "clv")
    assert frame["clv"].gt(0).mean() > 0.9
    assert (frame["clv_low"] <= frame["clv_high"]).all()
    empty = ["churn_probability", "churn_probability_voluntary", "reason_1", "churn_model_version"]
    assert frame[empty].isna().all(axis=None)
    assert facts["model_versions"]["churn"] is None
    assert facts["churn_grade"] is None
    assert "churn: not scored: no champion 'shop-churn'" in said
    both, *_ = scored(shop, tmp_path, "churn")
    assert list(frame.columns) == list(both.columns)


def test_pieces_and_processes_change_nothing(shop, tmp_path, monkeypatch):
    """Six pieces, each with its block of features, on one process and on two; and everybody at once."""
    whole, facts, _ = scored(shop, tmp_path / "whole", "churn")
    monkeypatch.setattr("servicelift.scoring.scores.pieces.PIECE", 100)
    monkeypatch.setattr("servicelift.scoring.scores.pieces.block_size", lambda features: 100)
    for threads in (1, 2):
        more = f"engine: {{threads: {threads}}}\n"
        parts, others, _ = scored(shop, tmp_path / str(threads), "churn", more=more)
        pd.testing.assert_frame_equal(parts, whole, check_exact=False, rtol=1e-12)
        assert others | {"files": None} == facts | {"files": None}
    names = ("scores.parquet", "action_values.parquet", "reason_features.parquet", "run.json")
    one, two = ([(tmp_path / n / "out" / name).read_bytes() for name in names] for n in ("1", "2"))
    assert one == two


def test_no_champion_at_all_is_one_line(shop, tmp_path):
    with pytest.raises(ModelError, match=r"expected a champion 'shop-churn' or 'shop-clv' .* run `servicelift train`"):
        score(config_of(shop, "none"), AS_OF, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_champions_say_their_versions(shop):
    champions = load_champions(config_of(shop, "churn"))
    assert champions.versions == {"churn": 1, "clv": None, "incremental": None}
    assert champions["churn"].name == "shop-churn"


def test_levels_that_training_never_saw_are_said_with_their_share(shop, tmp_path):
    renamed = people_of(shop)
    renamed.loc[: N // 2 - 1, "channel"] = "tiktok"
    _, facts, said = scored(shop, tmp_path, "churn", people=renamed)
    assert facts["unknown_levels"] == {"channel": {"kind": "levels", "rows": 300, "share": 0.5, "models": ["churn"]}}
    assert "channel: 300 rows (50.0%) with levels unknown to churn" in said


def test_one_unknown_among_numbers_is_named_or_tolerated(shop, tmp_path):
    broken = people_of(shop).astype({"birth_year": str})
    broken.loc[7, "birth_year"] = "unknown"
    with pytest.raises(DataError, match=r"'customers\.birth_year': .* 1 of 600 customers .* customer_id C7"):
        scored(shop, tmp_path, "churn", people=broken)
    more = "tolerate: {unreadable_numbers: 0.01}\n"
    frame, facts, said = scored(shop, tmp_path, "churn", people=broken, more=more)
    assert facts["counted_as_missing"]["birth_year"]["rows"] == 1
    assert "birth_year: 1 row (0.2%) without a number" in said
    plain, *_ = scored(shop, tmp_path, "churn")
    others = frame["customer_id"] != "C7"
    pd.testing.assert_series_equal(frame.loc[others, "churn_probability"], plain.loc[others, "churn_probability"])


def test_an_emptied_column_is_missing_and_is_said(shop, tmp_path):
    frame, facts, said = scored(shop, tmp_path, "churn", people=people_of(shop).assign(birth_year=None))
    assert frame["churn_probability"].notna().mean() > 0.9
    assert facts["counted_as_missing"]["birth_year"]["kind"] == "empty"
    assert "birth_year: 600 rows (100.0%), all there are, without a value" in said


def test_a_place_that_cannot_be_written_is_said_before_the_work(shop, tmp_path):
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    steps = []
    with pytest.raises(ConfigError, match="expected a folder for the results"):
        score(config_of(shop, "churn"), AS_OF, tmp_path / "file", steps.append)
    assert steps == []


CLUB = """
business: club
data_until: 2024-01-01
tables: {customers: customers.csv, subscriptions: subscriptions.csv}
snapshots: {first: 2023-02-01, every_months: 2}
churn: {horizon_days: 60, grace_days: 20}
tracking: {uri: "sqlite:///store/mlflow.db"}
"""


@pytest.fixture(scope="module")
def club(tmp_path_factory, empty_store):
    """A folder with subscriptions by the week, some in trial and some paused; churn is trained."""
    folder, rng = tmp_path_factory.mktemp("club"), np.random.default_rng(1)
    started = pd.Timestamp("2022-10-01") + pd.to_timedelta(rng.integers(0, 455, N), unit="D")
    lasting = rng.random(N) < 0.5
    ended = started + pd.to_timedelta(rng.exponential(np.where(lasting, 900, 90)).round(), unit="D")
    people = pd.DataFrame({"customer_id": [f"C{n:03}" for n in range(N)], "signed_up_at": started})
    rows = people[["customer_id"]].assign(subscription_id=range(N), term_days=7, price=3.0)
    rows = rows.assign(product=np.where(lasting, "paper", "app"), started_at=started)
    rows = rows.assign(ended_at=pd.Series(ended).where(ended < AS_OF))
    rows["trial_until"] = rows["started_at"] + pd.Timedelta(days=14)
    rows["paused_from"] = (rows["started_at"] + pd.Timedelta(days=60)).where(rng.random(N) < 0.2)
    rows["paused_until"] = rows["paused_from"] + pd.to_timedelta(rng.integers(10, 200, N), unit="D")
    people.to_csv(folder / "customers.csv", index=False)
    rows.to_csv(folder / "subscriptions.csv", index=False)
    (folder / "config.yaml").write_text(CLUB, encoding="utf-8")
    empty_store(folder / "store" / "mlflow.db")
    steps = []
    train(load_config(folder / "config.yaml"), only="churn", say=steps.append)
    return folder, rows, steps


def test_customers_in_trial_and_paused_get_no_numbers_and_are_counted(club, tmp_path):
    folder, rows, steps = club
    assert [step for step in steps if "left out, as none of their subscriptions pays" in step]
    outcome = score(load_config(folder / "config.yaml"), AS_OF, tmp_path / "out")
    scores = pd.read_parquet(tmp_path / "out" / "scores.parquet").set_index("customer_id")
    facts = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    runs = rows[(rows["started_at"] < AS_OF) & rows["ended_at"].isna()].set_index("customer_id")
    trial = runs.index[runs["trial_until"] > AS_OF]
    paused = runs.index[(runs["paused_from"] < AS_OF) & ~(runs["paused_until"] < AS_OF)]
    assert min(len(trial), len(paused)) > 3
    assert scores.index[scores["waiting"] == "trial"].tolist() == trial.tolist()
    assert scores.index[scores["waiting"] == "paused"].tolist() == paused.tolist()
    numbers = scores["churn_probability"].notna()
    assert numbers.equals(scores["waiting"].isna())
    assert scores.loc[~numbers, "reason_1"].isna().all()
    assert facts["waiting"] == {"trial": len(trial), "paused": len(paused)}
    assert outcome.customers == numbers.sum() == len(runs) - len(trial) - len(paused)
    said = f"{len(trial) + len(paused)} customers in trial or paused ({len(trial)} and {len(paused)}): no numbers"
    assert said in " ".join(outcome.lines())
