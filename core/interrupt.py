"""Ctrl-C and a polite kill: noticed once, and held back while something must not be cut in two."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

__all__ = ["Stop", "interrupted", "stoppable", "uninterrupted"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Stop:
    """The signal that asked to stop, None so far."""

    signal: int | None = None


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Turn both signals into KeyboardInterrupt, and remember which one came.

    Libraries wrap the exception in their own, so the memory is what counts.
    """
    stop = Stop()

    def notice(number: int, frame: FrameType | None) -> None:
        del frame
        stop.signal = number
        raise KeyboardInterrupt

    with _handled(notice):
        yield stop


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold both signals back until the block is done; for a few quick steps that belong together."""
    came: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        del frame
        came.append(number)

    with _handled(remember):
        yield
    if came:
        signal.raise_signal(came[0])


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Set the handler of both signals; only the main thread may."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, signal.SIG_DFL if old is None else old)


def interrupted(error: BaseException) -> bool:
    """Tell whether an error goes back to KeyboardInterrupt, however it was wrapped."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        if isinstance(link, KeyboardInterrupt):
            return True
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return False
