"""The tutorial is true: every command in it runs on a small world, and prints what the page shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from servicelift.cli import app
from typer.main import get_command

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
STARTS = """import sys
from servicelift.cli import main
sys.argv[0] = "servicelift"
main()
"""


def steps() -> list[tuple[str, str]]:
    """Return the page's blocks in their order: ``console`` with commands and output, ``yaml`` to be added."""
    return [(kind, text) for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if kind != "text"]


def commands() -> list[list[str]]:
    found = [line[2:] for kind, text in steps() if kind == "console" for line in text.splitlines() if line[:2] == "$ "]
    return [shlex.split(line) for line in found]


def test_every_command_and_option_of_the_tutorial_exists():
    known = get_command(app).commands
    assert len(commands()) >= 7
    for program, command, *arguments in commands():
        assert program == "servicelift"
        options = {name for parameter in known[command].params for name in parameter.opts}
        assert {word for word in arguments if word.startswith("--")} <= options


@pytest.mark.slow
def test_every_command_of_the_tutorial_prints_what_the_page_shows(tmp_path):
    for kind, text in steps():
        if kind == "yaml":
            with (tmp_path / "press.yaml").open("a", encoding="utf-8") as file:
                file.write("\n" + text)
            continue
        first, *shown = text.splitlines()
        program = [sys.executable, "-c", STARTS, *expanded(tmp_path, shlex.split(first)[2:])]
        done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed = done.stdout.splitlines()
        for line in shown:
            assert line == "..." or line in printed, f"{first}\n{line!r} is not among\n{done.stdout}"


def expanded(folder: Path, words: list[str]) -> list[str]:
    """Return the words of a command with its patterns of files written out, as a shell does."""
    out = []
    for word in words:
        out += sorted(str(file.relative_to(folder)) for file in folder.glob(word)) if "*" in word else [word]
    return out
