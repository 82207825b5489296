"""The example scripts, loaded from their files as a user runs them."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def example(pytestconfig: pytest.Config) -> Callable[[str], SimpleNamespace]:
    """Return what a script of examples/ defines, by the script's name."""
    return lambda name: SimpleNamespace(**runpy.run_path(str(pytestconfig.rootpath / "examples" / f"{name}.py")))
