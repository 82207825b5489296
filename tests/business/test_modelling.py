"""Training, champions and the register through the front door."""

from __future__ import annotations

import shutil

import pytest
import servicelift as sl
from servicelift.core.progress import no_progress

AT = "2024-01-01"
pytestmark = [pytest.mark.xdist_group("front_door"), pytest.mark.usefixtures("tables_read_once")]


@pytest.fixture(scope="module")
def b(trained_press):
    return sl.open(trained_press, progress=no_progress)


def test_champions_predict_for_a_spine_in_its_order(b):
    spine = b.spine(AT).iloc[::-7]
    churn, clv = b.champion("churn").predict(spine), b.champion("clv").predict(spine)
    assert churn.index.equals(spine.index)
    assert churn["churn_probability"].between(0, 1).all()
    assert (clv["clv_low"] <= clv["clv"]).all()
    turned = b.champion("clv").predict(spine.iloc[::-1])
    assert turned["clv"].reindex(clv.index).to_numpy() == pytest.approx(clv["clv"].to_numpy())


def test_action_values_come_from_features_and_the_value_at_risk(b):
    spine = b.spine(AT).head(20)
    values = b.champion("incremental").predict(spine)
    assert values["retention_offer.incremental_clv"].notna().all()


def test_a_champion_shows_no_model_inside(b):
    assert len(repr(b.champion("clv"))) < 400


def test_without_a_champion_the_error_says_train(trained_press, empty_store):
    folder = trained_press.parent / "fresh"
    empty_store(folder / "mlflow.db")
    text = trained_press.read_text(encoding="utf-8").replace("sqlite:///mlflow.db", "sqlite:///fresh/mlflow.db")
    path = shutil.copyfile(trained_press, trained_press.parent / "fresh.yaml")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sl.ModelError, match="servicelift train"):
        sl.open(path, progress=no_progress).champion("churn")


def test_versions_are_listed(b):
    lines = b.models().lines
    assert [line.split(" run ")[0] for line in lines] == [
        f"press-{kind} version 1 champion" for kind in ("churn", "clv", "incremental")
    ]


def test_by_hand_needs_a_reason(b):
    with pytest.raises(sl.ConfigError, match="reason"):
        b.promote("churn:1", "")
    with pytest.raises(sl.ConfigError, match="reason"):
        b.roll_back("churn", " ")
    with pytest.raises(sl.ConfigError, match="no version"):
        b.compare("churn:1", "churn:9")


def test_training_is_judged_and_listed(trained_press, empty_store):
    """A store of its own, so that the golden champions of the other tests stay."""
    folder = trained_press.parent / "own"
    empty_store(folder / "mlflow.db")
    text = trained_press.read_text(encoding="utf-8").replace("sqlite:///mlflow.db", "sqlite:///own/mlflow.db")
    path = trained_press.parent / "own.yaml"
    path.write_text(text.replace("every_months: 6", "every_months: 3"), encoding="utf-8")
    made = sl.open(path, progress=no_progress).train("churn")
    (row,) = made.models.to_dict("records")
    assert row["name"] == "press-churn"
    assert row["version"] == 1
    assert row["loss"] > 0
    assert made.refused == (() if row["alias"] == "champion" else ("press-churn:1",))
    assert made.summary().startswith("press-churn version 1")
