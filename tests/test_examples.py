"""The examples run: those of the public names, which may use a trained business, and those of the rooms behind them."""

from __future__ import annotations

import doctest
import importlib
import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import servicelift as sl
from servicelift.business.business import Business
from servicelift.core.progress import no_progress

pytestmark = [pytest.mark.xdist_group("front_door"), pytest.mark.usefixtures("tables_read_once")]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def public() -> Iterator[tuple[str, object]]:
    """Yield every public name with what it names."""
    for name in sl.__all__:
        thing = getattr(sl, name)
        if inspect.ismodule(thing):
            yield from ((f"{name}.{inner}", getattr(thing, inner)) for inner in thing.__all__)
        else:
            yield name, thing
    for name, method in inspect.getmembers(Business, inspect.isfunction):
        if not name.startswith("_"):
            yield f"Business.{name}", method


PUBLIC = dict(public())


@pytest.fixture(scope="module")
def names(trained_press, tmp_path_factory):
    """What every example may use; the store is a copy, because examples train and promote."""
    folder = trained_press.parent
    shutil.copyfile(folder / "mlflow.db", folder / "examples.db")
    config = folder / "examples.yaml"
    config.write_text(trained_press.read_text(encoding="utf-8").replace("mlflow.db", "examples.db"), encoding="utf-8")
    b = sl.open(config, progress=no_progress)
    return {"sl": sl, "np": np, "b": b, "config": config, "folder": str(tmp_path_factory.mktemp("examples"))}


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_runs(name, names):
    thing = PUBLIC[name]
    module = inspect.getmodule(thing)
    text = inspect.getdoc(thing) or ""
    parsed = doctest.DocTestParser().get_doctest(text, vars(module) | names, name, None, None)
    assert parsed.examples, f"{name}: give its docstring an Examples section that runs"
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(parsed, out=said.append)
    assert not said, "".join(said)


HOUSE = Path(sl.__file__).parent
ROOMS = ("core", "features", "models", "training", "scoring", "onboarding", "console", "cli")
BEHIND = [
    ".".join(file.relative_to(HOUSE).with_suffix("").parts)
    for room in ROOMS
    for file in sorted((HOUSE / room).rglob("*.py"))
    if ">>> " in file.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", BEHIND)
def test_the_examples_of_a_room_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(f"servicelift.{name}")
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for found in doctest.DocTestFinder().find(module):
        runner.run(found, out=said.append)
    assert not said, "".join(said)
