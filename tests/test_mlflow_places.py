"""A store whose folder was moved or copied: read where it lies, and written there, too; never in the original's."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from servicelift.mlflow_places import Places
from servicelift.tracking import CHAMPION, Tracker

ROWS = pd.DataFrame({"x": [1.0, 3.0]})


class Half:
    """The least that can be registered."""

    columns = ("x",)

    def predict_frame(self, frame):
        return frame[["x"]] / 2


@pytest.fixture
def store(tmp_path, empty_store):
    """A folder with a store of one champion, and a text in its run."""
    folder = tmp_path / "a b"  # a space: places are URIs
    empty_store(folder / "mlflow.db")
    tracker = Tracker(f"sqlite:///{folder}/mlflow.db", "press")
    with tracker.run("churn") as run:
        stored = tracker.store(Half(), "press-churn", ROWS)
        run.text("kept", "notes/text.md")
    tracker.set_alias("press-churn", CHAMPION, tracker.publish(stored, "press-churn", {}))
    return folder, run.run_id


def files(folder):
    return {file.relative_to(folder) for file in (folder / "mlartifacts").rglob("*") if file.is_file()}


@pytest.mark.parametrize("carry", [shutil.move, shutil.copytree], ids=["moved", "copied"])
def test_a_store_is_read_where_it_lies_and_writes_beside_itself(store, tmp_path, carry):
    folder, run_id = store
    before = files(folder)
    carry(folder, tmp_path / "elsewhere")
    tracker = Tracker(f"sqlite:///{tmp_path}/elsewhere/mlflow.db", "press")
    place, digest = tracker.files("press-churn", 1)
    assert place.is_relative_to(tmp_path / "elsewhere")
    assert digest is not None
    assert tracker.load("press-churn").model.predict_frame(ROWS)["x"].tolist() == [0.5, 1.5]
    assert tracker.artefact(run_id, "notes/text.md") == "kept"
    with tracker.run("again") as run:
        run.text("new", "new.md")
        stored = tracker.store(Half(), "press-churn", ROWS)
    assert tracker.publish(stored, "press-churn", {}) == 2
    assert tracker.artefact(run.run_id, "new.md") == "new"
    assert len(files(tmp_path / "elsewhere")) > len(before)
    assert not folder.exists() or files(folder) == before
    again = Tracker(f"sqlite:///{tmp_path}/elsewhere/mlflow.db", "press")
    for version in (1, 2):
        assert again.files("press-churn", version)[0].is_relative_to(tmp_path / "elsewhere")
    assert again.artefact(run_id, "notes/text.md") == "kept"
    assert again.artefact(run_id, "notes/none.md") is None


def test_a_store_moved_back_and_one_whose_files_stayed(store, tmp_path):
    folder, _ = store
    shutil.move(folder, tmp_path / "elsewhere")
    tracker = Tracker(f"sqlite:///{tmp_path}/elsewhere/mlflow.db", "press")
    with tracker.run("written there"):
        pass
    shutil.move(tmp_path / "elsewhere", folder)
    tracker = Tracker(f"sqlite:///{folder}/mlflow.db", "press")
    assert tracker.load("press-churn").version == 1
    (tmp_path / "alone").mkdir()
    shutil.copy(folder / "mlflow.db", tmp_path / "alone" / "mlflow.db")
    with tracker.run("places of the original are right again"):
        pass
    shutil.copy(folder / "mlflow.db", tmp_path / "alone" / "mlflow.db")
    alone = Tracker(f"sqlite:///{tmp_path}/alone/mlflow.db", "press")
    assert alone.files("press-churn", 1)[0].is_relative_to(folder)


@pytest.mark.parametrize(
    ("uri", "recorded"),
    [
        ("http://host:5000", "mlflow-artifacts:/1"),
        ("sqlite:////tmp/x/mlflow.db", "s3://bucket/mlartifacts"),
        ("sqlite:////tmp/x/mlflow.db", "file:///data/elsewhere"),
        ("sqlite:////tmp/x/mlflow.db", "file:///tmp/x/mlartifacts"),
    ],
)
def test_places_that_are_not_ours_or_right_stay(uri, recorded):
    places = Places(uri, recorded)
    assert not places.moved
    assert places.here(f"{recorded}/1") is None


def test_only_what_lies_below_the_recorded_place_is_looked_for(tmp_path):
    (tmp_path / "mlartifacts" / "models").mkdir(parents=True)
    places = Places(f"sqlite:///{tmp_path}/mlflow.db", "file:///gone/mlartifacts")
    assert places.moved
    assert places.here("file:///gone/mlartifacts/models") == tmp_path / "mlartifacts" / "models"
    assert places.here("file:///gone/mlartifacts2/models") is None
    assert places.here("file:///gone/mlartifacts/other") is None
