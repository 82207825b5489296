"""The ready-made files of a night: their syntax, and that every command in them is one of ours."""

from __future__ import annotations

import ast
import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml
from servicelift.cli import app
from typer.main import get_command

NIGHT = Path(__file__).parents[2] / "examples" / "night"
COMMAND = get_command(app)


def parsed(line: list[str]) -> str:
    """Let the command line parse what follows ``servicelift``; an unknown command or option fails. Return its name."""
    with click.Context(COMMAND, info_name="servicelift") as context:  # type: ignore[arg-type]
        command = COMMAND.get_command(context, line[0])  # type: ignore[attr-defined]
        assert command is not None, line
        with command.make_context(line[0], list(line[1:]), parent=context):
            return line[0]


def after_program(line: str) -> list[str]:
    words = shlex.split(line)
    return words[next(i for i, word in enumerate(words) if word.endswith("/servicelift")) + 1 :]


def test_the_compose_file_runs_a_night_beside_its_database_and_store():
    services = yaml.safe_load((NIGHT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert parsed(services["night"]["command"]) == "nightly"
    assert set(services["night"]["depends_on"]) <= set(services)
    for service in ("mlflow", "night"):
        build = services[service]["build"]
        assert (NIGHT / build["context"] / build["dockerfile"]).resolve() == (NIGHT / "Dockerfile").resolve()
    assert "${POSTGRES_PASSWORD" in services["database"]["environment"]["POSTGRES_PASSWORD"]


def test_docker_takes_the_compose_file(monkeypatch):
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker has no compose")
    monkeypatch.setenv("POSTGRES_PASSWORD", "x")
    line = ["docker", "compose", "-f", str(NIGHT / "compose.yaml"), "config", "-q"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_image_installs_extras_that_there_are_and_runs_as_nobody_special():
    text = (NIGHT / "Dockerfile").read_text(encoding="utf-8")
    project = (NIGHT.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"servicelift\[([\w,]+)\]", text)
    assert found is not None
    assert all(f"\n{extra} = [" in project for extra in found[1].split(","))
    words = re.findall(r"^([A-Z]+) ", text, re.MULTILINE)
    assert set(words) <= {"FROM", "RUN", "COPY", "USER", "WORKDIR", "VOLUME", "ENTRYPOINT", "CMD"}
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert parsed(["nightly", "press.yaml"]) == "nightly"


def test_cron_and_systemd_run_a_night():
    lines = (NIGHT / "crontab").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if re.match(r"[\d*]", line)]
    assert len(jobs) == 1
    assert re.fullmatch(r"\d{1,2} \d{1,2} \* \* \* .*", jobs[0])
    assert parsed(after_program(jobs[0])) == "nightly"
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(NIGHT / "servicelift-nightly.service", encoding="utf-8")
    assert unit["Service"]["Type"] == "oneshot"
    assert parsed(after_program(unit["Service"]["ExecStart"])) == "nightly"


def test_systemd_takes_the_units():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    units = [str(NIGHT / f"servicelift-nightly.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "servicelift-nightly" in line]
    # The program and its folder are those of the machine that the night runs on.
    assert [line for line in ours if "not executable" not in line] == []


def test_the_dag_runs_a_night_of_its_day():
    tree = ast.parse((NIGHT / "airflow_dag.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.List)]
    words = [[getattr(word, "value", "2024-06-01") for word in node.elts] for node in calls]
    night = next(line for line in words if "nightly" in line)
    assert parsed(night[1:]) == "nightly"


@pytest.mark.parametrize("name", ["github-actions.yml", "databricks-job.yml"])
def test_jobs_of_others_run_a_night(name):
    read = yaml.safe_load((NIGHT / name).read_text(encoding="utf-8"))
    if name.startswith("github"):
        step = read["jobs"]["night"]["steps"][0]
        assert parsed(after_program(step["run"])) == "nightly"
        assert "secrets." in step["env"]["POSTGRES_PASSWORD"]
        return
    task = read["resources"]["jobs"]["servicelift_nightly"]["tasks"][0]
    assert parsed(task["python_wheel_task"]["parameters"]) == "nightly"
    assert task["python_wheel_task"]["entry_point"] == "servicelift"
