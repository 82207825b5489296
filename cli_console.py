"""The command of the console: serve it, copy it to files, or bring back what was decided in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .cli_parts import ConfigArgument, opened, show
from .core.errors import ConfigError

__all__ = ["console"]


def console(
    config: ConfigArgument,
    host: Annotated[str | None, typer.Option(help="Address to listen at; default: the config's.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port; default: the config's.")] = None,
    export: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the pages to files instead.")] = None,
    decisions: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write what was decided as tables of the contract.")
    ] = None,
) -> None:
    """Serve the web pages for those who act on the results.

    They show what the other commands wrote, and keep what people decide. Stop it with Ctrl-C.
    """
    if export is not None and decisions is not None:
        raise ConfigError("expected one of --export and --decisions, got both")
    if (host is not None or port is not None) and (export is not None or decisions is not None):
        raise ConfigError("--host and --port go with serving, not with --export or --decisions")
    business = opened(config)
    if export is not None:
        show(business.export_console(export, name=config))
    elif decisions is not None:
        show(business.decisions(decisions))
    else:
        business.console(host=host, port=port, name=config, say=typer.echo)
