"""The front door: what it opens, and that opening costs nothing before something is asked."""

from __future__ import annotations

import subprocess
import sys

import pytest
import servicelift as sl
from servicelift.core.progress import no_progress

HEAVY = ("pandas", "numpy", "ibis", "mlflow", "duckdb", "lightgbm", "sklearn", "matplotlib", "typer", "pydantic")

pytestmark = [pytest.mark.xdist_group("front_door"), pytest.mark.usefixtures("tables_read_once")]


@pytest.fixture(scope="module")
def b(trained_press):
    return sl.open(trained_press, progress=no_progress)


def test_importing_the_package_imports_no_library():
    code = "import sys, servicelift; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "servicelift" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_every_public_name_is_there_and_no_other():
    assert set(sl.__all__) <= set(dir(sl))
    for name in sl.__all__:
        assert getattr(sl, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sl.nothing


def test_the_stub_names_what_is_there_at_run_time(pytestconfig):
    text = (pytestconfig.rootpath / "__init__.pyi").read_text(encoding="utf-8")
    names = [line.rpartition(" as ")[2] for line in text.splitlines() if " as " in line]
    assert sorted(names) == sorted(sl.__all__)


def test_a_business_says_its_name_and_no_more(b):
    assert repr(b) == "Business('press', 15 tables)"


def test_a_configuration_that_was_read_opens_too(b):
    assert sl.open(b.config).config is b.config


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(sl.ConfigError, match="found none"):
        sl.open(tmp_path / "nowhere.yaml")
