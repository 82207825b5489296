"""Independent pieces of work on all cores: the same bytes on one core and on many.

Each piece runs on one thread, here or in another process; ``engine.threads`` bounds how many run at once. On one
thread, or inside such a process, the pieces run here one after the other, by the same arithmetic: a linear-algebra
library that splits a sum over threads would add it up in another order, so it gets one thread in both cases.

This process works as well instead of waiting: two cores need one process more, which takes 200 MB for the libraries
and seconds to start. What all pieces read is written once to a temporary file and mapped into every other process.
Beyond it each takes what its own piece takes. The file is readable by nobody else, and goes when the work is done,
fails or is stopped.

Processes start anew and do not run the caller's script again, so a script needs no guard. They wait for a minute for
further work, and end with this process. They do not hear Ctrl-C: this one does, and stops them.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, TypeVar

import joblib
from loky import get_reusable_executor
from loky.process_executor import TerminatedWorkerError

from .errors import ConfigError
from .one_thread import one_thread
from .working_folder import WorkingFolder

__all__ = ["Lazy", "each_in_parallel", "in_parallel", "piece_of", "written"]

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

_IDLE_SECONDS = 60.0
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB", "NUMEXPR")}
_ONE_THREAD["OMP_THREAD_LIMIT"] = "1"
"""A fitted model asks for the threads that it was trained with: the limit holds whatever it asks for."""
_NO_RECYCLING = {"LOKY_MAX_MEMORY_LEAK_SIZE": "1e15"}
"""What a piece maps and keeps for the next one is no leak: a process that is ended for it begins by importing anew."""
_AHEAD = 1
"""Pieces that wait beyond those at work elsewhere: no process stands still while this one works."""


class Lazy(Sequence[Item]):
    """Items that are made here when their turn comes, so that memory holds those at work and one more.

    Parameters
    ----------
    count
        How many there are.
    make
        Called with the position of each, in order.

    Examples
    --------
    >>> in_parallel(pow, 2, Lazy(3, lambda place: place + 1), threads=1)
    [2, 4, 8]
    """

    def __init__(self, count: int, make: Callable[[int], Item]) -> None:
        self._count = count
        self._make = make

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __getitem__(self, place: Any) -> Any:
        """Make one item.

        Raises
        ------
        IndexError
            There is none at that position.
        """
        if not 0 <= place < self._count:
            raise IndexError(place)
        return self._make(place)


class _Worker:
    """What a process of the pool knows: that it is one, and what its pieces share."""

    inside = False
    file = ""
    shared: Any = None


def in_parallel(
    work: Callable[[Shared, Item], Result],
    shared: Shared,
    items: Sequence[Item],
    *,
    threads: int,
    begin: Callable[[int], None] | None = None,
) -> list[Result]:
    """Return ``work(shared, item)`` for each item, in their order.

    Parameters
    ----------
    work
        A function of a module, no closure. It must not change ``shared``, nor depend on the pieces before.
    shared
        What every piece reads; it can be pickled, as items and results can.
    items
        One a piece.
    threads
        Most processes at once.
    begin
        Told the position of each piece, in order, before it is waited for: for progress.

    Raises
    ------
    ConfigError
        A process was ended from outside, as an operating system does that runs out of memory.
    Exception
        Whatever ``work`` raises; the others are stopped first.

    Examples
    --------
    >>> import operator
    >>> in_parallel(operator.pow, 2, [1, 5, 10], threads=2)
    [2, 32, 1024]
    """
    tell = begin or (lambda _: None)
    if min(threads, len(items)) <= 1 or _Worker.inside:
        return [_told(work, shared, items, place, tell) for place in range(len(items))]
    return list(_together(work, shared, items, min(threads, len(items)), tell, held=len(items)))


def _told(
    work: Callable[[Shared, Item], Result],
    shared: Shared,
    items: Sequence[Item],
    place: int,
    tell: Callable[[int], None],
) -> Result:
    tell(place)
    return _here(work, shared, items[place])


def each_in_parallel(
    work: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item], *, threads: int
) -> Iterator[Result]:
    """Yield ``work(shared, item)`` for each item, in their order, as :func:`in_parallel` returns them all.

    For more items than memory holds: each is made when its turn comes, while others are at work, and few results wait.
    One item alone is worked off here. Who stops asking ends the processes.

    Parameters
    ----------
    work, shared, threads
        As for :func:`in_parallel`.
    items
        What to work on, made as it is asked for.

    Raises
    ------
    ConfigError
        As :func:`in_parallel`.
    Exception
        Whatever ``work`` or ``items`` raises.

    Examples
    --------
    >>> import operator
    >>> sum(each_in_parallel(operator.pow, 2, (place for place in range(3)), threads=1))
    7
    """
    rest = iter(items)
    first = [] if threads <= 1 or _Worker.inside else list(islice(rest, threads + _AHEAD))
    every = chain(first, rest)
    if len(first) <= 1:
        for item in every:
            yield _here(work, shared, item)
        return
    processes = min(threads, len(first))
    yield from _together(work, shared, every, processes, lambda _: None, held=2 * processes + _AHEAD)


def written(shared: Any, folder: str) -> str:
    """Write what all pieces share to a file in ``folder``, and return its path: for :func:`piece_of`."""
    file = Path(folder) / "shared"
    joblib.dump(shared, file)
    return str(file)


def _here(work: Callable[[Shared, Item], Result], shared: Shared, item: Item) -> Result:
    outer, _Worker.inside = _Worker.inside, True
    try:
        with one_thread():
            return work(shared, item)
    finally:
        _Worker.inside = outer


def _together(
    work: Callable[[Shared, Item], Result],
    shared: Shared,
    items: Iterable[Item],
    processes: int,
    tell: Callable[[int], None],
    *,
    held: int,
) -> Iterator[Result]:
    """Yield the results of the pieces, worked off here and by others; at most ``held`` are begun and not yielded."""
    others = processes - 1
    pool = get_reusable_executor(others, timeout=_IDLE_SECONDS, initializer=_enter, env=_ONE_THREAD | _NO_RECYCLING)
    rest = iter(items)
    begun: deque[Future[Result]] = deque()

    def hand_out(file: str) -> None:
        free = min(others + _AHEAD - sum(not piece.done() for piece in begun), held - len(begun))
        begun.extend(pool.submit(piece_of, file, work, item) for item in islice(rest, max(free, 0)))

    with WorkingFolder() as folder:
        try:
            file = written(shared, folder)
            hand_out(file)
            for place in count():
                if not begun:
                    return
                tell(place)
                while not begun[0].done() and len(begun) < held and (mine := list(islice(rest, 1))):
                    begun.append(_done_here(work, shared, mine[0]))
                    hand_out(file)
                yield begun.popleft().result()
                hand_out(file)
        except TerminatedWorkerError as error:
            raise ConfigError(
                f"expected {processes} processes to work to their end, one was stopped from outside, most likely for"
                " want of memory; lower engine.threads, or give the machine more memory"
            ) from error
        except BaseException:
            pool.shutdown(wait=True, kill_workers=True)
            raise


def _done_here(work: Callable[[Shared, Item], Result], shared: Shared, item: Item) -> Future[Result]:
    """Return what became of a piece worked off here; an error waits for its turn, as that of another process does."""
    piece: Future[Result] = Future()
    try:
        piece.set_result(_here(work, shared, item))
    except Exception as error:
        piece.set_exception(error)
    return piece


def _enter() -> None:
    """Begin a process: Ctrl-C goes to who waits for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Worker.inside = True


def piece_of(file: str, work: Callable[[Any, Any], Any], item: Any) -> Any:
    """Return ``work(shared, item)`` in a process of a pool, whoever began it.

    What the pieces share is mapped when its ``file`` (:func:`written`) is new, instead of what was mapped before.
    """
    if _Worker.file != file:
        _Worker.file, _Worker.shared = "", None
        # Copy on write: libraries that ask for writable arrays get them, the pages stay shared until somebody writes.
        _Worker.shared, _Worker.file = joblib.load(file, mmap_mode="c"), file
    return work(_Worker.shared, item)
