"""Waiting for another program without being bound to it: a time limit, and Ctrl-C that is obeyed.

A library that waits for a server inside its own code hears no signal. What waits here is a thread of its own; the
caller waits for the thread, in Python, and gives up when the time is over.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

__all__ = ["Patience"]

T = TypeVar("T")
_GLANCE = 0.2
"""Seconds between two looks: signals are handled in between."""


@dataclass
class _Job:
    """Work to do, and what came of it."""

    work: Callable[[], Any]
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.work()
        except BaseException as error:  # it is raised where it is waited for
            self.error = error
        self.done.set()


class Patience:
    """A thread that waits in the place of its caller; one does all the work, so that memory stays in its hands.

    Work that is given up goes on in the thread, which nobody waits for and which ends with the process; the next work
    gets another.

    Attributes
    ----------
    given_up
        Whether work was given up: something is still at work there, and what it uses must not be closed.

    Examples
    --------
    >>> Patience().within(60, lambda: 1 + 1)
    2
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] | None = None
        self.given_up = False

    def within(self, seconds: float, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, or give it up.

        Parameters
        ----------
        seconds
            How long to wait.
        work
            Called once, in the thread.

        Raises
        ------
        TimeoutError
            It took longer.
        """
        job = _Job(work)
        if self._jobs is None:
            self._jobs = queue.SimpleQueue()
            threading.Thread(target=_work, args=(self._jobs,), daemon=True).start()
        self._jobs.put(job)
        waited = 0.0
        try:
            while not job.done.wait(min(_GLANCE, seconds - waited)):
                waited += _GLANCE
                if waited >= seconds:
                    raise TimeoutError(f"no answer within {seconds:g} s")
        except BaseException:
            self._jobs, self.given_up = None, True
            raise
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result


def _work(jobs: queue.SimpleQueue[_Job]) -> None:
    while True:
        jobs.get().run()
