"""The commands of the night: make it, watch it, and bring it into a database."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from .business.business import open
from .cli_parts import AsOf, ConfigArgument, opened, show
from .core.errors import ServiceliftError
from .core.progress import no_progress
from .scoring.night.log import Form, Log

__all__ = ["monitor", "nightly", "publish"]


def nightly(
    config: ConfigArgument,
    as_of: Annotated[str | None, typer.Option(help="Day of the night, or today, yesterday, latest.")] = None,
    since: Annotated[str | None, typer.Option(help="First day of a back-fill.")] = None,
    until: Annotated[str | None, typer.Option(help="First day after it; default: where the data end.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Days from one night to the next.")] = 1,
    log: Annotated[Form, typer.Option(help="Form of the lines on stderr.")] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", help="Only warnings and errors.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Make a night that is up to date, too.")] = False,
) -> None:
    """Check, score, choose targets and watch: one night.

    Adds a partition to the history under `nightly: out`. Exit code 3: done, and somebody has to look at it.
    """
    lines = Log(partial(typer.echo, err=True), log, quiet)
    try:
        business = open(config, progress=no_progress)
        night = business.nightly(as_of, since=since, until=until, every=every, force=force, log=lines)
    except ServiceliftError as error:
        lines("run", str(error), "error")
        raise typer.Exit(error.exit_code) from None
    except Exception as error:
        lines("run", f"our own fault ({type(error).__name__}); please report it", "error")
        raise
    if not quiet:
        show(night)
    raise typer.Exit(night.exit_code)


def monitor(
    config: ConfigArgument,
    as_of: AsOf,
    out: Annotated[Path, typer.Option(help="Folder for monitor.parquet, monitor.json and monitor.html.")],
    history: Annotated[Path | None, typer.Option(help="Folder of the history; default: the config's.")] = None,
    scores: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Folder that `score` wrote; may be given again.")
    ] = None,
) -> None:
    """Watch a night: inputs, drift, accuracy, outcomes, effects.

    Exit code 3 if something rings; how often it may ring for nothing is configured.
    """
    watched = show(opened(config).monitor(as_of, out, history=history, scores=scores or ()))
    raise typer.Exit(watched.exit_code)


def publish(
    config: ConfigArgument,
    history: Annotated[Path | None, typer.Option(help="Folder of the history; default: the config's.")] = None,
    since: Annotated[str | None, typer.Option(help="First day; default: all.")] = None,
    until: Annotated[str | None, typer.Option(help="First day after the last.")] = None,
) -> None:
    """Bring nights into the configured database.

    Those that it lacks, and those that were made again; each is there whole or not at all.
    """
    show(opened(config).publish(history, since=since, until=until))
