"""The command of the report: one page for a steering committee from what other commands wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .cli_parts import ConfigArgument, opened, show

__all__ = ["report"]


def report(
    config: ConfigArgument,
    out: Annotated[Path, typer.Option(help="HTML file to write.")],
    roi: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder that `roi` wrote.")] = None,
    indicators: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder that `indicators` wrote.")] = None,
    scores: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder that `score` wrote.")] = None,
    targets: Annotated[Path | None, typer.Option(metavar="FILE", help="CSV that `targets` wrote.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it beside the page, by an installed browser.")] = False,
) -> None:
    """Write one page for a steering committee.

    Indicators, return, list and models; what is not there is named with the command that makes it.
    """
    show(opened(config).report(out, roi=roi, indicators=indicators, scores=scores, targets=targets, pdf=pdf))
