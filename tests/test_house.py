"""The house stands as designed: packaging, documentation and committed pages."""

from __future__ import annotations

import socket
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("configs", "core", "features", "models", "scoring", "simulation", "training")


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_room_is_packaged():
    packages = _project()["tool"]["setuptools"]["packages"]
    assert packages == ["servicelift", *(f"servicelift.{room}" for room in ROOMS)]


def test_every_folder_with_code_is_a_room():
    folders = {p.parent.name for p in ROOT.glob("*/__init__.py")}
    assert folders == set(ROOMS)


def test_root_imports_nothing():
    lines = (ROOT / "__init__.py").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.startswith(("import ", "from "))]


def test_constraints_pin_every_dependency():
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    project = _project()["project"]
    wanted = project["dependencies"] + [d for group in project["optional-dependencies"].values() for d in group]
    names = {spec.split("[")[0].split(">")[0].split("=")[0].strip().lower().replace("_", "-") for spec in wanted}
    assert names <= pinned


def test_constraints_name_no_host():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "@" not in text


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("*/*.py")))
def test_files_stay_small(path):
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= 400


def test_tests_cannot_reach_the_network():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as out, pytest.raises(OSError, match="need the network"):
        out.connect(("192.0.2.1", 80))
