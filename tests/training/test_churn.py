"""The churn job: the same budget gives the same model, constraints are held, the table stands beside its baselines."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError, LeakageError
from servicelift.core.locale import Locale
from servicelift.features.tables.tables import tables_from_frames
from servicelift.models.churn import classifier
from servicelift.simulation.contract_tables import simulate_frames
from servicelift.training import churn_models
from servicelift.training.churn import churn_data, train_churn
from servicelift.training.churn_models import chosen_kind, fit_trees
from servicelift.training.churn_report import churn_report, segments
from servicelift.training.tree_settings import study_name


def silent(message):
    """Say nothing."""


class Log:
    """Stands in for a run and for the store: remembers what was logged and registered."""

    def __init__(self):
        self.logged, self.measured, self.tables, self.texts, self.figures = {}, {}, {}, {}, {}
        self.facts, self.segments, self.strongest = {}, None, []
        self.model = None
        self.run_id, self.marks, self.champion, self.locale = "run", {}, None, Locale("en")

    def tags(self, values):
        self.logged |= dict(values)

    def params(self, values):
        self.logged |= dict(values)

    def metrics(self, values, prefix=""):
        self.measured |= {prefix + name: value for name, value in values.items()}

    def table(self, frame, path):
        self.tables[path] = frame

    def text(self, text, path):
        self.texts[path] = text

    def figure(self, figure, name):
        self.figures[name] = figure.__class__.__name__.encode()

    def versions(self, name):
        return []

    def version_of(self, name, alias):
        return self.champion

    def store(self, model, name, example):
        self.model = model
        return "stored"

    def publish(self, stored, name, tags, description):
        return 1

    def set_alias(self, name, alias, version):
        self.champion = version

    def tag(self, name, version, tags):
        self.logged |= dict(tags)

    def describe(self, name, version, text, meaning):
        self.description = text


@pytest.fixture(scope="module")
def frames():
    tables = simulate_frames(1_000, 5).tables
    return {name: tables[name] for name in ("customers", "subscriptions", "payments", "payment_methods")}


@pytest.fixture(scope="module")
def world(frames, tmp_path_factory):
    """The tables under a config with changes to its section churn, trials in a folder of their own.

    They are opened, and their queries prepared, once for all configs with the same labels.
    """
    opened = {}

    def make(folder=None, seed=7, leakage=None, **churn):
        config = Config.model_validate(
            {
                "tables": {"customers": "c", "subscriptions": "s", "payments": "p"},
                "data_until": "2024-07-01",
                "seed": seed,
                "snapshots": {"first": "2023-01-01", "every_months": 2},
                "features": {"windows_days": (90,)},
                "folder": folder or tmp_path_factory.mktemp("trials"),
                "churn": churn,
                "leakage": leakage or {},
            }
        )
        labels = config.churn.horizon_days, config.churn.grace_days
        if labels not in opened:
            opened[labels] = tables_from_frames(frames, config)
        first = opened[labels]
        made = dataclasses.replace(first, config=config)
        vars(made).update(engine=first.engine, _derived=first._derived)
        return made

    return make


def trained(tables):
    log = Log()
    judged = train_churn(tables, log, log, silent)
    return log, judged


@pytest.fixture(scope="module")
def plain(world):
    return trained(world(model="trees"))


def predictions(log, features):
    return np.column_stack([log.model.predict_frame(features), log.model.evaluation.predict_causes(features)])


def test_a_budget_in_trials_gives_the_same_model_twice_and_after_a_kill(world, tmp_path):
    """Bitwise; the second search finds the trial of one that was killed after its first trial."""
    once = world(tuning={"trials": 3, "file": None}, model="trees")
    first, _ = trained(once)
    assert len(first.tables["tuning.csv"]) == 3
    assert first.measured["tuning_validation_loss"] <= first.measured["tuning_validation_loss_of_defaults"]

    def killed(message):
        if "trial 2" in message:
            raise KeyboardInterrupt

    again = world(tmp_path, tuning={"trials": 3}, model="trees")
    log = Log()
    with pytest.raises(KeyboardInterrupt):
        train_churn(again, log, log, killed)
    assert (tmp_path / "tuning.db").is_file()
    second, _ = trained(again)
    pd.testing.assert_frame_equal(first.tables["tuning.csv"], second.tables["tuning.csv"])
    features = churn_data(once, silent).features
    assert (predictions(first, features) == predictions(second, features)).all()


def test_many_rows_are_learnt_from_on_all_cores_by_the_same_trees(world, monkeypatch):
    tables = world()
    data, config = churn_data(tables, silent), tables.config
    asked = []
    boost = classifier.boost

    def watched(*given, settings, **named):
        asked.append(settings["num_threads"])
        return boost(*given, settings=settings, **named)

    monkeypatch.setattr(classifier, "boost", watched)
    monkeypatch.setattr(churn_models, "cpu_count", lambda: 8)
    one = fit_trees(data, config, {"max_rounds": 20})
    assert set(asked) == {1}
    monkeypatch.setattr(churn_models, "_ROWS_FOR_THREADS", len(data.features))
    two = fit_trees(data, config, {"max_rounds": 20})
    assert set(asked[len(asked) // 2 :]) == {config.engine.threads} == {2}
    assert one.predict_causes(data.features).tobytes() == two.predict_causes(data.features).tobytes()
    models = [two.classifier, *(model for model in two.models_.values() if hasattr(model, "boosters_"))]
    assert len(models) > 1
    assert {model.num_threads for model in models} == {1}


def test_a_study_stands_for_its_data_and_its_label(world):
    tables = world()
    data = churn_data(tables, silent)
    name = study_name(tables.config, data.features, data.cause, data.spine)
    assert name == study_name(world(tuning={"trials": 9}).config, data.features, data.cause, data.spine)
    changed = data.features.copy()
    changed.iloc[5, changed.columns.get_loc("price")] += 0.01
    others = {
        study_name(tables.config, changed, data.cause, data.spine),
        study_name(tables.config, data.features, np.roll(data.cause, 1), data.spine),
        study_name(world(seed=8).config, data.features, data.cause, data.spine),
        study_name(world(horizon_days=60).config, data.features, data.cause, data.spine),
        study_name(world(monotone={"tenure_days": -1}).config, data.features, data.cause, data.spine),
    }
    assert len(others | {name}) == 6


def test_without_a_budget_nothing_is_searched(plain):
    log, _ = plain
    assert "tuning.csv" not in log.tables
    assert not any(name.startswith("tuned_") for name in log.logged)


def test_a_monotone_constraint_holds_in_the_registered_model(world):
    tables = world(monotone={"tenure_days": -1})
    log, _ = trained(tables)
    row = churn_data(tables, silent).features.iloc[[10]]
    sweep = pd.concat([row.assign(tenure_days=days) for days in np.linspace(0.0, 3000.0, 40)])
    assert (np.diff(log.model.predict_frame(sweep)["churn_probability"]) <= 1e-12).all()


def test_a_constraint_on_an_unknown_feature_is_one_clear_line(world):
    with pytest.raises(ConfigError, match=r"churn\.monotone: .* got 'tenure_day'; did you mean 'tenure_days'\?"):
        trained(world(monotone={"tenure_day": -1}))


def test_the_table_is_by_snapshot_and_segment_beside_its_baselines(plain):
    log, judged = plain
    table = log.tables["judgement.csv"]
    assert set(table["slice"]) == {"all", "snapshot", "method", "term_months"}
    assert table.groupby(["slice", "value"])["model"].apply(list).map(len).eq(3).all()
    whole = table[table["slice"] == "all"].set_index("model")
    assert log.measured["lightgbm_empc"] == whole.loc["lightgbm", "empc"]
    assert judged.loss == pytest.approx(whole.loc["lightgbm", "log_loss"])
    for kind in ("snapshot", "method", "term_months"):
        rows = table[(table["slice"] == kind) & (table["model"] == "lightgbm")]
        assert rows["rows"].sum() <= whole.loc["lightgbm", "rows"]
        assert rows["churners"].sum() <= whole.loc["lightgbm", "churners"]
    assert "| all | all | LightGBM |" in log.texts["judgement.md"]
    assert set(log.tables["reliability.csv"]["model"]) == {"lightgbm", "logistic", "last_rate"}
    assert set(log.figures) == {"calibration", "gain", "profit", "importance", "partial_dependence"}
    assert re.search(r"snapshots, \w+ \d+, 20\d\d to \w+ \d+, 20", log.description)
    assert "Predictions move most with" in log.description
    assert log.texts["model_card.html"].count("data:image/png;base64,") == 5


def test_the_grade_is_printed_and_kept(plain):
    log, judged = plain
    line = next(line for line in judged.lines() if "grade" in line)
    assert f"grade {log.logged['grade']} (" in line
    assert log.texts["judgement.md"].splitlines()[2].lower() == f"{line.strip().lower()}."


def test_last_month_s_rate_is_that_of_the_last_snapshot_known_before_the_test(plain, world):
    log, _ = plain
    data = churn_data(world(), silent)
    table = log.tables["judgement.csv"]
    first_test = pd.Timestamp(table.loc[table["slice"] == "snapshot", "value"].min())
    known = data.spine["as_of"] + pd.Timedelta(days=120) <= first_test
    last = (data.spine["as_of"] == data.spine.loc[known, "as_of"].max()).to_numpy()
    shown = table[(table["slice"] == "all") & (table["model"] == "last_rate")]["mean_risk"].iloc[0]
    assert shown == pytest.approx(data.churned[last].mean())


def test_an_unknown_segment_is_named_and_an_absent_one_left_out(world):
    with pytest.raises(ConfigError, match="unknown feature 'metod'; did you mean 'method'"):
        trained(world(segments=["method", "metod"]))
    absent = world(segments=["csat_last", "method"]).config
    assert list(segments(absent, pd.DataFrame({"method": ["iban"]}))) == ["method"]


def test_auto_takes_the_simpler_model_unless_the_trees_are_better_beyond_noise(world):
    log, judged = trained(world())
    report = log.tables["judgement.csv"].query("slice == 'all'").set_index("model")
    kind = log.logged["churn_model"]
    note = next(line for line in judged.lines() if "model:" in line)
    assert kind == ("trees" if note.strip().startswith("model: the trees") else "logistic")
    used = {"trees": "lightgbm", "logistic": "logistic"}[kind]
    assert judged.loss == pytest.approx(report.loc[used, "log_loss"])
    assert type(log.model.final).__name__ == {"trees": "CompetingChurn", "logistic": "LogisticChurn"}[kind]
    assert type(log.model.evaluation) is type(log.model.final)


def test_the_logistic_model_scores_gives_reasons_and_is_graded_as_such(world):
    tables = world(model="logistic")
    log, judged = trained(tables)
    features = churn_data(tables, silent).features
    scored = log.model.predict_frame(features)
    total = scored["churn_probability_voluntary"] + scored["churn_probability_involuntary"]
    assert scored["churn_probability"].to_numpy() == pytest.approx(total.to_numpy())
    assert list(log.model.contributions(features.head(5))) == list(log.model.columns)
    assert "logistic regression does as well" not in " ".join(judged.lines())
    assert "The model used is logistic regression." in log.texts["judgement.md"]


def test_which_model_is_used_is_decided_beyond_noise(world):
    """Equal losses and a gain within noise take the simpler model; one beyond it, and constraints, the trees."""
    rng = np.random.default_rng(0)
    logistic, customers = rng.gamma(1, 1, 500), np.arange(500)
    auto = world().config
    assert chosen_kind(auto, logistic, logistic, customers)[0] == "logistic"
    noise = rng.normal(0, 1, 500)
    assert chosen_kind(auto, logistic + noise - noise.mean() - 0.01, logistic, customers)[0] == "logistic"
    kind, note = chosen_kind(auto, logistic - 0.1, logistic, customers)
    assert (kind, "better beyond noise" in note) == ("trees", True)
    kind, note = chosen_kind(world(monotone={"tenure_days": -1}).config, logistic + 1, logistic, customers)
    assert (kind, "churn.monotone" in note) == ("trees", True)
    assert chosen_kind(world(model="trees").config, logistic + 1, logistic, customers) == ("trees", "")


def test_the_logistic_model_refuses_constraints(world):
    with pytest.raises(ConfigError, match=r"churn\.model: logistic regression holds no constraints"):
        trained(world(model="logistic", monotone={"tenure_days": -1}))


def test_a_model_too_good_to_be_true_is_not_registered(world):
    suspicious, log = world(leakage={"max_model_auc": 0.55}), Log()
    with pytest.raises(LeakageError, match="too good to be true: the model as a whole"):
        train_churn(suspicious, log, log, silent)
    assert log.model is None


def test_snapshots_are_told_by_their_local_day():
    as_of = pd.Series(pd.to_datetime(["2024-03-30 23:00", "2024-03-31 22:00"] * 50))  # midnights in Paris, either side
    churned = np.tile([0, 1, 1, 0], 25)
    risks = dict.fromkeys(("lightgbm", "logistic", "last_rate"), np.linspace(0.1, 0.9, 100))
    config = Config.model_validate({"tables": {"customers": "-", "payments": "-"}, "timezone": "Europe/Paris"})
    log = Log()
    table = churn_report(config, churned, risks, pd.DataFrame(index=range(100)), as_of, log).table
    assert set(table.loc[table["slice"] == "snapshot", "value"]) == {"2024-03-31", "2024-04-01"}
    assert "2024-04-01" in log.texts["judgement.md"]
