"""Progress of long work: a job says what it does next; who listens decides how to show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

__all__ = ["Progress", "Say", "Step", "no_progress", "silent"]

Say = Callable[[str], None]
"""Called with a short phrase when a step begins, such as ``"features: 24 snapshots"``."""

Progress = Callable[[], AbstractContextManager[Say]]
"""Opens the display of one piece of work: ``with progress() as say``."""


class Step(str):
    """A phrase that also knows how far the work has come.

    ``done`` is the share of the work behind it, in [0, 1]; ``remaining`` the seconds expected from its beginning
    to the end of the work. Listeners that show phrases only take it as the text it is.

    Examples
    --------
    >>> step = Step("features: build", done=0.4, remaining=12.0)
    >>> step, step.done
    ('features: build', 0.4)
    """

    __slots__ = ("done", "remaining")

    done: float
    remaining: float

    def __new__(cls, text: str, *, done: float, remaining: float) -> Step:
        """Attach progress to a phrase."""
        step = super().__new__(cls, text)
        step.done, step.remaining = done, remaining
        return step


def silent(message: str) -> None:
    """Show nothing: the default listener."""
    del message


@contextmanager
def no_progress() -> Iterator[Say]:
    """Show nothing of a piece of work."""
    yield silent
