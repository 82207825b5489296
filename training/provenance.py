"""What a model came from: code, configuration, tables, features and packages, so that it can be made again."""

from __future__ import annotations

import json
import platform
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pandas as pd

from .. import __version__
from ..core.time import local_day
from ..features.catalogue.catalogue import explain_all, feature_names
from ..features.tables.tables import Tables
from ..tracking import Run

__all__ = ["config_text", "environment", "git_state", "log_provenance", "provenance_tags"]


def config_text(tables: Tables) -> str:
    """Return the configuration without tables, checks and store: they may hold what the environment filled in."""
    return tables.config.model_dump_json(indent=2, exclude={"folder", "tables", "checks", "tracking"})


def provenance_tags(tables: Tables, prints: dict[str, str]) -> dict[str, str]:
    """Return the tags by which runs are found again and model cards say what they rest on."""
    return {
        "business": tables.config.business,
        "data_until": str(local_day(tables.data_until, tables.config.timezone)),
        "fingerprint": prints["all"],
        "servicelift": __version__,
        **git_state(tables.config.folder),
    }


def log_provenance(run: Run, tables: Tables, prints: dict[str, str]) -> None:
    """Log version and seed as parameters; configuration, fingerprint, features and packages as artefacts."""
    config = tables.config
    run.params({"servicelift": __version__, "seed": config.seed, "data_until": tables.data_until})
    run.text(config_text(tables), "config.json")
    run.text(json.dumps(prints, indent=2), "fingerprint.json")
    run.table(_features(tables), "features.csv")
    run.text(environment(), "environment.txt")


def _features(tables: Tables) -> pd.DataFrame:
    known = explain_all(tables.config)
    rows = [(name, known[name].unit, ", ".join(known[name].sources)) for name in feature_names(tables)]
    return pd.DataFrame(rows, columns=["feature", "unit", "sources"])


def environment() -> str:
    """Return the interpreter and the version of every installed package, one a line."""
    installed = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
    packages = "\n".join(f"{name}=={version}" for name, version in sorted(installed.items(), key=_by_name))
    return f"# Python {platform.python_version()}, {platform.system()} {platform.machine()}\n{packages}\n"


def _by_name(item: tuple[str, str]) -> str:
    return item[0].lower()


def git_state(folder: Path) -> dict[str, str]:
    """Return commit, and whether files differ from it, of the repository that holds the configuration; {} without."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return {}
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"git.commit": commit, "git.dirty": "unknown" if changed is None else "yes" if changed else "no"}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
