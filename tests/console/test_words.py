"""Every sentence of the console tells the same figures in both languages, and none is a copy of the other."""

from __future__ import annotations

import pytest
from servicelift.console.words.customer import CUSTOMER
from servicelift.console.words.experiments import EXPERIMENTS
from servicelift.console.words.indicators import INDICATORS
from servicelift.console.words.models import MODELS
from servicelift.console.words.returns import RETURNS
from servicelift.console.words.shell import COMMANDS, MISSING, REFUSALS, SHELL
from servicelift.console.words.targets import TARGETS
from servicelift.console.words.today import TODAY

CATALOGUES = {"shell": SHELL, "missing": MISSING, "refusals": REFUSALS, "today": TODAY, "targets": TARGETS}
CATALOGUES |= {"returns": RETURNS, "customer": CUSTOMER, "experiments": EXPERIMENTS, "indicators": INDICATORS}
CATALOGUES |= {"models": MODELS}
SAME = {
    "action",
    "segment",
    "budget",
    "statement",
    "title",
    "pages",
    "indicators",
    "verdict",
    "interval",
    "figure",
    "contacts",
    "surveys",
    "note",
    "arm",
    "version",
    "is_champion",
    "seconds",
    "shown",
}


@pytest.mark.parametrize("name", CATALOGUES)
def test_both_languages_tell_the_same_figures(name):
    for code, sentence in CATALOGUES[name].items():
        assert sentence.figures("en") == sentence.figures("fr"), code
        assert sentence.en != sentence.fr or code in SAME, code


def test_every_command_is_one_of_ours():
    from servicelift.cli import app
    from typer.main import get_command

    known = set(get_command(app).commands) | {"indicators"}
    assert {command.split()[1] for command in COMMANDS.values()} <= known
