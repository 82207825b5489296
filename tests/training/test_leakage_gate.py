"""Planted leaks stop training by name; the world as it is, and what is let through with a reason, do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.core.errors import ConfigError, LeakageError, ServiceliftError
from servicelift.features.tables.tables import tables_from_frames
from servicelift.models.churn.logistic import LogisticChurn
from servicelift.models.evaluation.metrics import churn_metrics
from servicelift.simulation.contract_tables import simulate_frames
from servicelift.simulation.write import simulate
from servicelift.tracking import Tracker
from servicelift.training.churn import churn_data
from servicelift.training.leakage_gate import feature_gate, model_gate, undated_gate
from servicelift.training.train import train

pytestmark = pytest.mark.usefixtures("tables_read_once")


class Log:
    """Stands in for a run: remembers what was logged."""

    def __init__(self):
        self.logged, self.tables, self.measured = {}, {}, {}

    def tags(self, values):
        self.logged |= dict(values)

    def metrics(self, values):
        self.measured |= dict(values)

    def table(self, frame, path):
        self.tables[path] = frame


@pytest.fixture(scope="module")
def frames():
    return simulate_frames(1_200, 5).tables


@pytest.fixture(scope="module")
def ended(frames):
    """When each customer's last subscription ended, null while one runs."""
    rows = frames["subscriptions"]
    last = (
        rows.groupby("customer_id")["ended_at"].max().where(~rows["ended_at"].isna().groupby(rows["customer_id"]).any())
    )
    return frames["customers"]["customer_id"].map(last)


@pytest.fixture(scope="module")
def world(frames):
    """The world with columns of its own added to customers, and the config that names them."""

    def make(columns=(), beside=("subscriptions", "payments", "contacts"), **changes):
        customers = frames["customers"].assign(**dict(columns))
        kept = {name: frames[name] for name in beside}
        base = {
            "tables": {"customers": "c", "subscriptions": "s"},
            "static": tuple(dict(columns)),
            "data_until": "2024-07-01",
        }
        config = Config.model_validate(base | {"snapshots": {"first": "2023-01-01"}} | changes)
        return tables_from_frames({"customers": customers, **kept}, config)

    return make


def text(values):
    return pd.Series(values, dtype="str")


PLANTED = {
    "set only for those who left": (lambda gone, _, rng: text(np.where(gone, "x", None)), "being missing or not"),
    "ended_at copied": (lambda gone, end, rng: end.dt.strftime("%Y-%m-%d").astype("str"), "lie after the first look"),
    "ended_at as a number": (lambda gone, end, rng: end.dt.strftime("%Y%m%d").astype(float), "lie after the first"),
    "a date of everybody, after the look": (lambda gone, end, rng: text(["2024-05-05"] * len(gone)), "lie after the"),
    "a noisy copy": (lambda gone, end, rng: gone + rng.normal(0, 0.25, len(gone)), "by its values alone"),
    "overwritten by the present state": (
        lambda gone, end, rng: text(np.where(gone, "none", "daily")),
        "the rate of its values",
    ),
    "reason of half of those who left": (
        lambda gone, end, rng: text(np.where(gone & (rng.random(len(gone)) < 0.5), "price", None)),
        "100.0% have left",
    ),
    "erased for those who left": (lambda gone, _, rng: text(np.where(gone, None, "kept")), "being missing or not"),
}


def planted(name, ended):
    return PLANTED[name][0](ended.notna().to_numpy(), ended, np.random.default_rng(0))


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_static_stops_the_run_by_name(ended, world, name):
    with pytest.raises(LeakageError) as stop:
        undated_gate(world({"planted": planted(name, ended)}, beside=("subscriptions",)), Log())
    message = str(stop.value)
    assert message.startswith("feature 'planted' knows too much: ")
    assert PLANTED[name][1] in message
    assert "take it out of static:" in message
    assert 'leakage: {allow: {planted: "the reason"}}' in message
    assert "\n" not in message
    assert isinstance(stop.value, ServiceliftError)


