"""Progress where somebody looks: lines on stderr, one line in a notebook, nothing in a program."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from servicelift.core.progress import Step, no_progress
from servicelift.terminal import fitting_display, steps

WORLD = """
from servicelift.simulation.write import simulate
simulate("world", customers=200, seed=3, truth=False)
"""
VALIDATE = """
from servicelift.core.config.business import load_config
from servicelift.features.tables.tables import validate
print(validate(load_config("world/press.yaml")).lines()[-1][:8])
"""
WORK = """
from servicelift.core.progress import Step
from servicelift.terminal import fitting_display
with fitting_display()() as say:
    say("tables: open and check")
    say(Step("features: build", done=0.5, remaining=75.0))
"""
STOPPED = WORK + "    raise SystemExit\n"


def test_each_step_leaves_a_line_on_stderr_and_none_on_stdout(capsys):
    with steps() as say:
        say("tables: open [and] check")
        say(Step("features: build", done=0.5, remaining=9.0))
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert [line.rpartition(" s")[0].rsplit(" ", 1)[0] for line in lines] == [
        "done tables: open [and] check",
        "done features: build",
    ]


def test_a_program_without_anybody_who_looks_is_silent(capsys):
    assert fitting_display() is no_progress
    with fitting_display()() as say:
        say("tables: open and check")
    assert capsys.readouterr().err == ""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """The work of a notebook whose kernel has no ipywidgets."""
    cells = [nbformat.v4.new_code_cell(text) for text in (WORLD, VALIDATE, WORK, STOPPED)]
    made = nbformat.v4.new_notebook(cells=cells)
    folder: Path = tmp_path_factory.mktemp("notebook")
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(made, timeout=300, resources=resources, allow_errors=True).execute()
    return [[out.get("text") or out.get("data", {}).get("text/plain", "") for out in c.outputs] for c in made.cells]


def test_tables_are_checked_in_a_notebook_without_widgets(notebook):
    assert notebook[1] == ["0 errors\n"]


def test_a_notebook_shows_one_line_that_ends_with_the_time(notebook):
    (line,) = notebook[2]
    assert line.startswith("2 steps in ")


def test_a_notebook_says_that_work_was_stopped(notebook):
    assert notebook[3][0].startswith("stopped after ")
