"""The Java that Spark runs on: found, and of an age that Spark takes, or one clear line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from ...core.errors import ConfigError

__all__ = ["JAVA", "require_java"]

JAVA = 17
"""Oldest Java that Spark 4 runs on."""


def require_java() -> None:
    """Stop where Spark would find no Java, or one that is too old.

    Raises
    ------
    ConfigError
        There is no ``java`` under JAVA_HOME or on the PATH, or it is older than Java 17.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if java is None:
        where = f"under JAVA_HOME={home}" if home else "on the PATH, and JAVA_HOME is not set"
        raise ConfigError(f"engine.name: spark needs Java {JAVA} or newer, got none {where}; install a Java runtime")
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', shown.stderr + shown.stdout)
    if found is None or int(found.group(1)) < JAVA:
        came = f"Java {found.group(1)}" if found else "one that does not tell its version"
        raise ConfigError(
            f"engine.name: spark needs Java {JAVA} or newer, got {came} at '{java}'; install a newer one, set JAVA_HOME"
        )
