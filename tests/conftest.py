"""Where the public data sets lie, for the tests that need them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir(pytestconfig: pytest.Config) -> Path:
    """Return the folder of public data sets: $SERVICELIFT_DATA, else ../shared/data; skips without it."""
    named = os.environ.get("SERVICELIFT_DATA")
    folder = Path(named) if named else pytestconfig.rootpath.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}; set SERVICELIFT_DATA to their folder")
    return folder.resolve()
