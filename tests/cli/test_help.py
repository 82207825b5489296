"""The help screens: every line whole at 80 columns, and every command says what it does."""

from __future__ import annotations

import inspect

import pytest
from servicelift.cli import app
from typer.main import get_command
from typer.testing import CliRunner

COMMANDS = get_command(app).commands


def shown(*arguments: str) -> list[str]:
    """Return the lines of a help screen of 80 columns."""
    done = CliRunner().invoke(app, [*arguments, "--help"], terminal_width=80, env={"COLUMNS": "80", "TERM": "dumb"})
    assert done.exit_code == 0
    return done.output.splitlines()


def first_line(name: str) -> str:
    return inspect.getdoc(COMMANDS[name].callback).splitlines()[0]


def test_the_screen_of_commands_is_whole():
    lines = shown()
    assert lines[:8] == [
        "Usage: servicelift [OPTIONS] COMMAND [ARGS]...",
        "",
        "  Prove and improve what customer service earns.",
        "",
        "Options:",
        "  --help  Show this message and exit.",
        "",
        "Commands:",
    ]
    width = max(map(len, COMMANDS))
    whole = [f"  {name:<{width}}  {first_line(name)}" for name in COMMANDS]
    assert [line.rstrip(".") for line in lines[8:]] == [line.rstrip(".") for line in whole]
    assert max(map(len, whole)) <= 80, "shorten the first line of the command's docstring"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_is_within_80_columns_and_cuts_no_word(name):
    lines = shown(name)
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    for option in COMMANDS[name].params:
        if getattr(option, "help", None):
            assert " ".join(option.help.split()) in text, f"{name}: {option.name} is cut"
    for paragraph in inspect.getdoc(COMMANDS[name].callback).split("\n\n"):
        assert " ".join(paragraph.split()) in text