def test_honest_statics_pass(frames, ended, world):
    rng = np.random.default_rng(1)
    gone, n = ended.notna().to_numpy(), len(ended)
    columns = {
        "region": text(rng.choice(["north", "south"], n)),
        "born": (1940 + rng.integers(0, 60, n)).astype(float),
        "born_on": pd.Series(60 * rng.integers(0, 333, n)).map(
            lambda day: str(pd.Timestamp(1940, 1, 1).date() + pd.Timedelta(days=day))
        ),
        "signed": frames["customers"]["signed_up_at"].dt.strftime("%Y-%m-01"),
        "strong": gone + rng.normal(0, 1, n),
        "planned": text(["2030-01-01"] * n),
        "rare": text(np.where(gone & (rng.random(n) < 0.05), "trial", "full")),
    }
    assert undated_gate(world(columns), Log()) == ()


def test_auto_renew_written_at_the_end_stops_the_run(frames, world):
    rows = frames["subscriptions"]
    tables = world()
    assert undated_gate(tables, Log()) == ()
    last = rows.groupby("customer_id")["ended_at"].transform(lambda ends: ends.isna().any())
    overwritten = {"customers": frames["customers"], "subscriptions": rows.assign(auto_renew=last)}
    with pytest.raises(LeakageError, match=r"feature 'auto_renew' knows too much.*correct subscriptions\.auto_renew"):
        undated_gate(tables_from_frames(overwritten, tables.config), Log())


def test_without_contracts_the_fate_is_whether_purchases_stopped(world, frames):
    lines = {"lines": {"shop": {"kind": "noncontractual"}}}
    plain = world(**lines)
    until = plain.data_until - pd.Timedelta(days=120)
    paid = frames["payments"]
    buys = set(paid.loc[(paid["paid_at"] >= until) & (paid["status"] != "failed"), "customer_id"])
    flag = frames["customers"]["customer_id"].isin(buys).map({True: "here", False: "lost"}).astype("str")
    assert undated_gate(plain, Log()) == ()
    with pytest.raises(LeakageError, match="feature 'planted' knows too much"):
        undated_gate(world({"planted": flag}, **lines), Log())


def test_what_is_allowed_passes_with_its_reason(ended, world):
    column = planted("ended_at copied", ended)
    allow = {"leakage": {"allow": {"planted": "end of a fixed term, agreed at sign-up"}}}
    log = Log()
    notes = undated_gate(world({"planted": column}, **allow), log)
    assert len(notes) == 1
    assert notes[0].startswith("leakage: 'planted' is let through: end of a fixed term, agreed at sign-up (")
    assert log.logged["leakage_allowed.planted"].startswith("end of a fixed term")


def test_an_allowed_name_must_be_a_feature(world):
    with pytest.raises(ConfigError, match=r"leakage\.allow: unknown feature 'tenure_day'; did you mean 'tenure_days'"):
        undated_gate(world(leakage={"allow": {"tenure_day": "a reason given"}}), Log())


def test_an_allowed_name_needs_a_reason(world):
    with pytest.raises(ValueError, match="at least 8 characters"):
        world(leakage={"allow": {"tenure_days": ""}})


@pytest.fixture(scope="module")
def labelled(world):
    tables = world()
    return tables.config, churn_data(tables, lambda _: None)


def test_the_world_as_it_is_passes_and_is_logged(labelled):
    config, data = labelled
    log = Log()
    assert feature_gate(config, data.features, data.cause, data.spine["customer_id"], log) == ()
    assert 0.55 < log.measured["leakage_highest_auc"] < 0.85
    table = log.tables["leakage.csv"]
    assert set(table["outcome"]) <= {"leave", "leave voluntarily", "leave involuntarily"}
    assert table["auc"].is_monotonic_decreasing
    assert set(data.features.columns) == set(table["feature"])


@pytest.mark.parametrize("cause", [1, 2])
def test_a_feature_that_copies_a_label_stops_the_run(labelled, cause):
    config, data = labelled
    struck = data.cause > 0 if cause == 1 else data.cause == cause
    copy = struck + np.random.default_rng(0).normal(0, 0.2, len(struck))
    features = data.features.assign(contacts_30d=copy)
    low = config.model_copy(update={"leakage": config.leakage.model_copy(update={"min_churners": 10})})
    with pytest.raises(LeakageError, match=r"feature 'contacts_30d' knows too much.*correct contacts\.opened_at"):
        feature_gate(low, features, data.cause, data.spine["customer_id"], Log())


