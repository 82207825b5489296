"""The command of the console: serve it, copy it to files, or bring back what was decided in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .business.business import open
from .cli_parts import ConfigArgument, show
from .core.errors import ConfigError
from .core.progress import no_progress

__all__ = ["console"]


def console(
    config: ConfigArgument,
    host: Annotated[str | None, typer.Option(help="Address to listen at; default: the config's.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port; default: the config's.")] = None,
    decisions: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write what was decided as actions.parquet.")
    ] = None,
) -> None:
    """Serve the web pages for those who act on the results.

    They show what the other commands wrote, and keep what people decide. Stop it with Ctrl-C.
    """
    business = open(config, progress=no_progress)
    if decisions is None:
        business.console(host=host, port=port, name=config, say=typer.echo)
    elif host is not None or port is not None:
        raise ConfigError("--host and --port go with serving, not with --decisions")
    else:
        show(business.decisions(decisions))
