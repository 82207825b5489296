"""Progress of long work: a job says what it does next; who listens decides how to show it."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Say", "silent"]

Say = Callable[[str], None]
"""Called with a short phrase when a step begins, such as ``"features: 24 snapshots"``."""


def silent(message: str) -> None:
    """Show nothing: the default listener."""
    del message