@pytest.fixture(scope="module")
def business(tmp_path_factory, ended, frames):
    """A world on disk whose customers carry the day on which they left."""
    folder = tmp_path_factory.mktemp("press")
    simulate(folder, customers=1_200, seed=5, truth=False)
    path = folder / "customers.parquet"
    customers = pd.read_parquet(path)
    days = dict(zip(frames["customers"]["customer_id"], ended.dt.strftime("%Y-%m-%d"), strict=True))
    customers.assign(left_on=customers["customer_id"].map(days).astype("str")).to_parquet(path, index=False)
    plain = (folder / "press.yaml").read_text(encoding="utf-8")
    small = plain.replace("static: [", "static: [left_on, ").replace("every_months: 1", "every_months: 3")
    small = small.replace("windows_days: [30, 90, 365]", "windows_days: [30, 90]")
    (folder / "press.yaml").write_text(small, encoding="utf-8")
    return folder / "press.yaml"


def test_the_command_stops_with_one_line_and_registers_nothing(business, command):
    done = command("train", business, code=2)
    assert [line for line in done.stderr.splitlines() if line.startswith("servicelift: ")] == [
        done.stderr.splitlines()[-1]
    ]
    assert "feature 'left_on' knows too much" in done.stderr
    assert done.stdout == ""
    config = load_config(business)
    tracker = Tracker.of(config)
    assert all(tracker.find(config.model_name(kind)) is None for kind in ("churn", "clv", "incremental"))


def test_let_through_it_trains_and_shows_the_reason(business):
    allowed, reason = business.with_name("allowed.yaml"), "known at sign-up, says the data office"
    more = f'leakage: {{allow: {{left_on: "{reason}"}}}}'
    allowed.write_text(f"{business.read_text(encoding='utf-8')}\n{more}\n", encoding="utf-8")
    outcome = train(load_config(allowed), only="churn")
    assert any(line.startswith(f"leakage: 'left_on' is let through: {reason}") for line in outcome.lines())


@pytest.fixture(scope="module")
def spread():
    """A leak spread over three columns: each alone passes, together they know nearly all; a fourth knows nothing."""
    rng = np.random.default_rng(0)
    left = (rng.random(3_000) < 0.2).astype(np.int64)
    names = ("tenure_days", "price", "payments_90d")
    features = pd.DataFrame({name: left + rng.normal(0, 0.55, 3_000) for name in names})
    features["term_months"] = rng.choice([1.0, 12.0], 3_000)
    model = LogisticChurn().fit(features.iloc[:1_500], left[:1_500])
    held = features.iloc[1_500:]
    return features, left, model, held, churn_metrics(left[1_500:], 1 - model.predict_causes(held)[:, 0])


def test_a_leak_that_is_spread_over_features_passes_one_by_one_and_stops_the_model_by_name(spread, world):
    features, left, model, held, report = spread
    config = world().config
    assert feature_gate(config, features, left, np.arange(3_000), Log()) == ()
    assert report.auc > config.leakage.max_model_auc
    log = Log()
    with pytest.raises(LeakageError) as stop:
        model_gate(config, report, model, held, log)
    message = str(stop.value)
    assert message.startswith("too good to be true: the model as a whole ranks the ")
    assert "expected up to 0.97 (leakage.max_model_auc)" in message
    assert "'tenure_days'" in message or "'price'" in message
    assert "term_months" not in message
    assert "\n" not in message
    assert log.tables["leakage_model.csv"]["feature"].iloc[-1] == "term_months"


def test_a_strong_model_passes_below_the_bound_with_few_leavers_or_with_every_suspect_allowed(spread, world):
    _, _, model, held, report = spread
    assert model_gate(world(leakage={"max_model_auc": 1}).config, report, model, held, Log()) == ()
    few = world(leakage={"min_churners": report.positives + 1}).config
    assert model_gate(few, report, model, held, Log()) == ()
    reason = "known at sign-up, never changed"
    some = world(leakage={"allow": {"tenure_days": reason}}).config
    with pytest.raises(LeakageError):
        model_gate(some, report, model, held, Log())
    log = Log()
    names = ("tenure_days", "price", "payments_90d")
    (note,) = model_gate(world(leakage={"allow": dict.fromkeys(names, reason)}).config, report, model, held, log)
    assert note.startswith("leakage: the model is let through")
    assert "leakage_allowed.model" in log.logged
