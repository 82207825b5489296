"""An engine that cannot start says so in one line; what Spark needs is looked for before it starts."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path

import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.features.engines.base import Engine
from servicelift.features.engines.choose import connect, engine_of
from servicelift.features.engines.duckdb import DuckDBEngine
from servicelift.features.engines.java import require_java


def config(**engine: object) -> Config:
    return Config.model_validate({"tables": {"customers": "-", "payments": "-"}, "engine": engine})


def java(folder: Path, says: str) -> Path:
    """A java that only tells its version."""
    tool = folder / "bin" / "java"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    tool.chmod(0o755)
    return folder


def test_spark_without_pyspark_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "servicelift.features.engines.spark", raising=False)
    real = builtins.__import__

    def missing(name: str, *places: object, **options: object) -> object:
        if name.split(".")[0] in ("py4j", "pyspark"):
            raise ModuleNotFoundError("No module named 'pyspark'", name="pyspark")
        return real(name, *places, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ConfigError, match=r"needs the package pyspark; run pip install 'servicelift\[spark\]'"):
        connect(config(name="spark"))


def test_an_engine_lacks_nothing_of_what_the_rooms_call() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Engine(connect(config()))
    assert isinstance(engine_of(connect(config())), DuckDBEngine)


def test_the_default_engine_does_not_load_spark() -> None:
    code = (
        "import sys; from servicelift.core.config.business import Config;"
        "from servicelift.features.engines.choose import connect, engine_errors;"
        "connect(Config.model_validate({'tables': {'customers': '-', 'payments': '-'}})); engine_errors();"
        "print('pyspark' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"


def test_no_java_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(ConfigError, match="needs Java 17 or newer, got none on the PATH, and JAVA_HOME is not set"):
        require_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=f"got none under JAVA_HOME={tmp_path}; install a Java"):
        require_java()


@pytest.mark.parametrize(
    ("says", "came"),
    [
        ('openjdk version "11.0.2" 2019-01-15', "got Java 11 at"),
        ('java version "1.8.0_382"', "got Java 8 at"),
        ("hello", "got one that does not tell its version at"),
    ],
)
def test_an_old_java_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, came: str) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path, says)))
    with pytest.raises(ConfigError, match=came):
        require_java()


@pytest.mark.parametrize("version", ["17.0.15", "21", "25.0.1"])
def test_a_new_java_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path, f'openjdk version "{version}"')))
    require_java()
