"""The command of the service indicators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .cli_parts import ConfigArgument, opened, show

__all__ = ["indicators"]


def indicators(
    config: ConfigArgument,
    since: Annotated[str, typer.Option(help="First day; its month is counted whole.")],
    until: Annotated[str, typer.Option(help="First day after the period.")],
    out: Annotated[Path, typer.Option(help="Folder for indicators.parquet, .csv and .html.")],
    by: Annotated[
        str | None, typer.Option(metavar="DIMENSIONS", help="As channel,team; default: the config's.")
    ] = None,
    roi: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder that `roi` wrote: what a point is worth.")
    ] = None,
) -> None:
    """Count CSAT, NPS, FCR and more, month by month.

    Each with its interval, against the month before, the year before and its target.
    Split by channel, reason, product, segment, team, agent or method.
    """
    chosen = None if by is None else [each.strip() for each in by.split(",") if each.strip()]
    show(opened(config).indicators(since, until, out, by=chosen, roi=roi))
