"""Progress where somebody looks: steps with their times on a terminal, one line in a notebook, nothing elsewhere."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from .core.progress import Progress as Display
from .core.progress import Say, Step, no_progress

__all__ = ["STDERR", "fitting_display", "notebook_line", "steps"]

STDERR = Console(stderr=True, highlight=False, force_jupyter=False)
"""Where progress and errors go: results have stdout to themselves."""


class _Left(ProgressColumn):
    """The time left, counted down while a stage runs; empty where nobody knows."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        """Return the time left of one task."""
        until = task.fields.get("until")
        return Text("" if until is None else f"{_minutes(until - time.monotonic())} left", style="dim")


@contextmanager
def steps() -> Iterator[Say]:
    """Show each step with its time on stderr: bar and time left on a terminal, a line when it is done."""
    state: dict[str, float | str] = {}
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(24), _Left())
    with Progress(*columns, console=STDERR, transient=True, disable=not STDERR.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def finish() -> None:
            if state:
                took = f"[dim]{time.monotonic() - float(state['at']):.1f} s"
                STDERR.print(f"[green]done[/] {escape(str(state['step']))} {took}", soft_wrap=True)

        def say(message: str) -> None:
            finish()
            now = time.monotonic()
            state.update(step=message, at=now)
            if isinstance(message, Step):
                bar.update(task, description=message, total=1, completed=message.done, until=now + message.remaining)
            else:
                bar.update(task, description=message, total=None, until=None)

        yield say
        finish()


@contextmanager
def notebook_line() -> Iterator[Say]:
    """Show the step under way as one line of a notebook's output, written anew with each; no widgets are needed."""
    display = importlib.import_module("IPython.display").display
    began, count = time.monotonic(), 0
    line = display(_plain("starting"), raw=True, display_id=True)

    def say(message: str) -> None:
        nonlocal count
        count += 1
        left = f", {_minutes(message.remaining)} left" if isinstance(message, Step) else ""
        line.update(_plain(f"{message}{left}"), raw=True)

    try:
        yield say
    except BaseException:
        line.update(_plain(f"stopped after {time.monotonic() - began:.1f} s"), raw=True)
        raise
    line.update(_plain(f"{count} step{'s' * (count != 1)} in {time.monotonic() - began:.1f} s"), raw=True)


def fitting_display() -> Display:
    """Return how progress is shown where this process runs: a notebook, a terminal, or nobody who looks."""
    if _in_notebook():
        return notebook_line
    return steps if STDERR.is_terminal else no_progress


def _in_notebook() -> bool:
    """Return whether code runs in the kernel of a notebook: IPython is loaded then, and is not a terminal's."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def _plain(text: str) -> dict[str, str]:
    return {"text/plain": text}


def _minutes(seconds: float) -> str:
    whole = max(round(seconds), 0)
    return f"{whole // 60}:{whole % 60:02d}"
