"""Runs whose process is gone are closed; a stopped job goes on, a finished one does not."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from servicelift.training import resume
from servicelift.training.resume import close_dead_runs, job_key, job_tags, unfinished_job

PROCESS = "servicelift.process"


def begun(tracker, tags):
    """A run that nobody has ended."""
    import mlflow

    run = mlflow.start_run(experiment_id=tracker._experiment, run_name="train", tags=tags)
    mlflow.end_run("RUNNING")
    return run.info.run_id


def status(tracker, run_id):
    return tracker.past_run(run_id).status


@pytest.fixture
def dead():
    """The mark of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    host, boot, _, _ = job_tags("", "")[PROCESS].split("/")
    mark = f"{host}/{boot}/{child.pid}/{resume._started(child.pid)}"
    child.communicate(b"\n")
    return mark


def test_only_the_runs_of_dead_processes_are_closed(tracker, dead):
    gone = begun(tracker, {PROCESS: dead})
    mine = begun(tracker, job_tags("k", "j"))
    foreign = begun(tracker, {})
    assert close_dead_runs(tracker) == 1
    assert [status(tracker, run) for run in (gone, mine, foreign)] == ["KILLED", "RUNNING", "RUNNING"]
    assert close_dead_runs(tracker) == 0


def test_a_number_given_out_again_and_a_restart_are_seen_through(tracker):
    host, boot, process, started = job_tags("", "")[PROCESS].split("/")
    again = begun(tracker, {PROCESS: f"{host}/{boot}/{os.getpid()}/{started}1"})
    restarted = begun(tracker, {PROCESS: f"{host}/{boot}x/{process}/{started}"})
    assert close_dead_runs(tracker) == 2
    assert status(tracker, again) == status(tracker, restarted) == "KILLED"


def test_another_machine_is_trusted_for_two_days(tracker, dead, monkeypatch):
    run = begun(tracker, {PROCESS: f"elsewhere/{dead.partition('/')[2]}"})
    assert close_dead_runs(tracker) == 0
    monkeypatch.setattr(resume, "_ELSEWHERE", timedelta(seconds=-1))
    assert close_dead_runs(tracker) == 1
    assert status(tracker, run) == "KILLED"


def test_a_stopped_job_goes_on_and_a_finished_one_does_not(tracker, dead):
    assert unfinished_job(tracker, "k") is None
    begun(tracker, {**job_tags("k", "one"), PROCESS: dead})
    begun(tracker, {**job_tags("other", "two"), PROCESS: dead})
    close_dead_runs(tracker)
    assert unfinished_job(tracker, "k") == "one"
    with tracker.run("train", tags=job_tags("k", "one")):
        assert unfinished_job(tracker, "k") is None, "another process has taken it up"
    assert unfinished_job(tracker, "k") is None
    with pytest.raises(ValueError, match="broken"), tracker.run("train", tags=job_tags("k", "three")):
        raise ValueError("broken")
    assert unfinished_job(tracker, "k") == "three"


def test_keys_tell_parts_apart():
    assert job_key("a", "b") == job_key("a", "b")
    assert len({job_key("a", "b"), job_key("ab", ""), job_key("b", "a")}) == 3
