"""The house stands as designed: packaging, documentation and committed pages."""

from __future__ import annotations

import ast
import socket
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "business",
    "configs",
    "console",
    "core",
    "features",
    "models",
    "onboarding",
    "scoring",
    "simulation",
    "training",
)
CODE = sorted([*ROOT.glob("*.py"), *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))])
OTHER = sorted(file for place in ("tests", "benchmarks", "examples") for file in (ROOT / place).rglob("*.py"))


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_room_and_sub_room_is_packaged():
    packages = _project()["tool"]["setuptools"]["packages"]
    found = {file.parent.relative_to(ROOT).as_posix().replace("/", ".") for file in CODE if "/" in _name(file)}
    assert packages == ["servicelift", *sorted(f"servicelift.{room}" for room in found)]


def test_every_file_beside_the_code_is_packaged():
    """Templates, styles and configurations are read from the installed package."""
    patterns = _project()["tool"]["setuptools"]["package-data"]
    beside = [
        file
        for room in ROOMS
        for file in (ROOT / room).rglob("*")
        if file.is_file() and file.suffix not in (".py", ".pyc") and "__pycache__" not in file.parts
    ]
    assert len(beside) > 3
    for file in beside:
        package = ".".join(("servicelift", *file.parent.relative_to(ROOT).parts))
        assert any(file.match(pattern) for pattern in patterns.get(package, [])), f"{_name(file)} is not packaged"


def test_every_folder_with_code_is_a_room():
    folders = {_name(p).partition("/")[0] for p in ROOT.glob("*/__init__.py")}
    assert folders == set(ROOMS)


def test_root_imports_nothing_of_ours():
    """Public names are imported when they are asked for."""
    lines = (ROOT / "__init__.py").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith(("import ", "from "))] == ["from importlib import import_module"]


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


@pytest.mark.parametrize("path", [_name(file) for file in (*CODE, *OTHER)])
def test_files_and_functions_stay_small(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    if path.startswith("tests/"):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 60, f"{node.name} has {lines} lines"


def test_no_folder_is_crowded():
    counts = Counter(file.parent for file in [*CODE, *OTHER])
    assert {str(folder): n for folder, n in counts.items() if n > 30} == {}


def test_tests_cannot_reach_the_network():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as out, pytest.raises(OSError, match="need the network"):
        out.connect(("192.0.2.1", 80))
