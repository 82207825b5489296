"""Progress of long work: a job says what it does next; who listens decides how to show it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Say", "Step", "silent"]

Say = Callable[[str], None]
"""Called with a short phrase when a step begins, such as ``"features: 24 snapshots"``."""


class Step(str):
    """A phrase that also knows how far the work has come.

    ``done`` is the share of the work behind it, in [0, 1]; ``remaining`` the seconds expected from its beginning
    to the end of the work. Listeners that show phrases only take it as the text it is.
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
