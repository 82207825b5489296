"""What commands share: their arguments, how a business is opened, and how a result is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from .business.business import Business, open
from .terminal import steps

if TYPE_CHECKING:
    from .business.results import Summary

__all__ = ["AsOf", "ConfigArgument", "opened", "show", "warn"]

ConfigArgument = Annotated[Path, typer.Argument(help="The YAML configuration of the business.")]
"""The configuration of a command."""

AsOf = Annotated[
    str, typer.Option("--as-of", help="Instant to look from, such as 2024-06-01, or today, yesterday, latest.")
]
"""The instant of a command."""

Shown = TypeVar("Shown", bound="Summary")


def opened(config: Path) -> Business:
    """Open a business whose work is shown on stderr."""
    return open(config, progress=steps)


def show(result: Shown) -> Shown:
    """Print a result in words, one statement a line, and return it."""
    for line in result.lines:
        typer.echo(line)
    return result


def warn(line: str) -> None:
    """Print a warning to stderr."""
    typer.echo(f"warning: {line}", err=True)
