"""What a model came from: the configuration's repository and the packages."""

from __future__ import annotations

import subprocess
from importlib.metadata import version

import pytest
from servicelift.training.provenance import environment, git_state


def git(folder, *arguments):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "press.yaml").write_text("seed: 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_a_clean_repository_gives_its_commit(repository):
    state = git_state(repository)
    assert len(state["git.commit"]) == 40
    assert state["git.dirty"] == "no"


def test_a_changed_configuration_is_told(repository):
    (repository / "press.yaml").write_text("seed: 2\n")
    assert git_state(repository)["git.dirty"] == "yes"


def test_results_beside_it_change_nothing(repository):
    (repository / "mlflow.db").write_text("x")
    assert git_state(repository)["git.dirty"] == "no"


def test_without_a_repository_or_without_git_there_is_nothing_to_say(tmp_path, monkeypatch, repository):
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    assert git_state(outside) == {}
    monkeypatch.setenv("PATH", "")
    assert git_state(repository) == {}


def test_the_environment_names_every_package_and_no_place():
    text = environment()
    assert f"\nlightgbm=={version('lightgbm')}\n" in text
    assert "/" not in text.partition("\n")[2]
