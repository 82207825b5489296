"""Each module is reached from the command line, the public names or what MLflow calls, or says here who runs it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {file.parent.name for file in ROOT.glob("*/__init__.py")}
MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for file in (*ROOT.glob("*.py"), *(file for name in FOLDERS for file in (ROOT / name).rglob("*.py")))
}
STARTS = ("cli", "serving", "churn", "clv", "effects", "targeting")
RUN_BY = {
    "business.api_page": "python -m: writes docs/api.md",
    "configs": "data files",
    "configs.presets": "data files",
    "core.config.configuration_page": "python -m: writes docs/configuration.md",
    "features.catalogue.features_page": "python -m: writes docs/features.md",
    "features.validation.tables_page": "python -m: writes docs/tables.md",
    "models.subscriptions.draws": "examples of the public estimators draw from it",
}


def imports(name: str) -> set[str]:
    """Modules of the package that one imports, anywhere in it, relatively; the package's own are named in a table."""
    file = MODULES[name]
    package = [*name.split("."), ""] if file.name == "__init__.py" and name != "__init__" else name.split(".")
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join([*package[: len(package) - node.level], *([node.module] if node.module else [])])
            names |= {base, *(f"{base}.{alias.name}".lstrip(".") for alias in node.names)}
    return names & set(MODULES)


def reached() -> set[str]:
    lazy = re.findall(r'"([a-z_.]+)"', (ROOT / "__init__.py").read_text(encoding="utf-8"))
    seen: set[str] = set()
    waiting = [*STARTS, "__init__", *lazy]
    while waiting:
        name = waiting.pop()
        if name in MODULES and name not in seen:
            seen.add(name)
            waiting += [*imports(name), name.rpartition(".")[0]]
    return seen


def test_nothing_stands_in_the_house_that_nobody_reaches():
    assert set(MODULES) - reached() == set(RUN_BY)


def test_what_examples_draw_from_stands_in_one():
    examples = [
        file
        for file in (ROOT / "models").rglob("*.py")
        if ">>> from servicelift.models.subscriptions.draws" in file.read_text(encoding="utf-8")
    ]
    assert examples
