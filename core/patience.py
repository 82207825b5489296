"""Waiting for another program without being bound to it: a time limit, and Ctrl-C that is obeyed.

A library that waits for a server inside its own code hears no signal. What waits here is a thread of its own; the
caller waits for the thread, in Python, and gives up when the time is over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["within_seconds"]

T = TypeVar("T")
_GLANCE = 0.2
"""Seconds between two looks: signals are handled in between."""


def within_seconds(seconds: float, work: Callable[[], T]) -> T:
    """Return what ``work`` returns, or give it up.

    Work that is given up goes on in a thread that nobody waits for, and ends with the process.

    Parameters
    ----------
    seconds
        How long to wait.
    work
        Called once, in a thread of its own.

    Raises
    ------
    TimeoutError
        It took longer.

    Examples
    --------
    >>> within_seconds(60, lambda: 1 + 1)
    2
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    waited = 0.0
    while thread.is_alive() and waited < seconds:
        thread.join(min(_GLANCE, seconds - waited))
        waited += _GLANCE
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return results[0]
