"""A version as one file: into another store and business, refused where anything of it is not as it was written."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.tracking import CHAMPION, Tracker
from servicelift.training.model_file import export_version, import_version
from servicelift.training.registry_by_hand import listing, promote_by_hand


def config(folder: Path, business: str) -> Config:
    tables = {"customers": "c", "payments": "p"}
    return Config.model_validate({"business": business, "tables": tables, "folder": folder})


@pytest.fixture
def exported(tmp_path, saved, saved_rows, empty_store):
    """A version of one business in a file, and the configuration of another business with an empty store."""
    for name in ("here", "there"):
        empty_store(tmp_path / name / "mlflow.db")
    mine = config(tmp_path / "here", "press")
    tracker = Tracker.of(mine)
    with tracker.run("churn") as run:
        run.tags({"grade": "C"})
        run.metrics({"auc": 0.75})
        stored = tracker.store(saved, "press-churn", saved_rows.head(1))
    tracker.publish(stored, "press-churn", {"servicelift.decision": "champion", "servicelift.job": "j", "grade": "B"})
    lines = export_version(mine, "churn:1", tmp_path / "out" / "churn.zip")
    assert lines == [f"press-churn version 1: written to {tmp_path}/out/churn.zip, SHA-256 {stored.digest}"]
    return tmp_path / "out" / "churn.zip", config(tmp_path / "there", "radio")


def test_a_model_predicts_the_same_in_another_store(exported, saved, saved_rows):
    file, other = exported
    done = import_version(other, file)
    assert done[0].startswith("radio-churn version 1: imported, press-churn version 1, registered ")
    assert done[1].endswith('servicelift models CONFIG --promote churn:1 --reason "..."')
    tracker = Tracker.of(other)
    assert tracker.find("radio-churn", CHAMPION) is None
    promote_by_hand(other, "churn:1", "tried elsewhere")
    read = tracker.load("radio-churn").model
    np.testing.assert_array_equal(read.predict_frame(saved_rows), saved.predict_frame(saved_rows))
    version = tracker.versions("radio-churn")[0]
    assert version.tags["grade"] == "B"
    run = tracker.past_run(version.run_id)
    assert (run.tags["grade"], run.metrics) == ("C", {"auc": 0.75})
    assert "servicelift.job" not in version.tags
    assert "tried elsewhere" in listing(other)[0]
    assert [run.status for run in tracker.past()] == ["FINISHED"]


def rewritten(file, change):
    """Write the zip anew with some of its members changed; ``change`` takes and returns their contents by name."""
    with zipfile.ZipFile(file) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    with zipfile.ZipFile(file, "w") as bundle:
        for name, content in change(members).items():
            bundle.writestr(name, content)


def changed_model(members):
    name = next(name for name in members if name.endswith("model.pkl"))
    return {**members, name: b"something else"}


def without_model(members):
    return {name: content for name, content in members.items() if not name.endswith("model.pkl")}


def said(**other):
    def change(members):
        facts = json.loads(members["servicelift.json"]) | other
        return {**members, "servicelift.json": json.dumps(facts)}

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed_model, "was changed after it was exported"),
        (without_model, "no file of `servicelift models --export`"),
        (said(sha256="0" * 64), "its model was changed"),
        (said(format=9), "expected a model of format 1, got 9"),
        (said(kind="chrun"), "unknown kind of model 'chrun'; did you mean 'churn'"),
        (said(files={"../../evil": "0"}), "no file of `servicelift models --export`"),
        (said(files=3), "no file of `servicelift models --export`"),
        (lambda members: {"other.txt": b"x"}, "no file of `servicelift models --export`"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused_before_anything_is_registered(exported, change, message):
    file, other = exported
    rewritten(file, change)
    with pytest.raises(ConfigError, match=message):
        import_version(other, file)
    assert Tracker.of(other).versions("radio-churn") == []
    assert not (file.parents[1] / "evil").exists()


def test_a_file_that_was_cut_off_and_one_that_is_not_there(exported, tmp_path):
    file, other = exported
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(ConfigError, match="or was cut off; export it again"):
        import_version(other, file)
    with pytest.raises(ConfigError, match="found none"):
        import_version(other, tmp_path / "nowhere.zip")
    with pytest.raises(ConfigError, match=r"ending in \.zip"):
        export_version(other, "churn:1", tmp_path / "churn.tar")
    with pytest.raises(ConfigError, match="has no version '7'"):
        export_version(config(tmp_path / "here", "press"), "churn:7", tmp_path / "x.zip")


def test_a_model_whose_file_was_changed_in_the_store_is_not_exported(exported, tmp_path):
    model = next((tmp_path / "here" / "mlartifacts").rglob("model.pkl"))
    model.write_bytes(b"other")
    with pytest.raises(ConfigError, match="is not the one that was registered"):
        export_version(config(tmp_path / "here", "press"), "churn:1", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()
